//! Whatever comes in, what goes out is alike: H.264 High, bt709, square pixels, constant frame rate, stereo AAC, as long as
//! the source. One source a test; every file and every rendition of it is looked at.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::facts::{
    Complaints, decode_errors, fraction, halves, mediainfo, number, peaks, probe, top_boxes,
};
use crate::media_maker::{self, Place, film, from_sources, has_encoder, needs};
use crate::program::{self, ended, submission};

/// Sound may differ from the source's length by this many seconds.
const SOUND_TOLERANCE: f64 = 0.050;

/// What was made of one film.
struct Made {
    place: Place,
    record: Value,
}

impl Made {
    fn of(film: &Path) -> Self {
        let name = format!(
            "甲大学《一》.{}",
            film.extension().unwrap().to_str().unwrap()
        );
        let place = Place::new();
        place.introduced("成都第一片区", &name, film);
        ended(&mut program::run(&place)).with(0);
        let report = program::report(&place.out());
        let record = submission(&report, &name).clone();
        assert_eq!(record["job"]["outcome"], "done");
        Made { place, record }
    }

    fn output(&self, name: &str) -> PathBuf {
        self.place
            .out()
            .join(self.record["outputs"][name].as_str().unwrap())
    }

    fn variants(&self) -> &[Value] {
        self.record["outputs"]["variants"].as_array().unwrap()
    }

    fn rendition(&self, name: &str) -> PathBuf {
        self.output("hls")
            .parent()
            .unwrap()
            .join(name)
            .join("index.m3u8")
    }

    fn seconds(&self) -> f64 {
        number(&self.record["media"]["duration_ms"]) / 1000.0
    }

    /// Every output is as promised, and the source is as long as its maker knows.
    fn is_right(&self, seconds: f64, rate: &str) {
        self.is_right_with_hall(seconds, rate, (640, 360));
    }

    fn is_right_with_hall(&self, seconds: f64, rate: &str, hall: (u32, u32)) {
        let mut complaints = Complaints::default();
        let frame = 1.0 / fraction(rate);
        complaints.near(
            "the measured duration",
            self.seconds(),
            seconds,
            0.030 + frame,
        );
        let top = &self.variants()[0];
        let size = |v: &Value| (v["width"].as_u64().unwrap(), v["height"].as_u64().unwrap());
        let hall = (u64::from(hall.0), u64::from(hall.1));
        for (name, size) in [("master", hall), ("web_mp4", size(top))] {
            let mut file = self.picture(&self.output(name), size, rate);
            file.0.extend(self.sound(&self.output(name)).0);
            file.0.extend(container(&self.output(name)).0);
            complaints
                .0
                .extend(file.0.into_iter().map(|c| format!("{name}: {c}")));
        }
        for variant in self.variants() {
            let name = variant["rung"].as_str().unwrap();
            complaints.equal(
                "a variant's rate",
                variant["frame_rate"].as_str().unwrap(),
                rate,
            );
            let rendition = self.picture(&self.rendition(name), size(variant), rate);
            complaints
                .0
                .extend(rendition.0.into_iter().map(|c| format!("{name}: {c}")));
        }
        let sound = self.sound(&self.rendition("audio"));
        complaints
            .0
            .extend(sound.0.into_iter().map(|c| format!("audio: {c}")));
        complaints.none();
    }

