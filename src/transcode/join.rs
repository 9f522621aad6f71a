//! All items of a programme in one file. In: files with the same parameter sets, by their names in the staging folder, in
//! order. Out: one progressive MP4: their pictures packet by packet, one track of sound encoded anew from their decoded
//! sound, chapters. Sound is cut to the sample at every border, so that it is where its picture is after any time. Holds
//! the sizes of samples in memory, never the samples: every file is read twice, once for the sizes and once to be copied.

use std::fs::File;
use std::io::{self, BufWriter, Write};

use serde::{Deserialize, Serialize};

use super::clip::{SoundSpool, silence};
use super::h264::AvcConfig;
use super::hall::{HallFormat, HallStreams, parameter_sets, read_packet, read_packet_of};
use super::make::MakeError;
use super::mp4::{self, Chapter, Codec, FullTrack, Sample, Track};
use crate::av::{AudioSamples, Decoded, Decoder, Frame, Input, Packet, PacketFacts};
use crate::layout::Staging;
use crate::units::{FrameRate, Millis};

/// Name of the joined file inside the staging folder.
pub const JOINED: &str = "programme.mp4";
/// Counts up when the same items give another file.
pub const JOIN_VERSION: u32 = 1;
/// Most items of one programme.
pub const MAX_PIECES: usize = 4000;
/// Longest programme, in frames: ten hours at 60 frames a second.
const MAX_FRAMES: u64 = 10 * 60 * 60 * 60;
/// Ticks of the chapters' clock in a second.
const CHAPTER_TIMESCALE: u32 = 1000;

/// What the worker is asked to join.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JoinOrder {
    /// What all items have in common.
    pub format: HallFormat,
    /// Their frame rate.
    pub frame_rate: FrameRate,
    /// The items.
    pub pieces: Vec<Piece>,
}

/// One item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// Its file in the staging folder.
    pub name: String,
    /// How many frames it has.
    pub frames: u64,
    /// A chapter with this name begins with it.
    pub chapter: Option<String>,
}

/// Joins the items. `progress` is told thousandths.
pub fn join(
    staging: &Staging,
    order: &JoinOrder,
    progress: &mut dyn FnMut(u64),
) -> Result<(), MakeError> {
    let frames: u64 = order.pieces.iter().map(|piece| piece.frames).sum();
    if order.pieces.is_empty() || order.pieces.len() > MAX_PIECES || frames > MAX_FRAMES {
        let count = order.pieces.len();
        return Err(MakeError::Mismatch(format!(
            "{count} items with {frames} frames can not be joined: 1 to {MAX_PIECES} items and {MAX_FRAMES} frames are the limits"
        )));
    }
    let mut joint = Joint::new(staging, order, frames)?;
    let mut at = 0;
    for piece in &order.pieces {
        joint.take(piece, at)?;
        at += piece.frames;
        progress(at * 600 / frames);
    }
    joint.sound.finish()?;
    let picture = joint.picture(order)?;
    let sound = joint.sound;
    let chapters = chapters(order);
    write(
        staging,
        order,
        &Tracks {
            picture: &picture,
            sound: &sound,
            chapters: &chapters,
        },
        &mut |done| {
            progress(600 + done * 300 / 1000);
        },
    )?;
    staging
        .remove(&sound.spool.name)
        .map_err(failed(&sound.spool.name))?;
    prove(staging, order, frames)?;
    progress(1000);
    Ok(())
}

fn failed(name: &str) -> impl Fn(io::Error) -> MakeError {
    move |source| MakeError::Write {
        name: name.to_owned(),
        source,
    }
}

fn open(staging: &Staging, name: &str) -> Result<(Input, HallStreams), MakeError> {
    let file: File = staging.open(name).map_err(failed(name))?;
    let input = Input::open(file)?;
    let streams = HallStreams::of(&input, name)?;
    Ok((input, streams))
}

/// A picture in decoding order, before it is known how late reordering makes the whole.
struct Unit {
    size: u32,
    /// Frames from the piece's start at which it is shown, less those at which it is decoded.
    shift: i64,
    key: bool,
}

