//! Subtitles from end to end: in the upload or beside it, to WebVTT, HLS and the tracks of the web's MP4.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::facts::{Complaints, mediainfo, probe};
use crate::media_maker::{Place, film, has_encoder, needs, plain, skipped};
use crate::program::{self, ended, report, submission, zhanbo};

const REGION: &str = "成都第一片区";

const CHINESE: &str = "1\n00:00:00,500 --> 00:00:02,000\n春天的脚步\n\n\
                       2\n00:00:02,500 --> 00:00:04,000\n跨过分片边界的一句\n第二行\n\n";
const ENGLISH: &str = "1\n00:00:00,500 --> 00:00:02,000\nThe steps of spring\n\n";

/// As the input of `ffmpeg`, so that the film's name holds its subtitles.
fn input(srt: &str) -> String {
    format!("data:text/plain;base64,{}", STANDARD.encode(srt))
}

/// Four seconds of picture and sound with subtitles inside.
fn with_tracks(name: &str, tracks: &[&str], rest: &[&str]) -> PathBuf {
    let tracks: Vec<String> = tracks.iter().map(|srt| input(srt)).collect();
    let mut arguments = vec!["-f", "lavfi", "-i", "testsrc2=s=640x360:r=25:d=5"];
    arguments.extend(["-f", "lavfi", "-i", "sine=r=48000:d=5"]);
    for track in &tracks {
        arguments.extend(["-f", "srt", "-i", track]);
    }
    let maps = ["0:v", "1:a", "2:s", "3:s"];
    for map in &maps[..tracks.len() + 2] {
        arguments.extend(["-map", map]);
    }
    arguments.extend(["-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac"]);
    arguments.extend(["-pix_fmt", "yuv420p"]);
    arguments.extend(rest);
    film(name, &arguments)
}

fn run(place: &Place) -> Value {
    ended(&mut program::run(place)).with(0);
    report(&place.out())
}

/// The path of an output.
fn output(place: &Place, submission: &Value, name: &str) -> PathBuf {
    place
        .out()
        .join(submission["outputs"][name].as_str().unwrap())
}

/// What was noticed while making, in English.
fn notes(submission: &Value) -> Vec<&str> {
    let findings = submission["findings"].as_array().unwrap();
    findings
        .iter()
        .filter(|finding| finding["rule"] == "noticed-while-making")
        .map(|finding| finding["message"]["en"].as_str().unwrap())
        .collect()
}

/// A subtitle track as another program reads it.
fn as_srt(file: &Path, track: usize) -> String {
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-i"])
        .arg(file)
        .args(["-map", &format!("0:s:{track}"), "-f", "srt", "-"])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    // ffmpeg writes the track's font around every cue.
    let mut plain = text.replace("\r\n", "\n").replace("</font>", "");
    while let Some(at) = plain.find("<font") {
        let end = at + plain[at..].find('>').unwrap();
        plain.replace_range(at..=end, "");
    }
    plain
}

fn subtitle_streams(file: &Path) -> Vec<Value> {
    let probe = probe(file);
    let streams = probe.streams().iter();
    streams
        .filter(|stream| stream["codec_type"] == "subtitle")
        .cloned()
        .collect()
}

