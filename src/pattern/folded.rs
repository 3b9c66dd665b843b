//! Comparison of texts without regard to case.

/// Each character of a text in lower and in upper case.
///
/// Characters are compared one by one, so that `ß` is both `ß` and `SS`, but `ss` is never `ß`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Folded(Vec<[String; 2]>);

impl Folded {
    pub(super) fn new(text: &str) -> Self {
        Self(text.chars().map(|c| [c.to_lowercase().collect(), c.to_uppercase().collect()]).collect())
    }

    pub(super) fn equals(&self, text: &str) -> bool {
        self.after(text) == Some("")
    }

    pub(super) fn begins(&self, text: &str) -> bool {
        self.after(text).is_some()
    }

    pub(super) fn ends(&self, text: &str) -> bool {
        let before = |rest: &'_ str, [lower, upper]: &[String; 2]| {
            let before = rest.strip_suffix(lower.as_str()).or_else(|| rest.strip_suffix(upper.as_str()))?;
            Some(before.len())
        };
        let mut rest = Some(text);
        for cases in self.0.iter().rev() {
            rest = rest.and_then(|rest| rest.get(..before(rest, cases)?));
        }
        rest.is_some()
    }

    /// Returns the rest of a text that begins with this one.
    fn after<'t>(&self, text: &'t str) -> Option<&'t str> {
        self.0.iter().try_fold(text, |rest, [lower, upper]| {
            rest.strip_prefix(lower.as_str()).or_else(|| rest.strip_prefix(upper.as_str()))
        })
    }
}