/// What is known of the programme while its items are read for the first time.
struct Joint<'a> {
    staging: &'a Staging,
    order: &'a JoinOrder,
    configuration: Option<Vec<u8>>,
    units: Vec<Unit>,
    sound: SoundSpool,
}

impl<'a> Joint<'a> {
    fn new(staging: &'a Staging, order: &'a JoinOrder, frames: u64) -> Result<Self, MakeError> {
        let samples = order.format.sample_at(order.frame_rate, frames);
        Ok(Joint {
            staging,
            order,
            configuration: None,
            units: vec![],
            sound: SoundSpool::new(staging, JOINED, &order.format, samples)?,
        })
    }

    /// Reads one item that begins with frame number `at`.
    fn take(&mut self, piece: &Piece, at: u64) -> Result<(), MakeError> {
        let (mut input, streams) = open(self.staging, &piece.name)?;
        let (picture, sound) = (&streams.picture, streams.sound.index);
        input.keep_only(&[picture.index, sound]);
        self.same_sets(piece, &input.configuration(picture.index))?;
        let mut decoder = Decoder::open(&input, sound, 1)?;
        let (format, rate) = (&self.order.format, self.order.frame_rate);
        let samples = format.sample_at(rate, at + piece.frames) - format.sample_at(rate, at);
        let mut heard = Heard { left: samples };
        let mut packet = Packet::empty();
        let mut pictures = 0_i64;
        while read_packet(&mut input, &mut packet)? {
            let facts = PacketFacts::of(&packet);
            if facts.stream == sound {
                decoder.send(&packet)?;
                heard.drain(&mut decoder, &mut self.sound)?;
                continue;
            }
            let ticks = facts.timestamp().unwrap_or(0);
            let micros = picture.time_base.to_micros(ticks);
            let shown = i64::try_from(rate.frame_at(micros)).unwrap_or(i64::MAX);
            self.units.push(Unit {
                size: u32::try_from(facts.bytes).unwrap_or(u32::MAX),
                shift: shown - pictures,
                key: facts.key,
            });
            pictures += 1;
        }
        decoder.finish()?;
        heard.drain(&mut decoder, &mut self.sound)?;
        heard.fill(&mut self.sound)?;
        if u64::try_from(pictures) != Ok(piece.frames) {
            return Err(MakeError::Wrong {
                name: piece.name.clone(),
                what: "frames",
                actual: u64::try_from(pictures).unwrap_or(0),
                promised: piece.frames,
            });
        }
        Ok(())
    }

    fn same_sets(&mut self, piece: &Piece, configuration: &[u8]) -> Result<(), MakeError> {
        let first = self
            .configuration
            .get_or_insert_with(|| configuration.to_vec());
        if parameter_sets(first) == parameter_sets(configuration) {
            return Ok(());
        }
        Err(MakeError::Mismatch(format!(
            "{} has other parameter sets than the items before it",
            piece.name
        )))
    }

    fn picture(&self, order: &JoinOrder) -> Result<FullTrack, MakeError> {
        let config = self
            .configuration
            .as_deref()
            .and_then(AvcConfig::from_record);
        let Some(config) = config else {
            return Err(MakeError::Mismatch(
                "the items have no parameter sets".into(),
            ));
        };
        // The item whose pictures are reordered most decides how much later than decoded all of them are shown.
        let delay = self
            .units
            .iter()
            .map(|unit| -unit.shift)
            .max()
            .unwrap_or(0)
            .max(0);
        let ticks = order.frame_rate.den;
        let samples = self.units.iter().map(|unit| Sample {
            size: unit.size,
            duration: ticks,
            composition_offset: u32::try_from(unit.shift + delay)
                .unwrap_or(0)
                .saturating_mul(ticks),
            key: unit.key,
        });
        let delay = u32::try_from(delay).unwrap_or(0);
        Ok(FullTrack {
            samples: samples.collect(),
            track: order.format.picture_track(order.frame_rate, config, delay),
        })
    }
}

