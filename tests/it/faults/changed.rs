//! The same command again: nothing to do, or exactly what changed, and why.

use std::fs;

use serde_json::Value;

use crate::media_maker::{Place, needs, plain};
use crate::program::{ended, report, run, tree, working};

fn made() -> Place {
    let place = Place::new();
    place.introduced("成都第一片区", "甲大学《一》.mp4", &plain(1, 1));
    place.introduced("成都第一片区", "乙大学《二》.mp4", &plain(1, 2));
    ended(&mut run(&place)).with(0);
    place
}

/// The reasons of the plan by title, and that the run then makes just those.
fn reasons(place: &Place) -> Vec<(String, Value)> {
    let plan = ended(working("plan", place).arg("--json")).with(0).stdout;
    let plan: Value = serde_json::from_str(&plan).unwrap();
    let jobs = plan["jobs"].as_array().unwrap().iter();
    let make = jobs.filter(|job| job["action"]["do"] == "make");
    make.map(|job| {
        (
            job["label"].as_str().unwrap().to_owned(),
            job["action"]["reason"].clone(),
        )
    })
    .collect()
}

fn only(place: &Place, label: &str, why: &str) -> Value {
    let reasons = reasons(place);
    assert_eq!(reasons.len(), 1, "{reasons:?}");
    assert_eq!(
        (reasons[0].0.as_str(), reasons[0].1["why"].as_str()),
        (label, Some(why))
    );
    ended(&mut run(place)).with(0);
    let totals = report(&place.out())["totals"].clone();
    assert_eq!(
        (&totals["made"], &totals["up_to_date"]),
        (&1.into(), &1.into())
    );
    assert_eq!(self::reasons(place), []);
    reasons[0].1.clone()
}

#[test]
fn a_second_run_writes_no_video_and_says_that_all_is_up_to_date() {
    needs!("ffmpeg");
    let place = made();
    let films = || {
        let mut all = tree(&place.out());
        all.retain(|name, _| {
            !name.starts_with("/work") && !name.starts_with("/report") && name != "/index.html"
        });
        all
    };
    let before = films();
    let events = ended(run(&place).arg("--json")).with(0).events();
    assert!(!events.iter().any(|event| event["event"] == "job_started"));
    let surveyed: Vec<_> = events
        .iter()
        .filter(|e| e["event"] == "surveyed")
        .map(|e| &e["remembered"])
        .collect();
    assert_eq!(surveyed, [true, true]);
    assert_eq!(films(), before);
    let totals = &events.last().unwrap()["totals"];
    assert_eq!(
        (&totals["made"], &totals["up_to_date"]),
        (&0.into(), &2.into())
    );
}

#[test]
fn a_changed_source_is_made_again_because_it_changed() {
    needs!("ffmpeg");
    let place = made();
    place.film("成都第一片区", "乙大学《二》.mp4", &plain(1, 5));
    only(&place, "乙大学《二》", "source_changed");
}

#[test]
fn a_source_that_was_only_touched_is_not_made_again() {
    needs!("ffmpeg");
    let place = made();
    place.film("成都第一片区", "乙大学《二》.mp4", &plain(1, 2));
    assert_eq!(reasons(&place), []);
}

#[test]
fn a_subtitle_that_comes_later_is_a_reason() {
    needs!("ffmpeg");
    let place = made();
    place.file(
        "成都第一片区",
        "甲大学《一》.srt",
        "1\n00:00:00,100 --> 00:00:00,900\n你好\n".as_bytes(),
    );
    only(&place, "甲大学《一》", "subtitles_changed");
}

#[test]
fn another_ladder_is_a_reason_for_all() {
    needs!("ffmpeg");
    let place = made();
    let ladder = fs::read_to_string(place.ladder()).unwrap();
    fs::write(place.ladder(), ladder.replace("crf = 28", "crf = 30")).unwrap();
    let reasons = reasons(&place);
    assert_eq!(reasons.len(), 2);
    assert!(
        reasons
            .iter()
            .all(|(_, reason)| reason["why"] == "recipe_changed"),
        "{reasons:?}"
    );
}

#[test]
fn a_deleted_segment_is_missed_and_made_again() {
    needs!("ffmpeg");
    let place = made();
    let report = report(&place.out());
    let hls = report["submissions"][0]["outputs"]["hls"].as_str().unwrap();
    let label = format!(
        "{}《{}》",
        report["submissions"][0]["unit"].as_str().unwrap(),
        report["submissions"][0]["title"].as_str().unwrap()
    );
    let segment = hls.replace("master.m3u8", "180p/00001.m4s");
    fs::remove_file(place.out().join(&segment)).unwrap();
    let reason = only(&place, &label, "output_missing");
    assert_eq!(reason["path"], segment.as_str());
    assert!(place.out().join(segment).is_file());
}

#[test]
fn a_deleted_work_folder_costs_only_time() {
    needs!("ffmpeg");
    let place = made();
    let before: Vec<_> = tree(&place.out()).into_keys().collect();
    fs::remove_dir_all(place.out().join("work")).unwrap();
    ended(&mut run(&place)).with(0);
    let after: Vec<_> = tree(&place.out()).into_keys().collect();
    assert_eq!(after, before);
}
