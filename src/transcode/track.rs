//! Encoded tracks on their way into files. In: packets. Out: HLS segments as they fill, and a spool from which the
//! progressive files are laid out once all sizes are known. Holds one segment in memory, never a film.

use std::fs::File;
use std::io::{self, Read, Write};

use super::copy::segment_tolerance;
use super::h264::{AvcConfig, length_prefixed};
use super::hls::{MediaPlaylist, Segment};
use super::ladder::{HallPicture, Recipe};
use super::loudness::Levels;
use super::make::MakeError;
use super::mp4::{self, Codec, Fragments, FullTrack, Sample, Track};
use super::sound::Framer;
use super::verify;
use crate::av::{AudioSamples, EncodedPacket, Encoder};
use crate::layout::{HLS, INIT, MEDIA, Staging, segment_name};
use crate::preset::Rung;
use crate::subtitle::Cue;
use crate::units::FrameRate;

/// Samples of one AAC-LC frame (ISO/IEC 14496-3).
pub(super) const AAC_FRAME: usize = 1024;

/// Frames of each HLS segment, all of the same length but the last; those of a copied picture end at its own IDR pictures.
pub(super) fn segment_frames(recipe: &Recipe) -> Vec<u64> {
    match &recipe.copy {
        Some(copy) => copy
            .segments(recipe.segment_frames, recipe.frames, recipe.frame_rate)
            .collect(),
        None => even_segments(recipe.frames, recipe.segment_frames, recipe.frame_rate),
    }
}

/// A rest of a few frames belongs to the segment before: players pass over a segment as short as that, and never end.
fn even_segments(frames: u64, wanted: u32, rate: FrameRate) -> Vec<u64> {
    let length = u64::from(wanted.max(1));
    let mut segments = vec![length; usize::try_from(frames / length).unwrap_or(usize::MAX)];
    match (frames % length, segments.last_mut()) {
        (0, _) => {}
        (rest, Some(last)) if rest <= segment_tolerance(rate) => *last += rest,
        (rest, _) => segments.push(rest),
    }
    segments
}

/// HLS segments of one rendition.
struct Segmenter {
    folder: String,
    fragments: Fragments,
    number: usize,
    // Number of the next fragment.
    sequence: u32,
    base_time: u64,
    samples: Vec<Sample>,
    data: Vec<u8>,
    written: Vec<Segment>,
}

impl Segmenter {
    fn new(staging: &Staging, folder: String, track: &Track) -> Result<Self, MakeError> {
        let fragments = match track.codec {
            Codec::Avc { .. } => Fragments::KeyFramesApart,
            Codec::Aac { .. } | Codec::Chapters | Codec::TimedText { .. } => Fragments::One,
        };
        let name = format!("{folder}/{INIT}");
        staging
            .write(&name, &mp4::init_segment(track))
            .map_err(|source| MakeError::Write { name, source })?;
        Ok(Segmenter {
            folder,
            fragments,
            number: 0,
            sequence: 1,
            base_time: 0,
            samples: vec![],
            data: vec![],
            written: vec![],
        })
    }

    fn add(&mut self, sample: Sample, data: &[u8]) {
        self.samples.push(sample);
        self.data.extend_from_slice(data);
    }

    /// Writes what is held as a segment; `hidden` ticks at its start are decoded but not presented.
    fn cut(&mut self, staging: &Staging, hidden: u64) -> Result<(), MakeError> {
        if self.samples.is_empty() {
            return Ok(());
        }
        self.number += 1;
        let uri = segment_name(self.number, "m4s");
        let segment = mp4::media_segment(
            self.sequence,
            self.base_time,
            &self.samples,
            &self.data,
            self.fragments,
        );
        self.sequence = self.sequence.saturating_add(segment.fragments);
        let name = format!("{}/{uri}", self.folder);
        staging
            .write(&name, &segment.bytes)
            .map_err(|source| MakeError::Write { name, source })?;
        let ticks: u64 = self.samples.iter().map(|s| u64::from(s.duration)).sum();
        self.written.push(Segment {
            uri,
            bytes: segment.bytes.len() as u64,
            ticks: ticks.saturating_sub(hidden),
            key_frames: segment.key_frames,
        });
        self.base_time += ticks;
        self.samples.clear();
        self.data.clear();
        Ok(())
    }
}