/// The sound of one item, cut or filled to its length.
struct Heard {
    left: u64,
}

impl Heard {
    fn drain(&mut self, decoder: &mut Decoder, sound: &mut SoundSpool) -> Result<(), MakeError> {
        let mut frame = Frame::empty();
        while decoder.receive(&mut frame)? == Decoded::Frame {
            let mut run: AudioSamples = frame.stereo();
            let keep = self.left.min(run.left.len() as u64);
            let length = usize::try_from(keep).unwrap_or(usize::MAX);
            run.left.truncate(length);
            run.right.truncate(length);
            self.left -= keep;
            sound.add(&run)?;
        }
        Ok(())
    }

    fn fill(&mut self, sound: &mut SoundSpool) -> Result<(), MakeError> {
        let missing = usize::try_from(self.left).unwrap_or(0);
        self.left = 0;
        sound.add(&silence(missing))
    }
}

/// Names of the chapters, and when they begin.
fn chapters(order: &JoinOrder) -> Vec<Chapter> {
    let mut at = 0;
    let mut chapters = Vec::new();
    for piece in &order.pieces {
        if let Some(title) = &piece.chapter {
            chapters.push(Chapter {
                starts_at: order.frame_rate.start_of(at),
                title: title.clone(),
            });
        }
        at += piece.frames;
    }
    chapters
}

/// The chapters as a track: each lasts until the next one, and the last to the end. Its first begins at the start, or
/// behind a nameless one.
fn chapter_track(chapters: &[Chapter], end: Millis) -> (FullTrack, Vec<u8>) {
    let untitled = Chapter {
        starts_at: Millis(0),
        title: String::new(),
    };
    let late = chapters.first().is_some_and(|first| first.starts_at.0 > 0);
    let all: Vec<&Chapter> = late
        .then_some(&untitled)
        .into_iter()
        .chain(chapters)
        .collect();
    let ends = all.iter().skip(1).map(|chapter| chapter.starts_at);
    let ends = ends.chain([end]);
    let (mut samples, mut data) = (Vec::new(), Vec::new());
    for (chapter, end) in all.iter().zip(ends) {
        let sample = mp4::chapter_sample(&chapter.title);
        samples.push(Sample {
            size: u32::try_from(sample.len()).unwrap_or(u32::MAX),
            duration: u32::try_from(end.0.saturating_sub(chapter.starts_at.0)).unwrap_or(u32::MAX),
            composition_offset: 0,
            key: true,
        });
        data.extend(sample);
    }
    let track = Track {
        codec: Codec::Chapters,
        timescale: CHAPTER_TIMESCALE,
        starts_at: 0,
    };
    (FullTrack { track, samples }, data)
}

struct Tracks<'a> {
    picture: &'a FullTrack,
    sound: &'a SoundSpool,
    chapters: &'a [Chapter],
}

/// Writes the file, reading the pictures a second time. `progress` is told thousandths.
fn write(
    staging: &Staging,
    order: &JoinOrder,
    tracks: &Tracks<'_>,
    progress: &mut dyn FnMut(u64),
) -> Result<(), MakeError> {
    let (picture, sound) = (tracks.picture, &tracks.sound.spool);
    let frames = picture.samples.len() as u64;
    let end = order.frame_rate.start_of(frames);
    let mut all = vec![picture.clone(), sound.full.clone()];
    let (chapter_track, names) = chapter_track(tracks.chapters, end);
    if !tracks.chapters.is_empty() {
        all.push(chapter_track);
    }
    let layout = mp4::with_chapters(&all, tracks.chapters);
    let failed = failed(JOINED);
    let out = staging.create(JOINED).map_err(&failed)?;
    let mut out = BufWriter::with_capacity(1 << 20, out);
    out.write_all(&layout.header).map_err(&failed)?;
    io::Seek::rewind(&mut &sound.file).map_err(&failed)?;
    let mut pictures = Pictures::new(staging, order);
    let mut names = &names[..];
    let mut done = 0_u64;
    for chunk in &layout.chunks {
        match chunk.track {
            0 => {
                for _ in 0..chunk.samples {
                    let index = usize::try_from(done).unwrap_or(usize::MAX);
                    let promised = picture.samples.get(index).map_or(0, |s| s.size);
                    let data = pictures.next(promised)?;
                    out.write_all(data).map_err(&failed)?;
                    done += 1;
                }
                progress(done * 1000 / frames.max(1));
            }
            1 => {
                let mut run = io::Read::take(&sound.file, chunk.bytes);
                if io::copy(&mut run, &mut out).map_err(&failed)? != chunk.bytes {
                    return Err(failed(io::ErrorKind::UnexpectedEof.into()));
                }
            }
            _ => {
                let length = usize::try_from(chunk.bytes).unwrap_or(usize::MAX);
                let (now, later) = names.split_at(length.min(names.len()));
                out.write_all(now).map_err(&failed)?;
                names = later;
            }
        }
    }
    out.into_inner().map_err(|e| failed(e.into_error()))?;
    Ok(())
}

