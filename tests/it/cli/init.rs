use std::fs;

use crate::media_maker::Place;
use crate::program::{ended, tree, zhanbo};

#[test]
fn a_fresh_inbox_is_valid_and_a_second_init_changes_nothing() {
    let place = Place::new();
    let inbox = place.root().join("新的收件夹");
    let init = || {
        ended(
            zhanbo()
                .args(["init", "--preset", "sichuan-2021-showcase"])
                .arg(&inbox),
        )
    };
    let first = init().with(0).stdout;
    assert_eq!(
        first
            .lines()
            .filter(|line| line.starts_with("made "))
            .count(),
        10,
        "{first}"
    );
    assert!(inbox.join("川南片区").is_dir());
    assert!(
        fs::read(inbox.join("roster.csv"))
            .unwrap()
            .starts_with(b"\xef\xbb\xbf")
    );
    ended(
        zhanbo()
            .args(["presets", "check"])
            .arg(inbox.join("showcase.toml")),
    )
    .with(0);
    let before = tree(&inbox);
    let second = init().with(0).stdout;
    assert_eq!(
        second
            .lines()
            .filter(|line| line.starts_with("kept "))
            .count(),
        10,
        "{second}"
    );
    assert_eq!(tree(&inbox), before);
}

#[test]
fn a_preset_that_is_not_there_makes_no_inbox() {
    let place = Place::new();
    let inbox = place.root().join("neu");
    ended(zhanbo().args(["init", "--preset", "sichuan"]).arg(&inbox)).with(2);
    assert!(!inbox.exists());
}

#[test]
fn shells_and_man_get_what_they_need() {
    for shell in ["bash", "zsh", "fish"] {
        let script = ended(zhanbo().args(["completions", shell])).with(0).stdout;
        assert!(script.contains("presets"), "{shell}");
    }
    let page = ended(zhanbo().arg("man")).with(0).stdout;
    assert!(page.contains(".TH zhanbo 1"), "{page}");
    assert!(!page.contains("worker"), "{page}");
    let page = ended(zhanbo().args(["man", "check"])).with(0).stdout;
    assert!(page.contains("zhanbo\\-check"), "{page}");
    let wrong = ended(zhanbo().args(["man", "worker"])).with(2).stderr;
    assert!(wrong.contains("there is no command worker"), "{wrong}");
}
