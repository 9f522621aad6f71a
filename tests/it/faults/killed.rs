//! The power button: kill -9 at several moments, then the same command again.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::{Value, json};

use super::started::Started;
use crate::media_maker::{Place, needs, plain, skipped};
use crate::program::{Leaf, arguments, ended, report, run, tree};

fn place() -> Place {
    let place = Place::new();
    place.introduced("成都第一片区", "甲大学《一》.mp4", &plain(3, 1));
    place.introduced("成都第一片区", "乙大学《二》.mp4", &plain(2, 2));
    place.introduced("川南片区", "丙大学《三》.mp4", &plain(1, 3));
    place.file("川南片区", "丁大学《四》.mp4", b"no video");
    place
}

/// Every file that people get and its content. The report is compared without its times.
fn shown(place: &Place) -> BTreeMap<String, String> {
    let mut all = tree(&place.out());
    all.retain(|name, _| !name.starts_with("/work"));
    // They hold times: of the run, and of files.
    for timed in ["/programme/programme.json", "/masters/programme/state.json"] {
        all.remove(timed);
    }
    let mut contents: BTreeMap<String, String> = all
        .into_iter()
        .map(|(name, leaf)| (name, leaf.blake3))
        .collect();
    for (name, content) in &mut contents {
        if name.starts_with("/site/v/") && name.ends_with("/index.html") {
            let page = fs::read_to_string(place.out().join(&name[1..])).unwrap();
            *content = without_moments(&page);
        }
    }
    for page in ["/report/report.html", "/index.html"] {
        assert!(
            contents
                .insert(page.into(), "a page with times".into())
                .is_some(),
            "{page} is missing"
        );
    }
    contents.insert(
        "/report/report.json".into(),
        timeless(&place.out()).to_string(),
    );
    contents
}

/// A film's page says to the second when its film was made: `2026-11-22T01:38:56+08:00`.
fn without_moments(page: &str) -> String {
    let moment = "2026-11-22T01:38:56".len();
    let (said, rest) = page.rsplit_once("+08:00").unwrap();
    let said = said
        .split("+08:00")
        .map(|part| &part[..part.len() - moment]);
    said.chain([rest]).collect()
}

fn timeless(out: &std::path::Path) -> Value {
    let mut report = report(out);
    report["started_at"] = json!("");
    for field in ["made", "up_to_date", "wall_ms"] {
        report["totals"][field] = json!(0);
    }
    for submission in report["submissions"].as_array_mut().unwrap() {
        let fields = submission.as_object_mut().unwrap();
        fields.remove("first_accepted");
        if submission["job"]["outcome"] != "returned" {
            submission["job"] = json!("made at some time");
        }
    }
    report
}

fn masters(place: &Place) -> BTreeMap<String, Leaf> {
    let mut all = tree(&place.out());
    all.retain(|name, _| name.starts_with("/masters/"));
    all
}

/// Kills a run when an event comes, runs again, and compares with a run that nobody disturbed.
fn killed_at(moment: &str, mut wanted: impl FnMut(&Value) -> bool) {
    let undisturbed = place();
    ended(&mut run(&undisturbed)).with(1);

    let place = place();
    let mut started = Started::run(&place);
    let mut finished = Vec::new();
    let met = started.wait_for(|event| {
        if event["event"] == "job_finished" {
            finished.push(event["id"].as_str().unwrap().to_owned());
        }
        wanted(event)
    });
    assert!(met, "the run ended before: {moment}");
    let workers = started.workers();
    started.signal(Signal::KILL);
    started.end_within(Duration::from_secs(5)).unwrap();
    assert!(
        started.leaves_no_worker(&workers),
        "{moment}: a worker outlives its parent"
    );
    drop(started);

    let kept = if place.out().join("masters").exists() {
        masters(&place)
    } else {
        BTreeMap::new()
    };
    ended(&mut run(&place)).with(1);
    let unlike = unlike(&shown(&place), &shown(&undisturbed));
    assert!(
        unlike.is_empty(),
        "{moment}: unlike an undisturbed run: {unlike:?}"
    );
    let report = report(&place.out());
    for id in &finished {
        let record = report["submissions"]
            .as_array()
            .unwrap()
            .iter()
            .find(|s| s["id"] == id.as_str())
            .unwrap();
        assert_eq!(
            record["job"]["outcome"], "up_to_date",
            "{moment}: {id} was finished and is made again"
        );
        let name = format!("/masters/{id}.mp4");
        assert_eq!(
            masters(&place).get(&name),
            kept.get(&name),
            "{moment}: {id} was touched"
        );
    }
}

