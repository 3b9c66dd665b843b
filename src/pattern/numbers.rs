//! Numbers, compared by value.

use super::PatternError;
use super::error::quoted;
use super::node::Node;
use crate::json::decimal;

/// A number of a pattern or an event.
///
/// It has a value if a 64-bit float is exactly that number, within the shortest decimals of the float: at most 17 digits.
/// Numbers without a value are equal only if their digits are equal, so that long ids are not mixed up.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Number {
    value: Option<f64>,
    text: String,
}

impl Number {
    pub(super) fn new(number: &serde_json::Number) -> Self {
        let text = number.to_string();
        Self { value: value(&text), text }
    }

    pub(super) fn value(&self) -> Option<f64> {
        self.value
    }

    pub(super) fn equals(&self, other: &Self) -> bool {
        match (self.value, other.value) {
            (Some(one), Some(another)) => one == another,
            (None, None) => self.text == other.text,
            _ => false,
        }
    }
}

fn value(text: &str) -> Option<f64> {
    let value: f64 = text.parse().ok()?;
    (value.is_finite() && decimal(text)? == decimal(&format!("{value:e}"))?).then_some(value)
}

/// Returns the value of a number that is compared. The number must have one.
pub(super) fn comparable(node: &Node) -> Result<f64, PatternError> {
    match node {
        Node::Number { written, .. } => value(written).ok_or_else(|| incomparable(written)),
        Node::Text(text) if value(text).is_some() => {
            Err(PatternError::new(format!("must be a number; write {text} without quotes")))
        }
        other => Err(other.is_not("a number")),
    }
}

fn incomparable(written: &str) -> PatternError {
    if written.parse().is_ok_and(f64::is_finite) {
        PatternError::new(format!("{written} is more exact than a 64-bit float; write at most 17 digits"))
    } else {
        PatternError::out_of_range(written)
    }
}

/// The bounds of a `numeric` condition.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Numeric(Vec<(Comparison, f64)>);

#[derive(Debug, Clone, Copy, PartialEq)]
enum Comparison {
    Equal,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

impl Comparison {
    fn parse(node: &Node) -> Result<Self, PatternError> {
        match node {
            Node::Text(sign) if sign == "=" => Ok(Self::Equal),
            Node::Text(sign) if sign == "<" => Ok(Self::Less),
            Node::Text(sign) if sign == "<=" => Ok(Self::AtMost),
            Node::Text(sign) if sign == ">" => Ok(Self::Greater),
            Node::Text(sign) if sign == ">=" => Ok(Self::AtLeast),
            other => Err(other.is_not(r#"one of "=", "<", "<=", ">" and ">=""#)),
        }
    }

    fn is_upper_bound(self) -> bool {
        matches!(self, Self::Less | Self::AtMost)
    }

    fn is_lower_bound(self) -> bool {
        matches!(self, Self::Greater | Self::AtLeast)
    }

    fn holds(self, value: f64, bound: f64) -> bool {
        match self {
            Self::Equal => value == bound,
            Self::Less => value < bound,
            Self::AtMost => value <= bound,
            Self::Greater => value > bound,
            Self::AtLeast => value >= bound,
        }
    }
}

impl Numeric {
    pub(super) fn parse(node: &Node) -> Result<Self, PatternError> {
        match node {
            Node::List(items) if !items.is_empty() => Self::of(items),
            other => Err(other.is_not(r#"an array such as [">", 0] or [">", 0, "<=", 5]"#)),
        }
    }

    fn of(items: &[Node]) -> Result<Self, PatternError> {
        let mut comparisons: Vec<(Comparison, f64)> = Vec::new();
        for (pair, index) in items.chunks(2).zip((0..).step_by(2)) {
            let [sign, bound @ ..] = pair else { continue };
            may_follow(&comparisons, sign).map_err(|error| error.at(index))?;
            let comparison = Comparison::parse(sign).map_err(|error| error.at(index))?;
            let Some(bound) = bound.first() else {
                return Err(PatternError::new(format!("has no number after {sign}")));
            };
            let bound = comparable(bound).map_err(|error| error.at(index + 1))?;
            comparisons.push((comparison, bound));
        }
        match comparisons.as_slice() {
            [(_, lower), (_, upper)] if lower >= upper => {
                Err(PatternError::new("holds nothing; write a lower bound that is less than the upper bound"))
            }
            _ => Ok(Self(comparisons)),
        }
    }

    pub(super) fn matches(&self, value: f64) -> bool {
        self.0.iter().all(|(comparison, bound)| comparison.holds(value, *bound))
    }
}

/// Checks that the comparison is an upper bound after a lower bound.
fn may_follow(before: &[(Comparison, f64)], sign: &Node) -> Result<(), PatternError> {
    match before {
        [] => Ok(()),
        [(first, _)] if first.is_lower_bound() => match Comparison::parse(sign) {
            Ok(second) if second.is_upper_bound() => Ok(()),
            _ => Err(sign.is_not(r#""<" or "<=", because a lower bound stands before it"#)),
        },
        [_] => Err(PatternError::new(format!(
            r#"{} is one too many; a range begins with its lower bound, such as [">", 0, "<=", 5]"#,
            sign.described()
        ))),
        _ => Err(PatternError::new(format!("{} is one too many; a range has two bounds", sign.described()))),
    }
}

/// Returns whether a key is an operator of numbers in the place of a field's name, as in `{"<": 5}`.
pub(super) fn is_sign(key: &str) -> bool {
    Comparison::parse(&Node::Text(key.to_owned())).is_ok()
}

/// Writes a sign as the beginning of a numeric condition.
pub(super) fn with_numeric(sign: &str) -> String {
    format!(r#"write {{"numeric": [{}, ...]}}"#, quoted(sign))
}
