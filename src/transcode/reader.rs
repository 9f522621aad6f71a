//! The loop that reads an upload and feeds the encoders. In: the open input, a recipe, queues. Out: frames and samples
//! with their time in the film, what the onlookers saw, and how well it all could be decoded. Holds a few frames, never a film.

use std::f64::consts::FRAC_1_SQRT_2;
use std::fs::File;
use std::sync::mpsc::SyncSender;

use super::captions::Embedded;
use super::coverage::Coverage;
use super::ladder::{HallPicture, Recipe};
use super::make::{MakeError, MakeOrder, Note, NoteKind};
use super::picture;
use super::recolour::{self, Recolour};
use super::watch::{Seen, Watchers};
use crate::av::{
    AudioSamples, AvError, Chain, Decoded, Decoder, Demuxed, Frame, Graph, GraphBuilder, Input,
    Packet, PacketFacts, Source, StreamFacts, StreamKind, Timestamps,
};
use crate::subtitle::track::{Carriage, MAX_TRACKS, TextTrack};
use crate::text::Text;
use crate::units::Millis;

/// Time without a picture, though there are packets, from which on an upload counts as damaged.
pub(super) const MAX_LOST: Millis = Millis(1000);
/// One decode error in this many frames is concealed and noted; more, and the upload counts as damaged.
pub(super) const FRAMES_PER_ERROR: u64 = 50;
/// So many errors are concealed and noted however short the film is: its very last frame is often cut off.
pub(super) const FEW_ERRORS: u64 = 2;

/// The streams that are made into something.
pub(super) struct Streams {
    pub(super) video: StreamFacts,
    pub(super) audio: Option<StreamFacts>,
    /// Subtitles of any kind.
    pub(super) subtitles: Vec<StreamFacts>,
}

impl Streams {
    /// The default ones of their kinds, else the first.
    pub(super) fn pick(streams: &[StreamFacts], recipe: &Recipe) -> Result<Self, MakeError> {
        let pick = |kind| StreamFacts::main(streams, kind);
        let Some(video) = pick(StreamKind::Video) else {
            return Err(MakeError::Mismatch(
                "there is no picture in the file any more; run again".into(),
            ));
        };
        Ok(Streams {
            video,
            audio: pick(StreamKind::Audio).filter(|_| recipe.audio.from_source),
            subtitles: Streams::subtitles(streams),
        })
    }

    fn subtitles(streams: &[StreamFacts]) -> Vec<StreamFacts> {
        let subtitles = streams
            .iter()
            .filter(|stream| stream.kind == StreamKind::Subtitle);
        subtitles.cloned().collect()
    }

    /// Those whose packets are wanted.
    pub(super) fn indexes(&self) -> Vec<usize> {
        let texts = Streams::texts_of(&self.subtitles).into_iter();
        let texts = texts.map(|(stream, _)| stream.index);
        std::iter::once(self.video.index)
            .chain(self.audio.as_ref().map(|audio| audio.index))
            .chain(texts)
            .collect()
    }

    /// Those of these subtitles that are text, none of their packets read yet.
    fn texts_of(subtitles: &[StreamFacts]) -> Vec<(StreamFacts, TextTrack)> {
        let texts = subtitles.iter().filter_map(|stream| {
            let carriage = Carriage::of(&stream.codec)?;
            Some((stream.clone(), TextTrack::new(carriage)))
        });
        texts.take(MAX_TRACKS).collect()
    }
}

/// All text tracks, before anything is decoded: what is drawn on the first frame may stand anywhere in the file.
pub(super) fn read_texts(upload: File) -> Result<Vec<Embedded>, MakeError> {
    let mut input = Input::open(upload)?;
    let streams = input.streams();
    let subtitles = Streams::subtitles(&streams);
    let mut texts = Streams::texts_of(&subtitles);
    let wanted: Vec<usize> = texts.iter().map(|(stream, _)| stream.index).collect();
    input.keep_only(&wanted);
    let origin = input.start_time();
    let mut packet = Packet::empty();
    // A text track that breaks off is used as far as it goes; the picture will tell.
    while !wanted.is_empty() && matches!(input.read(&mut packet), Demuxed::Packet) {
        take_text(&mut texts, origin, &packet, &PacketFacts::of(&packet));
    }
    Ok(Embedded::all(&subtitles, texts))
}