    fn picture(&self, path: &Path, size: (u64, u64), rate: &str) -> Complaints {
        let mut complaints = Complaints::default();
        let is_playlist = path.extension().is_some_and(|e| e == "m3u8");
        let probe = probe(path);
        let Some(stream) = probe.of("video") else {
            complaints.0.push("there is no picture".into());
            return complaints;
        };
        let wanted = [
            ("codec_name", "h264"),
            ("codec_tag_string", "avc1"),
            ("profile", "High"),
            ("pix_fmt", "yuv420p"),
            ("sample_aspect_ratio", "1:1"),
            ("color_space", "bt709"),
            ("color_transfer", "bt709"),
            ("color_primaries", "bt709"),
            ("color_range", "tv"),
        ];
        for (field, value) in wanted {
            complaints.equal(field, stream[field].as_str().unwrap_or_default(), value);
        }
        // The demuxer of playlists does not pass the field order on: there the pieces are asked, joined.
        let fields = if is_playlist {
            field_order(path)
        } else {
            probe.of("video").unwrap()["field_order"].clone()
        };
        complaints.equal(
            "field_order",
            fields.as_str().unwrap_or_default(),
            "progressive",
        );
        complaints.equal(
            "the size",
            (
                stream["width"].as_u64().unwrap(),
                stream["height"].as_u64().unwrap(),
            ),
            size,
        );
        let frames = self.variants()[0]["frames"].as_u64().unwrap();
        complaints.equal(
            "the frame count",
            number(&stream["nb_read_frames"]).to_string(),
            frames.to_string(),
        );
        let pts = probe.packets("video", "pts");
        let steps: std::collections::BTreeSet<i64> =
            pts.windows(2).map(|two| two[1] - two[0]).collect();
        complaints.unless(
            steps.len() <= 1,
            format!("frames are {steps:?} ticks apart"),
        );
        if frames > 1 {
            complaints.equal(
                "r_frame_rate",
                stream["r_frame_rate"].as_str().unwrap(),
                rate,
            );
        }
        if !is_playlist {
            complaints.equal(
                "avg_frame_rate",
                stream["avg_frame_rate"].as_str().unwrap(),
                rate,
            );
            complaints.equal("the first picture's time", pts[0], 0);
        }
        // The last frame lasts as long as every other one.
        let length = number(&stream["nb_read_frames"]) / fraction(rate);
        complaints.near(
            "the picture's length",
            length,
            self.seconds(),
            SOUND_TOLERANCE + 1.0 / fraction(rate),
        );
        if !is_playlist {
            complaints.near(
                "the picture's length in the header",
                number(&stream["duration"]),
                length,
                0.001,
            );
        }
        complaints.equal(
            "what ffmpeg says while decoding",
            decode_errors(path),
            String::new(),
        );
        complaints
    }

    fn sound(&self, path: &Path) -> Complaints {
        let mut complaints = Complaints::default();
        let probe = probe(path);
        let Some(stream) = probe.of("audio") else {
            complaints.0.push("there is no sound".into());
            return complaints;
        };
        let wanted = [
            ("codec_name", "aac"),
            ("codec_tag_string", "mp4a"),
            ("profile", "LC"),
            ("sample_rate", "48000"),
        ];
        for (field, value) in wanted {
            complaints.equal(field, stream[field].as_str().unwrap_or_default(), value);
        }
        complaints.equal("the channels", stream["channels"].as_u64(), Some(2));
        let tolerance = SOUND_TOLERANCE + 0.040;
        if path.extension().is_some_and(|e| e == "m3u8") {
            // In ticks of 1/48000 s where the demuxer keeps the track's, 1/90000 s where it does not.
            let base = fraction(stream["time_base"].as_str().unwrap());
            let (pts, lengths) = (
                probe.packets("audio", "pts"),
                probe.packets("audio", "duration"),
            );
            #[expect(clippy::cast_precision_loss, reason = "a few seconds of ticks")]
            let end = (pts.last().unwrap() + lengths.last().unwrap()) as f64 * base;
            complaints.near("the sound's end", end, self.seconds(), tolerance);
        } else {
            complaints.near(
                "the sound's start",
                number(&stream["start_time"]),
                0.0,
                0.001,
            );
            complaints.near(
                "the sound's length",
                number(&stream["duration"]),
                self.seconds(),
                tolerance,
            );
            let picture = number(&probe.of("video").unwrap()["duration"]);
            let frame =
                1.0 / fraction(probe.of("video").unwrap()["r_frame_rate"].as_str().unwrap());
            complaints.near(
                "the sound's length beside the picture's",
                number(&stream["duration"]),
                picture,
                frame,
            );
        }
        complaints
    }
}

