//! `programme --certify`: a small programme, spoilt on purpose in every way that has a name.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;
use zhanbo::programme::manifest::{Item, ItemKind, Joined, MANIFEST, Manifest, SCHEMA};
use zhanbo::units::{Bytes, FrameRate, Millis};

use crate::media_maker::{film, needs};
use crate::program::{Ended, ended, zhanbo};

/// What makes -23 LUFS of ffmpeg's sine, which is at an eighth of full scale and goes to each side at 3 dB less.
const VOLUME: &str = "volume=-1.94dB";

/// A film as the programme wants it, or nearly so.
#[derive(Clone, Copy)]
struct Kind {
    size: &'static str,
    rate: &'static str,
    seconds: &'static str,
    picture: &'static str,
    sound: &'static str,
    sound_seconds: &'static str,
    options: &'static [&'static str],
}

const GOOD: Kind = Kind {
    size: "320x180",
    rate: "25",
    seconds: "2",
    picture: "null",
    sound: VOLUME,
    sound_seconds: "2",
    options: &["-ac", "2", "-ar", "48000"],
};

fn made(name: &str, kind: Kind) -> PathBuf {
    let picture = format!(
        "testsrc2=s={}:r={}:d={},{}",
        kind.size, kind.rate, kind.seconds, kind.picture
    );
    let sound = format!("sine=f=997:r=48000:d={},{}", kind.sound_seconds, kind.sound);
    let mut arguments = vec!["-f", "lavfi", "-i", &picture, "-f", "lavfi", "-i", &sound];
    arguments.extend([
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-pix_fmt",
        "yuv420p",
    ]);
    arguments.extend(["-c:a", "aac", "-b:a", "128k"]);
    arguments.extend(kind.options);
    film(name, &arguments)
}

/// The joined file: four seconds, a chapter every two.
fn joined() -> PathBuf {
    let chapters = TempDir::new().unwrap();
    let list = chapters.path().join("chapters.txt");
    let chapter = |start: u32, end: u32| {
        format!("[CHAPTER]\nTIMEBASE=1/1000\nSTART={start}\nEND={end}\ntitle={start}\n")
    };
    let text = format!(";FFMETADATA1\n{}{}", chapter(0, 2000), chapter(2000, 4000));
    fs::write(&list, text).unwrap();
    let plain = made(
        "joined-plain.mp4",
        Kind {
            seconds: "4",
            sound_seconds: "4",
            ..GOOD
        },
    );
    let joined = plain.with_file_name("certify-joined.mp4");
    if !joined.exists() {
        let beside = chapters.path().join("joined.mp4");
        let made = Command::new("ffmpeg")
            .args(["-v", "error", "-nostdin", "-i"])
            .arg(&plain)
            .arg("-i")
            .arg(&list)
            .args(["-map_chapters", "1", "-map", "0", "-c", "copy"])
            .arg(&beside)
            .status();
        assert!(made.unwrap().success());
        let partial = joined.with_extension(format!("{}.partial", std::process::id()));
        fs::copy(beside, &partial).unwrap();
        fs::rename(partial, &joined).unwrap();
    }
    joined
}

/// A programme of two films and their joined file.
struct Programme {
    out: TempDir,
    manifest: Manifest,
}

impl Programme {
    fn new() -> Self {
        let out = TempDir::new().unwrap();
        fs::create_dir(out.path().join("programme")).unwrap();
        let hash = blake3::hash(b"").into();
        let item = |order: usize, file: &str| Item {
            order,
            kind: ItemKind::Film,
            file: file.into(),
            submission: None,
            region: "川北片区".into(),
            unit: "甲大学".into(),
            title: "雨".into(),
            starts_at_ms: Millis((order as u64 - 1) * 2000),
            duration_ms: Millis(2000),
            frames: 50,
            bytes: Bytes(0),
            loudness_lufs: Some(-23.0),
            blake3: blake3::hash(b"").into(),
        };
        let manifest = Manifest {
            schema: SCHEMA.into(),
            title: "展播".into(),
            made_at: "2021-07-20T00:00:00Z".into(),
            frame_rate: FrameRate { num: 25, den: 1 },
            width: 320,
            height: 180,
            sample_rate: 48_000,
            channels: 2,
            items: vec![item(1, "01-rain.mp4"), item(2, "02-snow.mp4")],
            joined: Some(Joined {
                file: "programme.mp4".into(),
                duration_ms: Millis(4000),
                frames: 100,
                bytes: Bytes(0),
                blake3: hash,
            }),
        };
        let mut programme = Programme { out, manifest };
        for name in ["01-rain.mp4", "02-snow.mp4"] {
            fs::copy(made("certify.mp4", GOOD), programme.file(name)).unwrap();
        }
        fs::copy(joined(), programme.file("programme.mp4")).unwrap();
        fs::write(programme.file("programme.m3u8"), "#EXTM3U\n").unwrap();
        programme.record();
        programme
    }

