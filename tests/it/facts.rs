//! What ffprobe, ffmpeg and MediaInfo say of a file that we made. In: a path. Out: plain numbers and JSON. Judges nothing.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Complaints about one output; empty is good.
#[derive(Debug, Default)]
pub(crate) struct Complaints(pub(crate) Vec<String>);

impl Complaints {
    #[expect(clippy::needless_pass_by_value, reason = "most are literals")]
    pub(crate) fn equal<T: PartialEq + std::fmt::Debug>(
        &mut self,
        what: &str,
        actual: T,
        wanted: T,
    ) {
        if actual != wanted {
            self.0.push(format!("{what} is {actual:?}, not {wanted:?}"));
        }
    }

    pub(crate) fn near(&mut self, what: &str, actual: f64, wanted: f64, tolerance: f64) {
        if (actual - wanted).abs() > tolerance {
            self.0.push(format!(
                "{what} is {actual}, not within {tolerance} of {wanted}"
            ));
        }
    }

    pub(crate) fn unless(&mut self, good: bool, what: impl Into<String>) {
        if !good {
            self.0.push(what.into());
        }
    }

    pub(crate) fn none(self) {
        assert!(self.0.is_empty(), "{}", self.0.join("\n"));
    }
}

/// A stream as ffprobe tells it, all frames counted and all packets listed.
pub(crate) struct Probe {
    json: Value,
}

pub(crate) fn probe(path: &Path) -> Probe {
    let output = Command::new("ffprobe")
        .args(["-v", "error"])
        .args(if path.extension().is_some_and(|e| e == "m3u8") {
            &["-allowed_extensions", "ALL"][..]
        } else {
            &[]
        })
        .args([
            "-of",
            "json",
            "-show_format",
            "-show_streams",
            "-show_packets",
            "-count_frames",
        ])
        .arg(path)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "ffprobe {}: {}",
        path.display(),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(
        output.stderr.is_empty(),
        "ffprobe {}: {}",
        path.display(),
        String::from_utf8_lossy(&output.stderr)
    );
    Probe {
        json: serde_json::from_slice(&output.stdout).unwrap(),
    }
}

impl Probe {
    pub(crate) fn streams(&self) -> &[Value] {
        self.json["streams"].as_array().unwrap()
    }

    pub(crate) fn of(&self, kind: &str) -> Option<&Value> {
        self.streams().iter().find(|s| s["codec_type"] == kind)
    }

    /// When the key frames of a kind are shown, in seconds from the first packet of that kind.
    pub(crate) fn key_times(&self, kind: &str) -> Vec<f64> {
        let all = self.json["packets"].as_array().unwrap();
        let of_kind = all.iter().filter(|p| p["codec_type"] == kind);
        let keys = of_kind.filter(|p| p["flags"].as_str().unwrap().starts_with('K'));
        let times: Vec<f64> = keys.map(|p| number(&p["pts_time"])).collect();
        times.iter().map(|time| time - times[0]).collect()
    }

    /// Number `field` of all packets of a kind, in the order of presentation.
    pub(crate) fn packets(&self, kind: &str, field: &str) -> Vec<i64> {
        let all = self.json["packets"].as_array().unwrap();
        let mut values: Vec<i64> = all
            .iter()
            .filter(|p| p["codec_type"] == kind)
            .filter_map(|p| p[field].as_i64())
            .collect();
        values.sort_unstable();
        values
    }
}

/// A fraction as ffprobe writes it, `30000/1001`.
pub(crate) fn fraction(text: &str) -> f64 {
    let (num, den) = text.split_once(['/', ':']).unwrap();
    num.parse::<f64>().unwrap() / den.parse::<f64>().unwrap()
}

pub(crate) fn number(value: &Value) -> f64 {
    match value {
        Value::String(text) => text.parse().unwrap(),
        other => other.as_f64().unwrap(),
    }
}