/// Samples of one track, kept in a file until the progressive file is laid out.
pub(super) struct Spool {
    pub(super) name: String,
    pub(super) file: File,
    pub(super) full: FullTrack,
}

impl Spool {
    pub(super) fn new(staging: &Staging, name: String, track: Track) -> Result<Self, MakeError> {
        let file = staging.create(&name).map_err(|source| MakeError::Write {
            name: name.clone(),
            source,
        })?;
        Ok(Spool {
            name,
            file,
            full: FullTrack {
                track,
                samples: vec![],
            },
        })
    }

    pub(super) fn add(&mut self, sample: Sample, data: &[u8]) -> Result<(), MakeError> {
        self.full.samples.push(sample);
        self.file
            .write_all(data)
            .map_err(|source| MakeError::Write {
                name: self.name.clone(),
                source,
            })
    }
}

/// One picture: a rung, or the hall's own.
pub(super) struct PictureTrack {
    config: AvcConfig,
    // The time scale is the rate's numerator, so that one frame is its denominator in ticks.
    timescale: u32,
    ticks: u32,
    delay: i64,
    decoded: i64,
    // The frame at which the next segment begins, and those of the segments behind it.
    next_border: i64,
    borders: std::vec::IntoIter<i64>,
    segmenter: Option<Segmenter>,
    spool: Option<Spool>,
    /// Its media playlist, once finished; none for the hall's picture.
    pub(super) playlist: Option<MediaPlaylist>,
    /// Characters that were to be drawn on it and that no font has.
    pub(super) missing: String,
}

impl PictureTrack {
    /// `headers` are SPS and PPS as Annex B; `delay` is by how many frames reordering delays the picture.
    pub(super) fn new(
        staging: &Staging,
        recipe: &Recipe,
        rung: &Rung,
        (headers, delay): (&[u8], u32),
    ) -> Result<Self, MakeError> {
        let Some(config) = AvcConfig::from_annex_b(headers) else {
            return Err(MakeError::Mismatch(format!(
                "the picture of {} has no parameter sets",
                rung.name
            )));
        };
        let side = |pixels: u32| u16::try_from(pixels).unwrap_or(u16::MAX);
        let codec = Codec::Avc {
            config: config.clone(),
            width: side(rung.width),
            height: side(rung.height),
        };
        let track = Track {
            codec,
            timescale: recipe.frame_rate.num,
            starts_at: delay * recipe.frame_rate.den,
        };
        let is_hall = matches!(&recipe.hall, HallPicture::Own(own) if own.rung == *rung);
        let is_top = recipe.rungs.first() == Some(rung);
        let segmenter = (!is_hall)
            .then(|| Segmenter::new(staging, format!("{MEDIA}/{HLS}/{}", rung.name), &track))
            .transpose()?;
        let spool = (is_top || is_hall)
            .then(|| Spool::new(staging, format!("{}.spool", rung.name), track))
            .transpose()?;
        let mut borders = picture_borders(recipe).into_iter();
        Ok(PictureTrack {
            config,
            timescale: recipe.frame_rate.num,
            ticks: recipe.frame_rate.den,
            delay: i64::from(delay),
            decoded: 0,
            next_border: borders.next().unwrap_or(i64::MAX),
            borders,
            segmenter,
            spool,
            playlist: None,
            missing: String::new(),
        })
    }

    pub(super) fn codecs(&self) -> String {
        self.config.codecs()
    }

    pub(super) fn add(
        &mut self,
        staging: &Staging,
        packet: &EncodedPacket,
    ) -> Result<(), MakeError> {
        let data = length_prefixed(&packet.data);
        let frames = packet.pts - self.decoded + self.delay;
        let Ok(frames) = u32::try_from(frames) else {
            let late = format!("pictures come more than {} frames late", self.delay);
            return Err(MakeError::Mismatch(late));
        };
        let sample = Sample {
            size: u32::try_from(data.len()).unwrap_or(u32::MAX),
            duration: self.ticks,
            composition_offset: frames.saturating_mul(self.ticks),
            key: packet.key,
        };
        if let Some(segmenter) = &mut self.segmenter {
            // IDR pictures come first in both orders, so the cut is exact in each.
            if packet.key && packet.pts >= self.next_border {
                segmenter.cut(staging, 0)?;
                self.next_border = self.borders.next().unwrap_or(i64::MAX);
            }
            segmenter.add(sample, &data);
        }
        if let Some(spool) = &mut self.spool {
            spool.add(sample, &data)?;
        }
        self.decoded += 1;
        Ok(())
    }

