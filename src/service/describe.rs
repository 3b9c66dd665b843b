//! DescribeEventBus, which some publishers call before they put events.

use bytes::Bytes;
use serde_json::Value;

use super::auth::{REGION, credential_scope};
use super::body::Body;
use super::entry::DEFAULT_BUS;
use super::envelope::ACCOUNT;
use super::error::RequestError;
use super::head::Head;
use super::limits::Limits;
use super::problem::ProblemKind;
use super::request::Refusal;
use super::sender::Sender;
use super::wire;

/// The creation time of each bus, in seconds since 1970: the day on which AWS announced EventBridge, 2019-07-11 (D).
const CREATION_TIME: u64 = 1_562_803_200;

/// Returns the reply to DescribeEventBus.
///
/// A bus without a policy was recorded to have exactly these members, the default bus as well (A: localstack/localstack,
/// `tests/aws/services/events/test_events.snapshot.json`, recorded against AWS on 2024-12-06). The alphabetical order of the
/// members and the whole seconds of the times are proposals (D). AWS documents that a request without a name is about the
/// default bus (A).
pub(crate) fn describe(head: &Head, body: &Body, known: Option<&[String]>, limits: &Limits) -> Result<Bytes, Refusal> {
    let asked = wire::decode_describe(body).map_err(|error| Refusal::unreadable(&error))?;
    let asked = asked.as_deref().unwrap_or(DEFAULT_BUS);
    limits.check_described(asked).map_err(|error| Refusal::explained(error, ProblemKind::Invalid))?;
    let of_arn = asked.strip_prefix("arn:").and_then(|rest| rest.split_once(":event-bus/"));
    let name = of_arn.map_or(asked, |(_, name)| name);
    if known.is_some_and(|known| !known.iter().any(|one| one == name)) {
        return Err(Refusal::as_asked(RequestError::no_event_bus(name)));
    }
    let arn = match of_arn {
        Some(_) => asked.to_owned(),
        None => arn(name, head, body.sender()),
    };
    let [arn, name] = [arn.as_str(), name].map(|text| Value::from(text).to_string());
    let answer =
        format!(r#"{{"Arn":{arn},"CreationTime":{CREATION_TIME},"LastModifiedTime":{CREATION_TIME},"Name":{name}}}"#);
    Ok(answer.into())
}

/// Returns the ARN, in the account and region of the test. The defaults are the usual account, and the region that the request
/// was signed for.
fn arn(name: &str, head: &Head, sender: Option<&Sender>) -> String {
    let account = sender.and_then(|sender| sender.account.as_deref()).unwrap_or(ACCOUNT);
    let said = sender.and_then(|sender| sender.region.as_deref());
    let region = said.or_else(|| credential_scope(head)?.region()).unwrap_or(REGION);
    format!("arn:{}:events:{region}:{account}:event-bus/{name}", partition(region))
}

/// Returns the partition of a region (endpoint rules of the SDKs).
fn partition(region: &str) -> &'static str {
    match region {
        china if china.starts_with("cn-") => "aws-cn",
        government if government.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}