/// The field order of a rendition's pieces, put behind each other.
fn field_order(playlist: &Path) -> Value {
    let folder = playlist.parent().unwrap();
    let mut file = tempfile::NamedTempFile::with_suffix(".mp4").unwrap();
    let pieces = fs::read_to_string(playlist).unwrap();
    let pieces = pieces
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty());
    for piece in std::iter::once("init.mp4").chain(pieces) {
        file.write_all(&fs::read(folder.join(piece)).unwrap())
            .unwrap();
    }
    probe(file.path()).of("video").unwrap()["field_order"].clone()
}

/// A progressive MP4 as the web wants it: the index first, a picture, a sound, nothing else.
fn container(path: &Path) -> Complaints {
    let mut complaints = Complaints::default();
    let boxes = top_boxes(path);
    let place = |name: &str| boxes.iter().position(|b| b == name);
    complaints.equal("the first box", boxes[0].as_str(), "ftyp");
    complaints.unless(
        place("moov") < place("mdat") && place("moov").is_some(),
        format!("boxes are {boxes:?}"),
    );
    complaints.equal("the number of tracks", probe(path).streams().len(), 2);
    let tracks = mediainfo(path);
    let video = tracks.iter().find(|t| t["@type"] == "Video").unwrap();
    let wanted = [
        ("FrameRate_Mode", "CFR"),
        ("ScanType", "Progressive"),
        ("ChromaSubsampling", "4:2:0"),
        ("BitDepth", "8"),
        ("colour_range", "Limited"),
        ("colour_primaries", "BT.709"),
        ("transfer_characteristics", "BT.709"),
        ("matrix_coefficients", "BT.709"),
    ];
    for (field, value) in wanted {
        complaints.equal(
            &format!("MediaInfo's {field}"),
            video[field].as_str().unwrap_or_default(),
            value,
        );
    }
    let others: Vec<_> = tracks.iter().filter_map(|t| t["@type"].as_str()).collect();
    complaints.equal(
        "MediaInfo's tracks",
        others,
        vec!["General", "Video", "Audio"],
    );
    complaints
}

#[test]
fn a_film_in_1080p_gives_the_four_rungs_and_a_master_in_1080p() {
    needs!("ffmpeg", "ffprobe", "mediainfo");
    let film = from_sources(
        "hd.mp4",
        "testsrc2=s=1920x1080:r=25:d=1",
        Some("sine=r=48000:d=1"),
        &[],
    );
    let place = Place::new();
    place.introduced("成都第一片区", "甲大学《一》.mp4", &film);
    let mut command = program::zhanbo();
    command
        .arg("run")
        .arg(place.inbox())
        .arg("-o")
        .arg(place.out());
    ended(&mut command).with(0);
    let record = program::report(&place.out())["submissions"][0].clone();
    let made = Made { place, record };
    let sizes: Vec<_> = made
        .variants()
        .iter()
        .map(|v| {
            format!(
                "{} {}x{}",
                v["rung"].as_str().unwrap(),
                v["width"],
                v["height"]
            )
        })
        .collect();
    assert_eq!(
        sizes,
        [
            "1080p 1920x1080",
            "720p 1280x720",
            "480p 854x480",
            "360p 640x360"
        ]
    );
    made.is_right_with_hall(1.0, "25/1", (1920, 1080));
}

#[test]
fn b_frames_at_29_97_keep_every_frame_and_the_exact_rate() {
    needs!("ffmpeg", "ffprobe", "mediainfo");
    let film = from_sources(
        "b-frames.mp4",
        "testsrc2=s=1280x720:r=30000/1001:d=2",
        Some("sine=r=48000:d=2"),
        &["-preset", "veryfast", "-bf", "3", "-g", "60"],
    );
    let made = Made::of(&film);
    made.is_right(2.002, "30000/1001");
    assert_eq!(made.variants()[0]["frames"], 60);
}

#[test]
fn twelve_and_a_half_frames_a_second_become_twenty_five() {
    needs!("ffmpeg", "ffprobe", "mediainfo");
    let film = from_sources(
        "slow.mp4",
        "testsrc2=s=640x360:r=25/2:d=2",
        Some("sine=r=48000:d=2"),
        &[],
    );
    let made = Made::of(&film);
    made.is_right(2.0, "25/1");
    assert_eq!(made.variants()[0]["frames"], 50);
}

