use crate::media_maker::{Place, needs, plain};
use crate::program::{ended, run, zhanbo};

#[test]
fn events_are_json_lines_from_run_started_to_run_finished() {
    needs!("ffmpeg");
    let place = Place::new();
    place.introduced("成都第一片区", "甲大学《一》.mp4", &plain(1, 1));
    place.file("成都第一片区", "乙大学《二》.mp4", b"");
    let ended = ended(run(&place).arg("--json")).with(1);
    let events = ended.events();
    assert_eq!(events[0]["event"], "run_started");
    assert_eq!(events[0]["schema"], "zhanbo.events/1");
    let last = events.last().unwrap();
    assert_eq!(last["event"], "run_finished");
    assert_eq!(
        (&last["totals"]["made"], &last["totals"]["unreadable"]),
        (&1.into(), &1.into())
    );
    let count = |name: &str| events.iter().filter(|e| e["event"] == name).count();
    assert_eq!(count("surveyed"), 2);
    assert_eq!(count("planned"), 1);
    assert_eq!((count("job_started"), count("job_finished")), (1, 1));
    assert_eq!(ended.stderr, "");
}

#[test]
fn a_check_speaks_json_too() {
    needs!("ffmpeg");
    let place = Place::new();
    place.film("", "甲大学《一》.mp4", &plain(1, 1));
    let events = ended(zhanbo().arg("check").arg(place.inbox()).arg("--json"))
        .with(0)
        .events();
    assert_eq!(events[0]["event"], "run_started");
    assert_eq!(events.last().unwrap()["event"], "run_finished");
}
