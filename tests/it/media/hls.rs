//! Playlists and segments against the clauses of Apple's specification and RFC 8216, by arithmetic of our own.

use std::fs;
use std::path::{Path, PathBuf};

use encoding_rs::GBK;
use serde_json::Value;

use crate::facts::{Complaints, number, probe};
use crate::media_maker::{Place, find, from_sources, needs};
use crate::program::{self, ended};

const SUBTITLES: &str = "1\r\n00:00:00,500 --> 00:00:02,000\r\n春天的脚步\r\n\r\n2\r\n00:00:05,500 --> 00:00:07,000\r\n\
                         跨过分片边界的一句\r\n\r\n3\r\n00:00:12,000 --> 00:00:12,900\r\n再见，《雨巷》\r\n";

/// A media playlist as it stands there.
struct Playlist {
    folder: PathBuf,
    text: String,
    /// Length in seconds and name.
    segments: Vec<(f64, String)>,
    target: f64,
}

impl Playlist {
    fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap();
        let mut lengths = Vec::new();
        let mut segments = Vec::new();
        for line in text.lines() {
            if let Some(length) = line.strip_prefix("#EXTINF:") {
                lengths.push(length.trim_end_matches(',').parse::<f64>().unwrap());
            } else if !line.starts_with('#') && !line.is_empty() {
                segments.push((lengths[segments.len()], line.to_owned()));
            }
        }
        let target = tag(&text, "#EXT-X-TARGETDURATION:")
            .unwrap()
            .parse()
            .unwrap();
        Playlist {
            folder: path.parent().unwrap().to_owned(),
            text,
            segments,
            target,
        }
    }

    fn seconds(&self) -> f64 {
        self.segments.iter().map(|(length, _)| length).sum()
    }

    fn bytes(&self, index: usize) -> Vec<u8> {
        fs::read(self.folder.join(&self.segments[index].1)).unwrap()
    }

    fn init(&self) -> Vec<u8> {
        let map = tag(&self.text, "#EXT-X-MAP:URI=").unwrap();
        fs::read(self.folder.join(map.trim_matches('"'))).unwrap()
    }
}

fn tag<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|line| line.strip_prefix(name))
}

/// An attribute of a tag, without its quotes.
fn attribute<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let start = find(line.as_bytes(), format!("{name}=").as_bytes())
        .filter(|at| *at == 0 || [b',', b':'].contains(&line.as_bytes()[at - 1]))?;
    let rest = &line[start + name.len() + 1..];
    match rest.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next(),
        None => rest.split(',').next(),
    }
}

/// The HLS package of one film of thirteen seconds with subtitles in GBK: three segments of six seconds and less.
struct Package {
    _place: Place,
    hls: PathBuf,
    record: Value,
    multivariant: String,
}

impl Package {
    fn make() -> Self {
        let film = from_sources(
            "thirteen.mp4",
            "testsrc2=s=640x360:r=25:d=13",
            Some("sine=r=48000:d=13"),
            &["-g", "50"],
        );
        let place = Place::new();
        let ladder = fs::read_to_string(place.ladder()).unwrap();
        let ladder = ladder
            .replace("gop = \"1s\"", "gop = \"2s\"")
            .replace("segment = \"2s\"", "segment = \"6s\"");
        fs::write(place.ladder(), ladder).unwrap();
        place.introduced("成都第一片区", "甲大学《一》.mp4", &film);
        let (gbk, ..) = GBK.encode(SUBTITLES);
        place.file("成都第一片区", "甲大学《一》.srt", &gbk);
        ended(&mut program::run(&place)).with(0);
        let record = program::report(&place.out())["submissions"][0].clone();
        let multivariant = place.out().join(record["outputs"]["hls"].as_str().unwrap());
        Package {
            hls: multivariant.parent().unwrap().to_owned(),
            multivariant: fs::read_to_string(multivariant).unwrap(),
            record,
            _place: place,
        }
    }

    fn playlist(&self, uri: &str) -> Playlist {
        Playlist::read(&self.hls.join(uri))
    }

    /// Each STREAM-INF line with its URI.
    fn variants(&self) -> Vec<(&str, &str)> {
        let lines: Vec<_> = self.multivariant.lines().collect();
        lines
            .windows(2)
            .filter_map(|two| Some((two[0].strip_prefix("#EXT-X-STREAM-INF:")?, two[1])))
            .collect()
    }

    /// The EXT-X-MEDIA line of a type.
    fn media(&self, kind: &str) -> &str {
        let mut lines = self
            .multivariant
            .lines()
            .filter_map(|line| line.strip_prefix("#EXT-X-MEDIA:"));
        lines
            .find(|line| attribute(line, "TYPE") == Some(kind))
            .unwrap()
    }

