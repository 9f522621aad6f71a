use crate::media_maker::Place;
use crate::program::{ended, zhanbo};

fn has_chinese(text: &str) -> bool {
    text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
}

fn doctor(flag: Option<&str>, locale: &str) -> String {
    let mut command = zhanbo();
    command.arg("doctor").env("LANG", locale);
    if let Some(lang) = flag {
        command.args(["--lang", lang]);
    }
    ended(&mut command).with(0).stdout
}

#[test]
fn the_flag_chooses_the_language() {
    assert!(has_chinese(&doctor(Some("zh"), "C")));
    assert!(!has_chinese(&doctor(Some("en"), "zh_CN.UTF-8")));
}

#[test]
fn without_the_flag_the_locale_does() {
    assert!(has_chinese(&doctor(None, "zh_CN.UTF-8")));
    assert!(!has_chinese(&doctor(None, "en_US.UTF-8")));
}

#[test]
fn errors_and_hints_follow_it_too() {
    let missing = Place::new().root().join("nowhere");
    let said = |lang| {
        ended(zhanbo().arg("check").arg(&missing).args(["--lang", lang]))
            .with(2)
            .stderr
    };
    assert!(said("zh").contains("提示"), "{}", said("zh"));
    assert!(said("en").contains("hint: "), "{}", said("en"));
}
