//! Packed deliveries through the real binary: whose they are, what is in them, and that the hostile ones stay inside.

mod deliveries;
mod hostile;
mod samples;

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::media_maker::Place;
use crate::program::{Ended, ended, report, zhanbo};

/// `check` into the place's output folder, whatever it finds.
fn checked(place: &Place) -> (Ended, Value) {
    let mut check = zhanbo();
    check
        .arg("check")
        .arg(place.inbox())
        .arg("-o")
        .arg(place.out())
        .args(["--preset", "sichuan-2021-showcase"]);
    let ended = ended(&mut check);
    assert!(
        matches!(ended.code, Some(0 | 1)),
        "{:?}\n{}\n{}",
        ended.code,
        ended.stdout,
        ended.stderr
    );
    let report = report(&place.out());
    (ended, report)
}

/// The manifests of the store, as the worker wrote them.
fn manifests(out: &Path) -> Vec<Value> {
    let Ok(folders) = fs::read_dir(out.join("work/unpacked")) else {
        return Vec::new();
    };
    folders
        .map(|folder| {
            let text = fs::read(folder.unwrap().path().join("manifest.json")).unwrap();
            serde_json::from_slice(&text).unwrap()
        })
        .collect()
}

/// The rules of all findings of a region.
fn rules<'a>(report: &'a Value, region: &str) -> Vec<&'a str> {
    let regions = report["regions"].as_array().unwrap();
    let region = regions
        .iter()
        .find(|r| r["name"] == region)
        .unwrap_or_else(|| panic!("no region {region}"));
    let findings = region["findings"].as_array().unwrap().iter();
    findings.map(|f| f["rule"].as_str().unwrap()).collect()
}

/// Everything in the report that has a place in the inbox: submissions, their companions, other files.
fn places(report: &Value) -> Vec<&str> {
    let submissions = report["submissions"].as_array().unwrap().iter();
    let own = submissions.flat_map(|s| [&s["source"], &s["introduction"]]);
    let others = report["other_files"].as_array().unwrap().iter();
    own.chain(others.map(|o| &o["path"]))
        .filter_map(Value::as_str)
        .collect()
}
