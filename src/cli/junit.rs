//! The results as a JUnit report, by the schemas of Apache Ant and Jenkins.

use std::fmt::Write as _;
use std::time::{Duration, SystemTime};

use super::case::{Case, Outcome};
use crate::service::rfc_3339;

/// The data of a report beside its cases.
pub(super) struct Suite<'a> {
    /// The class of the cases.
    pub(super) class: &'a str,
    pub(super) seed: Option<u64>,
    pub(super) started: SystemTime,
    pub(super) took: Duration,
}

impl Suite<'_> {
    pub(super) fn of(&self, cases: &[Case]) -> String {
        let failures = cases.iter().filter(|case| case.failure().is_some()).count();
        let skipped = cases.iter().filter(|case| matches!(case.outcome, Outcome::Excused(_))).count();
        // Ant's schema allows only a time without its zone.
        let started = rfc_3339(self.started);
        let mut xml = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"putevents-mock\" \
             package=\"putevents-mock\" id=\"0\" hostname=\"localhost\" timestamp=\"{}\" tests=\"{}\" failures=\"{failures}\" \
             errors=\"0\" skipped=\"{skipped}\" time=\"{:.3}\">\n    <properties>",
            started.trim_end_matches('Z'),
            cases.len(),
            self.took.as_secs_f64(),
        );
        if let Some(seed) = self.seed {
            let _ = write!(xml, "<property name=\"seed\" value=\"{seed}\"/>");
        }
        xml.push_str("</properties>\n");
        for Case { name, outcome } in cases {
            let (class, name) = (escaped(self.class), escaped(name));
            let _ = write!(xml, "    <testcase classname=\"{class}\" name=\"{name}\" time=\"0\">");
            let _ = match outcome {
                Outcome::Holds => Ok(()),
                Outcome::Excused(why) => write!(xml, "<skipped message=\"{}\"/>", escaped(why)),
                Outcome::Fails { kind, report } => {
                    let first = escaped(report.lines().next().unwrap_or_default());
                    let (kind, report) = (escaped(kind), escaped(report));
                    write!(xml, "<failure type=\"{kind}\" message=\"{first}\">{report}</failure>")
                }
            };
            xml.push_str("</testcase>\n");
        }
        xml.push_str("    <system-out/>\n    <system-err/>\n  </testsuite>\n</testsuites>\n");
        xml
    }
}

/// A text escaped for XML. Characters that XML does not allow even as numbers become U+FFFD.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(c),
            '\r' => escaped.push_str("&#13;"),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            _ => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    #[test]
    fn whatever_a_text_holds_it_stands_in_xml() {
        assert_eq!(escaped("a<b>&\"c'\n\td\r"), "a&lt;b&gt;&amp;&quot;c'\n\td&#13;");
        assert_eq!(escaped("\0\u{1b}[31m\u{8}\u{ffff}\u{fffe}"), "\u{fffd}\u{fffd}[31m\u{fffd}\u{fffd}\u{fffd}");
        assert_eq!(escaped("]]> \u{1f600} \u{7f}\u{85}"), "]]&gt; \u{1f600} \u{7f}\u{85}");
    }

    #[test]
    fn a_suite_counts_its_cases() {
        let case = |name: &str, outcome| Case { name: name.to_owned(), outcome };
        let cases = [
            case("expect[0]: {\"noneLost\":true}", Outcome::Holds),
            case(
                "b",
                Outcome::Fails { kind: "Ledger".to_owned(), report: "1 event <was> lost\n\n  a & b\n".to_owned() },
            ),
            case("c", Outcome::Excused("2 problems".to_owned())),
        ];
        let started = SystemTime::UNIX_EPOCH + Duration::from_secs(951_782_400);
        let suite = Suite { class: "putevents-mock.plan", seed: Some(7), started, took: Duration::from_millis(1_054) };
        let expected = r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="putevents-mock" package="putevents-mock" id="0" hostname="localhost" timestamp="2000-02-29T00:00:00" tests="3" failures="1" errors="0" skipped="1" time="1.054">
    <properties><property name="seed" value="7"/></properties>
    <testcase classname="putevents-mock.plan" name="expect[0]: {&quot;noneLost&quot;:true}" time="0"></testcase>
    <testcase classname="putevents-mock.plan" name="b" time="0"><failure type="Ledger" message="1 event &lt;was&gt; lost">1 event &lt;was&gt; lost

  a &amp; b
</failure></testcase>
    <testcase classname="putevents-mock.plan" name="c" time="0"><skipped message="2 problems"/></testcase>
    <system-out/>
    <system-err/>
  </testsuite>
</testsuites>
"#;
        assert_eq!(suite.of(&cases), expected);
    }
}