    pub(super) fn finish(&mut self, staging: &Staging) -> Result<(), MakeError> {
        if let Some(mut segmenter) = self.segmenter.take() {
            segmenter.cut(staging, 0)?;
            let (timescale, segments) = (self.timescale, segmenter.written);
            self.playlist = Some(MediaPlaylist {
                timescale,
                init: Some(INIT.into()),
                segments,
            });
        }
        Ok(())
    }
}

/// What a sound is encoded for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// HLS and the progressive MP4.
    Web,
    /// The hall's master alone.
    Hall,
}

impl Purpose {
    fn spool(self) -> &'static str {
        match self {
            Purpose::Web => "audio.spool",
            Purpose::Hall => "hall-audio.spool",
        }
    }

    /// Name of a file with nothing but the sound, while it is measured.
    fn proof(self) -> &'static str {
        match self {
            Purpose::Web => "audio.mp4",
            Purpose::Hall => "hall-audio.mp4",
        }
    }
}

/// The sound.
pub(super) struct SoundTrack {
    purpose: Purpose,
    encoder: Encoder,
    framer: Framer,
    sent: i64,
    encoded: u64,
    priming: u64,
    total: u64,
    timescale: u32,
    boundaries: std::vec::IntoIter<u64>,
    next_boundary: u64,
    segmenter: Option<Segmenter>,
    spool: Spool,
    /// Its media playlist, once finished; none for the hall's sound.
    pub(super) playlist: Option<MediaPlaylist>,
}

impl SoundTrack {
    pub(super) fn new(
        staging: &Staging,
        recipe: &Recipe,
        encoder: Encoder,
        purpose: Purpose,
    ) -> Result<Self, MakeError> {
        let sample_rate = recipe.audio.sample_rate;
        let bit_rate = u32::try_from(recipe.audio.bit_rate.0).unwrap_or(u32::MAX);
        let codec = Codec::Aac {
            config: encoder.headers(),
            sample_rate,
            bit_rate,
        };
        let priming = encoder.priming();
        let track = Track {
            codec,
            timescale: sample_rate,
            starts_at: priming,
        };
        let mut boundaries = sound_boundaries(recipe).into_iter();
        let next_boundary = boundaries.next().unwrap_or(u64::MAX);
        let segmenter = (purpose == Purpose::Web)
            .then(|| Segmenter::new(staging, format!("{MEDIA}/{HLS}/audio"), &track))
            .transpose()?;
        Ok(SoundTrack {
            purpose,
            segmenter,
            spool: Spool::new(staging, purpose.spool().into(), track)?,
            encoder,
            framer: Framer::default(),
            sent: 0,
            encoded: 0,
            priming: u64::from(priming),
            total: recipe.samples(),
            boundaries,
            next_boundary,
            timescale: sample_rate,
            playlist: None,
        })
    }

    pub(super) fn add(&mut self, staging: &Staging, run: &AudioSamples) -> Result<(), MakeError> {
        for frame in self.framer.push(run, AAC_FRAME) {
            self.encode(staging, &frame)?;
        }
        Ok(())
    }

    fn encode(&mut self, staging: &Staging, frame: &AudioSamples) -> Result<(), MakeError> {
        self.encoder.send_samples(frame, self.sent)?;
        self.sent += i64::try_from(AAC_FRAME).unwrap_or(0);
        self.receive(staging)
    }

    fn receive(&mut self, staging: &Staging) -> Result<(), MakeError> {
        while let Some(packet) = self.encoder.receive()? {
            // What lies behind the film's end is padding: the last frame counts only as far as the film goes.
            let left = (self.total + self.priming).saturating_sub(self.encoded);
            if left == 0 {
                continue;
            }
            let duration = left.min(AAC_FRAME as u64);
            let presented = self.encoded.saturating_sub(self.priming);
            if presented >= self.next_boundary {
                self.cut(staging)?;
                self.next_boundary = self.boundaries.next().unwrap_or(u64::MAX);
            }
            let sample = Sample {
                size: u32::try_from(packet.data.len()).unwrap_or(u32::MAX),
                duration: u32::try_from(duration).unwrap_or(0),
                composition_offset: 0,
                key: true,
            };
            if let Some(segmenter) = &mut self.segmenter {
                segmenter.add(sample, &packet.data);
            }
            self.spool.add(sample, &packet.data)?;
            self.encoded += duration;
        }
        Ok(())
    }

