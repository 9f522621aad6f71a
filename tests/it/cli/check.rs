use std::fs;

use crate::media_maker::{Place, needs, plain};
use crate::program::{ended, report, submission, tree, zhanbo};

#[test]
fn without_an_output_folder_nothing_is_written_anywhere() {
    needs!("ffmpeg");
    let place = Place::new();
    place.introduced("成都第一片区", "甲大学《一》.mp4", &plain(1, 1));
    place.file(
        "成都第一片区",
        "推荐结果.csv",
        "单位,视频名称\n甲大学,一\n".as_bytes(),
    );
    let here = place.root().join("here");
    fs::create_dir(&here).unwrap();
    let before = tree(place.root());
    let ended = ended(zhanbo().arg("check").arg(place.inbox()).current_dir(&here)).with(0);
    assert_eq!(tree(place.root()), before);
    assert!(ended.stdout.contains("received 1"), "{}", ended.stdout);
}

#[test]
fn with_an_output_folder_there_is_a_report_and_no_video() {
    needs!("ffmpeg");
    let place = Place::new();
    place.introduced("成都第一片区", "甲大学《一》.mp4", &plain(1, 1));
    ended(
        zhanbo()
            .arg("check")
            .arg(place.inbox())
            .arg("-o")
            .arg(place.out()),
    )
    .with(0);
    let report = report(&place.out());
    let record = submission(&report, "甲大学《一》.mp4");
    assert_eq!(record["media"]["duration_ms"], 1000);
    assert_eq!(
        (&record["outputs"], &record["job"]),
        (&serde_json::Value::Null, &serde_json::Value::Null)
    );
    for name in ["masters", "site", "programme"] {
        assert!(!place.out().join(name).exists(), "{name} was made");
    }
    assert!(place.out().join("report/report.html").is_file());
}

#[test]
fn a_check_after_a_run_keeps_what_was_made() {
    needs!("ffmpeg");
    let place = Place::new();
    place.introduced("成都第一片区", "甲大学《一》.mp4", &plain(1, 1));
    ended(&mut crate::program::run(&place)).with(0);
    let films = || {
        let mut all = tree(&place.out());
        all.retain(|name, _| {
            ["/masters", "/site", "/programme"]
                .iter()
                .any(|p| name.starts_with(p))
        });
        all
    };
    let before = films();
    let mut check = zhanbo();
    check
        .arg("check")
        .arg(place.inbox())
        .arg("-o")
        .arg(place.out())
        .arg("--ladder")
        .arg(place.ladder());
    ended(&mut check).with(0);
    assert_eq!(films(), before);
    // Nothing new is to be said, so the page still tells of the run that made it.
    let told = report(&place.out());
    assert_eq!(told["submissions"][0]["job"]["outcome"], "done");
}

#[test]
fn a_returned_submission_is_code_1_and_named_with_its_reason() {
    needs!("ffmpeg");
    let place = Place::new();
    // No introduction, and no title in the name: the notice asks for both.
    place.film("成都第一片区", "视频.mp4", &plain(1, 1));
    let mut check = zhanbo();
    check
        .arg("check")
        .arg(place.inbox())
        .args(["--preset", "sichuan-2021-showcase"]);
    let ended = ended(&mut check).with(1);
    assert!(ended.stdout.contains("视频.mp4"), "{}", ended.stdout);
    assert!(ended.stdout.contains("returned 1"), "{}", ended.stdout);
}