/// The pictures of all items, one after the other.
struct Pictures<'a> {
    staging: &'a Staging,
    pieces: std::slice::Iter<'a, Piece>,
    current: Option<(Input, usize)>,
    name: &'a str,
    packet: Packet,
}

impl<'a> Pictures<'a> {
    fn new(staging: &'a Staging, order: &'a JoinOrder) -> Self {
        Pictures {
            staging,
            pieces: order.pieces.iter(),
            current: None,
            name: "",
            packet: Packet::empty(),
        }
    }

    /// The next picture, which was `size` bytes long when it was seen first.
    fn next(&mut self, size: u32) -> Result<&[u8], MakeError> {
        loop {
            if let Some((input, stream)) = &mut self.current
                && read_packet_of(input, *stream, &mut self.packet)?
            {
                break;
            }
            let Some(piece) = self.pieces.next() else {
                return Err(MakeError::Mismatch("an item has become shorter".into()));
            };
            let (mut input, streams) = open(self.staging, &piece.name)?;
            let stream = streams.picture.index;
            input.keep_only(&[stream]);
            (self.current, self.name) = (Some((input, stream)), &piece.name);
        }
        let data = self.packet.data().unwrap_or_default();
        if data.len() != size as usize {
            return Err(MakeError::Mismatch(format!("{} has changed", self.name)));
        }
        Ok(data)
    }
}

/// Reads the file back: every picture is there and equally spaced, the sound is as long, and around each border the
/// pictures decode without an error.
fn prove(staging: &Staging, order: &JoinOrder, frames: u64) -> Result<(), MakeError> {
    let wrong = |what, actual, promised| MakeError::Wrong {
        name: JOINED.into(),
        what,
        actual,
        promised,
    };
    let (mut input, streams) = open(staging, JOINED)?;
    let picture = streams.picture;
    input.keep_only(&[picture.index, streams.sound.index]);
    let mut near = Near::new(order, &input, picture.index)?;
    let (mut shown, mut sound) = (Vec::new(), 0_u64);
    let mut packet = Packet::empty();
    while read_packet(&mut input, &mut packet)? {
        let facts = PacketFacts::of(&packet);
        if facts.stream == streams.sound.index {
            sound += u64::try_from(facts.duration).unwrap_or(0);
            continue;
        }
        let micros = picture.time_base.to_micros(facts.timestamp().unwrap_or(0));
        near.look(&packet, facts.key)?;
        shown.push(order.frame_rate.frame_at(micros));
    }
    let errors = near.finish()?;
    if errors > 0 {
        return Err(wrong("decode errors at borders", errors, 0));
    }
    shown.sort_unstable();
    let gaps = shown.iter().zip(0..).filter(|(at, index)| *at != index);
    let off = gaps.count() as u64;
    if off > 0 || shown.len() as u64 != frames {
        return Err(wrong(
            "frames in their place",
            frames.saturating_sub(off),
            frames,
        ));
    }
    let promised = order.format.sample_at(order.frame_rate, frames);
    // The demuxer counts the priming, or does not.
    let most = promised + 4096;
    if sound < promised || sound > most {
        return Err(wrong("samples", sound, promised));
    }
    Ok(())
}

