//! What CHANGELOG.md says about versions. A heading `## 0.1.0` or `## 0.1.0 - 2026-12-01` is a version.

/// The headings of versions, newest first; `None` is `## Unreleased`.
fn headings(changelog: &str) -> impl Iterator<Item = Option<&str>> {
    let headings = changelog.lines().filter_map(|line| line.strip_prefix("## "));
    headings.map(|heading| {
        let first = heading.split_whitespace().next().unwrap_or_default().trim_matches(['[', ']']);
        (first != "Unreleased").then_some(first)
    })
}

/// The newest version that was released before what stands here. The topmost heading is of the version that is being released.
pub fn released_before(changelog: &str) -> Option<&str> {
    headings(changelog).skip(1).find_map(|heading| heading)
}

/// Checks that the topmost heading is this version.
///
/// # Errors
///
/// Where it is another version, or what is not released yet.
pub fn check_newest(changelog: &str, version: &str) -> Result<(), String> {
    match headings(changelog).next() {
        Some(Some(newest)) if newest == version => Ok(()),
        Some(None) => {
            Err(format!("CHANGELOG.md begins with `## Unreleased`; write `## {version} - YEAR-MONTH-DAY` instead"))
        }
        Some(Some(newest)) => Err(format!(
            "CHANGELOG.md begins with `## {newest}`, and Cargo.toml has version {version}; add a section `## {version} - YEAR-MONTH-DAY`"
        )),
        None => Err(format!("CHANGELOG.md has no heading `## {version} - YEAR-MONTH-DAY`; add it")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_being_released_is_compared_with_the_version_before() {
        assert_eq!(released_before("# Changelog\n\n## Unreleased\n"), None);
        assert_eq!(released_before("## 0.1.0 - 2026-12-01\n"), None);
        assert_eq!(released_before("## Unreleased\n\n### Added\n\n## 0.1.0 - 2026-12-01\n"), Some("0.1.0"));
        assert_eq!(released_before("## [0.2.0] - 2027-01-01\n## [0.1.0] - 2026-12-01\n"), Some("0.1.0"));
    }

    #[test]
    fn a_release_has_a_section_of_its_own_on_top() {
        assert_eq!(check_newest("## 0.1.0 - 2026-12-01\n", "0.1.0"), Ok(()));
        let error = check_newest("## Unreleased\n## 0.1.0\n", "0.1.0").unwrap_err();
        assert_eq!(error, "CHANGELOG.md begins with `## Unreleased`; write `## 0.1.0 - YEAR-MONTH-DAY` instead");
        assert!(check_newest("## 0.1.0\n", "0.2.0").unwrap_err().contains("begins with `## 0.1.0`"));
    }
}
