use std::collections::BTreeSet;

use serde_json::Value;

use crate::media_maker::{Place, needs, plain};
use crate::program::{ended, run, working};

fn plan(place: &Place) -> Value {
    let ended = ended(working("plan", place).arg("--json")).with(0);
    serde_json::from_str(&ended.stdout).unwrap()
}

fn to_make(plan: &Value) -> BTreeSet<String> {
    let jobs = plan["jobs"].as_array().unwrap().iter();
    jobs.filter(|job| job["action"]["do"] == "make")
        .map(|job| job["id"].to_string())
        .collect()
}

#[test]
fn the_plan_is_what_run_then_does() {
    needs!("ffmpeg");
    let place = Place::new();
    place.introduced("成都第一片区", "甲大学《一》.mp4", &plain(1, 1));
    place.introduced("川南片区", "乙大学《二》.mp4", &plain(1, 2));
    place.file("川南片区", "丙大学《三》.mp4", b"no video at all");
    let planned = plan(&place);
    assert_eq!(planned["schema"], "zhanbo.plan/1");
    assert!(!place.out().exists(), "planning wrote something");
    let jobs = planned["jobs"].as_array().unwrap();
    let reasons: Vec<_> = jobs
        .iter()
        .map(|job| job["action"]["reason"]["why"].as_str())
        .collect();
    assert_eq!(
        reasons.iter().filter(|r| **r == Some("new")).count(),
        2,
        "{reasons:?}"
    );
    let skipped = jobs
        .iter()
        .find(|job| job["action"]["do"] == "skip")
        .unwrap();
    assert_eq!(skipped["action"]["verdict"], "unreadable");
    let events = ended(run(&place).arg("--json")).with(1).events();
    let made: BTreeSet<String> = events
        .iter()
        .filter(|event| event["event"] == "job_finished" && event["outcome"] == "done")
        .map(|event| event["id"].to_string())
        .collect();
    assert_eq!(made, to_make(&planned));
    assert_eq!(to_make(&plan(&place)), BTreeSet::new());
}

#[test]
fn for_people_the_plan_is_a_line_a_job() {
    needs!("ffmpeg");
    let place = Place::new();
    place.introduced("成都第一片区", "甲大学《一》.mp4", &plain(1, 1));
    let text = ended(&mut working("plan", &place)).with(0).stdout;
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(
        text.contains("甲大学《一》: new; 640x360 320x180 at 25"),
        "{text}"
    );
}