#[test]
fn tracks_of_a_matroska_film_become_webvtt_hls_and_tracks_of_the_mp4() {
    needs!("ffmpeg", "ffprobe", "mediainfo");
    // The clock starts at five seconds: cues move with the picture.
    let film = with_tracks(
        "tracks.mkv",
        &[CHINESE, ENGLISH],
        &[
            "-c:s:0",
            "srt",
            "-c:s:1",
            "ass",
            "-metadata:s:s:0",
            "language=chi",
            "-metadata:s:s:1",
            "language=eng",
            "-output_ts_offset",
            "5",
            "-c:a",
            "pcm_s16le",
        ],
    );
    let place = Place::new();
    place.introduced(REGION, "甲大学《一》.mkv", &film);
    let report = run(&place);
    let made = submission(&report, "甲大学《一》.mkv");
    let mut wrong = Complaints::default();

    let web = output(&place, made, "web_mp4");
    let vtt = |name: &str| fs::read_to_string(web.with_file_name(name)).unwrap();
    let cue = "\n00:00:02.500 --> 00:00:04.000\n跨过分片边界的一句\n第二行\n";
    wrong.unless(vtt("zh.vtt").contains(cue), vtt("zh.vtt"));
    wrong.unless(vtt("en.vtt").contains("The steps of spring"), vtt("en.vtt"));

    let streams = subtitle_streams(&web);
    let fact = |name: &str| -> Vec<Value> { streams.iter().map(|s| s[name].clone()).collect() };
    wrong.equal(
        "codecs",
        fact("codec_name"),
        vec!["mov_text".into(), "mov_text".into()],
    );
    wrong.equal(
        "samples",
        fact("codec_tag_string"),
        vec!["tx3g".into(), "tx3g".into()],
    );
    let languages: Vec<_> = streams
        .iter()
        .map(|s| s["tags"]["language"].clone())
        .collect();
    wrong.equal("languages", languages, vec!["zho".into(), "eng".into()]);
    wrong.equal("first cues", as_srt(&web, 0), CHINESE.to_owned());
    wrong.equal("second cues", as_srt(&web, 1), ENGLISH.to_owned());
    let seen = mediainfo(&web);
    let texts = seen.iter().filter(|track| track["@type"] == "Text");
    let codes: Vec<_> = texts.map(|track| track["CodecID"].clone()).collect();
    wrong.equal(
        "what mediainfo sees",
        codes,
        vec!["tx3g".into(), "tx3g".into()],
    );
    let errors = crate::facts::decode_errors(&web);
    wrong.unless(errors.is_empty(), errors);

    let master = output(&place, made, "master");
    wrong.equal(
        "tracks of the hall's master",
        subtitle_streams(&master).len(),
        0,
    );
    let playlist = output(&place, made, "hls");
    let multivariant = fs::read_to_string(&playlist).unwrap();
    wrong.equal(
        "renditions",
        multivariant.matches("TYPE=SUBTITLES").count(),
        2,
    );
    let linted = ended(zhanbo().args(["hls-lint", "--json"]).arg(&playlist)).stdout;
    let linted: Value = serde_json::from_str(&linted).unwrap();
    // The tests' ladder cuts segments of two seconds.
    let others = linted["findings"].as_array().unwrap().iter();
    let others: Vec<_> = others.filter(|f| f["clause"] != "Apple-7.5").collect();
    wrong.equal("findings of hls-lint", others, vec![]);
    wrong.none();
}

#[test]
fn a_file_beside_the_film_goes_before_a_track_in_its_language() {
    needs!("ffmpeg", "ffprobe");
    let film = with_tracks(
        "tracks.mp4",
        &[CHINESE],
        &["-c:s", "mov_text", "-metadata:s:s:0", "language=chi"],
    );
    let place = Place::new();
    place.introduced(REGION, "甲大学《一》.mp4", &film);
    let ttml = "<?xml version=\"1.0\"?><tt xmlns=\"http://www.w3.org/ns/ttml\" xml:lang=\"zh\"><body><div>\
                <p begin=\"1s\" dur=\"1500ms\">文件里的<br/>字幕</p></div></body></tt>";
    place.file(REGION, "甲大学《一》.xml", ttml.as_bytes());
    let report = run(&place);
    let mut wrong = Complaints::default();

    let beside = submission(&report, "甲大学《一》.mp4");
    wrong.unless(
        notes(beside).iter().any(|note| note.contains("goes first")),
        format!("nothing is said of the track: {:?}", notes(beside)),
    );
    let expected = "1\n00:00:01,000 --> 00:00:02,500\n文件里的\n字幕\n\n";
    let web = output(&place, beside, "web_mp4");
    wrong.equal("cues of the file", as_srt(&web, 0), expected.to_owned());
    wrong.equal("tracks", subtitle_streams(&web).len(), 1);
    wrong.none();
}

#[test]
fn text_in_mp4_is_read_whatever_its_coding() {
    needs!("ffmpeg", "ffprobe");
    let mut wrong = Complaints::default();
    for coding in ["mov_text", "ttml"] {
        if !has_encoder(coding) {
            continue;
        }
        let place = Place::new();
        let film = with_tracks("coded.mp4", &[CHINESE], &["-c:s", coding]);
        place.introduced(REGION, "甲大学《一》.mp4", &film);
        let report = run(&place);
        let web = output(&place, submission(&report, "甲大学《一》.mp4"), "web_mp4");
        wrong.equal(coding, as_srt(&web, 0), CHINESE.to_owned());
    }
    wrong.none();
}