    fn cut(&mut self, staging: &Staging) -> Result<(), MakeError> {
        let Some(segmenter) = &mut self.segmenter else {
            return Ok(());
        };
        let hidden = if segmenter.number == 0 {
            self.priming
        } else {
            0
        };
        segmenter.cut(staging, hidden)
    }

    pub(super) fn finish(&mut self, staging: &Staging) -> Result<(), MakeError> {
        if let Some(last) = std::mem::take(&mut self.framer).finish(AAC_FRAME) {
            self.encode(staging, &last)?;
        }
        self.encoder.finish()?;
        self.receive(staging)?;
        self.cut(staging)?;
        let timescale = self.timescale;
        self.playlist = self.segmenter.take().map(|segmenter| MediaPlaylist {
            timescale,
            init: Some(INIT.into()),
            segments: segmenter.written,
        });
        Ok(())
    }

    /// What the encoded sound measures once it is decoded again.
    pub(super) fn listen(&self, staging: &Staging, recipe: &Recipe) -> Result<Levels, MakeError> {
        let name = self.purpose.proof();
        lay_out(staging, name, &[&self.spool])?;
        let levels = verify::listen(staging, recipe, name)?;
        staging.remove(name).map_err(|source| MakeError::Write {
            name: name.into(),
            source,
        })?;
        Ok(levels)
    }
}

/// Writes a progressive MP4 of these tracks.
pub(super) fn lay_out(staging: &Staging, name: &str, spools: &[&Spool]) -> Result<(), MakeError> {
    let failed = |source| MakeError::Write {
        name: name.to_owned(),
        source,
    };
    let tracks: Vec<FullTrack> = spools.iter().map(|spool| spool.full.clone()).collect();
    let layout = mp4::progressive(&tracks);
    let out = staging.create(name).map_err(failed)?;
    let mut out = io::BufWriter::with_capacity(1 << 20, out);
    out.write_all(&layout.header).map_err(failed)?;
    for spool in spools {
        io::Seek::rewind(&mut &spool.file).map_err(failed)?;
    }
    for chunk in &layout.chunks {
        let source = &spools[chunk.track].file;
        let copied = io::copy(&mut source.take(chunk.bytes), &mut out).map_err(failed)?;
        if copied != chunk.bytes {
            return Err(failed(io::ErrorKind::UnexpectedEof.into()));
        }
    }
    out.into_inner().map_err(|e| failed(e.into_error()))?;
    Ok(())
}

/// The frames at which segments begin, but for the first.
fn picture_borders(recipe: &Recipe) -> Vec<i64> {
    let mut end = 0;
    let mut ends: Vec<i64> = segment_frames(recipe)
        .into_iter()
        .map(|length| {
            end += length;
            i64::try_from(end).unwrap_or(i64::MAX)
        })
        .collect();
    ends.pop();
    ends
}

/// Where the sound is cut: at the first frame at or behind each border of the picture, in samples.
fn sound_boundaries(recipe: &Recipe) -> Vec<u64> {
    let (num, den) = (
        u128::from(recipe.frame_rate.num),
        u128::from(recipe.frame_rate.den),
    );
    let mut frames = 0;
    let mut ends: Vec<u64> = segment_frames(recipe)
        .into_iter()
        .map(|length| {
            frames += length;
            let samples = u128::from(frames) * den * u128::from(recipe.audio.sample_rate) / num;
            u64::try_from(samples).unwrap_or(u64::MAX)
        })
        .collect();
    ends.pop();
    ends
}

/// All tracks of a film.
pub(super) struct Finished {
    /// The rungs, best first, then the hall's own picture if it has one.
    pub(super) pictures: Vec<PictureTrack>,
    /// The web's sound.
    pub(super) sound: SoundTrack,
    /// The hall's own sound, if it has one.
    pub(super) hall_sound: Option<SoundTrack>,
    /// Subtitles for the web's MP4.
    pub(super) texts: Vec<TimedText>,
}