/// Whether the packet is one of a text track's, which it is then kept for.
fn take_text(
    texts: &mut [(StreamFacts, TextTrack)],
    origin: i64,
    packet: &Packet,
    facts: &PacketFacts,
) -> bool {
    let mut texts = texts.iter_mut();
    let Some((stream, track)) = texts.find(|(stream, _)| stream.index == facts.stream) else {
        return false;
    };
    if let Some(ticks) = facts.timestamp() {
        let start = stream.time_base.to_micros(ticks).saturating_sub(origin);
        let duration = stream.time_base.to_micros(facts.duration);
        track.push(start, duration, packet.data().unwrap_or_default());
    }
    true
}

/// How well the source could be decoded.
#[derive(Debug)]
pub(super) struct Decoding {
    frames: u64,
    errors: u64,
    lost: Millis,
}

impl Decoding {
    /// What is to be said about it, or that it is too bad.
    pub(super) fn judge(&self) -> Result<Vec<Note>, MakeError> {
        let Decoding {
            frames,
            errors,
            lost,
        } = *self;
        let too_many = errors > FEW_ERRORS && errors * FRAMES_PER_ERROR > frames;
        if lost > MAX_LOST || too_many {
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

/// What one picture is made from, each with its time in the film in microseconds.
pub(super) enum Feed {
    /// Decoded and filtered frames, to be encoded.
    Frames(SyncSender<(i64, Frame)>),
    /// The upload's own packets, to be packaged.
    Packets(SyncSender<(i64, Packet)>),
}

/// The loop that reads the upload and feeds the encoders.
pub(super) struct Reader<'a> {
    order: &'a MakeOrder,
    streams: &'a Streams,
    origin: i64,
    video: Decoder,
    audio: Option<Decoder>,
    picture: Option<Pictures>,
    sound: Option<(Graph, (u32, u32, i32, i32))>,
    feeds: Vec<Feed>,
    sound_sender: SyncSender<(Option<i64>, AudioSamples)>,
    texts: Vec<(StreamFacts, TextTrack)>,
    watchers: Watchers,
    coverage: Coverage,
    decoded: u64,
    damaged: u64,
}

impl<'a> Reader<'a> {
    pub(super) fn new(
        input: &Input,
        order: &'a MakeOrder,
        streams: &'a Streams,
        feeds: Vec<Feed>,
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
            feeds,
            sound_sender,
            texts: Streams::texts_of(&streams.subtitles),
            watchers: Watchers::new(order, &streams.video),
            coverage: Coverage::default(),
            decoded: 0,
            damaged: 0,
        })
    }

    /// Reads to the end.
    pub(super) fn run(
        &mut self,
        input: &mut Input,
        progress: &dyn Fn(Millis),
    ) -> Result<(), MakeError> {
        let mut packet = Packet::empty();
        loop {
            match input.read(&mut packet) {
                Demuxed::Packet => {}
                Demuxed::End => break,
                Demuxed::Broken(error) => return Err(error.into()),
            }
            let facts = PacketFacts::of(&packet);
            if facts.stream == self.streams.video.index {
                self.pass_on(&packet, &facts);
                if self.video.send(&packet).is_err() {
                    self.damaged += 1;
                }
                self.drain_video()?;
                if let Some(ticks) = facts.timestamp().filter(|_| !facts.hidden) {
                    let micros = self.film_time(ticks);
                    self.coverage.packet(micros);
                    progress(Millis(u64::try_from(micros / 1000).unwrap_or(0)));
                }
            } else if !take_text(&mut self.texts, self.origin, &packet, &facts) {
                self.drain_audio(Some(&packet))?;
            }
        }
        self.video.finish()?;
        self.drain_video()?;
        self.finish_picture()?;
        self.drain_audio(None)?;
        self.finish_sound()
    }

    /// Hands the packet to the picture that is made of packets. A queue is closed only when its thread failed: its own error
    /// says why.
    fn pass_on(&self, packet: &Packet, facts: &PacketFacts) {
        let Some(micros) = facts.timestamp().map(|ticks| self.film_time(ticks)) else {
            return;
        };
        for feed in &self.feeds {
            if let Feed::Packets(sender) = feed {
                let _ = sender.send((micros, packet.clone()));
            }
        }
    }

    /// Microseconds from the presentation's start of a time in the picture's ticks.
    fn film_time(&self, ticks: i64) -> i64 {
        let micros = self.streams.video.time_base.to_micros(ticks);
        micros.saturating_sub(self.origin)
    }

