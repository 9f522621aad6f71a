//! The programme as players see it: one even file of films that came with several frame rates, and the same as single files.
//! Judged by ffprobe, ffmpeg and mpv.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::facts::{
    Complaints, decode_errors, flash_and_beep, flash_and_beep_after, loudness, number, probe,
};
use crate::media_maker::{Place, film, from_sources, needs};
use crate::program::{ended, report, run, tree, zhanbo};

const REGION: &str = "川北片区";

/// A dark film with sound all the time.
fn dark(seed: u32, rate: &str, seconds: u32) -> PathBuf {
    let (x, y) = (seed * 97 % 640, seed * 53 % 360);
    let picture =
        format!("testsrc2=s=1280x720:r={rate}:d={seconds},crop=640:360:{x}:{y},lutyuv=y=val*0.4");
    let sound = format!("sine=f={}:r=48000:d={seconds},volume=0.2", 300 + seed * 90);
    from_sources("dark.mp4", &picture, Some(&sound), &[])
}

/// Silence, until a white picture and a beep come at the same moment, two seconds in.
fn flash() -> PathBuf {
    let picture = "testsrc2=s=640x360:r=25:d=4,lutyuv=y=val*0.3,drawbox=color=white:t=fill:enable='between(t,2,2.5)'";
    let sound = "sine=f=1000:r=44100:d=4,volume=0.5:enable='between(t,2,2.5)',volume=0:enable='not(between(t,2,2.5))'";
    let inputs = ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound];
    let rest = [
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-pix_fmt",
        "yuv420p",
        "-c:a",
        "aac",
    ];
    film("flash.mp4", &[&inputs[..], &rest].concat())
}

fn manifest(place: &Place) -> Value {
    let path = place.out().join("programme/programme.json");
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// SPS and PPS of an MP4 of ours.
fn parameter_sets(path: &Path) -> Vec<u8> {
    let bytes = fs::read(path).unwrap();
    let at = crate::media_maker::find(&bytes, b"avcC").unwrap();
    let size = u32::from_be_bytes(bytes[at - 4..at].try_into().unwrap()) as usize;
    bytes[at..at - 4 + size].to_vec()
}

fn chapters(path: &Path) -> Vec<(f64, String)> {
    let output = Command::new("ffprobe")
        .args(["-v", "error", "-of", "json", "-show_chapters"])
        .arg(path)
        .output()
        .unwrap();
    let listed: Value = serde_json::from_slice(&output.stdout).unwrap();
    let listed = listed["chapters"].as_array().unwrap();
    listed
        .iter()
        .map(|c| {
            (
                number(&c["start_time"]),
                c["tags"]["title"].as_str().unwrap().to_owned(),
            )
        })
        .collect()
}

/// The distances between numbers in order.
fn steps(values: &[i64]) -> BTreeSet<i64> {
    values.windows(2).map(|two| two[1] - two[0]).collect()
}

const SHOWCASE: &str = r#"
title = "展播"
[programme]
slate_seconds = 1
fade_ms = 200
countdown = 1
end_card = "谢谢观看"
[[programme.item]]
title = "三十"
[[programme.item]]
slate = "第二部分"
[[programme.item]]
title = "二十五"
note = "先报幕"
[[programme.item]]
still = "合影.png"
seconds = 1
[[programme.item]]
pause = 1
[[programme.item]]
title = "钟声"
[[programme.item]]
title = "没有这个"
"#;

fn made() -> Place {
    let place = Place::new();
    fs::write(place.inbox().join("showcase.toml"), SHOWCASE).unwrap();
    place.introduced(REGION, "甲大学《三十》.mp4", &dark(1, "30", 3));
    place.introduced(REGION, "乙大学《二十五》.mp4", &dark(2, "25", 3));
    place.introduced(REGION, "丙大学《钟声》.mp4", &flash());
    let picture = film(
        "photo.png",
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=s=500x300:r=1:d=1",
            "-frames:v",
            "1",
        ],
    );
    fs::copy(picture, place.inbox().join("合影.png")).unwrap();
    ended(&mut run(&place)).with(0);
    place
}

