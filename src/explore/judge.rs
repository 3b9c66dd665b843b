//! The judges by name, each with its rule and with whom it must not blame.

macro_rules! judges {
    ($($(#[$doc:meta])* $name:ident $rule:literal;)*) => {
        /// A rule that a publisher may break. The gravest comes first.
        ///
        /// A judge blames only what the publisher could know. An entry that was accepted without an answer that says so may be
        /// sent again by any correct publisher. The tries that an AWS SDK makes on its own within one call are not counted as
        /// the publisher's own.
        ///
        /// ```
        /// use putevents_mock::publisher_check::Judge;
        ///
        /// assert_eq!(Judge::Resent.rule(), "only entries that failed are sent again");
        /// assert_eq!(Judge::Resent.name(), "Resent");
        /// assert_eq!(Judge::ALL[0], Judge::Lost);
        /// ```
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Judge {
            $($(#[$doc])* $name,)*
        }

        impl Judge {
            /// All judges, the gravest first.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The rule as a sentence.
            pub fn rule(self) -> &'static str {
                match self { $(Self::$name => $rule,)* }
            }

            /// Whether it looks at times, which are never twice the same where they are real.
            pub(crate) fn is_about_times(self) -> bool {
                matches!(self, Self::Hasty | Self::TwiceAtOnce | Self::Late)
            }

            /// Its name, as it stands in reports and files.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }
        }
    };
}

judges! {
    /// An event was neither accepted nor reported as failed; one that was never sent may be reported as failed as well. Blames
    /// nothing where the publisher said nothing, except for events that it never sent, other than one that is too large for
    /// any request.
    Lost "every event is accepted, or reported as failed";
    /// The publisher panicked, or was not done after so many requests or in time. Long and bounded is right: the default limits are
    /// [300 requests](crate::PublisherCheck::requests_at_most) and [an hour](crate::PublisherCheck::time_limit) of virtual time.
    Endless "the publisher comes to an end";
    /// What was said is not so: an event was reported as failed though the publisher had been told that it was accepted. An
    /// event whose answer was lost may be reported either way.
    Untruthful "what is reported is true";
    /// An event was sent again after an answer had said that it was accepted.
    Resent "only entries that failed are sent again";
    /// The same event was twice in one request, or in two requests at the same time. Equal events of the workload, and requests
    /// that the client has abandoned, are not meant.
    TwiceAtOnce "an event is on its way once at a time";
    /// An event was sent again after an error that no other try can help. A batch that was refused as such may come again in
    /// other parts, and a caller that was refused may come again: it may have other credentials, or a permission, by then.
    PermanentRetried "permanent errors are not tried again";
    /// An event was given up after fewer than [three tries](crate::PublisherCheck::may_give_up_after), the SDK's included, though the
    /// last error was worth another one. Calls that were abandoned are not meant, nor is a publisher that was refused as a
    /// caller, with this event or another, nor one that promises an order; nor an event without an answer that is reported as
    /// unknown: it may be there, and sending it again may double it.
    GivenUpEarly "retryable errors are tried again";
    /// An event that nothing happened to fared worse because something happened to another one. Outages and errors about the
    /// caller, which all events meet, are not meant; nor is a publisher that promises an order.
    Dependent "an event does not pay for another one's failure";
    /// A try had other content than the one before. `Time` may differ, and so may members that are
    /// [declared to](crate::PublisherCheck::may_change).
    Changed "every try of an event has the same content";
    /// A request had too many entries or too many bytes, and could have been split. A single event that is too large is not
    /// meant.
    Oversized "requests stay within the limits of the service";
    /// A request came after the publisher had said that it was done.
    Late "nothing is sent after the publisher is done";
    /// An event was in more than [ten calls](crate::PublisherCheck::calls_at_most). The SDK's own tries within a call are not
    /// counted, also where calls overlap.
    Unbounded "tries are bounded";
    /// Of three calls for one event, or more, two or more waits were shorter than five milliseconds. One short wait proves
    /// nothing: it may be jitter. A batch that was refused for its size may be split at once, and calls that overlap have no
    /// wait between them.
    Hasty "there is a pause between tries";
    /// Events were accepted in another order than they were first sent in. Judges only where an order is
    /// [promised](crate::PublisherCheck::keeps_order).
    OutOfOrder "the promised order is kept";
}
