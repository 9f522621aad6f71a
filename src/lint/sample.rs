//! A good package of fourteen seconds, made by our own writers from invented samples, to be made wrong on purpose. In: a
//! [`Film`]. Out: [`Files`], which can be changed and then judged. For tests.

use std::collections::BTreeMap;
use std::path::Path;

use super::{Clause, Level, Lint, lint};
use crate::subtitle::{self, Cue};
use crate::transcode::h264::AvcConfig;
use crate::transcode::hls::{
    self, AudioRendition, MediaPlaylist, Segment, SubtitleRendition, Variant,
};
use crate::transcode::mp4::{self, Codec, Fragments, Sample, Track};
use crate::units::{FrameRate, Millis};

/// Everything about a film that a test may want otherwise.
#[derive(Debug, Clone)]
pub(super) struct Film {
    pub(super) pictures: Vec<Picture>,
    pub(super) sound: Sound,
    pub(super) cues: Vec<Cue>,
}

/// One rung.
#[derive(Debug, Clone)]
pub(super) struct Picture {
    pub(super) name: &'static str,
    pub(super) sps: SpsText,
    /// Frames a second.
    pub(super) rate: u32,
    /// Frames of each segment.
    pub(super) segments: Vec<usize>,
    /// Frames between key frames.
    pub(super) gop: usize,
    /// Bytes of a key frame, and of the others.
    pub(super) sizes: (u32, u32),
    /// Bytes by which the frames of the middle segment are larger.
    pub(super) extra: u32,
}

/// The sound.
#[derive(Debug, Clone)]
pub(super) struct Sound {
    /// `AudioSpecificConfig`.
    pub(super) config: Vec<u8>,
    pub(super) sample_rate: u32,
    pub(super) bit_rate: u32,
    /// Frames of 1024 samples in each segment.
    pub(super) segments: Vec<usize>,
    /// Bytes by which the frames of the middle segment are larger.
    pub(super) extra: u32,
}

/// What to write into a parameter set.
#[derive(Debug, Clone)]
pub(super) struct SpsText {
    pub(super) profile: u8,
    pub(super) level: u8,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) frames_only: bool,
    pub(super) colour: Option<[u8; 3]>,
}

impl SpsText {
    fn bytes(&self) -> Vec<u8> {
        let mut bits = BitWriter::default();
        bits.unsigned(0);
        if self.profile >= 100 {
            // chroma_format_idc 1, 8 bits, no bypass, no scaling lists.
            for value in [1, 0, 0] {
                bits.unsigned(value);
            }
            bits.bits(0, 2);
        }
        for value in [0, 2, 1] {
            bits.unsigned(value);
        }
        bits.bits(0, 1);
        let rows = self.height.div_ceil(16);
        let units = if self.frames_only {
            rows
        } else {
            rows.div_ceil(2)
        };
        bits.unsigned(self.width.div_ceil(16) - 1);
        bits.unsigned(units - 1);
        bits.bits(u32::from(self.frames_only), 1);
        if !self.frames_only {
            bits.bits(0, 1);
        }
        bits.bits(1, 1);
        let coded = units * if self.frames_only { 16 } else { 32 };
        let crop = (coded - self.height) / if self.frames_only { 2 } else { 4 };
        bits.bits(u32::from(crop > 0), 1);
        if crop > 0 {
            for value in [0, 0, 0, crop] {
                bits.unsigned(value);
            }
        }
        bits.bits(1, 1);
        // No aspect ratio, no overscan; video_signal_type with or without a colour description.
        bits.bits(0, 2);
        bits.bits(u32::from(self.colour.is_some()), 1);
        if let Some(colour) = self.colour {
            // Unspecified format, limited range, and a description of colours.
            bits.bits(0b10101, 5);
            for value in colour {
                bits.bits(u32::from(value), 8);
            }
        }
        // No chroma position, timing, HRD, pic_struct or restriction; then the stop bit.
        bits.bits(0, 6);
        bits.bits(1, 1);
        let mut out = vec![0x67, self.profile, 0, self.level];
        out.extend(bits.bytes);
        out
    }
}

#[derive(Default)]
struct BitWriter {
    bytes: Vec<u8>,
    used: usize,
}

impl BitWriter {
    fn bits(&mut self, value: u32, count: usize) {
        for at in (0..count).rev() {
            if self.used.is_multiple_of(8) {
                self.bytes.push(0);
            }
            let bit = u8::from(value >> at & 1 == 1);
            *self.bytes.last_mut().unwrap() |= bit << (7 - self.used % 8);
            self.used += 1;
        }
    }

    fn unsigned(&mut self, value: u32) {
        let length = (value + 1).ilog2() as usize;
        self.bits(0, length);
        self.bits(value + 1, length + 1);
    }
}