    fn file(&self, name: &str) -> PathBuf {
        self.out.path().join("programme").join(name)
    }

    /// The manifest says what is there now, as if it had been made so.
    fn record(&mut self) {
        let folder = self.out.path().join("programme");
        let known = |name: &str| {
            let bytes = fs::read(folder.join(name)).unwrap();
            (Bytes(bytes.len() as u64), blake3::hash(&bytes).into())
        };
        for item in &mut self.manifest.items {
            (item.bytes, item.blake3) = known(&item.file);
        }
        if let Some(joined) = &mut self.manifest.joined {
            (joined.bytes, joined.blake3) = known(&joined.file);
        }
        self.write();
    }

    fn write(&self) {
        fs::write(self.file(MANIFEST), self.manifest.to_json()).unwrap();
    }

    /// The first film is another one, and the manifest knows its bytes.
    fn replaced(name: &str, kind: Kind) -> Self {
        let mut programme = Programme::new();
        fs::copy(made(name, kind), programme.file("01-rain.mp4")).unwrap();
        programme.record();
        programme
    }

    fn certify(&self, arguments: &[&str]) -> Ended {
        let mut command = zhanbo();
        command
            .arg("programme")
            .arg(self.out.path())
            .arg("--certify");
        ended(command.args(arguments))
    }

    /// Insists that this failure is found in this file, and that nothing says that all is well.
    fn fails(&self, check: &str, file: &str) {
        fs::write(self.file("checksums.b3"), "of an earlier certificate").unwrap();
        let said = self.certify(&["--json"]).with(1).stdout;
        let certificate: Value = serde_json::from_str(said.lines().last().unwrap()).unwrap();
        let findings = certificate["findings"].as_array().unwrap();
        let hit = findings.iter().find(|finding| {
            finding["check"] == check && finding["file"] == file && finding["gravity"] == "failure"
        });
        let hit = hit.unwrap_or_else(|| panic!("no {check} of {file} in {findings:#?}"));
        for words in ["message", "remedy"] {
            assert!(!hit[words]["zh"].as_str().unwrap().is_empty());
        }
        assert_eq!(certificate["passed"], false);
        assert!(!self.file("checksums.b3").exists(), "{check}");
        let page = fs::read_to_string(self.file("certificate.html")).unwrap();
        assert!(
            page.contains("NOT certified") && page.contains("没有通过"),
            "{check}"
        );
    }
}