    fn beside(&self) -> Vec<Playlist> {
        ["AUDIO", "SUBTITLES"]
            .map(|kind| self.playlist(attribute(self.media(kind), "URI").unwrap()))
            .into()
    }
}

/// Where a box begins and ends inside `bytes`, by its path of names.
fn inner<'a>(bytes: &'a [u8], path: &[&str]) -> Option<&'a [u8]> {
    let Some((name, rest)) = path.split_first() else {
        return Some(bytes);
    };
    let mut at = 0;
    while at + 8 <= bytes.len() {
        let size = u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
        if &bytes[at + 4..at + 8] == name.as_bytes() {
            return inner(&bytes[at + 8..at + size], rest);
        }
        at += size.max(8);
    }
    None
}

/// Type of the first slice in a fragment: 5 is an IDR picture (ITU-T H.264, table 7-1).
fn first_slice(segment: &[u8]) -> u8 {
    let mut nals = inner(segment, &["mdat"]).unwrap();
    loop {
        let size = u32::from_be_bytes(nals[..4].try_into().unwrap()) as usize;
        let kind = nals[4] & 31;
        if (1..=5).contains(&kind) {
            return kind;
        }
        nals = &nals[4 + size..];
    }
}

fn decode_time(segment: &[u8]) -> u64 {
    let tfdt = inner(segment, &["moof", "traf", "tfdt"]).unwrap();
    match tfdt[0] {
        0 => u64::from(u32::from_be_bytes(tfdt[4..8].try_into().unwrap())),
        _ => u64::from_be_bytes(tfdt[4..12].try_into().unwrap()),
    }
}

/// Largest rate over any run of segments that lasts 0.5 to 1.5 target durations (RFC 8216 §4.1), and the average.
fn rates(segments: &[(f64, f64)], target: f64) -> (f64, f64) {
    let mut peak: f64 = 0.0;
    for first in 0..segments.len() {
        for last in first..segments.len() {
            let run = &segments[first..=last];
            let (seconds, bits) = run
                .iter()
                .fold((0.0, 0.0), |(s, b), (length, bits)| (s + length, b + bits));
            if seconds >= target * 0.5 && seconds <= target * 1.5 {
                peak = peak.max(bits / seconds);
            }
        }
    }
    let (seconds, bits) = segments
        .iter()
        .fold((0.0, 0.0), |(s, b), (length, bits)| (s + length, b + bits));
    (peak, bits / seconds)
}

#[test]
fn segments_begin_with_idr_pictures_at_the_same_times_in_all_variants() {
    needs!("ffmpeg");
    let package = Package::make();
    let mut complaints = Complaints::default();
    let playlists: Vec<_> = package
        .variants()
        .into_iter()
        .map(|(_, uri)| package.playlist(uri))
        .collect();
    assert_eq!(playlists.len(), 2);
    let mut times = Vec::new();
    for playlist in &playlists {
        let mut own = Vec::new();
        for index in 0..playlist.segments.len() {
            let segment = playlist.bytes(index);
            complaints.equal(
                &format!("the first slice of segment {}", index + 1),
                first_slice(&segment),
                5,
            );
            own.push(decode_time(&segment));
        }
        times.push((
            own,
            playlist
                .segments
                .iter()
                .map(|s| s.0.to_string())
                .collect::<Vec<_>>(),
        ));
    }
    complaints.equal("segments' times and lengths", &times[0], &times[1]);
    complaints.equal("the number of segments", times[0].0.len(), 3);
    complaints.none();
}

/// The earliest presentation time in a fragment, from its decode time and its samples' offsets, in the track's ticks.
fn earliest_presentation(segment: &[u8]) -> i64 {
    let trun = inner(segment, &["moof", "traf", "trun"]).unwrap();
    let word = |at: usize| u32::from_be_bytes(trun[at..at + 4].try_into().unwrap());
    // Every sample with its duration, size, flags and offset (ISO/IEC 14496-12 §8.8.8), after the data's offset.
    assert_eq!(
        word(0) & 0x00ff_ffff,
        0xf01,
        "these are other flags than this test can read"
    );
    let mut time = i64::try_from(decode_time(segment)).unwrap();
    let mut earliest = i64::MAX;
    for sample in 0..word(4) as usize {
        let at = 12 + sample * 16;
        earliest = earliest.min(time + i64::from(word(at + 12).cast_signed()));
        time += i64::from(word(at));
    }
    earliest
}

/// The composition time at which the presentation starts, by the one edit of an initialisation segment.
fn edited_start(init: &[u8]) -> i64 {
    let edits = inner(init, &["moov", "trak", "edts", "elst"]).unwrap();
    assert_eq!((edits[0], edits[7]), (1, 1), "one edit, in version 1");
    i64::from_be_bytes(edits[16..24].try_into().unwrap())
}

