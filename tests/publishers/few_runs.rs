//! How many of the wrong publishers are found by the first twenty runs, in the order of `putevents-mock explore`.

use aws_sdk_eventbridge::Client;
use putevents_mock::PublisherCheck;
use putevents_mock::expect::Reported;
use putevents_mock::publisher_check::{Judge, PublisherReport};

use crate::order::{Order, orders};
use crate::zoo::{CORRECT, Resident, WRONG};

/// As with `--events`.
fn with_events(resident: &'static Resident, runs: usize) -> PublisherReport {
    let check =
        PublisherCheck::of(orders).identified_by("/orderId").keeping_nothing().telling().schedules_at_most(runs);
    let check = if resident.keeps_order { check.keeps_order_by("/customer") } else { check };
    let check = if resident.hedges { check.without(Judge::TwiceAtOnce, "it hedges") } else { check };
    check.run(async |eventbridge, orders: Vec<Order>| {
        Reported::from((resident.publish)(Client::new(&eventbridge.sdk_config()), orders).await)
    })
}

/// As without `--events`.
fn with_three_of_its_own(resident: &'static Resident, runs: usize) -> PublisherReport {
    let check = PublisherCheck::of_own_events().identified_by("/orderId").keeping_nothing();
    let check = check.telling().schedules_at_most(runs);
    let check = if resident.keeps_order { check.keeps_order_by("/customer") } else { check };
    let check = if resident.hedges { check.without(Judge::TwiceAtOnce, "it hedges") } else { check };
    check.run(async |eventbridge| {
        Reported::from((resident.publish)(Client::new(&eventbridge.sdk_config()), orders(3)).await)
    })
}

type Search = fn(&'static Resident, usize) -> PublisherReport;

/// Those that are not found.
fn missed(among: Vec<&'static Resident>, search: Search, runs: usize) -> Vec<&'static Resident> {
    among.into_iter().filter(|resident| search(resident, runs).broken().next().is_none()).collect()
}

fn names(residents: &[&'static Resident]) -> Vec<&'static str> {
    residents.iter().map(|resident| resident.name).collect()
}

#[test]
fn twenty_runs_find_most_of_the_wrong_publishers() {
    let by_twenty = missed(WRONG.iter().collect(), with_events, 20);
    assert!(by_twenty.len() == 7, "{:?}", names(&by_twenty));
    let by_forty = missed(by_twenty, with_events, 40);
    assert!(by_forty.len() == 5, "{:?}", names(&by_forty));
    let own = missed(WRONG.iter().collect(), with_three_of_its_own, 20);
    assert!(own.len() == 10, "{:?}", names(&own));
}

#[test]
fn forty_runs_accuse_no_correct_publisher() {
    for resident in CORRECT {
        for report in [with_events(resident, 40), with_three_of_its_own(resident, 40)] {
            assert_eq!(report.broken().count(), 0, "{}\n{report}", resident.name);
        }
    }
}
