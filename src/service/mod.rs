//! The service PutEvents without a transport: requests, entries, limits, errors, ids, and what a target receives.

#![warn(clippy::indexing_slicing)]

mod auth;
mod body;
mod class;
mod describe;
mod entry;
mod envelope;
mod error;
mod head;
mod ids;
mod json;
mod limits;
mod operation;
mod outcome;
mod problem;
mod raw;
mod request;
mod secrets;
mod sender;
mod wire;

pub use self::auth::CredentialScope;
pub(crate) use self::auth::{REGION, credential_scope, is_presigned, own_region, plain_region};
pub(crate) use self::body::Body;
pub use self::class::ErrorClass;
pub(crate) use self::describe::describe;
pub use self::entry::Entry;
pub(crate) use self::entry::{DEFAULT_BUS, bus_name};
pub(crate) use self::envelope::{envelope, envelope_of, envelope_text, rfc_3339, seconds_since_1970, since_1970};
pub use self::error::{EntryError, RequestError};
pub(crate) use self::error::{Form, content_type_error};
pub(crate) use self::head::{Head, RequestHead, Unkept, fields_of, memory_of_headers};
pub(crate) use self::ids::RequestIds;
pub use self::ids::{EventId, EventIdError, Ids};
pub(crate) use self::json::{
    read_content_type, read_entry_error, read_limits, read_request_error, read_whole_request_error, write_entry_error,
    write_limits, write_request_error, write_whole_entry_error, write_whole_request_error,
};
pub use self::limits::Limits;
pub(crate) use self::limits::MAX_DETAIL_TYPE;
pub(crate) use self::operation::{Answers, Operation, read_answers, write_answers};
pub use self::outcome::Outcome;
pub(crate) use self::problem::ProblemCause;
pub use self::problem::{Problem, ProblemKind};
pub(crate) use self::raw::{MAX_DETAIL_DEPTH, MAX_READABLE_BODY};
pub(crate) use self::request::{Asked, Reading, Refusal, check_received, entries_of};
pub(crate) use self::secrets::{shortened, withhold};
pub(crate) use self::sender::{Sender, checked_account, checked_region};
pub(crate) use self::wire::{CONTENT_TYPE, PutEvents, body_length, sdk_call};
