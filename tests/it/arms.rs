//! One behaviour through every arm: the engine, the socket server, the blocking server, the AWS SDK in process, the mount on
//! wiremock, the tower service, and the stand-alone server as another process. An arm that cannot do a case says so by name; the list is short.

use std::sync::Mutex;
use std::time::Duration;

use aws_sdk_eventbridge::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use pretty_assertions::assert_eq;
use putevents_mock::fault::MalformedReply;
use putevents_mock::{EntryError, EntryMatcher, Fault, Journal, MockEventBridge, RequestError, entry};
use serde_json::Value;
use wiremock::MockServer;

use crate::support::program::Program;
use crate::support::socket::Socket;
use crate::support::{Bench, body, entries, order, put_events, with};

/// What the client of an arm got: the status with the code of each result (`ok` where it was accepted) or of the error, or
/// nothing.
#[derive(Debug, Clone, PartialEq)]
enum Got {
    Results(Vec<String>),
    Refused(u16, Option<String>),
    NoAnswer,
}

enum Arm {
    Engine(Box<Mutex<Bench>>),
    Socket(MockEventBridge),
    Blocking(MockEventBridge),
    Sdk(MockEventBridge),
    Wiremock(MockServer, MockEventBridge),
    Tower(MockEventBridge),
    StandAlone(Program),
}

impl Arm {
    async fn all() -> Vec<Self> {
        let (server, on_wiremock) = (MockServer::start().await, MockEventBridge::in_process());
        on_wiremock.mount_on(&server).await;
        vec![
            Self::Engine(Box::default()),
            Self::Socket(MockEventBridge::start().await),
            Self::Blocking(MockEventBridge::start_blocking()),
            Self::Sdk(MockEventBridge::in_process()),
            Self::Wiremock(server, on_wiremock),
            Self::Tower(MockEventBridge::in_process()),
            Self::StandAlone(Program::serve(&[])),
        ]
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Engine(_) => "engine",
            Self::Socket(_) => "socket",
            Self::Blocking(_) => "blocking",
            Self::Sdk(_) => "sdk",
            Self::Wiremock(..) => "wiremock",
            Self::Tower(_) => "tower",
            Self::StandAlone(_) => "stand-alone",
        }
    }

    fn mock(&self) -> Option<&MockEventBridge> {
        match self {
            Self::Engine(_) | Self::StandAlone(_) => None,
            Self::Socket(mock)
            | Self::Blocking(mock)
            | Self::Sdk(mock)
            | Self::Wiremock(_, mock)
            | Self::Tower(mock) => Some(mock),
        }
    }

    async fn inject(&self, fault: Fault) {
        match self {
            Self::Engine(bench) => drop(bench.lock().unwrap().engine.inject(fault)),
            Self::StandAlone(program) => {
                let fault = serde_json::to_value(fault).unwrap();
                assert_eq!(program.api().call("POST", "faults", fault).await.0, 201);
            }
            _ => drop(self.mock().unwrap().inject(fault)),
        }
    }

    async fn journal(&self) -> Journal {
        match self {
            Self::Engine(bench) => bench.lock().unwrap().journal(),
            Self::StandAlone(program) => program.api().get("journal").await.1.to_string().parse().unwrap(),
            _ => self.mock().unwrap().journal(),
        }
    }

    async fn put(&self, items: &[Value]) -> Got {
        let request = put_events(entries(items.iter().cloned()));
        match self {
            Self::Engine(bench) => {
                let mut bench = bench.lock().unwrap();
                let reply = bench.handle(request);
                bench.answered(&reply);
                match reply.delivery().end {
                    putevents_mock::engine::End::Whole => got(reply.status(), &body(&reply)),
                    _ => Got::NoAnswer,
                }
            }
            Self::Socket(mock) | Self::Blocking(mock) => {
                let answer = Socket::connect(mock.address()).await.exchange(&request).await;
                answer.map_or(Got::NoAnswer, |answer| got(answer.status, &answer.json()))
            }
            Self::Wiremock(server, _) => {
                let answer = Socket::connect(*server.address()).await.exchange(&request).await;
                answer.map_or(Got::NoAnswer, |answer| got(answer.status, &answer.json()))
            }
            Self::StandAlone(program) => {
                let answer = Socket::connect(program.address).await.exchange(&request).await;
                answer.map_or(Got::NoAnswer, |answer| got(answer.status, &answer.json()))
            }
            Self::Sdk(mock) => through_sdk(mock, items).await,
            Self::Tower(mock) => through_tower(mock, request).await,
        }
    }
}

fn got(status: u16, body: &Value) -> Got {
    match body["Entries"].as_array() {
        Some(results) if status == 200 => {
            let code = |result: &Value| result["ErrorCode"].as_str().unwrap_or("ok").to_owned();
            Got::Results(results.iter().map(code).collect())
        }
        _ => Got::Refused(status, body["__type"].as_str().map(str::to_owned)),
    }
}

async fn through_sdk(mock: &MockEventBridge, items: &[Value]) -> Got {
    let once = aws_sdk_eventbridge::config::retry::RetryConfig::disabled();
    let client = aws_sdk_eventbridge::Client::new(&mock.sdk_config().into_builder().retry_config(once).build());
    let text = |item: &Value, name: &str| item[name].as_str().map(str::to_owned);
    let entries = items.iter().map(|item| {
        PutEventsRequestEntry::builder()
            .set_source(text(item, "Source"))
            .set_detail_type(text(item, "DetailType"))
            .set_detail(text(item, "Detail"))
            .set_event_bus_name(text(item, "EventBusName"))
            .build()
    });
    match client.put_events().set_entries(Some(entries.collect())).send().await {
        Ok(reply) => {
            let code = |result: &aws_sdk_eventbridge::types::PutEventsResultEntry| {
                result.error_code().unwrap_or("ok").to_owned()
            };
            Got::Results(reply.entries().iter().map(code).collect())
        }
        Err(SdkError::ServiceError(error)) => {
            Got::Refused(error.raw().status().as_u16(), error.err().code().map(str::to_owned))
        }
        Err(_) => Got::NoAnswer,
    }
}

