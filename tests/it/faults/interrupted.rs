//! Ctrl-C.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::started::Started;
use crate::media_maker::{Place, needs, plain};
use crate::program::{ended, report, run};

#[test]
fn ctrl_c_ends_the_run_with_130_keeps_what_is_done_and_writes_the_report() {
    needs!("ffmpeg");
    let place = Place::new();
    place.introduced("成都第一片区", "甲大学《一》.mp4", &plain(13, 1));
    place.introduced("成都第一片区", "乙大学《二》.mp4", &plain(12, 2));
    let mut started = Started::run(&place);
    let mut finished = 0;
    assert!(started.wait_for(|event| {
        finished += usize::from(event["event"] == "job_finished");
        finished == 1 && event["event"] == "job_progressed"
    }));
    let workers = started.workers();
    let since = Instant::now();
    started.signal(Signal::INT);
    let status = started
        .end_within(Duration::from_secs(10))
        .expect("still running after 10 s");
    assert_eq!(status.code(), Some(130), "after {:?}", since.elapsed());
    assert!(started.leaves_no_worker(&workers));
    let report = report(&place.out());
    let outcome = |index: usize| {
        report["submissions"][index]["job"]["outcome"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let mut outcomes = [outcome(0), outcome(1)];
    outcomes.sort();
    assert_eq!(outcomes, ["cancelled", "done"]);
    assert_eq!(report["programme"].as_array().unwrap().len(), 1);

    ended(&mut run(&place)).with(0);
    let totals = crate::program::report(&place.out())["totals"].clone();
    assert_eq!(
        (&totals["made"], &totals["up_to_date"]),
        (&1.into(), &1.into())
    );
}

#[test]
fn ctrl_c_during_the_survey_judges_nobody_unreadable() {
    needs!("ffmpeg");
    let place = Place::new();
    for number in 0..12 {
        place.film(
            "",
            &format!("甲大学《第{number}首》.mp4"),
            &plain(1, number),
        );
    }
    let mut started = Started::run(&place);
    assert!(started.wait_for(|event| event["event"] == "surveyed"));
    started.signal(Signal::INT);
    let status = started
        .end_within(Duration::from_secs(10))
        .expect("still running after 10 s");
    assert_eq!(status.code(), Some(130));
    let path = place.out().join("report/report.json");
    if path.exists() {
        assert_eq!(
            report(&place.out())["totals"]["unreadable"],
            0,
            "good films are called unreadable"
        );
    }
}
