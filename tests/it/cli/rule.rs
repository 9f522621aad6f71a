use crate::program::{ended, zhanbo};

#[test]
fn every_rule_that_is_listed_has_a_manual_in_both_languages() {
    let names = ended(zhanbo().arg("rule")).with(0).stdout;
    assert!(names.lines().count() >= 10, "{names}");
    for name in names.lines() {
        let manual = |lang| {
            ended(zhanbo().args(["rule", name, "--lang", lang]))
                .with(0)
                .stdout
        };
        assert!(
            manual("en").contains("What it checks"),
            "{name}: {}",
            manual("en")
        );
        assert!(
            manual("zh")
                .chars()
                .any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)),
            "{name}"
        );
        assert_ne!(manual("zh"), manual("en"), "{name}");
    }
}

#[test]
fn an_unknown_rule_is_answered_with_all_names() {
    let wrong = ended(zhanbo().args(["rule", "max-lenght"])).with(2);
    assert!(wrong.stderr.contains("max-duration"), "{}", wrong.stderr);
    assert!(wrong.stderr.contains("hint: "), "{}", wrong.stderr);
}
