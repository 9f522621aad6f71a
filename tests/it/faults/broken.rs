//! Uploads that broke off, and a disk that takes no more: an answer each, and the others are made.

use std::fs;
use std::process::Command;

use crate::media_maker::{Place, ffmpeg, needs, plain};
use crate::program::{arguments, ended, report, run, submission, tree};

#[test]
fn broken_uploads_are_answered_and_cost_only_themselves() {
    needs!("ffmpeg");
    let place = Place::new();
    let index_first = fs::read(plain(13, 1)).unwrap();
    let index_last = place.root().join("index-last.mp4");
    ffmpeg(
        &["-i", plain(2, 1).to_str().unwrap(), "-c", "copy"],
        &index_last,
    );
    let index_last = fs::read(index_last).unwrap();
    place.introduced("成都第一片区", "甲大学《好》.mp4", &plain(1, 1));
    let broken = [
        ("甲大学《半》.mp4", &index_first[..index_first.len() / 2]),
        (
            "甲大学《无尾》.mp4",
            &index_last[..index_last.len() * 9 / 10],
        ),
        ("甲大学《头》.mp4", &index_first[..40]),
        ("甲大学《空》.mp4", b""),
        ("甲大学《字》.mp4", "只是一段文字，不是视频。\n".as_bytes()),
        ("甲大学《包》.mp4", b"PK\x03\x04 word/document.xml"),
    ];
    for (name, bytes) in broken {
        place.file("成都第一片区", name, bytes);
    }
    ended(&mut run(&place)).with(1);
    let report = report(&place.out());
    assert_eq!(
        submission(&report, "甲大学《好》.mp4")["job"]["outcome"],
        "done"
    );
    for (name, _) in broken {
        let record = submission(&report, name);
        let verdict = record["verdict"].as_str().unwrap();
        assert!(
            ["unreadable", "returned"].contains(&verdict),
            "{name} is {verdict}"
        );
        assert_eq!(record["outputs"], serde_json::Value::Null, "{name}");
        let finding = &record["findings"][0];
        for text in ["message", "remedy"] {
            assert!(
                finding[text]["zh"].as_str().is_some_and(|t| !t.is_empty()),
                "{name} has no {text}"
            );
        }
    }
}

#[test]
fn an_upload_that_lost_only_its_last_second_is_not_taken_for_whole() {
    needs!("ffmpeg");
    let place = Place::new();
    let whole = fs::read(plain(2, 1)).unwrap();
    place.file(
        "成都第一片区",
        "甲大学《半》.mp4",
        &whole[..whole.len() * 6 / 10],
    );
    ended(&mut run(&place));
    let report = report(&place.out());
    let record = submission(&report, "甲大学《半》.mp4");
    assert_eq!(
        record["verdict"], "unreadable",
        "{} of {} ms are there",
        record["media"]["duration_ms"], record["media"]["header_duration_ms"]
    );
}

#[test]
fn containers_that_end_in_silence_are_not_taken_for_whole_either() {
    needs!("ffmpeg");
    let place = Place::new();
    for extension in ["mkv", "avi", "flv"] {
        let whole = place.root().join(format!("whole.{extension}"));
        ffmpeg(
            &["-i", plain(13, 1).to_str().unwrap(), "-c", "copy"],
            &whole,
        );
        let bytes = fs::read(whole).unwrap();
        let (good, cut) = (format!("好{extension}"), format!("半{extension}"));
        place.file(
            "成都第一片区",
            &format!("甲大学《{good}》.{extension}"),
            &bytes,
        );
        place.file(
            "成都第一片区",
            &format!("甲大学《{cut}》.{extension}"),
            &bytes[..bytes.len() / 2],
        );
    }
    ended(crate::program::working("check", &place).args(["--preset", "plain"])).with(1);
    let report = report(&place.out());
    for extension in ["mkv", "avi", "flv"] {
        let verdict = |what: &str| {
            let name = format!("甲大学《{what}{extension}》.{extension}");
            submission(&report, &name)["verdict"].to_string()
        };
        assert_ne!(verdict("好"), "\"unreadable\"", "{extension}");
        assert_eq!(verdict("半"), "\"unreadable\"", "{extension}");
    }
}

#[test]
fn a_second_picture_track_does_not_change_the_first_ones_rate() {
    needs!("ffmpeg");
    let place = Place::new();
    let two = place.root().join("two.mkv");
    let sources = "testsrc2=s=160x90:r=25:d=2[a];testsrc2=s=160x90:r=10:d=2[b]";
    ffmpeg(
        &[
            "-filter_complex",
            sources,
            "-map",
            "[a]",
            "-map",
            "[b]",
            "-c:v",
            "mpeg4",
            "-bf",
            "2",
        ],
        &two,
    );
    place.film("成都第一片区", "甲大学《两轨》.mkv", &two);
    ended(crate::program::working("check", &place).args(["--preset", "plain"]));
    let report = report(&place.out());
    let video = submission(&report, "甲大学《两轨》.mkv")["media"]["video"].clone();
    let rate = &video["frame_rate"];
    let (num, den) = (rate["num"].as_u64().unwrap(), rate["den"].as_u64().unwrap());
    assert_eq!(num, 25 * den);
    assert_eq!(video["variable_frame_rate"], false);
}

#[test]
fn a_settings_file_that_leads_nowhere_does_not_mean_no_rules() {
    let place = Place::new();
    place.file("成都第一片区", "甲大学《好》.mp4", b"x");
    std::os::unix::fs::symlink("/nowhere", place.inbox().join("showcase.toml")).unwrap();
    let ended = ended(&mut run(&place)).with(2);
    assert!(ended.stderr.contains("showcase.toml"), "{}", ended.stderr);
}

#[test]
fn an_output_that_does_not_fit_is_a_failure_that_leaves_nothing_and_the_others_are_made() {
    needs!("ffmpeg");
    let place = Place::new();
    place.introduced("成都第一片区", "甲大学《短》.mp4", &plain(1, 1));
    place.introduced("成都第一片区", "乙大学《长》.mp4", &plain(13, 2));
    // A slate has more than that.
    place.file("", "showcase.toml", b"[programme]\nslates = false\n");
    // No file may be larger than 700 KiB: a limit that a test may set, and as hard as a full disk. A second of sound that
    // waits to be encoded has 375, the website's hls.js 610.
    let limited = Command::new("bash")
        .args([
            "-c",
            "ulimit -c 0; ulimit -f 700; exec \"$@\"",
            "bash",
            env!("CARGO_BIN_EXE_zhanbo"),
        ])
        .args(arguments(&place))
        .output()
        .unwrap();
    assert_eq!(
        limited.status.code(),
        Some(1),
        "{}",
        String::from_utf8_lossy(&limited.stderr)
    );
    let first = report(&place.out());
    assert_eq!(
        submission(&first, "甲大学《短》.mp4")["job"]["outcome"],
        "done"
    );
    let long = submission(&first, "乙大学《长》.mp4");
    assert_eq!(long["job"]["outcome"], "failed");
    let id = long["id"].as_str().unwrap();
    let left: Vec<_> = tree(&place.out())
        .into_keys()
        .filter(|name| name.contains(id) && !name.starts_with("/report/evidence/"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
    ended(&mut run(&place)).with(0);
    let totals = report(&place.out())["totals"].clone();
    assert_eq!(
        (&totals["made"], &totals["up_to_date"]),
        (&1.into(), &1.into())
    );
}
