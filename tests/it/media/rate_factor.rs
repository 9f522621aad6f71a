//! A rate factor of each film's own, where the ladder names a quality; `ffmpeg` compares the whole of what was made with the
//! upload. And IDR pictures at cuts, as ffprobe lists them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::facts::{number, probe};
use crate::media_maker::{Place, film, needs, skipped};
use crate::program::{self, ended};

/// Twelve seconds of a picture that gets busier, with a little noise.
fn busy() -> PathBuf {
    film(
        "busy.mp4",
        &[
            "-f",
            "lavfi",
            "-i",
            "mandelbrot=s=640x360:r=25:maxiter=200,trim=duration=12,noise=c0s=6:c0f=t:c0_seed=7",
            "-f",
            "lavfi",
            "-i",
            "sine=d=12",
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            "-crf",
            "8",
            "-pix_fmt",
            "yuv420p",
            "-c:a",
            "aac",
        ],
    )
}

/// What was made with these lines behind the small ladder.
struct Made {
    place: Place,
}

impl Made {
    fn with(quality: &str) -> Self {
        let place = Place::new();
        let ladder = fs::read_to_string(place.ladder()).unwrap();
        let capless = ladder
            .replace("\"900k\"", "\"20M\"")
            .replace("\"1800k\"", "\"40M\"");
        fs::write(place.ladder(), format!("{capless}\n{quality}")).unwrap();
        place.introduced("成都第一片区", "甲大学《一》.mp4", &busy());
        ended(program::run(&place).arg("--no-copy")).with(0);
        Made { place }
    }

    fn submission(&self) -> Value {
        program::report(&self.place.out())["submissions"][0].clone()
    }

    fn quality(&self) -> Value {
        self.submission()["outputs"]["quality"].clone()
    }

    fn web(&self) -> PathBuf {
        let name = self.submission()["outputs"]["web_mp4"].clone();
        self.place.out().join(name.as_str().unwrap())
    }
}

/// SSIM of luma and chroma over a whole film, by the `ffmpeg` command.
fn ssim(made: &Path, upload: &Path) -> f64 {
    let done = Command::new("ffmpeg")
        .args(["-nostdin", "-hide_banner", "-i"])
        .arg(made)
        .arg("-i")
        .arg(upload)
        .args(["-lavfi", "[0:v][1:v]ssim", "-f", "null", "-"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    let (_, all) = said.rsplit_once("All:").unwrap();
    all.split_whitespace().next().unwrap().parse().unwrap()
}

#[test]
fn a_film_reaches_the_quality_that_was_asked_for_and_no_more_bits_are_spent() {
    needs!("ffmpeg", "ffprobe");
    let (plain, good) = ("[quality]\nssim = 0.945\n", "[quality]\nssim = 0.97\n");
    let (plain, good) = (Made::with(plain), Made::with(good));
    if plain.quality()["measure"] != "ssim" {
        return skipped("this build of FFmpeg has libvmaf, which goes before SSIM");
    }
    for (made, target) in [(&plain, 0.945), (&good, 0.97)] {
        let quality = made.quality();
        let reached = number(&quality["reached"]);
        assert!(reached >= target && reached < target + 0.01, "{quality}");
        assert_eq!(quality["rung"], "360p");
        assert_eq!(quality["pieces"], 3);
        let whole = ssim(&made.web(), &busy());
        assert!(
            (whole - reached).abs() < 0.01,
            "{quality}, of the whole {whole}"
        );
    }
    let crf = |made: &Made| number(&made.quality()["crf"]);
    assert!(
        crf(&plain) > crf(&good) + 2.0,
        "{} {}",
        crf(&plain),
        crf(&good)
    );
    let bytes = |made: &Made| fs::metadata(made.web()).unwrap().len();
    assert!(bytes(&plain) * 10 < bytes(&good) * 9);
    // The page says it.
    let page = fs::read_to_string(good.place.out().join("report/report.html")).unwrap();
    let line = format!("CRF {} for 360p, measured on 3 pieces", crf(&good));
    assert!(page.contains(&line), "{line}");
    // Nothing is made again.
    let again = ended(program::run(&good.place).arg("--no-copy"));
    assert!(
        again.stdout.contains("made 0") || !again.stdout.contains("made 1"),
        "{}",
        again.stdout
    );
}

#[test]
fn a_quality_that_cannot_be_had_is_told_and_the_film_is_made_as_well_as_may_be() {
    needs!("ffmpeg", "ffprobe");
    let made = Made::with("[quality]\nvmaf = 99\nssim = 0.999\ncrf_min = 27\ncrf_max = 29\n");
    let quality = made.quality();
    assert_eq!(quality["crf"].to_string(), "27.0");
    assert!(number(&quality["reached"]) < number(&quality["target"]));
    let findings = made.submission()["findings"].to_string();
    assert!(
        findings.contains("the picture misses its target"),
        "{findings}"
    );
    assert!(findings.contains("lower crf_min"), "{findings}");
}

#[test]
fn a_cut_begins_a_group_in_every_rung_and_the_regular_ones_stay_where_they_are() {
    needs!("ffmpeg", "ffprobe");
    let scenes = "[0]trim=duration=1.6[a];[1]trim=duration=2.76,setpts=PTS-STARTPTS[b];[2]trim=duration=1.64[c];[a][b][c]concat=n=3[v]";
    let film = film(
        "cuts.mp4",
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=s=640x360:r=25",
            "-f",
            "lavfi",
            "-i",
            "mandelbrot=s=640x360:r=25",
            "-f",
            "lavfi",
            "-i",
            "testsrc=s=640x360:r=25",
            "-f",
            "lavfi",
            "-i",
            "sine=d=6",
            "-filter_complex",
            scenes,
            "-map",
            "[v]",
            "-map",
            "3",
            "-c:v",
            "libx264",
            "-crf",
            "16",
            "-pix_fmt",
            "yuv420p",
            "-c:a",
            "aac",
        ],
    );
    let place = Place::new();
    // Groups and segments as Apple wants them.
    let ladder = fs::read_to_string(place.ladder()).unwrap();
    let ladder = ladder.replace("gop = \"1s\"", "gop = \"2s\"");
    fs::write(
        place.ladder(),
        ladder.replace("segment = \"2s\"", "segment = \"6s\""),
    )
    .unwrap();
    place.introduced("成都第一片区", "甲大学《一》.mp4", &film);
    ended(program::run(&place).arg("--no-copy")).with(0);
    let report = program::report(&place.out());
    let hls = report["submissions"][0]["outputs"]["hls"].as_str().unwrap();
    for rung in ["360p", "180p"] {
        let list = place
            .out()
            .join(hls)
            .with_file_name(rung)
            .join("index.m3u8");
        let times = probe(&list).key_times("video");
        let keys: Vec<String> = times.iter().map(|t| format!("{t:.2}")).collect();
        assert_eq!(keys, ["0.00", "1.60", "2.00", "4.00", "4.36"], "{rung}");
    }
    let lint = ended(program::zhanbo().arg("hls-lint").arg(place.out().join(hls)));
    assert_eq!(lint.code, Some(0), "{}", lint.stdout);
}
