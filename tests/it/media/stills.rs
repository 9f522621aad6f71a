//! Posters and storyboards: sizes by `identify`, pictures by ffmpeg, and the storyboard's times by a reader of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::facts::{Complaints, number};
use crate::media_maker::{Place, from_sources, has_encoder, needs};
use crate::program::{self, ended, report, submission};

const GREYS: &str = "甲大学《一》.mp4";
const TITLED: &str = "乙大学《二》.mp4";

/// Format and size as `identify` tells them, and how far the picture's pixels differ from their mean, 0 to 1.
fn identified(picture: &Path) -> (String, f64) {
    let output = Command::new("identify")
        .args(["-format", "%m %w %h\n%[fx:standard_deviation]"])
        .arg(picture)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let (kind, deviation) = said
        .split_once('\n')
        .unwrap_or_else(|| panic!("{}: {said}", picture.display()));
    (kind.to_owned(), deviation.trim().parse().unwrap())
}

/// Mean brightness of a part of a picture, 0 to 255.
fn brightness(picture: &Path, [x, y, w, h]: [u32; 4]) -> u8 {
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-i"])
        .arg(picture)
        .args([
            "-vf",
            &format!("crop={w}:{h}:{x}:{y},scale=1:1:flags=area,format=gray"),
        ])
        .args(["-f", "rawvideo", "-"])
        .output()
        .unwrap();
    output.stdout[0]
}

/// A cue: start and end in milliseconds, the sheet's address, and the part of it.
struct Cue {
    times: [u64; 2],
    sheet: PathBuf,
    part: [u32; 4],
}

/// Reads a storyboard as a player does, and as strictly as can be.
fn cues(storyboard: &Path) -> Vec<Cue> {
    let text = fs::read_to_string(storyboard).unwrap();
    let mut blocks = text.trim_end().split("\n\n");
    assert_eq!(blocks.next(), Some("WEBVTT"));
    let clock = |time: &str| {
        let digits: Vec<u64> = time.split([':', '.']).map(|n| n.parse().unwrap()).collect();
        let [hours, minutes, seconds, millis] = digits[..] else {
            panic!("{time}")
        };
        ((hours * 60 + minutes) * 60 + seconds) * 1000 + millis
    };
    blocks
        .map(|block| {
            let (times, address) = block.split_once('\n').unwrap();
            let (start, end) = times.split_once(" --> ").unwrap();
            let (sheet, part) = address.split_once("#xywh=").unwrap();
            let part: Vec<u32> = part.split(',').map(|n| n.parse().unwrap()).collect();
            Cue {
                times: [clock(start), clock(end)],
                sheet: storyboard.with_file_name(sheet),
                part: part.try_into().unwrap(),
            }
        })
        .collect()
}

/// The path of an output that the report names.
fn output(place: &Place, submission: &Value, name: &str) -> PathBuf {
    place
        .out()
        .join(submission["outputs"][name].as_str().unwrap())
}

#[test]
fn posters_show_a_scene_and_storyboards_show_the_right_picture_for_every_moment() {
    needs!("ffmpeg", "identify");
    let place = Place::new();
    // A little brighter every two seconds: 27 steps, so 27 tiles.
    let greys = "color=black:s=320x180:r=5:d=54,format=gray,geq=lum=20+8*floor(T/2)";
    let greys = from_sources("greys.mp4", greys, None, &["-pix_fmt", "yuv420p"]);
    place.introduced("", GREYS, &greys);
    let title = "color=0x203070:s=640x360:r=25:d=3,drawbox=120:150:400:40:white:fill";
    let titled = format!("{title}[a];testsrc2=s=640x360:r=25:d=1[b];[a][b]concat");
    let titled = from_sources("titled.mp4", &titled, Some("sine=r=48000:d=4"), &[]);
    place.introduced("", TITLED, &titled);

    ended(program::run(&place).args(["--preset", "plain"])).with(0);

    let made = report(&place.out());
    let mut wrong = Complaints::default();
    let film = submission(&made, TITLED);
    let (kind, deviation) = identified(&output(&place, film, "poster"));
    wrong.equal("the poster", kind.as_str(), "JPEG 640 360");
    wrong.unless(deviation > 0.2, format!("a title card: {deviation}"));
    if has_encoder("libwebp") {
        let (kind, same) = identified(&output(&place, film, "poster_webp"));
        wrong.equal("the poster", kind.as_str(), "WEBP 640 360");
        wrong.near("its pixels' deviation", same, deviation, 0.01);
        let small = output(&place, film, "poster").with_file_name("p480.webp");
        wrong.equal(
            "the small poster",
            identified(&small).0.as_str(),
            "WEBP 480 270",
        );
    }
    let small = output(&place, film, "poster").with_file_name("p480.jpg");
    wrong.equal(
        "the small poster",
        identified(&small).0.as_str(),
        "JPEG 480 270",
    );
    wrong.unless(
        !small.with_file_name("p960.webp").exists(),
        "a poster of 640 columns was enlarged",
    );

    let film = submission(&made, GREYS);
    let storyboard = output(&place, film, "storyboard");
    let sheet = |number: u32| storyboard.with_file_name(format!("storyboard-{number}.jpg"));
    wrong.equal("sheet 1", identified(&sheet(1)).0.as_str(), "JPEG 1600 900");
    wrong.equal("sheet 2", identified(&sheet(2)).0.as_str(), "JPEG 640 180");
    wrong.unless(!sheet(3).exists(), "there is a third sheet");
    let cues = cues(&storyboard);
    wrong.equal("tiles", cues.len(), 27);
    let mut end = 0;
    for (index, cue) in (0_u8..).zip(&cues) {
        wrong.equal("a cue's start", cue.times[0], end);
        end = cue.times[1];
        wrong.equal("a tile's size", &cue.part[2..], &[320, 180]);
        let (seen, shown) = (brightness(&cue.sheet, cue.part), f64::from(20 + 8 * index));
        // What is 16 in the film is 0 in a JPEG, and 235 is 255.
        let wanted = (shown - 16.0) * 255.0 / 219.0;
        wrong.near(&format!("tile {index}"), f64::from(seen), wanted, 4.0);
    }
    let length = number(&film["media"]["duration_ms"]);
    #[expect(clippy::cast_precision_loss, reason = "less than a minute")]
    wrong.near("the last cue's end", end as f64, length, 1.0);
    wrong.none();
}