#[test]
fn a_film_without_subtitles_has_no_text_track() {
    needs!("ffmpeg", "ffprobe");
    let place = Place::new();
    place.introduced(REGION, "甲大学《一》.mp4", &plain(2, 3));
    let report = run(&place);
    let web = output(&place, submission(&report, "甲大学《一》.mp4"), "web_mp4");
    assert_eq!(subtitle_streams(&web), Vec::<Value>::new());
}

/// Files of another project, each with a track of another kind: what becomes of it.
const REAL: [(&str, &str); 6] = [
    ("media__sample_with_srt.mkv", "This is the first subtitle."),
    (
        "media__sample_with_null_terminated_srt.mkv",
        "This is the first",
    ),
    (
        "media__sample_with_ass_subtitles.mkv",
        "This is the first subtitle.",
    ),
    (
        "media__sample_with_vtt_subtitles.mkv",
        "This is the first subtitle.",
    ),
    ("media__sample_with_pgs_subtitles.mkv", ""),
    ("media__sample_with_vobsub.mp4", ""),
];

#[test]
fn real_tracks_are_used_where_they_are_text_and_named_where_not() {
    needs!("ffmpeg");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/media/subtitles");
    if !folder.is_dir() {
        return skipped(&format!("no folder {}", folder.display()));
    }
    let mut wrong = Complaints::default();
    for (file, words) in REAL {
        // All have the same picture: in one inbox they would be duplicates.
        let place = Place::new();
        let name = format!("甲大学《一》.{}", file.rsplit_once('.').unwrap().1);
        place.film(REGION, &name, &folder.join(file));
        let _ = ended(&mut program::run(&place));
        let report = report(&place.out());
        let made = submission(&report, &name);
        if made["outputs"].is_null() {
            wrong.unless(false, format!("{file} was not made: {}", made["job"]));
            continue;
        }
        let texts = made["outputs"]["subtitles"].as_array().unwrap();
        let written: String = texts
            .iter()
            .map(|path| fs::read_to_string(place.out().join(path.as_str().unwrap())).unwrap())
            .collect();
        wrong.unless(written.contains(words), format!("{file}: {written}"));
        let told = notes(made)
            .iter()
            .any(|note| note.contains("it is not text"));
        wrong.equal(&format!("{file}: told as pictures"), told, words.is_empty());
    }
    wrong.none();
}

/// The picture at so many seconds, in grey.
fn frame(film: &Path, seconds: &str) -> Vec<u8> {
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-ss", seconds, "-i"])
        .arg(film)
        .args(["-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "gray", "-"])
        .output()
        .unwrap();
    output.stdout
}

/// Rows of two pictures that differ by more than coding does, of pictures 640 wide.
fn different_rows(one: &[u8], other: &[u8]) -> Vec<usize> {
    assert_eq!((one.len(), other.len()), (640 * 360, 640 * 360));
    let rows = one.chunks(640).zip(other.chunks(640)).enumerate();
    rows.filter(|(_, (a, b))| {
        let far = a.iter().zip(*b).filter(|(a, b)| a.abs_diff(**b) > 80);
        far.count() > 6
    })
    .map(|(row, _)| row)
    .collect()
}

#[test]
fn subtitles_are_burnt_into_the_halls_picture_only_when_asked() {
    needs!("ffmpeg");
    let place = Place::new();
    let film = with_tracks("burnt.mkv", &[CHINESE], &["-c:s", "srt"]);
    place.introduced(REGION, "甲大学《一》.mkv", &film);
    let settings = "[programme]\nburn_subtitles = \"zh\"\n";
    fs::write(place.inbox().join("showcase.toml"), settings).unwrap();
    let done = ended(&mut program::run(&place));
    let report = report(&place.out());
    let made = submission(&report, "甲大学《一》.mkv");
    let why = made["job"]["reason"]["en"].as_str().unwrap_or_default();
    if why.contains("no font for Chinese") {
        return skipped(why);
    }
    done.with(0);
    let (web, master) = (
        output(&place, made, "web_mp4"),
        output(&place, made, "master"),
    );
    let rows = different_rows(&frame(&web, "1.0"), &frame(&master, "1.0"));
    let (first, last) = (rows.first().copied(), rows.last().copied());
    assert!(rows.len() > 8, "{rows:?}");
    assert!(first > Some(280) && last < Some(342), "{rows:?}");
    let between = different_rows(&frame(&web, "2.2"), &frame(&master, "2.2"));
    assert_eq!(between, Vec::<usize>::new());
    assert_eq!(subtitle_streams(&web).len(), 1);
}
