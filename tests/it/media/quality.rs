//! What is wrong with picture and sound is found in films that were made wrong, and not in one that was made well. All of
//! them lie in one inbox and are checked once.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::facts::Complaints;
use crate::media_maker::{Place, film, needs};
use crate::program::{self, ended, submission};

/// Every rule on picture and sound, with limits that films of a few seconds can break.
const RULES: &str = r#"
schema = "zhanbo.rules/1"
name = "quality"
title = "画面和声音"
notice = "画面清晰连贯"

[rules.fake-landscape]
level = "advice"
min_area = 45

[rules.picture-clear]
level = "advice"
max_edge_width = 4.8
max_blocking = 1.8

[rules.picture-continuous]
level = "advice"
max_black = "2s"
max_frozen = "3s"
share = 90

[rules.interlacing]
level = "advice"

[rules.sound-level]
level = "advice"
min_loudness = -40.0
max_silence = "3s"

[rules.sound-clipped]
level = "advice"
max_per_minute = 30

[rules.sound-channels]
level = "advice"
max_difference = 18.0

[rules.damage]
level = "advice"
max_places = 2

[rules.subtitles]
level = "advice"
"#;

/// Rules that [`RULES`] holds and this test is about.
const JUDGED: [&str; 8] = [
    "fake-landscape",
    "picture-clear",
    "picture-continuous",
    "interlacing",
    "sound-level",
    "sound-clipped",
    "sound-channels",
    "damage",
];

/// Sharp shapes that move over colours: nothing in it is blurred, still or dark.
const SCENE: &str = "testsrc2=s=320x180:r=25";
const TONE: &str = "sine=f=440:r=48000,volume=2,aformat=channel_layouts=stereo";

/// A film of six seconds from the scene and the tone, through these filters.
fn made(name: &str, picture: &str, sound: &str, encoder: &[&str]) -> PathBuf {
    let picture = format!("{SCENE},{picture}");
    let sound = format!("{TONE},{sound}");
    let inputs = [
        "-f", "lavfi", "-i", &picture, "-f", "lavfi", "-i", &sound, "-t", "6",
    ];
    let codecs = [
        "-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-pix_fmt", "yuv420p", "-c:a",
        "aac",
    ];
    film(
        &format!("{name}.mp4"),
        &[&inputs[..], &codecs, encoder].concat(),
    )
}

/// The file of a font with Chinese letters, if there is one.
fn chinese_font() -> Option<String> {
    let asked = Command::new("fc-match")
        .args(["-f", "%{family}\n%{file}", "Noto Sans CJK SC"])
        .output()
        .ok()?;
    let said = String::from_utf8(asked.stdout).ok()?;
    let (family, file) = said.split_once('\n')?;
    family.contains("CJK").then(|| file.to_owned())
}

/// Another line every second and a half, white with a dark rim.
fn subtitles(font: &str) -> String {
    let lines = [
        "山河壮丽我的祖国",
        "春风又绿江南岸边",
        "我们走在大路上啊",
        "红旗飘扬在心中间",
    ];
    let drawn = lines.iter().zip([0.0, 1.5, 3.0, 4.5]).map(|(line, from)| {
        let until = from + 1.45;
        format!(
            "drawtext=fontfile={font}:text={line}:fontsize=h/12:fontcolor=white:borderw=2:x=(w-tw)/2:y=h*0.86:\
             enable='between(t,{from},{until})'"
        )
    });
    drawn.collect::<Vec<_>>().join(",")
}

fn rules_found(submission: &Value) -> Vec<&str> {
    let findings = submission["findings"].as_array().unwrap();
    findings
        .iter()
        .map(|finding| finding["rule"].as_str().unwrap())
        .collect()
}

fn confirms_subtitles(submission: &Value) -> bool {
    let findings = submission["findings"].as_array().unwrap();
    findings.iter().any(|finding| {
        finding["rule"] == "subtitles" && finding["measured"]["en"].as_str().unwrap().contains('%')
    })
}

fn checked(place: &Place) -> Value {
    place.file("", "rules.toml", RULES.as_bytes());
    let showcase = "schema = \"zhanbo.showcase/1\"\npreset = \"./rules.toml\"\n";
    place.file("", "showcase.toml", showcase.as_bytes());
    let mut check = program::zhanbo();
    check
        .arg("check")
        .arg(place.inbox())
        .arg("-o")
        .arg(place.out());
    ended(&mut check).with(0);
    program::report(&place.out())
}

fn put(place: &Place, name: &str, film: &Path) {
    place.film("", &format!("{name}.mp4"), film);
}

#[test]
fn each_defect_of_picture_and_sound_is_found_and_a_sound_film_has_none() {
    needs!("ffmpeg");
    let (as_it_is, still) = ("null", "tpad=stop_mode=clone:stop=-1,trim=end=6");
    let pillarbox = "crop=100:180,pad=320:180:-1:-1";
    let defects = [
        ("one-ear", "sound-channels", as_it_is, "pan=stereo|c0=c0"),
        ("silent", "sound-level", as_it_is, "volume=0"),
        ("clipped", "sound-clipped", as_it_is, "volume=40dB"),
        (
            "black",
            "picture-continuous",
            "drawbox=t=fill:c=black:enable='gt(t,2)'",
            "anull",
        ),
        (
            "frozen",
            "picture-continuous",
            &format!("trim=end=2,{still}"),
            "anull",
        ),
        ("blurred", "picture-clear", "gblur=sigma=5", "anull"),
        ("portrait", "fake-landscape", pillarbox, "anull"),
    ];
    let place = Place::new();
    put(&place, "clean", &made("clean", as_it_is, "anull", &[]));
    for (name, _, picture, sound) in &defects {
        put(&place, name, &made(name, picture, sound, &[]));
    }
    let lying = ["-flags", "+ilme+ildct"];
    put(
        &place,
        "flag",
        &made("flag", "setfield=tff", "anull", &lying),
    );
    let font = chinese_font();
    if let Some(font) = &font {
        put(
            &place,
            "burnt-in",
            &made("burnt-in", &subtitles(font), "anull", &[]),
        );
    } else {
        crate::media_maker::skipped(
            "burnt-in subtitles: no font with Chinese letters (fonts-noto-cjk)",
        );
    }

    let report = checked(&place);

    let mut wrong = Complaints::default();
    let of = |name: &str| submission(&report, &format!("{name}.mp4"));
    let flag = [("flag", "interlacing", "", "")];
    for (name, rule, ..) in defects.iter().chain(&flag) {
        let found = rules_found(of(name));
        wrong.unless(
            found.contains(rule),
            format!("{name}: no {rule} in {found:?}"),
        );
        wrong.unless(
            !confirms_subtitles(of(name)),
            format!("{name}: subtitles seen"),
        );
    }
    if font.is_some() {
        wrong.unless(
            confirms_subtitles(of("burnt-in")),
            "no subtitles seen in burnt-in.mp4",
        );
    }
    let clean = rules_found(of("clean"));
    wrong.unless(
        !clean.iter().any(|rule| JUDGED.contains(rule)),
        format!("clean: {clean:?}"),
    );
    wrong.unless(!confirms_subtitles(of("clean")), "clean: subtitles seen");
    wrong.none();
}