#[test]
fn picture_and_sound_begin_together_at_zero() {
    needs!("ffmpeg", "ffprobe");
    let package = Package::make();
    for (_, uri) in package.variants() {
        let playlist = package.playlist(uri);
        let first = earliest_presentation(&playlist.bytes(0));
        assert_eq!(first - edited_start(&playlist.init()), 0, "{uri}");
        // Players built on libavformat must see it so, too.
        let whole = tempfile::NamedTempFile::with_suffix(".mp4").unwrap();
        fs::write(whole.path(), [playlist.init(), playlist.bytes(0)].concat()).unwrap();
        let start = std::process::Command::new("ffprobe")
            .args([
                "-v",
                "error",
                "-show_entries",
                "stream=start_time",
                "-of",
                "csv=p=0",
            ])
            .arg(whole.path())
            .output()
            .unwrap();
        assert_eq!(
            String::from_utf8_lossy(&start.stdout).trim(),
            "0.000000",
            "{uri}"
        );
    }
    let sound = package.playlist(attribute(package.media("AUDIO"), "URI").unwrap());
    assert_eq!(decode_time(&sound.bytes(0)), 0);
    assert_eq!(
        edited_start(&sound.init()),
        1024,
        "the encoder's priming is not what the edit list skips"
    );
}

#[test]
fn lengths_add_up_and_none_is_longer_than_the_target() {
    needs!("ffmpeg");
    let package = Package::make();
    let mut complaints = Complaints::default();
    let seconds = number(&package.record["media"]["duration_ms"]) / 1000.0;
    let variants: Vec<_> = package
        .variants()
        .into_iter()
        .map(|(_, uri)| package.playlist(uri))
        .collect();
    let beside = package.beside();
    let target = variants[0].target;
    for playlist in variants.iter().chain(&beside) {
        let name = playlist
            .folder
            .file_name()
            .unwrap()
            .to_string_lossy()
            .into_owned();
        complaints.near(
            &format!("{name}'s length"),
            playlist.seconds(),
            seconds,
            0.040,
        );
        for (length, segment) in &playlist.segments {
            complaints.unless(
                *length <= target + 0.5 && *length > 0.0,
                format!("{name}/{segment} lasts {length} s"),
            );
            complaints.unless(
                length.round() <= target,
                format!("{name}/{segment}: {length} s, target {target}"),
            );
        }
        complaints.near(&format!("{name}'s target"), playlist.target, target, 0.0);
        for line in ["#EXT-X-PLAYLIST-TYPE:VOD", "#EXT-X-ENDLIST"] {
            complaints.unless(
                playlist.text.lines().any(|l| l == line),
                format!("{name} lacks {line}"),
            );
        }
        complaints.equal(
            &format!("{name}'s first line"),
            playlist.text.lines().next(),
            Some("#EXTM3U"),
        );
    }
    complaints.none();
}

#[test]
fn our_own_checker_finds_no_error_and_no_warning() {
    needs!("ffmpeg");
    let package = Package::make();
    let lint = zhanbo::lint::lint(&package.hls.join("master.m3u8")).unwrap();
    let told = zhanbo::lint::page::to_text(&lint, zhanbo::text::Lang::En);
    assert!(lint.is_clean(), "{told}");
    // Two rungs of two playlists, one init and three segments; sound; subtitles.
    assert_eq!(lint.files, 1 + 2 * 6 + 5 + 4, "{told}");
}

#[test]
fn ffprobe_reads_the_i_frame_playlists_as_key_frames_every_two_seconds() {
    needs!("ffmpeg", "ffprobe");
    let package = Package::make();
    for (_, uri) in package.variants() {
        let i_frames = package.hls.join(uri.replace("index", "iframes"));
        // `probe` insists that ffprobe has nothing to complain about.
        let probe = probe(&i_frames);
        let video = probe.of("video").unwrap();
        assert_eq!(video["nb_read_frames"], "7", "{uri}");
        let times = probe.packets("video", "pts");
        let step = times[1] - times[0];
        assert!(
            step > 0 && times.windows(2).all(|two| two[1] - two[0] == step),
            "{times:?}"
        );
    }
}

