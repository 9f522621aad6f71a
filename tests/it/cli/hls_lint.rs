//! The checker through the real binary, on a package that FFmpeg made and on files that are none.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::media_maker::needs;
use crate::program::{ended, zhanbo};

/// HLS as FFmpeg makes it with its defaults: MPEG-2 TS, no multivariant playlist.
fn by_ffmpeg(folder: &Path) {
    let status = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-f", "lavfi", "-i"])
        .args(["testsrc2=s=320x180:r=25:d=5", "-c:v", "libx264"])
        .args([
            "-preset",
            "ultrafast",
            "-hls_time",
            "2",
            "-hls_list_size",
            "0",
        ])
        .arg(folder.join("index.m3u8"))
        .status()
        .unwrap();
    assert!(status.success());
}

#[test]
fn a_foreign_package_is_judged_in_words_and_in_json() {
    needs!("ffmpeg");
    let folder = tempfile::tempdir().unwrap();
    by_ffmpeg(folder.path());
    let text = ended(zhanbo().arg("hls-lint").arg(folder.path())).with(1);
    for wanted in [
        "index.m3u8\n",
        "RFC8216-4.3.3.5 playlist-type-vod",
        "zhanbo-ts transport-stream",
        "MPEG-2 TS segments: only playlist clauses were checked",
        "mend:  ",
    ] {
        assert!(text.stdout.contains(wanted), "{wanted}: {}", text.stdout);
    }
    let json = ended(zhanbo().args(["hls-lint", "--json"]).arg(folder.path())).with(1);
    let json: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(json["schema"], "zhanbo.lint/1");
    assert_eq!(json["errors"], 0, "{json:#}");
    let findings = json["findings"].as_array().unwrap();
    let vod = findings.iter().find(|f| f["name"] == "playlist-type-vod");
    assert_eq!(vod.unwrap()["level"], "warning");
    let zh = ended(
        zhanbo()
            .args(["hls-lint", "--lang", "zh"])
            .arg(folder.path()),
    )
    .with(1);
    assert!(zh.stdout.contains("修正："), "{}", zh.stdout);
}

#[test]
fn clauses_are_listed_and_what_is_no_playlist_is_refused() {
    let list = ended(zhanbo().args(["hls-lint", "--list"])).with(0).stdout;
    assert!(list.lines().count() > 100, "{list}");
    assert!(
        list.contains("RFC8216-4.3.3.1      error    target-duration-fits"),
        "{list}"
    );
    let json = ended(zhanbo().args(["hls-lint", "--list", "--json"]))
        .with(0)
        .stdout;
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        json["clauses"].as_array().unwrap().len(),
        list.lines().count()
    );
    let folder = tempfile::tempdir().unwrap();
    let film = folder.path().join("film.m3u8");
    fs::write(&film, [0_u8; 100]).unwrap();
    for path in [&film, folder.path().join("missing.m3u8").as_path()] {
        let refused = ended(zhanbo().arg("hls-lint").arg(path)).with(2);
        assert!(refused.stderr.contains("hint: "), "{}", refused.stderr);
    }
    ended(zhanbo().arg("hls-lint")).with(2);
}