impl Default for Film {
    fn default() -> Self {
        let picture = |name, width, height, level, sizes| Picture {
            name,
            sps: SpsText {
                profile: 100,
                level,
                width,
                height,
                frames_only: true,
                colour: Some([1, 1, 1]),
            },
            rate: 25,
            segments: vec![150, 150, 50],
            gop: 50,
            sizes,
            extra: 0,
        };
        let cue = |start, end, text: &str| Cue {
            start: Millis(start),
            end: Millis(end),
            text: text.into(),
        };
        Film {
            pictures: vec![
                picture("360p", 640, 360, 22, (3000, 400)),
                picture("180p", 320, 180, 12, (1500, 200)),
            ],
            sound: Sound {
                config: vec![0x11, 0x90],
                sample_rate: 48_000,
                bit_rate: 128_000,
                segments: vec![282, 281, 94],
                extra: 0,
            },
            cues: vec![
                cue(1000, 3000, "春天的脚步"),
                cue(5000, 7500, "跨过分片边界 & 的一句"),
                cue(12_500, 13_900, "再见"),
            ],
        }
    }
}

/// A package in memory, by names.
#[derive(Debug, Clone)]
pub(super) struct Files(pub(super) BTreeMap<String, Vec<u8>>);

impl Film {
    /// The package's files.
    pub(super) fn files(&self) -> Files {
        let mut files = Files(BTreeMap::new());
        let variants: Vec<Variant> = self.pictures.iter().map(|p| p.write(&mut files)).collect();
        let audio = self.sound.write(&mut files);
        let subtitles = self.subtitles(&mut files);
        let text = hls::multivariant(&variants, &audio, &[subtitles]);
        files.put("master.m3u8", text.into_bytes());
        files
    }

    fn subtitles(&self, files: &mut Files) -> SubtitleRendition {
        let ends = [6000, 12_000, 14_000].map(Millis);
        let mut segments = Vec::new();
        let mut start = 0;
        for (index, text) in subtitle::segment(&self.cues, &ends).into_iter().enumerate() {
            let uri = format!("{:05}.vtt", index + 1);
            segments.push(Segment {
                uri: uri.clone(),
                bytes: text.len() as u64,
                ticks: ends[index].0 - start,
                key_frames: vec![],
            });
            start = ends[index].0;
            files.put(&format!("zh/{uri}"), text.into_bytes());
        }
        let playlist = MediaPlaylist {
            timescale: 1000,
            init: None,
            segments,
        };
        files.put("zh/index.m3u8", playlist.to_text(6).into_bytes());
        SubtitleRendition {
            uri: "zh/index.m3u8".into(),
            language: "zh".into(),
            name: "中文".into(),
            forced: false,
            rates: playlist.rates(6),
        }
    }
}

impl Picture {
    fn write(&self, files: &mut Files) -> Variant {
        let config = AvcConfig {
            sps: self.sps.bytes(),
            pps: vec![0x68, 0xee, 0x3c, 0x80],
        };
        let codecs = config.codecs();
        let side = |pixels: u32| u16::try_from(pixels).unwrap();
        let track = Track {
            codec: Codec::Avc {
                config,
                width: side(self.sps.width),
                height: side(self.sps.height),
            },
            timescale: self.rate,
            starts_at: 0,
        };
        let mut frame = 0;
        let mut segments = Vec::new();
        for (index, frames) in self.segments.iter().enumerate() {
            let keys: Vec<bool> = (frame..frame + frames).map(|f| f % self.gop == 0).collect();
            frame += frames;
            let extra = if index == 1 { self.extra } else { 0 };
            segments.push(keys.iter().map(|key| self.sample(*key, extra)).collect());
        }
        let playlist = write(
            files,
            self.name,
            &track,
            segments,
            0,
            Fragments::KeyFramesApart,
        );
        let i_frames = playlist.i_frames_text(6);
        files.put(
            &format!("{}/iframes.m3u8", self.name),
            i_frames.into_bytes(),
        );
        Variant {
            uri: format!("{}/index.m3u8", self.name),
            codecs,
            width: self.sps.width,
            height: self.sps.height,
            frame_rate: FrameRate::new(self.rate, 1).unwrap(),
            rates: playlist.rates(6),
            i_frames_uri: format!("{}/iframes.m3u8", self.name),
            i_frame_rates: playlist.i_frame_rates(6),
        }
    }

    fn sample(&self, key: bool, extra: u32) -> Sample {
        let size = if key { self.sizes.0 } else { self.sizes.1 } + extra;
        Sample {
            size,
            duration: 1,
            composition_offset: 0,
            key,
        }
    }
}

impl Sound {
    fn write(&self, files: &mut Files) -> AudioRendition {
        let track = Track {
            codec: Codec::Aac {
                config: self.config.clone(),
                sample_rate: self.sample_rate,
                bit_rate: self.bit_rate,
            },
            timescale: self.sample_rate,
            starts_at: 1024,
        };
        let sample = Sample {
            size: 341,
            duration: 1024,
            composition_offset: 0,
            key: true,
        };
        let louder = Sample {
            size: sample.size + self.extra,
            ..sample
        };
        let in_segment = |(nth, frames): (usize, &usize)| match nth {
            1 => vec![louder; *frames],
            _ => vec![sample; *frames],
        };
        let segments = self.segments.iter().enumerate().map(in_segment).collect();
        let playlist = write(files, "audio", &track, segments, 1024, Fragments::One);
        AudioRendition {
            uri: "audio/index.m3u8".into(),
            language: "zh".into(),
            name: "原声".into(),
            rates: playlist.rates(6),
        }
    }
}

