//! Making, inside the worker: one decode feeds every output. In: the open upload, a [`Recipe`], a staging folder. Out:
//! files in that folder and [`Made`]. The reading thread decodes and filters; each picture and the sound are encoded on
//! threads of their own behind bounded queues, so that memory is known before it is used.

use std::fs::File;
use std::io;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use serde::{Deserialize, Serialize};

use super::clock::Clock;
use super::coverage::Coverage;
use super::hls::{self, AudioRendition, SubtitleRendition, Variant};
use super::ladder::{HallPicture, Recipe};
use super::picture;
use super::sound::Timeline;
use super::track::{Finished, PictureTrack, SoundTrack};
use super::verify;
use crate::av::{
    AudioSamples, AudioSettings, AvError, Decoded, Decoder, Demuxed, Encoder, Frame, Graph,
    GraphBuilder, Input, JpegQuality, Packet, PacketFacts, Source, StreamFacts, StreamKind,
    Timestamps, VideoSettings, encode_jpeg,
};
use crate::layout::{HLS, MASTER, MEDIA, MULTIVARIANT, POSTER, Staging, WEB_MP4};
use crate::preset::Rung;
use crate::probe::Orientation;
use crate::report::model::VariantReport;
use crate::subtitle;
use crate::text::Text;
use crate::thumbnail::poster;
use crate::units::Millis;

/// Frames that wait before an encoder: a quarter of a second, so that encoders of unlike speed do not stall each other.
const QUEUE: usize = 8;
/// Runs of samples that wait before the sound's encoder.
const SOUND_QUEUE: usize = 64;
/// The poster is chosen among this many frames.
const POSTER_CANDIDATES: u64 = 24;
/// Width of the poster in pixels, at most.
const POSTER_WIDTH: u32 = 1280;
/// Time without a picture, though there are packets, from which on an upload counts as damaged.
const MAX_LOST: Millis = Millis(1000);
/// One decode error in this many frames is concealed and noted; more, and the upload counts as damaged.
const FRAMES_PER_ERROR: u64 = 50;

/// What the worker is asked to make.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MakeOrder {
    /// What to make.
    pub recipe: Recipe,
    /// Threads of each encoder.
    pub threads: usize,
    /// Names of the subtitle files whose descriptors follow.
    pub subtitles: Vec<String>,
}

/// What the worker made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Made {
    /// The variants, best first, as measured.
    pub variants: Vec<VariantReport>,
    /// WebVTT files beside the MP4.
    pub subtitles: Vec<String>,
    /// What a person should know about it.
    pub notes: Vec<Note>,
    /// Length of the outputs.
    pub duration_ms: Millis,
}

/// Something noticed while making.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// What it is about.
    pub kind: NoteKind,
    /// What was noticed.
    pub text: Text,
}

/// What a note is about, and so what is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoteKind {
    /// Subtitles were repaired; nothing is to be done.
    SubtitlesRepaired,
    /// A subtitle file could not be used.
    SubtitlesUnused,
    /// Damaged places in the picture were concealed.
    PictureConcealed,
}

/// Why nothing was made.
#[derive(Debug, thiserror::Error)]
pub enum MakeError {
    /// libav failed.
    #[error(transparent)]
    Av(#[from] AvError),
    /// A file could not be written or read back.
    #[error("cannot write {name}")]
    Write {
        /// Name inside the staging folder.
        name: String,
        /// The system's reason: a full disk, for one.
        source: io::Error,
    },
    /// The recipe and the file do not belong together.
    #[error("{0}")]
    Mismatch(String),
    /// The source could not be decoded well enough.
    #[error(
        "{lost} of the film have no picture (at most {MAX_LOST}), and {errors} of {frames} frames are damaged (at most \
         one in {FRAMES_PER_ERROR})"
    )]
    Damaged {
        /// Time without a picture.
        lost: Millis,
        /// Decode errors.
        errors: u64,
        /// Frames that came out.
        frames: u64,
    },
    /// What was written does not decode to what was promised.
    #[error("{name} has {actual} {what}, but {promised} were promised")]
    Wrong {
        /// Name inside the staging folder.
        name: String,
        /// Frames or samples.
        what: &'static str,
        /// How many there are.
        actual: u64,
        /// How many there should be.
        promised: u64,
    },
}

