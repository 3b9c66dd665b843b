//! The judges: each with its name, its rule, and the publishers that it must not blame.

macro_rules! judges {
    ($($(#[$doc:meta])* $name:ident $rule:literal;)*) => {
        /// A rule that a publisher may break. The gravest comes first.
        ///
        /// A judge considers only what the publisher was told. A correct publisher may resend an entry that was accepted if the
        /// reply did not reach it. Tries that an AWS SDK makes within one call do not count as tries of the publisher, unless a
        /// rule says so.
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

            /// Returns the rule as a sentence.
            pub fn rule(self) -> &'static str {
                match self { $(Self::$name => $rule,)* }
            }

            /// Whether it judges times. Real times differ from run to run.
            pub(crate) fn is_about_times(self) -> bool {
                matches!(self, Self::Hasty | Self::TwiceAtOnce | Self::Late)
            }

            /// Returns its name, as reports and files have it.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }
        }
    };
}

judges! {
    /// An event was neither accepted nor reported as failed. An event that was never sent may be reported as failed too.
    ///
    /// If the publisher reports nothing, this rule blames it only for events that it never sent, other than an event that is too
    /// large for any request.
    Lost "every event is accepted, or reported as failed";
    /// The publisher panicked, or was not done within the bounds of a run. By default these are [300
    /// requests](crate::PublisherCheck::requests_at_most) and [an hour](crate::PublisherCheck::time_limit) of virtual time. A
    /// publisher may take long within them.
    Endless "the publisher comes to an end";
    /// An event was reported as failed, but the publisher was told that it was accepted. An event whose reply was lost may be
    /// reported either way.
    Untruthful "what is reported is true";
    /// An event was sent again after the publisher was told that it was accepted.
    Resent "only entries that failed are sent again";
    /// The same event was twice in one request, or in two requests at the same time. Equal events of the workload do not count, and
    /// neither do requests that the client has abandoned.
    TwiceAtOnce "an event is on its way once at a time";
    /// An event was sent again after a permanent error. A batch that was refused as a whole may come again in other parts. A caller
    /// that was refused may come again: it may have other credentials, or a new permission.
    PermanentRetried "permanent errors are not tried again";
    /// An event was given up after fewer than [three tries](crate::PublisherCheck::may_give_up_after), although its last error was
    /// retryable. Tries of the SDK count.
    ///
    /// The rule does not blame
    ///
    /// * a call that the client abandoned,
    /// * a publisher that was refused as a caller, with this event or with another,
    /// * a publisher that must keep an order,
    /// * an event without a reply that is reported as unknown: it may have been accepted, and another try may double it.
    GivenUpEarly "retryable errors are tried again";
    /// An event was not accepted, but it is accepted if the faults of other events are left out. Outages and errors about the
    /// caller do not count: they concern all events. The rule does not blame a publisher that must keep an order.
    Dependent "an event is published although another one fails";
    /// A try had other content than the try before it. `Time` may differ, and so may values that
    /// [`may_change`](crate::PublisherCheck::may_change) names.
    Changed "every try of an event has the same content";
    /// A request had too many entries or too many bytes, and could have been split. A request with a single event that is too large
    /// does not count. A request without entries counts.
    Oversized "requests stay within the limits of the service";
    /// A request came after the publisher was done.
    Late "nothing is sent after the publisher is done";
    /// An event was in more than [ten calls](crate::PublisherCheck::calls_at_most). Tries of the SDK within a call do not count,
    /// also if calls overlap.
    Unbounded "tries are bounded";
    /// Between three or more calls for one event, at least two waits were shorter than 5 ms. A single short wait may be jitter. A
    /// batch that was refused for its size may be split at once. Calls that overlap have no wait between them.
    Hasty "there is a pause between tries";
    /// Events were accepted in another order than they were first sent. The rule applies only if an order is
    /// [expected](crate::PublisherCheck::keeps_order).
    OutOfOrder "the promised order is kept";
}
