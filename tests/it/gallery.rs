//! Every report, to the letter: the gallery is an example for the eye, and a fixture for this test.

use pretty_assertions::assert_eq;

#[path = "../../examples/gallery.rs"]
#[expect(dead_code, reason = "an example has a main function")]
mod example;

#[test]
fn every_report_is_as_the_gallery_shows_it() {
    let gallery = example::gallery().replace("tests/it/../../", "");
    let shown = std::fs::read_to_string("fixtures/gallery.txt").unwrap();
    assert_eq!(gallery, shown, "\nif that is meant: cargo run --all-features --example gallery > fixtures/gallery.txt");
}

#[test]
fn no_report_is_longer_than_a_screen() {
    for report in example::gallery().split("\n== ") {
        assert!(report.lines().count() <= 40, "{report}");
    }
}