async fn through_tower(mock: &MockEventBridge, request: http::Request<bytes::Bytes>) -> Got {
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    let request = request.map(http_body_util::Full::new);
    let Ok(response) = mock.http_service().oneshot(request).await else { return Got::NoAnswer };
    let (head, body) = response.into_parts();
    match body.collect().await {
        Ok(body) => {
            let body = body.to_bytes();
            let text = String::from_utf8_lossy(&body).into_owned();
            got(head.status.as_u16(), &serde_json::from_str(&text).unwrap_or_else(|_| text.into()))
        }
        Err(_) => Got::NoAnswer,
    }
}

fn is_order(id: u64) -> EntryMatcher {
    entry().detail_at("/orderId", id)
}

fn ok(count: usize) -> Got {
    Got::Results(vec!["ok".to_owned(); count])
}

fn refused(status: u16, code: &str) -> Got {
    Got::Refused(status, Some(code.to_owned()))
}

/// What is injected, what is put, what the client gets, and how many events are then published.
struct Case {
    name: &'static str,
    fault: Option<Fault>,
    put: Vec<Value>,
    got: Got,
    published: usize,
    /// Arms that refuse the fault, or whose clients cannot see the case, each with the reason.
    except: &'static [(&'static str, &'static str)],
}

fn cases() -> Vec<Case> {
    let two = || vec![order(1), order(2)];
    let case = |name, fault: Option<Fault>, put, got, published| Case { name, fault, put, got, published, except: &[] };
    const NO_RESET: &[(&str, &str)] = &[("wiremock", "its server can close a connection in order, and not otherwise")];
    vec![
        case("accepted", None, two(), ok(2), 2),
        case(
            "an entry that AWS refuses",
            None,
            vec![order(1), with(order(2), "Detail", "x")],
            Got::Results(vec!["ok".into(), "MalformedDetail".into()]),
            1,
        ),
        case("eleven entries", None, (0..11).map(order).collect(), refused(400, "ValidationException"), 0),
        case(
            "an entry that fails",
            Some(Fault::entry(EntryError::throttling()).matching(is_order(2))),
            two(),
            Got::Results(vec!["ok".into(), "ThrottlingException".into()]),
            1,
        ),
        case(
            "a request that fails",
            Some(Fault::request(RequestError::internal_exception())),
            two(),
            refused(500, "InternalException"),
            0,
        ),
        case(
            "an answer that was lost on a proxy",
            Some(Fault::lost_reply_as(RequestError::service_unavailable())),
            two(),
            refused(503, "ServiceUnavailable"),
            2,
        ),
        case(
            "a reply with one result too few",
            Some(Fault::malformed_reply(MalformedReply::FewerResults)),
            two(),
            ok(1),
            2,
        ),
        case("a late answer", Some(Fault::latency(Duration::from_millis(5))), two(), ok(2), 2),
        case("delivered nowhere", Some(Fault::undelivered()), two(), ok(2), 2),
        case("closed before acceptance", Some(Fault::empty_response()), two(), Got::NoAnswer, 0),
        case("closed after acceptance", Some(Fault::empty_response().after_acceptance()), two(), Got::NoAnswer, 2),
        Case { except: NO_RESET, ..case("reset before acceptance", Some(Fault::reset()), two(), Got::NoAnswer, 0) },
        Case { except: NO_RESET, ..case("a lost reply", Some(Fault::lost_reply()), two(), Got::NoAnswer, 2) },
        Case { except: NO_RESET, ..case("cut in its body", Some(Fault::truncated_body(9)), two(), Got::NoAnswer, 2) },
        Case { except: NO_RESET, ..case("garbage", Some(Fault::garbage()), two(), Got::NoAnswer, 0) },
    ]
}

#[tokio::test]
async fn every_arm_behaves_the_same() {
    for Case { name, fault, put, got, published, except } in cases() {
        for arm in Arm::all().await {
            if let Some((_, reason)) = except.iter().find(|(excepted, _)| *excepted == arm.name()) {
                let injected = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                    arm.mock().unwrap().inject(fault.clone().unwrap());
                }));
                assert!(injected.is_err(), "{} can do \"{name}\" after all: {reason}", arm.name());
                continue;
            }
            if let Some(fault) = &fault {
                arm.inject(fault.clone()).await;
            }
            let answer = arm.put(&put).await;
            let journal = arm.journal().await;
            assert_eq!(answer, got, "{}: {name}\n{journal}", arm.name());
            assert_eq!(journal.published().len(), published, "{}: {name}\n{journal}", arm.name());
            assert_eq!(journal.attempts().len(), 1, "{}: {name}\n{journal}", arm.name());
            let is_told = got != Got::NoAnswer && !name.contains("lost") && !name.contains("too few");
            assert_eq!(journal.attempts()[0].is_told(), is_told, "{}: {name}\n{journal}", arm.name());
            if fault.is_some() {
                journal.assert_every_fault_fired();
            }
        }
    }
}