/// Decodes the groups of pictures before and behind every border.
struct Near {
    decoder: Decoder,
    /// Numbers of the groups that touch a border begin at these pictures, in decoding order.
    borders: Vec<u64>,
    held: Vec<Packet>,
    index: u64,
    fed: u64,
    out: u64,
    errors: u64,
    open: bool,
}

impl Near {
    fn new(order: &JoinOrder, input: &Input, stream: usize) -> Result<Self, MakeError> {
        let mut at = 0;
        let borders = order.pieces.iter().map(|piece| {
            at += piece.frames;
            at
        });
        Ok(Near {
            decoder: Decoder::open(input, stream, 1)?,
            borders: borders.collect(),
            held: vec![],
            index: 0,
            fed: 0,
            out: 0,
            errors: 0,
            open: false,
        })
    }

    fn look(&mut self, packet: &Packet, key: bool) -> Result<(), MakeError> {
        let border = self.borders.binary_search(&self.index).is_ok();
        self.index += 1;
        if border {
            // What was held is the last group before the border.
            for packet in std::mem::take(&mut self.held) {
                self.feed(&packet)?;
            }
            self.open = true;
        } else if key {
            if self.open {
                self.close()?;
            }
            self.held.clear();
        }
        if self.open {
            self.feed(packet)?;
        }
        self.held.push(packet.clone());
        Ok(())
    }

    fn feed(&mut self, packet: &Packet) -> Result<(), MakeError> {
        self.fed += 1;
        self.errors += u64::from(self.decoder.send(packet).is_err());
        self.drain()
    }

    fn drain(&mut self) -> Result<(), MakeError> {
        let mut frame = Frame::empty();
        while self.decoder.receive(&mut frame)? == Decoded::Frame {
            self.out += 1;
            self.errors += u64::from(frame.is_damaged());
        }
        Ok(())
    }

    /// A stretch is over: all that went in must have come out.
    fn close(&mut self) -> Result<(), MakeError> {
        self.decoder.finish()?;
        self.drain()?;
        self.errors += self.fed.abs_diff(self.out);
        self.decoder.flush();
        (self.fed, self.out, self.open) = (0, 0, false);
        Ok(())
    }

    fn finish(mut self) -> Result<u64, MakeError> {
        self.close()?;
        Ok(self.errors)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(pieces: &[(u64, Option<&str>)]) -> JoinOrder {
        JoinOrder {
            format: HallFormat::of(&crate::preset::ladder("balanced").unwrap()),
            frame_rate: FrameRate { num: 25, den: 1 },
            pieces: pieces
                .iter()
                .map(|(frames, chapter)| Piece {
                    name: String::new(),
                    frames: *frames,
                    chapter: chapter.map(str::to_owned),
                })
                .collect(),
        }
    }

    #[test]
    fn chapters_begin_with_their_items_and_reach_to_the_next_one() {
        let order = order(&[(50, None), (25, Some("一")), (75, None), (25, Some("二"))]);
        let listed = chapters(&order);
        let at: Vec<_> = listed.iter().map(|c| (c.starts_at.0, &*c.title)).collect();
        assert_eq!(at, [(2000, "一"), (6000, "二")]);
        let (track, data) = chapter_track(&listed, Millis(7000));
        let lengths: Vec<_> = track.samples.iter().map(|s| s.duration).collect();
        assert_eq!(lengths, [2000, 4000, 1000]);
        let sizes: u32 = track.samples.iter().map(|s| s.size).sum();
        assert_eq!(sizes as usize, data.len());
        assert_eq!(&data[14..19], [0, 3, 0xe4, 0xb8, 0x80]);
    }

    #[test]
    fn no_chapter_gives_no_track() {
        let (track, _) = chapter_track(&[], Millis(7000));
        assert!(track.samples.is_empty());
    }
}