#[test]
fn frames_that_jitter_come_out_evenly_spaced() {
    needs!("ffmpeg", "ffprobe", "mediainfo");
    let film = from_sources(
        "jitter.mp4",
        "testsrc2=s=640x360:r=25:d=2,settb=1/90000,setpts='(N/25+if(mod(N,3),0.015,0))/TB'",
        Some("sine=r=48000:d=2"),
        &[
            "-vsync",
            "passthrough",
            "-enc_time_base",
            "1:90000",
            "-video_track_timescale",
            "90000",
        ],
    );
    let made = Made::of(&film);
    assert_eq!(made.record["media"]["video"]["variable_frame_rate"], true);
    made.is_right(2.0, "25/1");
}

#[test]
fn a_film_of_two_frame_rates_comes_out_in_one() {
    needs!("ffmpeg", "ffprobe", "mediainfo");
    let film = from_sources(
        "two-rates.mp4",
        "testsrc2=s=640x360:r=15:d=1,settb=1/90000[a];testsrc2=s=640x360:r=30:d=1,settb=1/90000[b];[a][b]concat",
        Some("sine=r=48000:d=2"),
        &[
            "-vsync",
            "passthrough",
            "-enc_time_base",
            "1:90000",
            "-video_track_timescale",
            "90000",
        ],
    );
    let made = Made::of(&film);
    assert_eq!(made.record["media"]["video"]["variable_frame_rate"], true);
    let rate = made.variants()[0]["frame_rate"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        ["24000/1001", "24/1", "25/1", "30000/1001", "30/1"].contains(&rate.as_str()),
        "{rate}"
    );
    made.is_right(2.0, &rate);
}

#[test]
fn a_picture_that_lies_on_its_side_is_turned_upright() {
    needs!("ffmpeg", "ffprobe", "mediainfo");
    // Stored upright with red above blue; turned clockwise by 90 degrees red is on the right.
    let stored = from_sources(
        "portrait.mp4",
        "color=red:s=360x320:r=25:d=1[a];color=blue:s=360x320:r=25:d=1[b];[a][b]vstack",
        Some("sine=r=48000:d=1"),
        &[],
    );
    let made = Made::of(&media_maker::turned(&stored, 640));
    let video = &made.record["media"]["video"];
    assert_eq!(
        (&video["display_width"], &video["display_height"]),
        (&640.into(), &360.into())
    );
    made.is_right(1.0, "25/1");
    let [left, right] = halves(&made.output("master"), "0.4");
    assert!(
        left[2] > 200 && left[0] < 60,
        "left {left:?} should be blue"
    );
    assert!(
        right[0] > 200 && right[2] < 60,
        "right {right:?} should be red"
    );
}

#[test]
fn oblong_pixels_become_square() {
    needs!("ffmpeg", "ffprobe", "mediainfo");
    let film = from_sources(
        "anamorphic.mp4",
        "testsrc2=s=480x360:r=25:d=1,setsar=4/3",
        Some("sine=r=48000:d=1"),
        &[],
    );
    let made = Made::of(&film);
    made.is_right(1.0, "25/1");
    assert_eq!(made.variants()[0]["width"], 640);
}

#[test]
fn interlaced_mpeg2_with_mp2_sound_comes_out_progressive() {
    needs!("ffmpeg", "ffprobe", "mediainfo");
    let film = film(
        "interlaced.mpg",
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=s=720x576:r=50:d=2,interlace=scan=tff,setsar=64/45",
            "-f",
            "lavfi",
            "-i",
            "sine=r=48000:d=2",
            "-c:v",
            "mpeg2video",
            "-b:v",
            "4M",
            "-flags",
            "+ildct+ilme",
            "-top",
            "1",
            "-r",
            "25",
            "-c:a",
            "mp2",
            "-f",
            "vob",
        ],
    );
    let made = Made::of(&film);
    assert_eq!(made.record["media"]["video"]["scan"], "top-first");
    let rate = made.variants()[0]["frame_rate"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(["25/1", "50/1"].contains(&rate.as_str()), "{rate}");
    made.is_right(2.0, &rate);
}

