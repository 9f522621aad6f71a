use std::fs;

use crate::media_maker::Place;
use crate::program::{ended, zhanbo};

const EVERY: [&str; 9] = [
    "sichuan-2021-showcase",
    "sichuan-2024-relay",
    "lecture-2020",
    "lecture-30min-2020",
    "materials-2020",
    "plain",
    "balanced",
    "fast",
    "best",
];

#[test]
fn the_list_names_rule_sets_and_ladders() {
    for arguments in [&["presets"][..], &["presets", "list"]] {
        let list = ended(zhanbo().args(arguments)).with(0).stdout;
        for name in EVERY {
            assert!(
                list.lines().any(|line| line.starts_with(name)),
                "{name} is not in\n{list}"
            );
        }
    }
    let lines = ended(zhanbo().args(["presets", "list", "--json"]))
        .with(0)
        .events();
    assert!(
        lines
            .iter()
            .any(|line| line["name"] == "balanced" && line["kind"] == "ladder")
    );
}

#[test]
fn what_show_prints_passes_the_check() {
    let place = Place::new();
    for name in EVERY {
        let text = ended(zhanbo().args(["presets", "show", name]))
            .with(0)
            .stdout;
        let file = place.root().join(format!("{name}-copy.toml"));
        fs::write(&file, text).unwrap();
        ended(zhanbo().args(["presets", "check"]).arg(&file)).with(0);
    }
}

#[test]
fn an_error_has_its_line_and_column_and_the_nearest_key() {
    let place = Place::new();
    let text = fs::read_to_string(place.ladder()).unwrap();
    let line = text
        .lines()
        .position(|line| line.starts_with("max_bit_rate"))
        .unwrap()
        + 1;
    fs::write(
        place.ladder(),
        text.replacen("max_bit_rate", "max_bitrate", 1),
    )
    .unwrap();
    let wrong = ended(zhanbo().args(["presets", "check"]).arg(place.ladder())).with(2);
    assert_eq!(wrong.stdout, "");
    assert!(
        wrong.stderr.contains(&format!("small.toml:{line}:1: ")),
        "line {line}: {}",
        wrong.stderr
    );
    assert!(wrong.stderr.contains("max_bit_rate"), "{}", wrong.stderr);
    assert!(wrong.stderr.contains("hint: "), "{}", wrong.stderr);
}

#[test]
fn a_preset_that_is_not_there_is_answered_with_the_nearest() {
    let wrong = ended(zhanbo().args(["presets", "show", "sichuan-2021-showcas"])).with(2);
    assert!(
        wrong.stderr.contains("sichuan-2021-showcase"),
        "{}",
        wrong.stderr
    );
}

#[test]
fn templates_pass_the_check_and_schemas_are_json() {
    let place = Place::new();
    for kind in ["rules", "ladder", "showcase"] {
        let text = ended(zhanbo().args(["presets", "template", kind]))
            .with(0)
            .stdout;
        let file = place.root().join(format!("{kind}.toml"));
        fs::write(&file, text).unwrap();
        ended(zhanbo().args(["presets", "check"]).arg(&file)).with(0);
        let schema = ended(zhanbo().args(["presets", "schema", kind]))
            .with(0)
            .stdout;
        let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
        assert_eq!(schema["type"], "object", "{kind}");
    }
}