fn flip_a_bit(file: &Path) {
    let mut bytes = fs::read(file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(file, bytes).unwrap();
}

#[test]
fn a_good_programme_is_certified_and_proves_itself_on_a_stick() {
    needs!("ffmpeg");
    let programme = Programme::new();
    let said = programme
        .certify(&["--lang", "en", "--target", "/tmp"])
        .with(0)
        .stdout;
    assert!(said.contains("certified: 3 files"), "{said}");
    let page = fs::read_to_string(programme.file("certificate.html")).unwrap();
    assert!(page.contains("认证通过") && page.contains("01-rain.mp4"));
    let list = fs::read_to_string(programme.file("checksums.b3")).unwrap();
    let names: Vec<_> = list.lines().map(|line| &line[66..]).collect();
    assert_eq!(
        names,
        [
            "01-rain.mp4",
            "02-snow.mp4",
            "certificate.html",
            "certificate.json",
            "programme.json",
            "programme.m3u8",
            "programme.mp4",
        ]
    );
    let verify = |code| {
        let folder = programme.out.path().join("programme");
        ended(zhanbo().arg("verify").arg(folder)).with(code).stdout
    };
    assert!(verify(0).contains("all right: 7 files"));
    flip_a_bit(&programme.file("02-snow.mp4"));
    assert!(verify(1).contains("CHANGED   02-snow.mp4"));
}

#[test]
fn a_folder_without_a_programme_is_told_what_to_do() {
    let out = TempDir::new().unwrap();
    let mut command = zhanbo();
    let said = ended(command.arg("programme").arg(out.path()).arg("--certify")).with(2);
    assert!(
        said.stderr.contains("there is no programme"),
        "{}",
        said.stderr
    );
    assert_eq!(
        fs::read_dir(out.path()).unwrap().count(),
        0,
        "nothing is written there"
    );
}

#[test]
fn what_was_made_wrong_is_not_certified() {
    needs!("ffmpeg");
    let fails = |check: &str, name: &str, kind: Kind| {
        Programme::replaced(name, kind).fails(check, "01-rain.mp4");
    };
    fails("frame-rate", "rate.mp4", Kind { rate: "30", ..GOOD });
    fails(
        "frame-size",
        "size.mp4",
        Kind {
            size: "640x360",
            ..GOOD
        },
    );
    fails(
        "channels",
        "mono.mp4",
        Kind {
            options: &["-ac", "1", "-ar", "48000"],
            ..GOOD
        },
    );
    fails(
        "sample-rate",
        "44.mp4",
        Kind {
            options: &["-ac", "2", "-ar", "44100"],
            ..GOOD
        },
    );
    fails(
        "loudness",
        "loud.mp4",
        Kind {
            sound: "volume=1dB",
            ..GOOD
        },
    );
    fails(
        "loudness",
        "quiet.mp4",
        Kind {
            sound: "volume=-11dB",
            ..GOOD
        },
    );
    fails(
        "silence",
        "silent.mp4",
        Kind {
            sound: "volume=0",
            ..GOOD
        },
    );
    fails(
        "sync",
        "short-sound.mp4",
        Kind {
            sound_seconds: "1",
            ..GOOD
        },
    );
    fails(
        "pixel-format",
        "ten-bit.mp4",
        Kind {
            options: &["-ac", "2", "-pix_fmt", "yuv420p10le"],
            ..GOOD
        },
    );
    fails(
        "scan",
        "interlaced.mp4",
        Kind {
            options: &["-ac", "2", "-flags", "+ilme+ildct", "-x264-params", "tff=1"],
            ..GOOD
        },
    );
    fails(
        "black",
        "black.mp4",
        Kind {
            seconds: "4",
            sound_seconds: "4",
            picture: "drawbox=c=black:t=fill:enable='lt(t,2.5)'",
            ..GOOD
        },
    );
}

#[test]
fn what_became_wrong_afterwards_is_not_certified() {
    needs!("ffmpeg");
    let programme = Programme::new();
    flip_a_bit(&programme.file("01-rain.mp4"));
    programme.fails("content", "01-rain.mp4");

    let mut programme = Programme::new();
    let rain = fs::read(programme.file("01-rain.mp4")).unwrap();
    // The index of an MP4 by ffmpeg stands at its end: with it the film would be gone, not cut.
    let whole = programme.file("whole.mov");
    let done = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-i"])
        .arg(programme.file("01-rain.mp4"))
        .args(["-c", "copy", "-movflags", "+faststart"])
        .arg(&whole)
        .status();
    assert!(done.unwrap().success());
    let bytes = fs::read(&whole).unwrap();
    fs::remove_file(&whole).unwrap();
    fs::write(programme.file("01-rain.mp4"), &bytes[..bytes.len() * 2 / 3]).unwrap();
    programme.fails("size", "01-rain.mp4");
    programme.record();
    programme.fails("decode", "01-rain.mp4");
    fs::write(programme.file("01-rain.mp4"), &rain[..rain.len() / 2]).unwrap();
    programme.record();
    programme.fails("decode", "01-rain.mp4");

    let programme = Programme::new();
    fs::remove_file(programme.file("01-rain.mp4")).unwrap();
    programme.fails("missing", "01-rain.mp4");

    let programme = Programme::new();
    fs::copy(
        programme.file("01-rain.mp4"),
        programme.file("99-holiday.mp4"),
    )
    .unwrap();
    programme.fails("extra", "99-holiday.mp4");

    let mut programme = Programme::new();
    programme.manifest.items[0].file = "01-雨.mp4".into();
    programme.write();
    programme.fails("name", "01-雨.mp4");

    let mut programme = Programme::new();
    programme.manifest.items.swap(0, 1);
    programme.write();
    programme.fails("order", "01-rain.mp4");

    let mut programme = Programme::new();
    programme.manifest.items[0].duration_ms = Millis(1000);
    programme.write();
    programme.fails("order", "01-rain.mp4");

    let mut programme = Programme::new();
    fs::copy(
        made(
            "joined-plain.mp4",
            Kind {
                seconds: "4",
                sound_seconds: "4",
                ..GOOD
            },
        ),
        programme.file("programme.mp4"),
    )
    .unwrap();
    programme.record();
    programme.fails("joined", "programme.mp4");
}
