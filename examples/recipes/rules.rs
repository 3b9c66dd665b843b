//! The rules of a CloudFormation template are tested with the events that the publisher really sent.
//!
//! A wrong publisher:
//!
//! * writes the total as text, or renames a member, so a rule matches nothing any more: `assert_contain` finds it.
//! * sends an event that no rule matches, or that the wrong rule matches: `assert_none_match` finds it.

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use putevents_mock::{EntryMatcher, EventPattern, MockEventBridge, entry};
use serde_json::{Value, json};

/// The publisher.
async fn publish(client: &Client, order: u64, total: u64, country: &str) {
    let detail = json!({ "orderId": order, "total": total, "address": { "country": country } }).to_string();
    let event =
        PutEventsRequestEntry::builder().source("shop.orders").detail_type("OrderPlaced").detail(detail).build();
    let reply = client.put_events().entries(event).send().await.expect("the SDK tries again");
    assert_eq!(reply.failed_entry_count(), 0);
}

/// The rules of a CloudFormation template, by their names.
fn rules() -> Vec<(String, EventPattern)> {
    let template: Value = serde_json::from_str(include_str!("template.json")).unwrap();
    let resources = template["Resources"].as_object().unwrap().iter();
    let rules = resources.filter(|(_, resource)| resource["Type"] == "AWS::Events::Rule");
    rules.map(|(name, rule)| (name.clone(), pattern(name, &rule["Properties"]["EventPattern"]))).collect()
}

fn pattern(name: &str, json: &Value) -> EventPattern {
    EventPattern::try_from(json).unwrap_or_else(|error| panic!("the rule {name}: {error}"))
}

/// Entries that a rule matches.
fn rule(name: &str) -> EntryMatcher {
    let (_, pattern) = rules().into_iter().find(|(rule, _)| rule == name).expect("a rule of the template");
    entry().matches_pattern(pattern)
}

/// Matches the entries of an order.
fn order(id: u64) -> EntryMatcher {
    entry().detail_type("OrderPlaced").detail_at("/orderId", id)
}

#[tokio::test]
async fn each_rule_gets_the_orders_that_are_meant_for_it() {
    let eventbridge = MockEventBridge::in_process();
    let client = Client::new(&eventbridge.sdk_config());
    publish(&client, 1, 20, "CH").await;
    publish(&client, 2, 5_000, "CH").await;

    let published = eventbridge.journal().published();
    published.assert_contain([1, 2].map(|id| order(id).and(rule("ShipOrders"))));
    published.assert_contain([order(2).and(rule("ReviewLargeOrders"))]);
    published.assert_none_match(order(1).and(rule("ReviewLargeOrders")));
}

#[tokio::test]
async fn every_order_reaches_a_rule() {
    let eventbridge = MockEventBridge::in_process();
    publish(&Client::new(&eventbridge.sdk_config()), 1, 20, "LI").await;

    let some_rule = rules().into_iter().map(|(name, _)| rule(&name)).reduce(EntryMatcher::or).expect("a rule");
    eventbridge.journal().published().assert_none_match(some_rule.not());
}