/// Subtitles in one language, laid out for an MP4.
pub(super) struct TimedText {
    spool: Spool,
    /// Samples that are no gap.
    pub(super) cues: u64,
}

impl TimedText {
    /// `tag` names the spool; what lies behind the film's end is left out.
    pub(super) fn new(
        staging: &Staging,
        recipe: &Recipe,
        tag: &str,
        codec: Codec,
        cues: &[Cue],
    ) -> Result<Self, MakeError> {
        let track = Track {
            codec,
            timescale: 1000,
            starts_at: 0,
        };
        let end = recipe.duration().0;
        let mut text = TimedText {
            spool: Spool::new(staging, format!("text-{tag}.spool"), track)?,
            cues: 0,
        };
        let mut now = 0;
        for cue in cues.iter().filter(|cue| cue.start.0 < end) {
            text.add(cue.start.0.saturating_sub(now), "")?;
            now = cue.end.0.min(end);
            text.add(now - cue.start.0, &cue.text)?;
            text.cues += 1;
        }
        text.add(end.saturating_sub(now), "")?;
        Ok(text)
    }

    fn add(&mut self, millis: u64, text: &str) -> Result<(), MakeError> {
        if millis == 0 {
            return Ok(());
        }
        let data = mp4::text_sample(text);
        let sample = Sample {
            size: u32::try_from(data.len()).unwrap_or(u32::MAX),
            duration: u32::try_from(millis).unwrap_or(u32::MAX),
            composition_offset: 0,
            key: true,
        };
        self.spool.add(sample, &data)
    }
}

impl Finished {
    /// Whether the hall's master is a file of its own: its picture or its sound is another than the web's, or the web's has
    /// subtitles, which a player in the hall might show.
    pub(super) fn has_own_master(&self, recipe: &Recipe) -> bool {
        let has_own_picture = matches!(recipe.hall, HallPicture::Own(_));
        has_own_picture || self.hall_sound.is_some() || !self.texts.is_empty()
    }

    /// Target duration in seconds: one for all renditions.
    pub(super) fn target_duration(&self) -> u64 {
        let pictures = self.pictures.iter().filter_map(|p| p.playlist.as_ref());
        pictures
            .chain(self.sound.playlist.as_ref())
            .map(MediaPlaylist::target_duration)
            .max()
            .unwrap_or(1)
    }

    /// Writes a progressive MP4 of one picture, the sound that belongs to it, and for the web the subtitles.
    pub(super) fn write_progressive(
        &self,
        staging: &Staging,
        picture: usize,
        purpose: Purpose,
        name: &str,
    ) -> Result<(), MakeError> {
        let Some(picture) = self.pictures[picture].spool.as_ref() else {
            return Err(MakeError::Mismatch(format!(
                "there is no picture for {name}"
            )));
        };
        let sound = match (purpose, &self.hall_sound) {
            (Purpose::Hall, Some(own)) => own,
            _ => &self.sound,
        };
        let texts = self.texts.iter().filter(|_| purpose == Purpose::Web);
        let mut spools = vec![picture, &sound.spool];
        spools.extend(texts.map(|text| &text.spool));
        lay_out(staging, name, &spools)
    }

    /// Removes what was only needed to lay out the files.
    pub(super) fn remove_spools(&self, staging: &Staging) -> Result<(), MakeError> {
        let spools = self
            .pictures
            .iter()
            .filter_map(|p| p.spool.as_ref())
            .chain([&self.sound.spool])
            .chain(self.hall_sound.as_ref().map(|sound| &sound.spool))
            .chain(self.texts.iter().map(|text| &text.spool));
        for spool in spools {
            let failed = |source| MakeError::Write {
                name: spool.name.clone(),
                source,
            };
            staging.remove(&spool.name).map_err(failed)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rest_of_a_few_frames_belongs_to_the_last_segment() {
        let rate = FrameRate { num: 24, den: 1 };
        let segments = |frames| even_segments(frames, 144, rate);
        assert_eq!(segments(288), [144, 144]);
        // 30.04 s: hls.js never asked for the 0.04 s at the end, and the film did not end.
        assert_eq!(segments(289), [144, 145]);
        assert_eq!(segments(297), [144, 153]);
        assert_eq!(segments(298), [144, 144, 10]);
        assert_eq!(segments(1), [1]);
        assert_eq!(segments(0), [0; 0]);
    }
}
