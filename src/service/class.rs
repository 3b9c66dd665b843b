//! What an error is about: nothing lasting, the caller, the batch, or the entry.

use super::error::{EntryError, RequestError};

/// What an error is about, which decides what a publisher should do.
///
/// ```
/// use putevents_mock::fault::ErrorClass;
/// use putevents_mock::{EntryError, RequestError};
///
/// assert_eq!(RequestError::throttling().class(), ErrorClass::Transient); // Resend later.
/// assert_eq!(RequestError::expired_token().class(), ErrorClass::Caller); // Get new credentials, keep the entries.
/// assert_eq!(RequestError::payload_too_large().class(), ErrorClass::Batch); // Split the batch.
/// assert_eq!(EntryError::malformed_detail().class(), ErrorClass::Entry); // Drop the entry, or park it.
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorClass {
    /// A state of the service that passes: the same request may succeed later. A publisher that drops its entries loses them.
    Transient,
    /// The caller: credentials, permissions, the clock, or another cause that no entry can change. It says nothing about any
    /// entry. A publisher may send the entries again later. If it drops them, it loses them.
    Caller,
    /// The request as a batch: too many entries, too many bytes, or a body that cannot be read. The same batch fails again, but
    /// its entries may pass in smaller batches. A publisher that drops them loses them.
    Batch,
    /// The entry itself: no retry can help.
    Entry,
}

/// The codes that are about the batch. Codes of credentials, permissions and the clock are not listed: every unknown code is
/// about the caller.
const ABOUT_THE_BATCH: [&str; 6] = [
    "ValidationException",
    "SerializationException",
    "RequestEntityTooLarge",
    "RequestEntityTooLargeException",
    "RequestTooLargeException",
    "PayloadTooLargeException",
];

impl EntryError {
    /// Returns what the error is about: [`Transient`](ErrorClass::Transient) for the codes that AWS documents as retryable,
    /// [`Entry`](ErrorClass::Entry) for all others.
    pub fn class(&self) -> ErrorClass {
        if self.is_retryable() { ErrorClass::Transient } else { ErrorClass::Entry }
    }
}

impl RequestError {
    /// Returns what the error is about.
    ///
    /// A validation error that names `entries.N.member` is about those entries; for the other entries of the request it is
    /// about the batch. An unknown error is about the caller below HTTP 500, and transient from 500 on.
    pub fn class(&self) -> ErrorClass {
        let is_transient = self.is_retryable() || self.status() >= 500 || matches!(self.status(), 408 | 425);
        let code = self.code().unwrap_or_default();
        if is_transient {
            ErrorClass::Transient
        } else if !self.named_entries().is_empty() {
            ErrorClass::Entry
        } else if self.status() == 413 || ABOUT_THE_BATCH.contains(&code) {
            ErrorClass::Batch
        } else {
            ErrorClass::Caller
        }
    }

    /// Returns what the error is about for the entry at an index of a request with this many entries. A batch of one entry
    /// cannot be split.
    pub(crate) fn class_for(&self, index: usize, entries: usize) -> ErrorClass {
        match self.class() {
            ErrorClass::Entry if !self.named_entries().contains(&index) => ErrorClass::Batch,
            ErrorClass::Batch if entries == 1 => ErrorClass::Entry,
            class => class,
        }
    }

    /// Returns the indices of the entries that a validation error names. The service counts them from 1:
    /// `entries.1.member.eventBusName`.
    fn named_entries(&self) -> Vec<usize> {
        let message = self.message().filter(|_| self.code() == Some("ValidationException")).unwrap_or_default();
        let after = message.split("entries.").skip(1).filter(|rest| rest.contains(".member"));
        let numbers = after.filter_map(|rest| rest.split('.').next()?.parse::<usize>().ok()?.checked_sub(1));
        numbers.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_error_is_about_whom_it_helps_to_think() {
        let status = |status| RequestError::new(status, "Odd", "");
        for transient in [408, 425, 429, 500, 501, 502, 503, 504, 505, 520, 521, 526, 529, 599] {
            assert_eq!(status(transient).class(), ErrorClass::Transient, "{transient}");
        }
        for caller in [400, 401, 402, 403, 404, 405, 407, 409, 418, 451] {
            assert_eq!(status(caller).class(), ErrorClass::Caller, "{caller}");
        }
        assert_eq!(RequestError::throttling().class(), ErrorClass::Transient);
        for caller in [
            RequestError::access_denied(),
            RequestError::expired_token(),
            RequestError::unrecognized_client(),
            RequestError::invalid_signature(),
            RequestError::signature_expired(),
            RequestError::missing_authentication_token(),
            RequestError::incomplete_signature(),
        ] {
            assert_eq!(caller.class(), ErrorClass::Caller, "{caller}");
        }
        assert_eq!(RequestError::payload_too_large().class(), ErrorClass::Batch);
        assert_eq!(RequestError::serialization(None).class(), ErrorClass::Batch);
    }

    #[test]
    fn a_validation_that_names_entries_is_about_them_and_about_the_batch_for_the_others() {
        let eleven = RequestError::validation(
            "1 validation error detected: Value '[PutEventsRequestEntry(...)]' at 'entries' failed".into(),
        );
        assert_eq!(eleven.class_for(0, 11), ErrorClass::Batch);
        let named = RequestError::validation(
            "2 validation errors detected: Value 'a b' at 'entries.2.member.eventBusName' failed to satisfy constraint; Value \
             '' at 'entries.3.member.traceHeader' failed"
                .into(),
        );
        assert_eq!(
            [0, 1, 2].map(|index| named.class_for(index, 3)),
            [ErrorClass::Batch, ErrorClass::Entry, ErrorClass::Entry]
        );
        let too_large = RequestError::payload_too_large();
        assert_eq!((too_large.class_for(0, 2), too_large.class_for(0, 1)), (ErrorClass::Batch, ErrorClass::Entry));
    }
}