fn write(
    files: &mut Files,
    folder: &str,
    track: &Track,
    segments: Vec<Vec<Sample>>,
    hidden: u64,
    cut: Fragments,
) -> MediaPlaylist {
    files.put(&format!("{folder}/init.mp4"), mp4::init_segment(track));
    let (mut time, mut sequence) = (0, 1);
    let mut written = Vec::new();
    for (index, samples) in segments.into_iter().enumerate() {
        let data: Vec<u8> = samples.iter().flat_map(slice).collect();
        let segment = mp4::media_segment(sequence, time, &samples, &data, cut);
        let ticks: u64 = samples.iter().map(|s| u64::from(s.duration)).sum();
        sequence += segment.fragments;
        time += ticks;
        let uri = format!("{:05}.m4s", index + 1);
        written.push(Segment {
            uri: uri.clone(),
            bytes: segment.bytes.len() as u64,
            ticks: ticks - if index == 0 { hidden } else { 0 },
            key_frames: segment.key_frames,
        });
        files.put(&format!("{folder}/{uri}"), segment.bytes);
    }
    let playlist = MediaPlaylist {
        timescale: track.timescale,
        init: Some("init.mp4".into()),
        segments: written,
    };
    files.put(
        &format!("{folder}/index.m3u8"),
        playlist.to_text(6).into_bytes(),
    );
    playlist
}

/// A NAL unit of the sample's size: an IDR slice, or another.
fn slice(sample: &Sample) -> Vec<u8> {
    let mut nal = (sample.size - 4).to_be_bytes().to_vec();
    nal.push(if sample.key { 0x65 } else { 0x41 });
    nal.resize(sample.size as usize, 0x55);
    nal
}

impl Files {
    pub(super) fn put(&mut self, name: &str, bytes: Vec<u8>) {
        self.0.insert(name.into(), bytes);
    }

    pub(super) fn text(&self, name: &str) -> String {
        String::from_utf8(self.0[name].clone()).unwrap()
    }

    /// Replaces the first `from` in a file, which must be there.
    pub(super) fn swap(mut self, name: &str, from: &str, to: &str) -> Self {
        let text = self.text(name);
        assert!(text.contains(from), "{from:?} is not in {name}:\n{text}");
        self.put(name, text.replacen(from, to, 1).into_bytes());
        self
    }

    /// Replaces all.
    pub(super) fn swap_all(mut self, name: &str, from: &str, to: &str) -> Self {
        let text = self.text(name);
        assert!(text.contains(from), "{from:?} is not in {name}:\n{text}");
        self.put(name, text.replace(from, to).into_bytes());
        self
    }

    /// A line more, in front of the first line that begins with this.
    pub(super) fn before(self, name: &str, line: &str, new: &str) -> Self {
        self.swap(name, line, &format!("{new}\n{line}"))
    }

    /// Changes bytes of a box's content, at an offset behind its name, in its `nth` occurrence.
    pub(super) fn poke(
        mut self,
        name: &str,
        kind: &str,
        nth: usize,
        at: usize,
        new: &[u8],
    ) -> Self {
        let bytes = self.0.get_mut(name).unwrap();
        let found = bytes
            .windows(4)
            .enumerate()
            .filter(|(_, w)| *w == kind.as_bytes());
        let place = found.map(|(place, _)| place).nth(nth).unwrap() + 4 + at;
        bytes[place..place + new.len()].copy_from_slice(new);
        self
    }

    /// Gives the first box of a name another name.
    pub(super) fn poke_name(mut self, name: &str, kind: &str, new: &str) -> Self {
        let bytes = self.0.get_mut(name).unwrap();
        let place = bytes.windows(4).position(|w| w == kind.as_bytes()).unwrap();
        bytes[place..place + 4].copy_from_slice(new.as_bytes());
        self
    }

    /// Writes everything into a folder.
    pub(super) fn write(&self, folder: &Path) {
        for (name, bytes) in &self.0 {
            let path = folder.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            let mut file = std::fs::File::create(path).unwrap();
            std::io::Write::write_all(&mut file, bytes).unwrap();
        }
    }

    /// Judged from the multivariant playlist.
    pub(super) fn lint(&self) -> Lint {
        let folder = tempfile::tempdir().unwrap();
        self.write(folder.path());
        lint(&folder.path().join("master.m3u8")).unwrap()
    }
}

/// Whether a clause is more than a note.
pub(super) fn counts(clause: Clause) -> bool {
    clause.about().level != Level::Note
}