/// The names of what one tree has otherwise than the other.
fn unlike(actual: &BTreeMap<String, String>, wanted: &BTreeMap<String, String>) -> Vec<String> {
    let names: BTreeSet<_> = actual.keys().chain(wanted.keys()).collect();
    names
        .into_iter()
        .filter(|name| actual.get(*name) != wanted.get(*name))
        .cloned()
        .collect()
}

#[test]
fn a_run_killed_during_the_survey_is_taken_up_again() {
    needs!("ffmpeg");
    killed_at("first file surveyed", |event| event["event"] == "surveyed");
}

#[test]
fn a_run_killed_when_a_job_starts_is_taken_up_again() {
    needs!("ffmpeg");
    killed_at("first job started", |event| event["event"] == "job_started");
}

#[test]
fn a_run_killed_between_two_jobs_keeps_the_first() {
    needs!("ffmpeg");
    killed_at("first job finished", |event| {
        event["event"] == "job_finished"
    });
}

#[test]
fn a_run_killed_in_the_middle_of_the_second_job_keeps_the_first() {
    needs!("ffmpeg");
    let mut finished = 0;
    killed_at("second job in progress", move |event| {
        finished += usize::from(event["event"] == "job_finished");
        finished == 1 && event["event"] == "job_progressed"
    });
}

#[test]
fn a_run_killed_before_the_report_keeps_everything() {
    needs!("ffmpeg");
    let mut finished = 0;
    killed_at("last job finished", move |event| {
        finished += usize::from(event["event"] == "job_finished");
        finished == 3
    });
}

#[test]
fn a_worker_at_work_is_seen_by_these_tests_and_dies_with_its_parent() {
    needs!("ffmpeg");
    let place = place();
    let mut started = Started::run(&place);
    assert!(started.wait_for(|event| event["event"] == "job_progressed"));
    let workers = started.workers();
    // The server that forks workers, the one that makes the film, and, unless it is done, the one that draws its slate.
    assert!((2..=3).contains(&workers.len()), "{workers:?}");
    started.signal(Signal::KILL);
    started.end_within(Duration::from_secs(5)).unwrap();
    assert!(started.leaves_no_worker(&workers));
}

#[test]
fn a_run_killed_at_any_rename_leaves_nothing_that_the_next_one_does_not_clean_up() {
    needs!("ffmpeg", "strace");
    let small = || {
        let place = Place::new();
        place.film("", "甲大学《一》.mp4", &plain(1, 1));
        place
    };
    let undisturbed = small();
    ended(&mut run(&undisturbed)).with(0);
    let mut complaints = Vec::new();
    // Every thread counts for itself: the first that comes to its n-th rename is the end of all.
    for number in 1..=5 {
        let place = small();
        let killed = Command::new("strace")
            .args([
                "-f",
                "-qq",
                "-o",
                "/dev/null",
                "-e",
                "trace=rename,renameat,renameat2",
            ])
            .args([
                "-e",
                &format!("inject=rename,renameat,renameat2:signal=KILL:when={number}"),
            ])
            .arg(env!("CARGO_BIN_EXE_zhanbo"))
            .args(arguments(&place))
            .output()
            .unwrap();
        if String::from_utf8_lossy(&killed.stderr).contains("not permitted") {
            return skipped("strace may not trace here");
        }
        if killed.status.code() == Some(0) {
            break;
        }
        ended(&mut run(&place)).with(0);
        complaints.extend(
            unlike(&shown(&place), &shown(&undisturbed))
                .into_iter()
                .map(|name| format!("rename {number}: {name}")),
        );
    }
    assert!(
        complaints.is_empty(),
        "unlike an undisturbed run: {complaints:#?}"
    );
}
