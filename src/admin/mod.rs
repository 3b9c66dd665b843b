//! The stand-alone server: many mocks behind one port, and the API under `/_mock/` for programs in any language.

mod answer;
mod guard;
mod query;
mod questions;
mod resources;
mod sessions;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{Method, StatusCode};
use serde_json::json;

use self::answer::{Answer, Refused};
pub(crate) use self::guard::OwnNames;
pub(crate) use self::sessions::{Origin, Session, Sessions, Settings, add_to};
use crate::live::Live;
use crate::report::became;
use crate::service::{CredentialScope, ProblemCause, check_received, credential_scope};
use crate::transport::{Host, HostAnswer, Route};

/// The path of the API. The service has no such path.
const ROOT: &str = "/_mock";
/// The description of the API, and the schema that it refers to.
const OPENAPI: &str = include_str!("../../fixtures/admin-api.openapi.json");
const PLAN_SCHEMA: &str = include_str!("../../fixtures/fault-plan.schema.json");

impl Host for Sessions {
    fn front(&self) -> Arc<Live> {
        Arc::clone(self.default().mock())
    }

    fn route(&self, head: &Parts) -> Route {
        if is_of_api(head.uri.path()) || is_look(head) {
            return Route::Host;
        }
        let key = credential_scope(head).map(CredentialScope::access_key);
        Route::Mock(Arc::clone(self.for_key(key).mock()))
    }

    fn answer(&self, request: http::Request<Bytes>) -> HostAnswer<'_> {
        Box::pin(async move {
            let (head, body) = request.into_parts();
            if let Err(refused) = self.own_names().admit(&head) {
                return refused.into_answer();
            }
            if is_look(&head) {
                return answer::led_to(&format!("{ROOT}/"));
            }
            let answered = self.administer(&head, body).await;
            answered.unwrap_or_else(Refused::into_answer)
        })
    }

    fn time_to_read(&self) -> Option<Duration> {
        Some(self.questions().limit())
    }

    fn refuse(&self) -> http::Response<Bytes> {
        Refused::too_many().into_answer()
    }

    fn was_handled(&self, by: &Live, attempt: usize) {
        self.tell_where_it_went(by, attempt);
        if !tracing::enabled!(tracing::Level::WARN) {
            return;
        }
        let number = attempt;
        let (attempt, problems) = by.ask(|engine| {
            let (attempt, problems) =
                (engine.record().attempt(number).cloned(), engine.record().problems().iter().rev());
            let problems = problems.take_while(|problem| problem.attempt() == Some(number)).cloned();
            (attempt, problems.collect::<Vec<_>>())
        });
        let Some(attempt) = attempt else { return };
        let (session, became) = (self.name_of(by), became(&attempt));
        tracing::info!(session, attempt = number, entries = attempt.entries().len(), "{became}");
        for problem in problems {
            tracing::warn!(session, attempt = number, "{}", problem.message());
        }
    }

    fn was_troubled(&self, cause: ProblemCause) {
        tracing::warn!("{}", cause.message);
        self.front().report(cause);
    }

    fn close(&self) {
        self.all().iter().for_each(|session| session.mock().close());
    }
}

fn is_of_api(path: &str) -> bool {
    path.strip_prefix(ROOT).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether this is a request of a probe or of a browser. A publisher does not send such a request, so it is not an attempt.
fn is_look(head: &Parts) -> bool {
    let is_signed_or_targeted = ["authorization", "x-amz-target"].iter().any(|name| head.headers.contains_key(*name));
    method_of(head) == "GET" && matches!(head.uri.path(), "/" | "/favicon.ico") && !is_signed_or_targeted
}

impl Sessions {
    /// Answers a request to the API.
    async fn administer(&self, head: &Parts, body: Bytes) -> Result<Answer, Refused> {
        check_received(head, &body, self.front().body_limit()).map_err(Refused::not_received)?;
        let path = head.uri.path().strip_prefix(ROOT).unwrap_or_default();
        let path: Vec<&str> = path.split('/').skip(1).collect();
        match (method_of(head), &path[..]) {
            ("GET", []) => Ok(answer::moved(&format!("{ROOT}/"))),
            ("GET", ["health"]) => Ok(answer::ok(&json!({ "status": "ok" }))),
            ("GET", ["version"]) => {
                Ok(answer::ok(&json!({ "name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION") })))
            }
            ("GET", ["openapi.json"]) => Ok(answer::text("application/json", OPENAPI)),
            ("GET", ["fault-plan.schema.json"]) => Ok(answer::text("application/json", PLAN_SCHEMA)),
            ("GET", ["sessions"]) => {
                let sessions: Vec<_> = self.all().iter().map(|session| session.summary()).collect();
                Ok(answer::ok(&json!({ "sessions": sessions })))
            }
            (_, [] | ["health" | "version" | "openapi.json" | "fault-plan.schema.json" | "sessions"]) => {
                Err(Refused::method("GET"))
            }
            (_, ["sessions", ""]) => Err(Refused::unknown("a session has a name: GET /_mock/sessions lists them")),
            ("GET", ["sessions", name]) => Ok(answer::ok(&self.named(name)?.summary())),
            ("PUT", ["sessions", name]) => {
                let (session, is_new) = self.begin(name, answer::utf8(&body)?).await?;
                let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
                Ok(answer::json(status, &session.summary()))
            }
            ("DELETE", ["sessions", name]) => self.remove(name).map(|()| answer::nothing()),
            (_, ["sessions", _]) => Err(Refused::method("GET, PUT, DELETE")),
            (_, ["sessions", name, rest @ ..]) => resources::answer(self, &self.named(name)?, head, rest, &body).await,
            (_, rest) => resources::answer(self, self.default(), head, rest, &body).await,
        }
    }
}

/// The method, with HEAD as GET. The server leaves the body of the answer to HEAD out.
fn method_of(head: &Parts) -> &str {
    if head.method == Method::HEAD { "GET" } else { head.method.as_str() }
}