    /// What the onlookers saw, the text tracks, and how well it went. The encoders' queues are closed with this.
    pub(super) fn finish(
        self,
    ) -> (
        Result<Seen, AvError>,
        Vec<(StreamFacts, TextTrack)>,
        Decoding,
    ) {
        let decoding = Decoding {
            frames: self.decoded,
            errors: self.damaged,
            lost: self.coverage.lost(),
        };
        (self.watchers.finish(self.damaged), self.texts, decoding)
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
            let micros = frame.timestamp().map(|ticks| self.film_time(ticks));
            self.watchers.decoded(&frame, micros);
            // Frames that change their size in mid-film get a graph of their own.
            if self
                .picture
                .as_ref()
                .is_some_and(|pictures| !pictures.takes(&frame))
            {
                self.finish_picture()?;
            }
            let pictures = match &mut self.picture {
                Some(pictures) => pictures,
                none => none.insert(Pictures::new(
                    &self.order.recipe,
                    &frame,
                    &self.streams.video,
                )?),
            };
            // The filters trust `pts`; decoders of old formats leave it empty.
            if let Some(time) = frame.timestamp() {
                frame.set_pts(time);
            }
            pictures.push(&frame)?;
            if let Some(micros) = micros {
                self.coverage.frame(micros);
            }
            self.pull_pictures()?;
        }
    }

    fn pull_pictures(&mut self) -> Result<(), MakeError> {
        let Some(Pictures { rungs, .. }) = &mut self.picture else {
            return Ok(());
        };
        for sink in 0..rungs.sinks() {
            let time_base = rungs.time_base(sink);
            let mut frame = Frame::empty();
            while rungs.pull(sink, &mut frame)? == Decoded::Frame {
                let micros = frame
                    .pts()
                    .map_or(0, |pts| time_base.to_micros(pts))
                    .saturating_sub(self.origin);
                if sink == 0 {
                    self.watchers.top(&frame)?;
                }
                if sink == self.order.recipe.preview_rung() {
                    self.watchers.preview(&frame, micros)?;
                }
                let Feed::Frames(sender) = &self.feeds[sink] else {
                    continue;
                };
                // A queue is closed only when its encoder failed: its own error says why.
                let frame = std::mem::replace(&mut frame, Frame::empty());
                if sender.send((micros, frame)).is_err() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn finish_picture(&mut self) -> Result<(), MakeError> {
        if let Some(pictures) = &mut self.picture {
            pictures.finish()?;
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

/// What makes all pictures of the decoder's frames: a graph with a sink for every picture, and before it, where colours
/// are not bt709's, a graph to the top rung's size and a change of colours.
pub(super) struct Pictures {
    before: Option<(Graph, Recolour)>,
    rungs: Graph,
    shape: (u32, u32, i32, i32),
}

impl Pictures {
    pub(super) fn new(
        recipe: &Recipe,
        frame: &Frame,
        facts: &StreamFacts,
    ) -> Result<Self, AvError> {
        let source = Source {
            frame,
            time_base: facts.time_base,
            sar: facts.sar.unwrap_or((1, 1)),
        };
        let top = &recipe.rungs[0];
        let decoded = picture::Decoded::of(frame);
        let chain = picture::to_top(&recipe.treatment, top, decoded);
        let shape = frame.shape();
        if !recolour::is_needed(&recipe.treatment) {
            let rungs = picture_graph(recipe, &source, &chain)?;
            return Ok(Pictures {
                before: None,
                rungs,
                shape,
            });
        }
        let mut builder = GraphBuilder::new(1)?;
        let node = builder.source(&source)?;
        let node = builder.chain(node, &chain)?;
        builder.sink(node, false)?;
        let before = builder.build()?;
        let source = Source {
            frame: &Frame::blank(top.width, top.height)?,
            time_base: before.time_base(0),
            sar: (1, 1),
        };
        let rungs = picture_graph(recipe, &source, &vec![])?;
        let depth = decoded
            .depth_of_420
            .unwrap_or(if decoded.deep { 10 } else { 8 });
        let recolour = Recolour::new(&recipe.treatment, depth);
        Ok(Pictures {
            before: Some((before, recolour)),
            rungs,
            shape,
        })
    }

    /// Whether the frame is of the shape that this was made for.
    pub(super) fn takes(&self, frame: &Frame) -> bool {
        self.shape == frame.shape()
    }

    /// Takes a rung's next picture out; false where more frames are wanted or all are out.
    pub(super) fn pull(&mut self, rung: usize, frame: &mut Frame) -> Result<bool, AvError> {
        Ok(self.rungs.pull(rung, frame)? == Decoded::Frame)
    }

    pub(super) fn push(&mut self, frame: &Frame) -> Result<(), AvError> {
        match &mut self.before {
            None => return self.rungs.push(frame),
            Some((before, _)) => before.push(frame)?,
        }
        self.pass_on()
    }

    pub(super) fn finish(&mut self) -> Result<(), AvError> {
        if let Some((before, _)) = &mut self.before {
            before.finish()?;
        }
        self.pass_on()?;
        self.rungs.finish()
    }

    /// What came out of the first graph goes into the second one.
    fn pass_on(&mut self) -> Result<(), AvError> {
        let Some((before, recolour)) = &mut self.before else {
            return Ok(());
        };
        let mut frame = Frame::empty();
        while before.pull(0, &mut frame)? == Decoded::Frame {
            self.rungs.push(&recolour.apply(&frame)?)?;
        }
        Ok(())
    }
}

/// One graph with a sink for every picture: each rung is scaled from the next larger one.
fn picture_graph(recipe: &Recipe, source: &Source<'_>, to_top: &Chain) -> Result<Graph, AvError> {
    let mut builder = GraphBuilder::new(1)?;
    let source = builder.source(source)?;
    let mut here = builder.chain(source, to_top)?;
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
            here = builder.chain(pad, &picture::to_lower(rung, recipe.scaler))?;
        }
    }
    for end in ends.into_iter().chain(hall) {
        builder.sink(end, false)?;
    }
    builder.build()
}

/// The sound in stereo at the recipe's rate. Where nobody knows which channel is which speaker (recorders with ten
/// microphones), the first two are taken.
fn sound_graph(recipe: &Recipe, frame: &Frame, time_base: Timestamps) -> Result<Graph, AvError> {
    // Folding: speech (the centre) and the surrounds 3 dB down in both sides, no LFE (ITU-R BS.775). In floats nothing
    // is cut off at full scale; the gain is settled later, when the peaks are known.
    let folding = [
        ("center_mix_level", FRAC_1_SQRT_2.to_string()),
        ("surround_mix_level", FRAC_1_SQRT_2.to_string()),
        ("lfe_mix_level", "0".to_owned()),
    ];
    let fold = ("aresample", folding.to_vec());
    let first_two = ("pan", vec![("args", "stereo|c0=c0|c1=c1".to_owned())]);
    stereo_graph(recipe, frame, time_base, &vec![fold])
        .or_else(|_| stereo_graph(recipe, frame, time_base, &vec![first_two]))
}

fn stereo_graph(
    recipe: &Recipe,
    frame: &Frame,
    time_base: Timestamps,
    fold: &Chain,
) -> Result<Graph, AvError> {
    let mut builder = GraphBuilder::new(1)?;
    let source = builder.source(&Source {
        frame,
        time_base,
        sar: (1, 1),
    })?;
    let source = builder.chain(source, fold)?;
    let options = [
        ("sample_fmts", "fltp".to_owned()),
        ("sample_rates", recipe.audio.sample_rate.to_string()),
        ("channel_layouts", "stereo".to_owned()),
    ];
    let node = builder.then(source, "aformat", &options)?;
    builder.sink(node, true)?;
    builder.build()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notes(frames: u64, errors: u64, lost: Millis) -> Option<usize> {
        let decoding = Decoding {
            frames,
            errors,
            lost,
        };
        decoding.judge().ok().map(|notes| notes.len())
    }

    #[test]
    fn a_few_damaged_frames_are_concealed_and_told_and_many_fail_the_job() {
        assert_eq!(notes(36, 0, Millis(0)), Some(0));
        assert_eq!(notes(36, 2, Millis(0)), Some(1));
        assert_eq!(notes(36, 3, Millis(0)), None);
        assert_eq!(notes(7500, 150, Millis(0)), Some(1));
        assert_eq!(notes(7500, 151, Millis(0)), None);
        assert_eq!(notes(7500, 0, Millis(1001)), None);
    }
}