/// Every frame is there and equally spaced, sound has no gap and is as long.
fn evenly_joined(manifest: &Value, joined: &Path, frames: u64, wrong: &mut Complaints) {
    let told = probe(joined);
    let (video, audio) = (told.of("video").unwrap(), told.of("audio").unwrap());
    wrong.equal(
        "frames",
        video["nb_read_frames"].as_str().unwrap(),
        &frames.to_string(),
    );
    wrong.equal("spacing", steps(&told.packets("video", "pts")).len(), 1);
    wrong.equal(
        "decoding times",
        steps(&told.packets("video", "dts")).len(),
        1,
    );
    wrong.equal(
        "spacing of sound",
        steps(&told.packets("audio", "pts")),
        BTreeSet::from([1024]),
    );
    let (picture, sound) = (number(&video["duration"]), number(&audio["duration"]));
    wrong.near("length of the sound", sound, picture, 0.001);
    wrong.near(
        "the manifest's length",
        number(&manifest["joined"]["duration_ms"]) / 1000.0,
        picture,
        0.001,
    );
    wrong.equal("errors", decode_errors(joined).as_str(), "");
}

#[test]
fn films_of_two_rates_slates_pictures_and_pauses_make_one_even_file() {
    needs!("ffmpeg", "ffprobe");
    let place = made();
    let programme = place.out().join("programme");
    let manifest = manifest(&place);
    let items = manifest["items"].as_array().unwrap();
    let mut wrong = Complaints::default();
    let kinds: Vec<_> = items
        .iter()
        .map(|item| item["kind"].as_str().unwrap())
        .collect();
    let expected = [
        "countdown",
        "slate",
        "film",
        "slate",
        "slate",
        "film",
        "still",
        "pause",
        "slate",
        "film",
        "end",
    ];
    wrong.equal("kinds", kinds, expected.to_vec());
    wrong.equal("rate", manifest["frame_rate"]["num"].as_u64(), Some(25));

    // Every file is alike, and no longer than it says.
    let mut sets = BTreeSet::new();
    let mut frames = 0;
    for item in items {
        let path = programme.join(item["file"].as_str().unwrap());
        let told = probe(&path);
        let video = told.of("video").unwrap();
        wrong.equal(
            "frames",
            video["nb_read_frames"].as_str().unwrap(),
            &item["frames"].to_string(),
        );
        wrong.equal("rate", video["r_frame_rate"].as_str().unwrap(), "25/1");
        wrong.equal("size", video["width"].as_u64(), Some(640));
        wrong.equal(
            "channels",
            told.of("audio").unwrap()["channels"].as_u64(),
            Some(2),
        );
        wrong.equal(
            "bytes",
            item["bytes"].as_u64(),
            Some(fs::metadata(&path).unwrap().len()),
        );
        sets.insert(parameter_sets(&path));
        frames += item["frames"].as_u64().unwrap();
    }
    let joined = programme.join("programme.mp4");
    sets.insert(parameter_sets(&joined));
    wrong.equal("kinds of parameter sets", sets.len(), 1);

    evenly_joined(&manifest, &joined, frames, &mut wrong);
    let named = chapters(&joined);
    let starts: Vec<_> = named
        .iter()
        .map(|(at, title)| format!("{at} {title}"))
        .collect();
    wrong.equal(
        "chapters",
        starts,
        [
            "0 倒计时",
            "1 01 甲大学《三十》",
            "5 第二部分",
            "6 02 乙大学《二十五》",
            "10 合影",
            "11 ——",
            "12 03 丙大学《钟声》",
            "17 谢谢观看",
        ]
        .map(str::to_owned)
        .to_vec(),
    );
    // Lips and voice, behind everything else, are together as in the film itself.
    let (flash, beep) = flash_and_beep_after(&joined, 13);
    let film = items.iter().rfind(|item| item["kind"] == "film").unwrap();
    let alone = flash_and_beep(&programme.join(film["file"].as_str().unwrap()));
    wrong.near("the flash", flash, 13.0 + alone.0, 0.001);
    // AAC smears an onset over part of a block of 1024 samples, each time it is encoded.
    wrong.near("the beep", beep, 13.0 + alone.1, 0.012);
    wrong.none();
}