#[test]
fn a_film_without_sound_gets_silence_as_long_as_itself() {
    needs!("ffmpeg", "ffprobe", "mediainfo");
    let film = from_sources("silent.mp4", "testsrc2=s=640x360:r=25:d=2", None, &[]);
    let made = Made::of(&film);
    made.is_right(2.0, "25/1");
    let loudest = peaks(&made.output("web_mp4"))
        .into_iter()
        .fold(0.0, f64::max);
    assert!(loudest < 0.001, "{loudest}");
}

#[test]
fn mono_sound_at_44_1_khz_becomes_stereo_at_48_khz() {
    needs!("ffmpeg", "ffprobe", "mediainfo");
    let film = from_sources(
        "mono.mp4",
        "testsrc2=s=640x360:r=25:d=2",
        Some("sine=r=44100:d=2"),
        &["-ac", "1", "-ar", "44100"],
    );
    Made::of(&film).is_right(2.0, "25/1");
}

#[test]
fn surround_sound_becomes_stereo() {
    needs!("ffmpeg", "ffprobe", "mediainfo");
    let film = from_sources(
        "surround.mp4",
        "testsrc2=s=640x360:r=25:d=2",
        Some("sine=r=48000:d=2,pan=5.1|c0=c0|c1=c0|c2=c0|c3=c0|c4=c0|c5=c0"),
        &["-b:a", "256k"],
    );
    let made = Made::of(&film);
    assert_eq!(made.record["media"]["audio"]["channels"], 6);
    made.is_right(2.0, "25/1");
}

#[test]
fn sound_that_starts_late_stays_late() {
    needs!("ffmpeg", "ffprobe", "mediainfo");
    let film = film(
        "late-sound.mp4",
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=s=640x360:r=25:d=2",
            "-itsoffset",
            "0.5",
            "-f",
            "lavfi",
            "-i",
            "sine=r=48000:d=1.5,volume=5",
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            "-pix_fmt",
            "yuv420p",
            "-c:a",
            "aac",
        ],
    );
    let made = Made::of(&film);
    made.is_right(2.0, "25/1");
    for output in ["master", "web_mp4"] {
        let peaks = peaks(&made.output(output));
        assert!(
            peaks[..4].iter().all(|p| *p < 0.02),
            "{output} is not silent before 0.5 s: {peaks:.3?}"
        );
        assert!(
            peaks[6..18].iter().all(|p| *p > 0.05),
            "{output} is silent after 0.5 s: {peaks:.3?}"
        );
    }
}

#[test]
fn odd_sizes_become_even_and_full_chroma_is_halved() {
    needs!("ffmpeg", "ffprobe", "mediainfo");
    let film = from_sources(
        "odd.mp4",
        "testsrc2=s=641x361:r=25:d=1",
        Some("sine=r=48000:d=1"),
        &["-pix_fmt", "yuv444p"],
    );
    Made::of(&film).is_right(1.0, "25/1");
}

#[test]
fn the_full_range_becomes_the_limited_one_and_white_stays_white() {
    needs!("ffmpeg", "ffprobe", "mediainfo");
    let film = from_sources(
        "full-range.mp4",
        "color=black:s=320x360:r=25:d=1[a];color=white:s=320x360:r=25:d=1[b];[a][b]hstack,scale=out_range=full,format=yuvj420p",
        Some("sine=r=48000:d=1"),
        &["-pix_fmt", "yuvj420p", "-color_range", "pc"],
    );
    let made = Made::of(&film);
    assert_eq!(made.record["media"]["video"]["full_range"], true);
    made.is_right(1.0, "25/1");
    let [black, white] = halves(&made.output("master"), "0.4");
    assert!(black.iter().all(|c| *c < 12), "black is {black:?}");
    assert!(white.iter().all(|c| *c > 243), "white is {white:?}");
}

