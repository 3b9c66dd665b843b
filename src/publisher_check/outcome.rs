//! The report of a check.

use std::fmt;
use std::panic::Location;
use std::path::Path;

use crate::explore::{Explored, Finding, Judge, Policy, Run, Workloads};
use crate::files::{Keeping, Plan};
use crate::report::{self, Asker, Searched};

/// A rule that the publisher broke, with the smallest schedule of faults that shows it. [`PublisherReport::broken`] returns them.
#[derive(Debug, Clone, PartialEq)]
pub struct BrokenRule {
    judge: Judge,
    schedule: String,
    plan: Plan,
}

impl BrokenRule {
    /// Returns the judge of the rule.
    pub fn judge(&self) -> Judge {
        self.judge
    }

    /// Returns the schedule, such as `R,A`. [`PublisherCheck::replay`](super::PublisherCheck::replay) takes it.
    pub fn schedule(&self) -> &str {
        &self.schedule
    }

    /// Returns the faults of the schedule as a plan, for a [`MockEventBridge`](crate::MockEventBridge) or for the stand-alone server.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }
}

/// The report of a [`PublisherCheck`](super::PublisherCheck): the rules that were broken, and how much was searched. `{}` and
/// `{:?}` print it.
///
/// ```
/// # async fn publish(_: &putevents_mock::MockEventBridge, orders: Vec<u64>) -> Result<(), ()> { Ok(()) }
/// # fn main() -> std::io::Result<()> {
/// use putevents_mock::publisher_check::Judge;
/// use putevents_mock::PublisherCheck;
///
/// let report = PublisherCheck::of(|count| (0..count as u64).collect())
/// #   .keeping_nothing()
///     .run(async |eventbridge, orders| publish(eventbridge, orders).await); // It reports `Ok`, and sends nothing.
/// let misbehaviour = report.check_at_least_once().unwrap_err();
/// assert!(misbehaviour.to_string().contains("judged too little"), "{misbehaviour}");
/// assert!(misbehaviour.judges().is_empty());
/// for broken in report.broken() {
///     println!("{} breaks the rule that {}: {:?}", broken.schedule(), broken.judge().rule(), broken.plan());
/// }
/// report.write_html(std::env::temp_dir(), "orders")?;
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing fails until it is asserted"]
pub struct PublisherReport {
    explored: Explored,
    searched: Searched,
    keeping: Keeping,
    /// The run of a replay.
    replayed: Option<Run>,
    caller: &'static Location<'static>,
}

/// The error of the `check_` methods of [`PublisherReport`]: a publisher broke rules, or nothing could be judged. `{}` and `{:?}`
/// print the report.
#[derive(Clone)]
pub struct Misbehaviour {
    text: String,
    judges: Vec<Judge>,
}

/// The rules of [`assert_at_least_once`](PublisherReport::assert_at_least_once).
const AT_LEAST_ONCE: [Judge; 2] = [Judge::Lost, Judge::Endless];
/// The rules of [`assert_exactly_once_attempted`](PublisherReport::assert_exactly_once_attempted).
const EXACTLY_ONCE_ATTEMPTED: [Judge; 5] =
    [Judge::Lost, Judge::Endless, Judge::Resent, Judge::TwiceAtOnce, Judge::Changed];

impl PublisherReport {
    pub(super) fn new(
        explored: Explored,
        workloads: Workloads,
        policy: Policy,
        identify_by: Option<String>,
        keeping: Keeping,
        caller: &'static Location<'static>,
    ) -> Self {
        let searched = Searched { asker: Asker::Test, workloads: Some(workloads), policy, identify_by };
        Self { explored, searched, keeping, replayed: None, caller }
    }

    pub(super) fn of_replay(
        explored: Explored,
        replayed: Option<Run>,
        policy: Policy,
        identify_by: Option<String>,
        caller: &'static Location<'static>,
    ) -> Self {
        let searched = Searched { asker: Asker::Test, workloads: None, policy, identify_by };
        Self { explored, searched, keeping: Keeping::default(), replayed, caller }
    }

    /// Returns the number of runs, including runs that repeat or shrink a finding.
    pub fn schedules(&self) -> usize {
        self.explored.schedules
    }

    /// Returns the rules that were broken, each with the smallest schedule that shows it. The rules with the fewest deviations come
    /// first, and among them the gravest.
    pub fn broken(&self) -> impl Iterator<Item = BrokenRule> {
        let identify_by = self.searched.identify_by.as_deref();
        self.explored.findings.iter().map(move |finding| BrokenRule {
            judge: finding.violation.judge,
            schedule: finding.run.schedule.to_string(),
            plan: Plan::new(self.explored.faults_of(&finding.run.schedule, identify_by)),
        })
    }

