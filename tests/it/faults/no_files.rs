//! What has a film's name and is no file must never be waited for.

use std::os::unix::fs::symlink;
use std::time::{Duration, Instant};

use rustix::fs::{CWD, FileType, Mode, mknodat};

use crate::media_maker::{Place, needs, plain};
use crate::program::{ended, report, run, submission};

#[test]
fn pipes_links_and_folders_with_a_films_name_never_hang_a_run() {
    needs!("ffmpeg");
    let place = Place::new();
    let region = place.inbox().join("成都第一片区");
    place.film("成都第一片区", "甲大学《好》.mp4", &plain(1, 1));
    let secret = place.root().join("secret.mp4");
    std::fs::copy(plain(1, 2), &secret).unwrap();
    mknodat(
        CWD,
        region.join("甲大学《管》.mp4"),
        FileType::Fifo,
        Mode::from_raw_mode(0o644),
        0,
    )
    .unwrap();
    symlink("/dev/zero", region.join("甲大学《零》.mp4")).unwrap();
    symlink(&secret, region.join("甲大学《链》.mp4")).unwrap();
    symlink("甲大学《环》.mp4", region.join("甲大学《环》.mp4")).unwrap();
    std::fs::create_dir(region.join("甲大学《夹》.mp4")).unwrap();
    let since = Instant::now();
    ended(run(&place).timeout(Duration::from_secs(30))).with(1);
    assert!(
        since.elapsed() < Duration::from_secs(20),
        "{:?}",
        since.elapsed()
    );
    let report = report(&place.out());
    assert_eq!(
        submission(&report, "甲大学《好》.mp4")["job"]["outcome"],
        "done"
    );
    for name in ["管", "零", "链", "环"] {
        let record = submission(&report, &format!("甲大学《{name}》.mp4"));
        assert_eq!(record["verdict"], "unreadable", "{name}");
        assert_eq!(record["outputs"], serde_json::Value::Null, "{name}");
    }
}

#[test]
fn a_pipe_in_the_place_of_a_companion_never_hangs_either() {
    needs!("ffmpeg");
    let place = Place::new();
    place.film("成都第一片区", "甲大学《好》.mp4", &plain(1, 1));
    for name in [
        "甲大学《好》.srt",
        "甲大学《好》.docx",
        "推荐结果.csv",
        "成都第二片区.zip",
    ] {
        let path = place.inbox().join("成都第一片区").join(name);
        mknodat(CWD, path, FileType::Fifo, Mode::from_raw_mode(0o644), 0).unwrap();
    }
    mknodat(
        CWD,
        place.inbox().join("showcase.toml"),
        FileType::Fifo,
        Mode::from_raw_mode(0o644),
        0,
    )
    .unwrap();
    let ended = ended(run(&place).timeout(Duration::from_secs(30)));
    assert!(ended.code.is_some(), "it hung");
}