#[test]
fn high_dynamic_range_comes_out_in_the_standard_one() {
    needs!("ffmpeg", "ffprobe", "mediainfo");
    if !has_encoder("libx265") {
        return;
    }
    let film = film(
        "hdr.mp4",
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=s=640x360:r=25:d=1",
            "-f",
            "lavfi",
            "-i",
            "sine=r=48000:d=1",
            "-c:v",
            "libx265",
            "-preset",
            "ultrafast",
            "-pix_fmt",
            "yuv420p10le",
            "-tag:v",
            "hvc1",
            "-x265-params",
            "log-level=error:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc",
            "-color_primaries",
            "bt2020",
            "-color_trc",
            "smpte2084",
            "-colorspace",
            "bt2020nc",
            "-c:a",
            "aac",
        ],
    );
    let made = Made::of(&film);
    assert_eq!(made.record["media"]["video"]["hdr"], "pq");
    made.is_right(1.0, "25/1");
}

#[test]
fn sound_that_outlasts_the_picture_holds_the_last_picture() {
    needs!("ffmpeg", "ffprobe", "mediainfo");
    let film = from_sources(
        "long-sound.mp4",
        "testsrc2=s=640x360:r=25:d=1",
        Some("sine=r=48000:d=3"),
        &[],
    );
    Made::of(&film).is_right(3.0, "25/1");
}

#[test]
fn sound_that_ends_early_is_followed_by_silence() {
    needs!("ffmpeg", "ffprobe", "mediainfo");
    let film = from_sources(
        "short-sound.mp4",
        "testsrc2=s=640x360:r=25:d=3",
        Some("sine=r=48000:d=1"),
        &[],
    );
    Made::of(&film).is_right(3.0, "25/1");
}

#[test]
fn one_picture_with_three_seconds_of_sound_is_a_film_of_three_seconds() {
    needs!("ffmpeg", "ffprobe", "mediainfo");
    let film = from_sources(
        "one-frame.mp4",
        "testsrc2=s=640x360:r=25:d=0.04",
        Some("sine=r=48000:d=3"),
        &[],
    );
    let made = Made::of(&film);
    let rate = made.variants()[0]["frame_rate"]
        .as_str()
        .unwrap()
        .to_owned();
    made.is_right(3.0, &rate);
}

#[test]
fn a_whole_matroska_file_whose_clock_starts_late_is_not_called_cut() {
    needs!("ffmpeg", "ffprobe", "mediainfo");
    let film = from_sources(
        "late-clock.mkv",
        "testsrc2=s=640x360:r=25:d=2",
        Some("sine=r=48000:d=2"),
        &["-output_ts_offset", "3"],
    );
    let made = Made::of(&film);
    assert!(number(&probe(&film).of("video").unwrap()["start_time"]) > 2.9);
    made.is_right(2.0, "25/1");
}

#[test]
fn a_clock_that_starts_at_ten_seconds_starts_at_zero() {
    needs!("ffmpeg", "ffprobe", "mediainfo");
    let film = film(
        "ten-seconds.mpg",
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=s=640x360:r=25:d=2",
            "-f",
            "lavfi",
            "-i",
            "sine=r=48000:d=2",
            "-c:v",
            "mpeg2video",
            "-b:v",
            "3M",
            "-c:a",
            "mp2",
            "-output_ts_offset",
            "10",
            "-f",
            "vob",
        ],
    );
    let made = Made::of(&film);
    assert!(number(&probe(&film).of("video").unwrap()["start_time"]) > 9.0);
    made.is_right(2.0, "25/1");
}

#[test]
fn what_an_edit_list_hides_stays_hidden() {
    needs!("ffmpeg", "ffprobe", "mediainfo");
    let whole = from_sources(
        "whole.mp4",
        "color=red:s=640x360:r=25:d=0.6[a];color=blue:s=640x360:r=25:d=1.4[b];[a][b]concat",
        Some("sine=r=48000:d=2"),
        &["-g", "100"],
    );
    // A cut without encoding keeps the red keyframe and hides it, and all up to the cut, by an edit list.
    let film = film(
        "cut.mp4",
        &["-ss", "0.8", "-i", whole.to_str().unwrap(), "-c", "copy"],
    );
    let made = Made::of(&film);
    made.is_right(1.2, "25/1");
    let [left, _] = halves(&made.output("master"), "0");
    assert!(
        left[2] > 200 && left[0] < 60,
        "the film begins with {left:?}, not with blue"
    );
}
