//! Copy-through: a film that already is what the best rung wants is packaged, the others are encoded; `ffmpeg` decodes both
//! and says whether they are the same.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::facts::probe;
use crate::media_maker::{Place, film, needs};
use crate::program::{self, ended};

/// What the small ladder's best rung wants, with an IDR picture every `gop` frames.
fn fitting(name: &str, gop: &str, more: &[&str]) -> PathBuf {
    let inputs = [
        "-f",
        "lavfi",
        "-i",
        "testsrc2=s=640x360:r=25:d=14.52",
        "-f",
        "lavfi",
        "-i",
        "sine=r=48000:d=14.52",
    ];
    let picture = [
        "-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p",
    ];
    let rate = [
        "-b:v",
        "400k",
        "-maxrate",
        "500k",
        "-bufsize",
        "500k",
        "-sc_threshold",
        "0",
        "-g",
        gop,
    ];
    let colours = [
        "-colorspace",
        "bt709",
        "-color_primaries",
        "bt709",
        "-color_trc",
        "bt709",
    ];
    let parts = [
        &inputs[..],
        &picture,
        &rate,
        &colours,
        &["-c:a", "aac"],
        more,
    ];
    film(name, &parts.concat())
}

struct Made {
    place: Place,
}

impl Made {
    fn of(film: &Path) -> Self {
        let place = Place::new();
        // Groups and segments as Apple wants them.
        let ladder = fs::read_to_string(place.ladder()).unwrap();
        let ladder = ladder.replace("gop = \"1s\"", "gop = \"2s\"");
        let ladder = ladder.replace("segment = \"2s\"", "segment = \"6s\"");
        fs::write(place.ladder(), ladder).unwrap();
        place.introduced("成都第一片区", "甲大学《一》.mp4", film);
        let made = Made { place };
        made.again(&[]);
        made
    }

    fn again(&self, arguments: &[&str]) {
        ended(program::run(&self.place).args(arguments)).with(0);
    }

    fn outputs(&self) -> serde_json::Value {
        program::report(&self.place.out())["submissions"][0]["outputs"].clone()
    }

    fn file(&self, output: &str) -> PathBuf {
        self.place
            .out()
            .join(self.outputs()[output].as_str().unwrap())
    }

    fn copied(&self) -> Vec<bool> {
        let outputs = self.outputs();
        let variants = outputs["variants"].as_array().unwrap();
        variants
            .iter()
            .map(|v| v["copied"].as_bool().unwrap())
            .collect()
    }
}

/// MD5 of all decoded pictures.
fn decoded(path: &Path) -> String {
    let done = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-i"])
        .arg(path)
        .args(["-map", "0:v", "-f", "md5", "-"])
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&done.stderr), "");
    String::from_utf8(done.stdout).unwrap()
}

#[test]
fn a_film_that_fits_is_packaged_frame_by_frame_and_the_package_is_right() {
    needs!("ffmpeg", "ffprobe");
    let film = fitting("fits.mp4", "50", &[]);
    let made = Made::of(&film);
    assert_eq!(made.copied(), [true, false]);
    let pictures = decoded(&film);
    assert_eq!(decoded(&made.file("web_mp4")), pictures);
    let top = made.file("hls").with_file_name("360p").join("index.m3u8");
    assert_eq!(decoded(&top), pictures);
    assert_eq!(decoded(&made.file("master")), pictures);
    let lint = ended(program::zhanbo().arg("hls-lint").arg(made.file("hls")));
    assert_eq!(lint.code, Some(0), "{}", lint.stdout);
    // Frames and times are the upload's own.
    let (web, source) = (probe(&made.file("web_mp4")), probe(&film));
    assert_eq!(web.of("video").unwrap()["nb_frames"], "363");
    assert_eq!(
        web.of("video").unwrap()["nb_frames"],
        source.of("video").unwrap()["nb_frames"]
    );
}

#[test]
fn idr_pictures_at_odd_places_are_the_segments_borders_in_all_rungs() {
    needs!("ffmpeg", "ffprobe");
    let odd = ["-force_key_frames", "0.6,2.24,3,4.4,5.8,7.2,9.04,10.4"];
    let made = Made::of(&fitting("odd.mp4", "50", &odd));
    assert_eq!(made.copied(), [true, false]);
    let lint = ended(program::zhanbo().arg("hls-lint").arg(made.file("hls")));
    assert_eq!(lint.code, Some(0), "{}", lint.stdout);
    let lengths = |rung: &str| {
        let playlist = made.file("hls").with_file_name(rung).join("index.m3u8");
        let text = fs::read_to_string(playlist).unwrap();
        let lengths = text
            .lines()
            .filter_map(|line| line.strip_prefix("#EXTINF:"));
        lengths.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(lengths("360p"), ["5.800000,", "4.600000,", "4.120000,"]);
    assert_eq!(lengths("180p"), lengths("360p"));
}

#[test]
fn no_copy_encodes_it_and_so_do_groups_longer_than_the_ladders() {
    needs!("ffmpeg", "ffprobe");
    let film = fitting("fits.mp4", "50", &[]);
    let made = Made::of(&film);
    made.again(&["--no-copy"]);
    assert_eq!(made.copied(), [false, false]);
    assert_ne!(decoded(&made.file("web_mp4")), decoded(&film));
    let long = Made::of(&fitting("long-groups.mp4", "100", &[]));
    assert_eq!(long.copied(), [false, false]);
}