#[test]
fn the_announced_bandwidth_is_what_plays_together() {
    needs!("ffmpeg");
    let package = Package::make();
    let mut complaints = Complaints::default();
    let beside = package.beside();
    for (line, uri) in package.variants() {
        let variant = package.playlist(uri);
        let bits = |playlist: &Playlist, index: usize| {
            playlist.segments.get(index).map_or(0.0, |(_, name)| {
                #[expect(clippy::cast_precision_loss, reason = "segments are small")]
                let bytes = fs::metadata(playlist.folder.join(name)).unwrap().len() as f64;
                bytes * 8.0
            })
        };
        let together: Vec<_> = (0..variant.segments.len())
            .map(|i| {
                (
                    variant.segments[i].0,
                    bits(&variant, i) + beside.iter().map(|b| bits(b, i)).sum::<f64>(),
                )
            })
            .collect();
        let (peak, average) = rates(&together, variant.target);
        let announced = |name| attribute(line, name).unwrap().parse::<f64>().unwrap();
        for (name, measured) in [("BANDWIDTH", peak), ("AVERAGE-BANDWIDTH", average)] {
            let says = announced(name);
            complaints.unless(
                says >= measured - 1.0,
                format!("{uri}: {name} {says} is less than {measured}"),
            );
            complaints.unless(
                says <= measured * 1.1,
                format!("{uri}: {name} {says} is far more than {measured}"),
            );
        }
    }
    complaints.none();
}

#[test]
fn the_multivariant_playlist_says_what_the_files_are() {
    needs!("ffmpeg");
    let package = Package::make();
    let mut complaints = Complaints::default();
    complaints.unless(
        package
            .multivariant
            .lines()
            .any(|l| l == "#EXT-X-INDEPENDENT-SEGMENTS"),
        "no EXT-X-INDEPENDENT-SEGMENTS",
    );
    let reported = package.record["outputs"]["variants"].as_array().unwrap();
    for (line, uri) in package.variants() {
        let variant = reported
            .iter()
            .find(|v| uri.starts_with(v["rung"].as_str().unwrap()))
            .unwrap();
        let init = package.playlist(uri).init();
        let avcc = find(&init, b"avcC").unwrap();
        let (profile, compatible, level) = (init[avcc + 5], init[avcc + 6], init[avcc + 7]);
        let wanted = format!("avc1.{profile:02x}{compatible:02x}{level:02x},mp4a.40.2");
        complaints.equal(
            "CODECS",
            attribute(line, "CODECS").unwrap().to_lowercase(),
            wanted,
        );
        let size = format!("{}x{}", variant["width"], variant["height"]);
        complaints.equal(
            "RESOLUTION",
            attribute(line, "RESOLUTION"),
            Some(size.as_str()),
        );
        complaints.equal("FRAME-RATE", attribute(line, "FRAME-RATE"), Some("25.000"));
        complaints.equal(
            "AUDIO",
            attribute(line, "AUDIO"),
            attribute(package.media("AUDIO"), "GROUP-ID"),
        );
        complaints.equal(
            "SUBTITLES",
            attribute(line, "SUBTITLES"),
            attribute(package.media("SUBTITLES"), "GROUP-ID"),
        );
    }
    for kind in ["AUDIO", "SUBTITLES"] {
        for name in ["LANGUAGE", "NAME", "DEFAULT", "AUTOSELECT"] {
            complaints.unless(
                attribute(package.media(kind), name).is_some(),
                format!("{kind} has no {name}"),
            );
        }
    }
    complaints.none();
}

#[test]
fn subtitles_in_gbk_appear_in_every_segment_they_touch_as_utf8() {
    needs!("ffmpeg");
    let package = Package::make();
    let media = package.hls.parent().unwrap();
    let whole = fs::read_to_string(media.join("zh.vtt")).unwrap();
    assert!(whole.starts_with("WEBVTT"), "{whole}");
    for words in ["春天的脚步", "跨过分片边界的一句", "再见，《雨巷》"] {
        assert!(whole.contains(words), "{words} is not in\n{whole}");
    }
    let line = package.media("SUBTITLES");
    assert_eq!(attribute(line, "LANGUAGE").map(|l| &l[..2]), Some("zh"));
    let playlist = package.playlist(attribute(line, "URI").unwrap());
    let pictures = package.playlist(package.variants()[0].1);
    assert_eq!(playlist.segments.len(), pictures.segments.len());
    let texts: Vec<String> = (0..playlist.segments.len())
        .map(|i| String::from_utf8(playlist.bytes(i)).unwrap())
        .collect();
    for text in &texts {
        assert!(text.starts_with("WEBVTT\nX-TIMESTAMP-MAP="), "{text}");
    }
    let holding = |words: &str| -> Vec<bool> { texts.iter().map(|t| t.contains(words)).collect() };
    assert_eq!(holding("春天的脚步"), [true, false, false]);
    assert_eq!(holding("跨过分片边界的一句"), [true, true, false]);
    assert_eq!(holding("再见，《雨巷》"), [false, false, true]);
}