#[test]
fn what_fits_is_linked_loudness_agrees_and_nothing_is_made_twice() {
    needs!("ffmpeg", "ffprobe");
    let place = made();
    let (report, manifest) = (report(&place.out()), manifest(&place));
    let mut wrong = Complaints::default();
    let items = manifest["items"].as_array().unwrap();
    let films: Vec<_> = items.iter().filter(|item| item["kind"] == "film").collect();
    for (item, fits) in films.iter().zip([false, true, true]) {
        let master = place.out().join(format!(
            "masters/{}.mp4",
            item["submission"].as_str().unwrap()
        ));
        let file = place
            .out()
            .join("programme")
            .join(item["file"].as_str().unwrap());
        let same = fs::metadata(master).unwrap().ino() == fs::metadata(&file).unwrap().ino();
        wrong.equal("linked", same, fits);
        let (measured, _) = loudness(&file);
        wrong.near("loudness", measured, -23.0, 1.0);
        wrong.near(
            "loudness in the manifest",
            number(&item["loudness_lufs"]),
            measured,
            0.3,
        );
    }
    let remarks = report["programme_remarks"].to_string();
    wrong.unless(
        remarks.contains("甲大学《三十》 was encoded again"),
        &remarks,
    );
    wrong.unless(
        remarks.contains("没有这个") && remarks.contains("line 22"),
        &remarks,
    );
    wrong.equal(
        "films in the report",
        report["programme"].as_array().unwrap().len(),
        3,
    );
    wrong.equal(
        "start",
        report["programme"][1]["starts_at_ms"].as_u64(),
        Some(7000),
    );

    let before = tree(&place.out().join("programme"));
    ended(zhanbo().arg("programme").arg(place.out())).with(0);
    wrong.equal(
        "the programme made again",
        tree(&place.out().join("programme")),
        before.clone(),
    );
    ended(&mut run(&place)).with(0);
    wrong.equal(
        "the run made again",
        tree(&place.out().join("programme")),
        before,
    );
    wrong.none();
}

#[test]
fn mpv_plays_the_list_and_the_joined_file_to_the_end() {
    needs!("ffmpeg", "mpv");
    let place = made();
    for name in ["programme.mp4", "programme.m3u8"] {
        let output = Command::new("mpv")
            .args([
                "--no-config",
                "--vo=null",
                "--ao=null",
                "--untimed",
                "--no-terminal",
            ])
            .args(["--speed=20", "--msg-level=all=error", "--terminal=yes"])
            .arg(place.out().join("programme").join(name))
            .output()
            .unwrap();
        let said =
            String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success() && said.trim().is_empty(),
            "{name}: {said}"
        );
    }
}

#[test]
fn vlc_plays_the_lists_and_the_joined_file_to_the_end() {
    needs!("ffmpeg", "cvlc");
    if rustix::process::geteuid().is_root() {
        crate::media_maker::skipped("VLC refuses to be run as root");
        return;
    }
    let place = made();
    for name in ["programme.mp4", "programme.m3u8", "programme.xspf"] {
        let output = Command::new("cvlc")
            .args([
                "--play-and-exit",
                "-I",
                "dummy",
                "--vout",
                "dummy",
                "--aout",
                "dummy",
            ])
            .args(["--rate", "8", "-q"])
            .arg(place.out().join("programme").join(name))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            output.status.success() && !said.contains("error"),
            "{name}: {said}"
        );
    }
}