/// What `ffmpeg` complains about while it decodes all of it.
pub(crate) fn decode_errors(path: &Path) -> String {
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-allowed_extensions", "ALL"])
        .args(["-i"])
        .arg(path)
        .args(["-f", "null", "-"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    // The option is for playlists; other demuxers do not know it.
    if said.contains("allowed_extensions") {
        decode_errors_of_file(path)
    } else {
        said
    }
}

fn decode_errors_of_file(path: &Path) -> String {
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-i"])
        .arg(path)
        .args(["-f", "null", "-"])
        .output()
        .unwrap();
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// MediaInfo's tracks.
pub(crate) fn mediainfo(path: &Path) -> Vec<Value> {
    let output = Command::new("mediainfo")
        .arg("--Output=JSON")
        .arg(path)
        .output()
        .unwrap();
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    json["media"]["track"].as_array().unwrap().clone()
}

/// The names of the boxes at the top of an MP4, in their order.
pub(crate) fn top_boxes(path: &Path) -> Vec<String> {
    let bytes = fs::read(path).unwrap();
    let mut names = Vec::new();
    let mut at = 0;
    while at + 8 <= bytes.len() {
        let size = u64::from(u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()));
        names.push(String::from_utf8_lossy(&bytes[at + 4..at + 8]).into_owned());
        let size = match size {
            0 => (bytes.len() - at) as u64,
            1 => u64::from_be_bytes(bytes[at + 8..at + 16].try_into().unwrap()),
            size => size,
        };
        assert!(
            size >= 8,
            "a box of {size} bytes at {at} in {}",
            path.display()
        );
        at += usize::try_from(size).unwrap();
    }
    names
}

/// Mean colour (R, G, B) of the left and the right half of the picture at one time.
pub(crate) fn halves(path: &Path, seconds: &str) -> [[u8; 3]; 2] {
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-ss", seconds, "-i"])
        .arg(path)
        .args([
            "-frames:v",
            "1",
            "-vf",
            "format=rgb24,scale=2:1:flags=area",
            "-f",
            "rawvideo",
            "-",
        ])
        .output()
        .unwrap();
    let bytes: [u8; 6] = output.stdout.try_into().unwrap();
    [
        [bytes[0], bytes[1], bytes[2]],
        [bytes[3], bytes[4], bytes[5]],
    ]
}

/// Loudness of pieces of a tenth of a second: the largest sample of each, from 0 to 1.
pub(crate) fn peaks(path: &Path) -> Vec<f64> {
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-i"])
        .arg(path)
        .args(["-vn", "-ac", "1", "-ar", "8000", "-f", "s16le", "-"])
        .output()
        .unwrap();
    let samples: Vec<f64> = output
        .stdout
        .chunks_exact(2)
        .map(|two| f64::from(i16::from_le_bytes([two[0], two[1]])).abs() / 32768.0)
        .collect();
    samples
        .chunks(800)
        .map(|piece| piece.iter().copied().fold(0.0, f64::max))
        .collect()
}

/// The samples of the first channel at 48 kHz, from -1 to 1.
pub(crate) fn decoded_sound(path: &Path) -> Vec<f64> {
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-i"])
        .arg(path)
        .args([
            "-vn",
            "-af",
            "pan=mono|c0=c0",
            "-ar",
            "48000",
            "-f",
            "s16le",
            "-",
        ])
        .output()
        .unwrap();
    output
        .stdout
        .chunks_exact(2)
        .map(|two| f64::from(i16::from_le_bytes([two[0], two[1]])) / 32768.0)
        .collect()
}

/// How many frames in a hundred `idet` takes for fields woven into each other.
pub(crate) fn combed(path: &Path) -> f64 {
    let said = filtered(path, "v", "-vf", "idet");
    let line = said
        .lines()
        .rfind(|line| line.contains("Multi frame detection"))
        .unwrap();
    let counted = |label: &str| -> f64 {
        let rest = line.split_once(label).unwrap().1.trim_start();
        rest.split_whitespace().next().unwrap().parse().unwrap()
    };
    let woven = counted("TFF:") + counted("BFF:");
    100.0 * woven / (woven + counted("Progressive:") + counted("Undetermined:"))
}

/// Frames at either end of a film that may be held.
const EDGE: usize = 3;

/// How many frames, of a film in which something always moves, show what the one before them did. The first and the last few do
/// not count: a picture may be held there, where the sound begins earlier or ends later.
pub(crate) fn standing_still(path: &Path) -> usize {
    let said = filtered(
        path,
        "v",
        "-vf",
        "signalstats,metadata=print:key=lavfi.signalstats.YDIF",
    );
    let changes = said.lines().filter_map(|line| line.split_once("YDIF="));
    let changes = changes.map(|(_, change)| change.trim().parse::<f64>().unwrap());
    let changes: Vec<f64> = changes.collect();
    let inside = &changes[EDGE..changes.len() - EDGE];
    inside.iter().filter(|change| **change < 0.5).count()
}

/// Integrated loudness in LUFS and true peak in dBTP, as ffmpeg's `ebur128` reads them; silence reads -70.
pub(crate) fn loudness(path: &Path) -> (f64, f64) {
    let said = filtered(path, "a", "-af", "ebur128=peak=true:framelog=verbose");
    let summary = said.rsplit("Summary:").next().unwrap();
    let value = |label: &str| {
        let line = summary
            .lines()
            .find_map(|line| line.trim().strip_prefix(label))
            .unwrap_or_else(|| panic!("no {label} in {said}"));
        line.split_whitespace().next().unwrap().parse().unwrap()
    };
    (value("I:"), value("Peak:"))
}

/// When the picture first turns white and when the sound first beeps, in seconds.
pub(crate) fn flash_and_beep(path: &Path) -> (f64, f64) {
    flash_and_beep_after(path, 0)
}

/// The same behind so many whole seconds.
pub(crate) fn flash_and_beep_after(path: &Path, seconds: u32) -> (f64, f64) {
    let log = filtered(
        path,
        "v",
        "-vf",
        "scale=64:36,signalstats,metadata=print:key=lavfi.signalstats.YAVG",
    );
    let mut time = 0.0;
    let flash = log.lines().find_map(|line| {
        if let Some((_, rest)) = line.split_once("pts_time:") {
            time = rest.trim().parse().unwrap();
        }
        let (_, brightness) = line.split_once("YAVG=")?;
        let white = brightness.trim().parse::<f64>().unwrap() > 128.0;
        (white && time >= f64::from(seconds)).then_some(time)
    });
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-copyts"])
        .args(of_playlist(path))
        .arg("-i")
        .arg(path)
        .args(["-map", "0:a:0", "-ac", "1", "-ar", "48000"])
        .args(["-af", "aresample=async=1:first_pts=0", "-f", "s16le", "-"])
        .output()
        .unwrap();
    let beep = output
        .stdout
        .chunks_exact(2)
        .skip(seconds as usize * 48_000)
        .position(|two| i16::from_le_bytes([two[0], two[1]]).unsigned_abs() > 3000);
    #[expect(clippy::cast_precision_loss, reason = "a few seconds of samples")]
    let beep = beep.expect("there is a beep") as f64 / 48_000.0;
    let beep = beep + f64::from(seconds);
    (flash.expect("there is a flash"), beep)
}

fn of_playlist(path: &Path) -> &'static [&'static str] {
    if path.extension().is_some_and(|e| e == "m3u8") {
        &["-allowed_extensions", "ALL"]
    } else {
        &[]
    }
}

/// What ffmpeg says while a stream of a file goes through a filter.
fn filtered(path: &Path, stream: &str, option: &str, filter: &str) -> String {
    let output = Command::new("ffmpeg")
        // Times as they stand in the file: ffmpeg would move them by what rounds to whole frames.
        .args(["-hide_banner", "-nostats", "-nostdin", "-copyts"])
        .args(of_playlist(path))
        .arg("-i")
        .arg(path)
        .args(["-map", &format!("0:{stream}:0"), option, filter])
        .args(["-vsync", "passthrough", "-f", "null", "-"])
        .output()
        .unwrap();
    assert!(output.status.success(), "ffmpeg {}", path.display());
    String::from_utf8_lossy(&output.stderr).into_owned()
}