/// Where the work stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Milliseconds of the film that are done.
    pub done: Millis,
    /// Milliseconds of the film in all, counted once for making and a part for proving.
    pub total: Millis,
}

/// Makes everything that the order asks for.
pub fn make(
    upload: File,
    subtitles: &[Vec<u8>],
    staging: &Staging,
    order: &MakeOrder,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Made, MakeError> {
    let recipe = &order.recipe;
    let total = Millis(recipe.duration().0 * 5 / 4);
    let read = |done| progress(Progress { done, total });
    let encoded = encode(upload, staging, order, &read)?;
    let mut notes = encoded.notes;
    let tracks = write_subtitles(staging, order, subtitles, &mut notes)?;
    let mut finished = encoded.finished;
    let variants = package(staging, recipe, &mut finished, &tracks)?;
    verify::outputs(staging, recipe, &finished, &|part| {
        progress(Progress {
            done: Millis(recipe.duration().0 + (total.0 - recipe.duration().0) * part / 100),
            total,
        });
    })?;
    let subtitles = tracks.into_iter().map(|t| t.file).collect();
    Ok(Made {
        variants,
        subtitles,
        notes,
        duration_ms: recipe.duration(),
    })
}

struct Encoded {
    finished: Finished,
    notes: Vec<Note>,
}

/// The streams that are made into something.
struct Streams {
    video: StreamFacts,
    audio: Option<StreamFacts>,
}

fn encode(
    upload: File,
    staging: &Staging,
    order: &MakeOrder,
    progress: &dyn Fn(Millis),
) -> Result<Encoded, MakeError> {
    let recipe = &order.recipe;
    let mut input = Input::open(upload)?;
    let streams = pick(&input.streams(), recipe)?;
    input.keep_only(
        &[
            Some(streams.video.index),
            streams.audio.as_ref().map(|a| a.index),
        ]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>(),
    );
    thread::scope(|scope| {
        let (mut senders, mut pictures) = (Vec::new(), Vec::new());
        for rung in pictures_of(recipe) {
            let (sender, receiver) = sync_channel(QUEUE);
            senders.push(sender);
            pictures.push(scope.spawn(move || encode_picture(staging, order, rung, receiver)));
        }
        let (sound_sender, sound_receiver) = sync_channel(SOUND_QUEUE);
        let sound = scope.spawn(move || encode_sound(staging, recipe, sound_receiver));
        let mut reader = Reader::new(&input, order, &streams, senders, sound_sender)?;
        let read = reader.run(&mut input, progress);
        let poster = reader.poster.take();
        let decoding = reader.decoding();
        // Closing the queues lets the encoders finish.
        drop(reader);
        let mut tracks = Vec::new();
        for picture in pictures {
            tracks.push(joined(picture)?);
        }
        let sound = joined(sound)?;
        read?;
        let notes = decoding.judge()?;
        if let Some(poster) = poster {
            let jpeg = encode_jpeg(
                &poster,
                Orientation::default(),
                poster_size(&poster),
                JpegQuality(3),
            )?;
            let name = format!("{MEDIA}/{POSTER}");
            staging
                .write(&name, &jpeg)
                .map_err(|source| MakeError::Write { name, source })?;
        }
        Ok(Encoded {
            finished: Finished {
                pictures: tracks,
                sound,
            },
            notes,
        })
    })
}

// As large as the top rung, but no wider than a page shows it.
fn poster_size(picture: &Frame) -> (u32, u32) {
    let (width, height) = (
        u64::from(picture.width().max(1)),
        u64::from(picture.height()),
    );
    let fitted = width.min(u64::from(POSTER_WIDTH));
    let side = |pixels: u64| u32::try_from(pixels).unwrap_or(POSTER_WIDTH);
    (side(fitted), side(height * fitted / width))
}

fn joined<T>(handle: thread::ScopedJoinHandle<'_, Result<T, MakeError>>) -> Result<T, MakeError> {
    handle
        .join()
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

fn pick(streams: &[StreamFacts], recipe: &Recipe) -> Result<Streams, MakeError> {
    let pick = |kind| {
        let of_kind = || streams.iter().filter(move |s| s.kind == kind);
        of_kind()
            .find(|s| s.default)
            .or_else(|| of_kind().next())
            .cloned()
    };
    let Some(video) = pick(StreamKind::Video) else {
        return Err(MakeError::Mismatch(
            "there is no picture in the file any more; run again".into(),
        ));
    };
    Ok(Streams {
        video,
        audio: pick(StreamKind::Audio).filter(|_| recipe.audio.from_source),
    })
}

/// All pictures that are encoded: the rungs, best first, and the hall's own if it has one.
pub(super) fn pictures_of(recipe: &Recipe) -> Vec<&Rung> {
    let hall = match &recipe.hall {
        HallPicture::SameAsTop => None,
        HallPicture::Own(own) => Some(&own.rung),
    };
    recipe.rungs.iter().chain(hall).collect()
}

/// How well the source could be decoded.
#[derive(Debug)]
struct Decoding {
    frames: u64,
    errors: u64,
    lost: Millis,
}

impl Decoding {
    fn judge(&self) -> Result<Vec<Note>, MakeError> {
        let Decoding {
            frames,
            errors,
            lost,
        } = *self;
        if lost > MAX_LOST || errors * FRAMES_PER_ERROR > frames {
            return Err(MakeError::Damaged {
                lost,
                errors,
                frames,
            });
        }
        if errors == 0 {
            return Ok(vec![]);
        }
        let text = Text::new(
            format!("原视频有 {errors} 处画面数据损坏，已尽量修补"),
            format!("damaged places in the source's picture that were concealed: {errors}"),
        );
        let kind = NoteKind::PictureConcealed;
        Ok(vec![Note { kind, text }])
    }
}

/// The loop that reads the upload and feeds the encoders.
struct Reader<'a> {
    order: &'a MakeOrder,
    streams: &'a Streams,
    origin: i64,
    video: Decoder,
    audio: Option<Decoder>,
    picture: Option<(Graph, (u32, u32, i32, i32))>,
    sound: Option<(Graph, (u32, u32, i32, i32))>,
    senders: Vec<SyncSender<(i64, Frame)>>,
    sound_sender: SyncSender<(Option<i64>, AudioSamples)>,
    poster: Poster,
    coverage: Coverage,
    decoded: u64,
    damaged: u64,
}

impl<'a> Reader<'a> {
    fn new(
        input: &Input,
        order: &'a MakeOrder,
        streams: &'a Streams,
        senders: Vec<SyncSender<(i64, Frame)>>,
        sound_sender: SyncSender<(Option<i64>, AudioSamples)>,
    ) -> Result<Self, MakeError> {
        Ok(Reader {
            order,
            streams,
            origin: input.start_time(),
            video: Decoder::open(input, streams.video.index, order.threads)?,
            audio: streams
                .audio
                .as_ref()
                .map(|a| Decoder::open(input, a.index, 1))
                .transpose()?,
            picture: None,
            sound: None,
            senders,
            sound_sender,
            poster: Poster::new(order.recipe.frames),
            coverage: Coverage::default(),
            decoded: 0,
            damaged: 0,
        })
    }

    fn run(&mut self, input: &mut Input, progress: &dyn Fn(Millis)) -> Result<(), MakeError> {
        let mut packet = Packet::empty();
        loop {
            match input.read(&mut packet) {
                Demuxed::Packet => {}
                Demuxed::End => break,
                Demuxed::Broken(error) => return Err(error.into()),
            }
            let facts = PacketFacts::of(&packet);
            if facts.stream == self.streams.video.index {
                if self.video.send(&packet).is_err() {
                    self.damaged += 1;
                }
                self.drain_video()?;
                if let Some(ticks) = facts.timestamp().filter(|_| !facts.hidden) {
                    let micros = self.film_time(ticks);
                    self.coverage.packet(micros);
                    progress(Millis(u64::try_from(micros / 1000).unwrap_or(0)));
                }
            } else {
                self.drain_audio(Some(&packet))?;
            }
        }
        self.video.finish()?;
        self.drain_video()?;
        self.finish_picture()?;
        self.drain_audio(None)?;
        self.finish_sound()
    }

    /// Microseconds from the presentation's start of a time in the picture's ticks.
    fn film_time(&self, ticks: i64) -> i64 {
        let micros = self.streams.video.time_base.to_micros(ticks);
        micros.saturating_sub(self.origin)
    }

    fn decoding(&mut self) -> Decoding {
        Decoding {
            frames: self.decoded,
            errors: self.damaged,
            lost: std::mem::take(&mut self.coverage).lost(),
        }
    }

    fn drain_video(&mut self) -> Result<(), MakeError> {
        let mut frame = Frame::empty();
        loop {
            match self.video.receive(&mut frame) {
                Ok(Decoded::Frame) => {}
                Ok(_) => return Ok(()),
                Err(_) => {
                    self.damaged += 1;
                    return Ok(());
                }
            }
            self.decoded += 1;
            self.damaged += u64::from(frame.is_damaged());
            // Frames that change their size in mid-film get a graph of their own.
            if self
                .picture
                .as_ref()
                .is_some_and(|(_, shape)| *shape != frame.shape())
            {
                self.finish_picture()?;
            }
            let (graph, _) = match &mut self.picture {
                Some(graph) => graph,
                none => none.insert((
                    picture_graph(&self.order.recipe, &frame, &self.streams.video)?,
                    frame.shape(),
                )),
            };
            // The filters trust `pts`; decoders of old formats leave it empty.
            if let Some(time) = frame.timestamp() {
                frame.set_pts(time);
            }
            graph.push(&frame)?;
            if let Some(ticks) = frame.timestamp() {
                let micros = self.film_time(ticks);
                self.coverage.frame(micros);
            }
            self.pull_pictures()?;
        }
    }

    fn pull_pictures(&mut self) -> Result<(), MakeError> {
        let Some((graph, _)) = &mut self.picture else {
            return Ok(());
        };
        for sink in 0..graph.sinks() {
            let time_base = graph.time_base(sink);
            let mut frame = Frame::empty();
            while graph.pull(sink, &mut frame)? == Decoded::Frame {
                let micros = frame
                    .pts()
                    .map_or(0, |pts| time_base.to_micros(pts))
                    .saturating_sub(self.origin);
                if sink == 0 {
                    self.poster.offer(&frame)?;
                }
                // A queue is closed only when its encoder failed: its own error says why.
                if self.senders[sink]
                    .send((micros, std::mem::replace(&mut frame, Frame::empty())))
                    .is_err()
                {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn finish_picture(&mut self) -> Result<(), MakeError> {
        if let Some((graph, _)) = &mut self.picture {
            graph.finish()?;
            self.pull_pictures()?;
            self.picture = None;
        }
        Ok(())
    }

    fn drain_audio(&mut self, packet: Option<&Packet>) -> Result<(), MakeError> {
        let (Some(decoder), Some(facts)) = (&mut self.audio, &self.streams.audio) else {
            return Ok(());
        };
        // Damaged sound is skipped; the timeline fills the gap with silence.
        let sent = match packet {
            Some(packet) => decoder.send(packet),
            None => decoder.finish(),
        };
        if sent.is_err() {
            return Ok(());
        }
        let mut frames = Vec::new();
        let mut frame = Frame::empty();
        while decoder.receive(&mut frame) == Ok(Decoded::Frame) {
            frames.push(std::mem::replace(&mut frame, Frame::empty()));
        }
        let time_base = facts.time_base;
        for mut frame in frames {
            if self
                .sound
                .as_ref()
                .is_some_and(|(_, shape)| *shape != frame.shape())
            {
                self.finish_sound()?;
            }
            let (graph, _) = match &mut self.sound {
                Some(graph) => graph,
                none => none.insert((
                    sound_graph(&self.order.recipe, &frame, time_base)?,
                    frame.shape(),
                )),
            };
            if let Some(time) = frame.timestamp() {
                frame.set_pts(time);
            }
            graph.push(&frame)?;
            self.pull_sound()?;
        }
        Ok(())
    }

    fn pull_sound(&mut self) -> Result<(), MakeError> {
        let Some((graph, _)) = &mut self.sound else {
            return Ok(());
        };
        let time_base = graph.time_base(0);
        let rate = i128::from(self.order.recipe.audio.sample_rate);
        let mut frame = Frame::empty();
        while graph.pull(0, &mut frame)? == Decoded::Frame {
            let at = frame.pts().map(|pts| {
                let micros = i128::from(time_base.to_micros(pts).saturating_sub(self.origin));
                i64::try_from((micros * rate + 500_000).div_euclid(1_000_000)).unwrap_or(0)
            });
            if self.sound_sender.send((at, frame.stereo())).is_err() {
                return Ok(());
            }
        }
        Ok(())
    }

    fn finish_sound(&mut self) -> Result<(), MakeError> {
        if let Some((graph, _)) = &mut self.sound {
            graph.finish()?;
            self.pull_sound()?;
            self.sound = None;
        }
        Ok(())
    }
}

/// Keeps the best of a few frames spread over the film.
struct Poster {
    every: u64,
    seen: u64,
    best: Option<(f64, Frame)>,
}

impl Poster {
    fn new(frames: u64) -> Self {
        Poster {
            every: (frames / POSTER_CANDIDATES).max(1),
            seen: 0,
            best: None,
        }
    }

    fn offer(&mut self, frame: &Frame) -> Result<(), AvError> {
        // Offset by half a step: the very first frame is often black or an editor's cover.
        let wanted = self.seen % self.every == self.every / 2;
        self.seen += 1;
        if !wanted && self.best.is_some() {
            return Ok(());
        }
        let score = poster::score(frame);
        if self.best.as_ref().is_none_or(|(best, _)| score > *best) {
            self.best = Some((score, frame.share()?));
        }
        Ok(())
    }

    fn take(&mut self) -> Option<Frame> {
        self.best.take().map(|(_, frame)| frame)
    }
}

/// One graph with a sink for every picture: each rung is scaled from the next larger one.
fn picture_graph(recipe: &Recipe, frame: &Frame, facts: &StreamFacts) -> Result<Graph, AvError> {
    let mut builder = GraphBuilder::new(1)?;
    let sar = facts.sar.unwrap_or((1, 1));
    let source = builder.source(&Source {
        frame,
        time_base: facts.time_base,
        sar,
    })?;
    let mut here = builder.chain(
        source,
        &picture::to_top(&recipe.treatment, &recipe.rungs[0]),
    )?;
    let mut ends = Vec::new();
    let mut hall = None;
    for (index, _) in recipe.rungs.iter().enumerate() {
        let next = recipe.rungs.get(index + 1);
        let own = match &recipe.hall {
            HallPicture::Own(own) if index == 0 => Some(own),
            _ => None,
        };
        let outputs = 1 + u32::from(next.is_some()) + u32::from(own.is_some());
        let mut pads = builder.split(here, outputs)?.into_iter();
        ends.extend(pads.next());
        if let (Some(own), Some(pad)) = (own, own.and_then(|_| pads.next())) {
            hall = Some(builder.chain(pad, &picture::to_hall(own))?);
        }
        if let (Some(rung), Some(pad)) = (next, pads.next()) {
            here = builder.chain(pad, &picture::to_lower(rung))?;
        }
    }
    for end in ends.into_iter().chain(hall) {
        builder.sink(end, false)?;
    }
    builder.build()
}

fn sound_graph(recipe: &Recipe, frame: &Frame, time_base: Timestamps) -> Result<Graph, AvError> {
    let mut builder = GraphBuilder::new(1)?;
    let source = builder.source(&Source {
        frame,
        time_base,
        sar: (1, 1),
    })?;
    let options = [
        ("sample_fmts", "fltp".to_owned()),
        ("sample_rates", recipe.audio.sample_rate.to_string()),
        ("channel_layouts", "stereo".to_owned()),
    ];
    let node = builder.then(source, "aformat", &options)?;
    builder.sink(node, true)?;
    builder.build()
}

fn encode_picture(
    staging: &Staging,
    order: &MakeOrder,
    rung: &Rung,
    frames: Receiver<(i64, Frame)>,
) -> Result<PictureTrack, MakeError> {
    let recipe = &order.recipe;
    let mut encoder = Encoder::h264(&VideoSettings {
        width: rung.width,
        height: rung.height,
        frame_rate: recipe.frame_rate,
        crf: rung.crf,
        max_bit_rate: rung.max_bit_rate,
        buffer_bits: rung.buffer.0,
        gop_frames: recipe.gop_frames,
        preset: recipe.x264_preset.clone(),
        options: recipe
            .x264_options
            .iter()
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect(),
        threads: order.threads,
    })?;
    let mut track = PictureTrack::new(staging, recipe, rung, &encoder)?;
    let mut clock = Clock::new(recipe.frame_rate, recipe.frames);
    let mut held: Option<Frame> = None;
    let mut show = |frame: &mut Frame, slots: std::ops::Range<u64>| -> Result<(), MakeError> {
        for slot in slots {
            frame.set_pts(i64::try_from(slot).unwrap_or(i64::MAX));
            encoder.send(frame)?;
            while let Some(packet) = encoder.receive()? {
                track.add(staging, &packet)?;
            }
        }
        Ok(())
    };
    for (micros, frame) in frames {
        if let Some(mut shown) = held.replace(frame) {
            show(&mut shown, clock.until(micros))?;
        }
    }
    if let Some(mut shown) = held {
        show(&mut shown, clock.rest())?;
    }
    encoder.finish()?;
    while let Some(packet) = encoder.receive()? {
        track.add(staging, &packet)?;
    }
    track.finish(staging)?;
    Ok(track)
}

fn encode_sound(
    staging: &Staging,
    recipe: &Recipe,
    runs: Receiver<(Option<i64>, AudioSamples)>,
) -> Result<SoundTrack, MakeError> {
    let settings = AudioSettings {
        bit_rate: recipe.audio.bit_rate,
        sample_rate: recipe.audio.sample_rate,
    };
    let mut track = SoundTrack::new(staging, recipe, Encoder::aac(&settings)?)?;
    let mut film = Timeline::new(recipe.samples());
    for (at, run) in runs {
        track.add(staging, &film.place(at, run))?;
    }
    loop {
        let silence = film.silence(recipe.audio.sample_rate as usize);
        if silence.left.is_empty() {
            break;
        }
        track.add(staging, &silence)?;
    }
    track.finish(staging)?;
    Ok(track)
}

/// A subtitle file as written.
struct SubtitleTrack {
    file: String,
    rendition: SubtitleRendition,
}

fn write_subtitles(
    staging: &Staging,
    order: &MakeOrder,
    contents: &[Vec<u8>],
    notes: &mut Vec<Note>,
) -> Result<Vec<SubtitleTrack>, MakeError> {
    let mut tracks: Vec<SubtitleTrack> = Vec::new();
    for (name, bytes) in order.subtitles.iter().zip(contents) {
        let subtitles = match subtitle::read(name, bytes) {
            Ok(subtitles) => subtitles,
            Err(error) => {
                let why = error.text();
                let text = Text::new(
                    format!("字幕文件 {name} 没有使用：{}", why.zh),
                    format!("subtitle file {name} was not used: {}", why.en),
                );
                let kind = NoteKind::SubtitlesUnused;
                notes.push(Note { kind, text });
                continue;
            }
        };
        notes.extend(subtitles.repairs.iter().map(|repair| {
            let text = repair.text();
            let text = Text::new(
                format!("字幕 {name}：{}", text.zh),
                format!("subtitles {name}: {}", text.en),
            );
            let kind = NoteKind::SubtitlesRepaired;
            Note { kind, text }
        }));
        let tag = unused_tag(&tracks, subtitles.language.tag());
        tracks.push(write_subtitle(staging, &order.recipe, &subtitles, &tag)?);
    }
    Ok(tracks)
}

// Two files in one language are two tracks: `zh`, `zh-2`.
fn unused_tag(tracks: &[SubtitleTrack], tag: &str) -> String {
    let taken = |name: &str| tracks.iter().any(|t| t.file == format!("{name}.vtt"));
    let numbered = (2..).map(|n| format!("{tag}-{n}"));
    std::iter::once(tag.to_owned())
        .chain(numbered)
        .find(|name| !taken(name))
        .unwrap_or_default()
}

fn write_subtitle(
    staging: &Staging,
    recipe: &Recipe,
    subtitles: &subtitle::Subtitles,
    tag: &str,
) -> Result<SubtitleTrack, MakeError> {
    let put = |name: String, text: &str| {
        staging
            .write(&name, text.as_bytes())
            .map_err(|source| MakeError::Write { name, source })
    };
    let file = format!("{tag}.vtt");
    put(
        format!("{MEDIA}/{file}"),
        &subtitle::to_webvtt(&subtitles.cues),
    )?;
    let folder = format!("subtitles-{tag}");
    let segments = super::track::segment_frames(recipe);
    let mut end = 0;
    let ends: Vec<Millis> = segments
        .iter()
        .map(|frames| {
            end += frames;
            recipe.frame_rate.start_of(end)
        })
        .collect();
    let mut written = Vec::new();
    for (index, text) in subtitle::segment(&subtitles.cues, &ends)
        .into_iter()
        .enumerate()
    {
        let uri = crate::layout::segment_name(index + 1, "vtt");
        put(format!("{MEDIA}/{HLS}/{folder}/{uri}"), &text)?;
        let ticks = segments[index] * u64::from(recipe.frame_rate.den);
        written.push(hls::Segment {
            uri,
            bytes: text.len() as u64,
            ticks,
        });
    }
    let playlist = hls::MediaPlaylist {
        timescale: recipe.frame_rate.num,
        init: None,
        segments: written,
    };
    let target = playlist.target_duration();
    let uri = format!("{folder}/{}", crate::layout::PLAYLIST);
    put(format!("{MEDIA}/{HLS}/{uri}"), &playlist.to_text(target))?;
    let rendition = SubtitleRendition {
        uri,
        // The number tells two tracks apart in names; a language tag it is not.
        language: subtitles.language.tag().to_owned(),
        name: track_name(subtitles.language.name(), tag),
        rates: playlist.rates(target),
    };
    Ok(SubtitleTrack { file, rendition })
}

fn track_name(language: &str, tag: &str) -> String {
    match tag.rsplit_once('-') {
        Some((_, number)) if number.bytes().all(|b| b.is_ascii_digit()) => {
            format!("{language} {number}")
        }
        _ => language.to_owned(),
    }
}

/// Playlists and progressive files, from the tracks that were written.
fn package(
    staging: &Staging,
    recipe: &Recipe,
    finished: &mut Finished,
    subtitles: &[SubtitleTrack],
) -> Result<Vec<VariantReport>, MakeError> {
    let target = finished.target_duration();
    let put = |name: String, text: &str| {
        staging
            .write(&name, text.as_bytes())
            .map_err(|source| MakeError::Write { name, source })
    };
    let (mut variants, mut reports) = (Vec::new(), Vec::new());
    for (rung, track) in recipe.rungs.iter().zip(&finished.pictures) {
        let uri = format!("{}/{}", rung.name, crate::layout::PLAYLIST);
        let Some(playlist) = &track.playlist else {
            continue;
        };
        put(format!("{MEDIA}/{HLS}/{uri}"), &playlist.to_text(target))?;
        let rates = playlist.rates(target);
        reports.push(VariantReport {
            rung: rung.name.clone(),
            width: rung.width,
            height: rung.height,
            frames: recipe.frames,
            frame_rate: format!("{}/{}", recipe.frame_rate.num, recipe.frame_rate.den),
            peak_bit_rate: rates.peak,
            average_bit_rate: rates.average,
        });
        variants.push(Variant {
            uri,
            codecs: track.codecs(),
            width: rung.width,
            height: rung.height,
            frame_rate: recipe.frame_rate,
            rates,
        });
    }
    let sound = &finished.sound.playlist;
    put(
        format!("{MEDIA}/{HLS}/audio/{}", crate::layout::PLAYLIST),
        &sound.to_text(target),
    )?;
    let audio = AudioRendition {
        uri: format!("audio/{}", crate::layout::PLAYLIST),
        language: "zh".into(),
        name: "原声".into(),
        rates: sound.rates(target),
    };
    let renditions: Vec<_> = subtitles.iter().map(|s| s.rendition.clone()).collect();
    put(
        format!("{MEDIA}/{HLS}/{MULTIVARIANT}"),
        &hls::multivariant(&variants, &audio, &renditions),
    )?;
    finished.write_progressive(staging, 0, &format!("{MEDIA}/{WEB_MP4}"))?;
    if matches!(recipe.hall, HallPicture::Own(_)) {
        finished.write_progressive(staging, recipe.rungs.len(), MASTER)?;
    }
    finished.remove_spools(staging)?;
    Ok(reports)
}
