//! `report.json` is what its schema says, whatever happened.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::media_maker::{Place, needs, plain};
use crate::program::{ended, report, run, zhanbo};

fn valid(report: &Value) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/report/report.schema.json");
    let schema: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<_> = validator
        .iter_errors(report)
        .map(|e| format!("{}: {e}", e.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
}

/// An inbox with one of each verdict.
fn mixed() -> Place {
    let place = Place::new();
    place.introduced("成都第一片区", "甲大学《一》.mp4", &plain(1, 1));
    place.introduced("川南片区", "乙大学《又一》.mp4", &plain(1, 1));
    place.film("川南片区", "丙大学《无简介》.mp4", &plain(1, 2));
    place.file("川南片区", "丁大学《空》.mp4", b"");
    place.file(
        "成都第一片区",
        "推荐结果.csv",
        "单位,视频名称\n甲大学,一\n".as_bytes(),
    );
    place.file("", "showcase.toml", b"preset = \"sichuan-2021-showcase\"\n");
    place
}

#[test]
fn the_report_of_a_run_is_valid() {
    needs!("ffmpeg");
    let place = mixed();
    ended(&mut run(&place)).with(1);
    let first = report(&place.out());
    valid(&first);
    let verdicts: std::collections::BTreeSet<_> = first["submissions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| s["verdict"].to_string())
        .collect();
    assert!(verdicts.len() >= 4, "{verdicts:?}");
    ended(&mut run(&place)).with(1);
    valid(&report(&place.out()));
}

#[test]
fn the_report_of_a_check_is_valid() {
    needs!("ffmpeg");
    let place = mixed();
    ended(
        zhanbo()
            .arg("check")
            .arg(place.inbox())
            .arg("-o")
            .arg(place.out()),
    )
    .with(1);
    valid(&report(&place.out()));
}

#[test]
fn the_report_of_an_empty_inbox_is_valid() {
    let place = Place::new();
    ended(&mut run(&place)).with(0);
    valid(&report(&place.out()));
}