    /// Asserts the rules [`Lost`](Judge::Lost) and [`Endless`](Judge::Endless): with every schedule, each event is accepted or
    /// reported as failed, and the publisher comes to an end.
    ///
    /// # Panics
    ///
    /// With the report, if a schedule breaks one of these rules, or if nothing could be judged.
    #[track_caller]
    pub fn assert_at_least_once(&self) {
        if let Err(misbehaviour) = self.check_at_least_once() {
            panic!("{misbehaviour}");
        }
    }

    /// Checks the rules of [`assert_at_least_once`](Self::assert_at_least_once), and returns the report as an error.
    ///
    /// # Errors
    ///
    /// If a schedule breaks one of these rules, or if nothing could be judged.
    pub fn check_at_least_once(&self) -> Result<(), Misbehaviour> {
        self.check(&AT_LEAST_ONCE)
    }

    /// Asserts the rules of [`assert_at_least_once`](Self::assert_at_least_once), and the rules [`Resent`](Judge::Resent),
    /// [`TwiceAtOnce`](Judge::TwiceAtOnce) and [`Changed`](Judge::Changed): the publisher does not resend an event that it was told
    /// is accepted, does not send an event twice at the same time, and does not change an event between tries.
    ///
    /// # Panics
    ///
    /// With the report, if a schedule breaks one of these rules, or if nothing could be judged.
    #[track_caller]
    pub fn assert_exactly_once_attempted(&self) {
        if let Err(misbehaviour) = self.check_exactly_once_attempted() {
            panic!("{misbehaviour}");
        }
    }

    /// Checks the rules of [`assert_exactly_once_attempted`](Self::assert_exactly_once_attempted), and returns the report as an
    /// error.
    ///
    /// # Errors
    ///
    /// If a schedule breaks one of these rules, or if nothing could be judged.
    pub fn check_exactly_once_attempted(&self) -> Result<(), Misbehaviour> {
        self.check(&EXACTLY_ONCE_ATTEMPTED)
    }

    /// Asserts that no schedule makes the publisher break any rule. The order of events is judged only if it is
    /// [expected](super::PublisherCheck::keeps_order).
    ///
    /// # Panics
    ///
    /// With the report, if a schedule breaks a rule, or if nothing could be judged.
    #[track_caller]
    pub fn assert_well_behaved(&self) {
        if let Err(misbehaviour) = self.check_well_behaved() {
            panic!("{misbehaviour}");
        }
    }

    /// Checks the rules of [`assert_well_behaved`](Self::assert_well_behaved), and returns the report as an error.
    ///
    /// # Errors
    ///
    /// If a schedule breaks a rule, or if nothing could be judged.
    pub fn check_well_behaved(&self) -> Result<(), Misbehaviour> {
        self.check(Judge::ALL)
    }

    fn check(&self, judges: &[Judge]) -> Result<(), Misbehaviour> {
        let broken: Vec<&Finding> =
            self.explored.findings.iter().filter(|finding| judges.contains(&finding.violation.judge)).collect();
        if broken.is_empty() && report::why_inconclusive(&self.explored, self.replayed.as_ref(), Asker::Test).is_none()
        {
            return Ok(());
        }
        let mut judges: Vec<Judge> = broken.iter().map(|finding| finding.violation.judge).collect();
        judges.dedup();
        Err(Misbehaviour { text: self.text(&broken), judges })
    }

    fn text(&self, findings: &[&Finding]) -> String {
        let kept = &self.keeping.notes;
        report::explored(
            &self.explored,
            findings,
            &self.searched,
            kept,
            self.replayed.as_ref(),
            &self.caller.to_string(),
        )
    }

    /// Writes an HTML page for each finding, with the run of its smallest schedule. The pages are `NAME-1.html`, `NAME-2.html` and
    /// so on, in the order of [`broken`](Self::broken). It creates the folder if there is none.
    ///
    /// # Errors
    ///
    /// If the folder or a file cannot be written.
    pub fn write_html(&self, folder: impl AsRef<Path>, name: &str) -> std::io::Result<()> {
        std::fs::create_dir_all(folder.as_ref())?;
        for (number, finding) in self.explored.findings.iter().enumerate() {
            let path = folder.as_ref().join(format!("{name}-{}.html", number + 1));
            finding.run.journal().write_html(path)?;
        }
        Ok(())
    }
}

impl Misbehaviour {
    /// Returns the rules that were broken, in the order of [`PublisherReport::broken`]. It is empty if nothing could be judged.
    pub fn judges(&self) -> &[Judge] {
        &self.judges
    }
}

impl fmt::Display for PublisherReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(&self.explored.findings.iter().collect::<Vec<_>>()))
    }
}

impl fmt::Debug for PublisherReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Misbehaviour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Misbehaviour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Misbehaviour {}
