//! Measuring one file, inside the worker. In: an open file. Out: [`Measured`], or why it cannot be read. One pass over
//! all packets; a dozen pictures are decoded on the way, for what headers do not say and for a thumbnail.

use std::fs::File;
use std::io::{Read, Seek};

use base64::Engine;
use serde::{Deserialize, Serialize};

use super::essence::{Essence, StreamHasher};
use super::evidence::Evidence;
use super::gops::{ClosedGops, GopWatch};
use super::picture_meter::PictureMeter;
use super::pictures::Pictures;
use super::sampler::{Looked, Looks, Sample, Sampler, Watch};
use super::signature::{Signature, SignatureTaker};
use super::sniff::{self, HEAD};
use super::sound_meter::{Heard, SoundMeter};
use super::{
    AudioInfo, CleanAperture, Container, EmbeddedSubtitle, Hdr, MediaInfo, Orientation,
    PictureQuality, Scan, Unreadable, VideoInfo, boxes,
};
use crate::av::{
    self, AvError, Decoded, Decoder, Demuxed, Frame, Input, JpegQuality, Packet, PacketFacts,
    StreamFacts, StreamKind,
};
use crate::text::Text;
use crate::thumbnail::poster;
use crate::units::{BitRate, Bytes, FrameRate, Millis};

/// Packets of one stream beyond which a file is not believed: ten hours at 120 frames a second.
const MAX_PACKETS: usize = 4_500_000;
/// Longest presentation that is believed, in milliseconds: twelve hours.
const MAX_DURATION: Millis = Millis::from_secs(12 * 3600);
/// Pictures decoded from the start, for field order, colours and pixel format.
const FIRST_FRAMES: usize = 8;
/// Packets after which a decoder that gave no picture is given up.
const FIRST_PACKETS: usize = 400;
/// Between two pictures that are looked at for the thumbnail.
const GLANCE_EVERY: Millis = Millis(2000);
/// Width of the report's thumbnail in pixels.
const THUMBNAIL_WIDTH: u32 = 320;
/// Where the boxes say that bytes are missing, the header may promise this much more than the packets hold: rounding.
const TAIL_TOLERANCE: Millis = Millis(40);

/// Where nothing but the header can tell that the end is missing, it may promise this much more than there is.
const SILENT_TAIL: Millis = Millis(500);
/// Longest time between two pictures that is believed: no slide stands for longer, and a gap is filled with frames.
const MAX_GAP: i64 = 300_000_000;
/// Decoding times may fall back by this much, in microseconds; more, and pieces were put behind each other.
const MAX_STEP_BACK: i64 = 500_000;

/// What the worker measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// The facts.
    pub media: MediaInfo,
    /// A small JPEG, base64; none where no picture could be taken.
    pub thumbnail_jpeg: Option<String>,
    /// What a person looks at before believing a finding.
    #[serde(default)]
    pub evidence: Evidence,
    /// What is in it, whatever it is wrapped in.
    #[serde(default)]
    pub essence: Option<Essence>,
    /// What it looks and sounds like.
    #[serde(default)]
    pub signature: Signature,
    /// Where its picture can be cut without being decoded; none where it cannot.
    #[serde(default)]
    pub gops: Option<ClosedGops>,
}

/// Measures an upload. `progress` is told the bytes read so far.
pub fn measure(
    mut file: File,
    looks: Looks,
    progress: &mut dyn FnMut(u64),
) -> Result<Measured, Unreadable> {
    let damaged = |e: std::io::Error| Unreadable::Damaged {
        detail: e.to_string(),
    };
    let bytes = file.metadata().map_err(damaged)?.len();
    if bytes == 0 {
        return Err(Unreadable::Empty);
    }
    let mut head = Vec::with_capacity(HEAD);
    (&mut file)
        .take(HEAD as u64)
        .read_to_end(&mut head)
        .map_err(damaged)?;
    if let Some(verdict) = sniff::not_a_video(&head) {
        return Err(verdict);
    }
    let top = boxes::walk(&mut file, bytes).unwrap_or_default();
    let apertures = if top.is_iso {
        boxes::clean_apertures(&mut file, bytes).unwrap_or_default()
    } else {
        vec![]
    };
    file.rewind().map_err(damaged)?;
    let mut input = Input::open(file).map_err(|error| cannot_open(&head, top, &error))?;
    let container = container(&input, &head)?;
    let streams = input.streams();
    let picked = Picked::from(&streams, &apertures)?;
    let mut pass = Pass::new(&input, &picked, (Bytes(bytes), looks))?;
    input.keep_only(&picked.indexes());
    let ended = pass.run(&picked, &mut input, progress)?;
    pass.finish(
        &input,
        container,
        Bytes(bytes),
        &picked,
        &streams,
        (top, ended),
    )
}

fn cannot_open(head: &[u8], top: boxes::TopLevel, error: &AvError) -> Unreadable {
    if let Some(format) = sniff::unsupported_container(head) {
        return Unreadable::UnsupportedContainer {
            format: format.into(),
        };
    }
    if top.is_iso && !top.has_moov {
        return incomplete(Text::new("缺少索引（moov）", "the index (moov) is missing"));
    }
    if top.missing_bytes > 0 {
        return missing_at_end(top);
    }
    Unreadable::Damaged {
        detail: error.to_string(),
    }
}

fn incomplete(detail: Text) -> Unreadable {
    Unreadable::Incomplete { detail }
}

fn missing_at_end(top: boxes::TopLevel) -> Unreadable {
    let missing = Bytes(top.missing_bytes);
    incomplete(Text::new(
        format!("结尾缺少 {missing}"),
        format!("{missing} are missing at the end"),
    ))
}

fn container(input: &Input, head: &[u8]) -> Result<Container, Unreadable> {
    let format = input.format_name();
    Ok(match format.as_str() {
        "mov,mp4,m4a,3gp,3g2,mj2" => match input.metadata(c"major_brand").as_deref() {
            None | Some("qt  ") => Container::Mov,
            Some(_) => Container::Mp4,
        },
        "mpeg" | "mpegvideo" => Container::Mpg,
        "mpegts" => Container::MpegTs,
        "matroska,webm" if head.windows(4).take(64).any(|w| w == b"webm") => Container::Webm,
        "matroska,webm" => Container::Matroska,
        "avi" => Container::Avi,
        "asf" => Container::Asf,
        "flv" => Container::Flv,
        _ => return Err(Unreadable::UnsupportedContainer { format }),
    })
}

/// The streams that count: of several the default one, else the first.
struct Picked {
    video: StreamFacts,
    /// The part of the picture that is meant to be shown, by the container.
    clean: Option<CleanAperture>,
    audio: Option<StreamFacts>,
}

impl Picked {
    fn from(
        streams: &[StreamFacts],
        apertures: &[(i32, CleanAperture)],
    ) -> Result<Self, Unreadable> {
        if streams.len() > av::limits::MAX_STREAMS {
            return Err(beyond(
                ("数据流", "streams"),
                streams.len() as u64,
                av::limits::MAX_STREAMS as u64,
            ));
        }
        let pick = |kind| StreamFacts::main(streams, kind);
        let Some(video) = pick(StreamKind::Video) else {
            return Err(Unreadable::NoPicture);
        };
        let pixels = u64::from(video.width) * u64::from(video.height);
        let limit = u64::try_from(av::limits::MAX_PIXELS).unwrap_or(u64::MAX);
        if pixels > limit {
            return Err(beyond(("画面像素", "pixels in a picture"), pixels, limit));
        }
        if !Decoder::supports(&video.codec) {
            return Err(Unreadable::UnsupportedCodec { codec: video.codec });
        }
        let audio = pick(StreamKind::Audio);
        if let Some(audio) = audio.as_ref().filter(|a| !Decoder::supports(&a.codec)) {
            return Err(Unreadable::UnsupportedSound {
                codec: audio.codec.clone(),
            });
        }
        let clean = apertures.iter().find(|(track, _)| *track == video.id);
        Ok(Picked {
            clean: clean.map(|(_, clean)| *clean),
            video,
            audio,
        })
    }

    fn indexes(&self) -> Vec<usize> {
        std::iter::once(self.video.index)
            .chain(self.audio.as_ref().map(|a| a.index))
            .collect()
    }
}

fn beyond((zh, en): (&str, &str), actual: u64, limit: u64) -> Unreadable {
    Unreadable::BeyondLimit {
        what: Text::new(zh, en),
        actual,
        limit,
    }
}

/// The times of one stream's packets, in microseconds from the presentation's start.
#[derive(Default)]
struct Track {
    times: Vec<i64>,
    /// Decoding times: the only ones that are complete in program streams.
    decoding: Vec<i64>,
    lacks_presentation_times: bool,
    end: i64,
    last_duration: i64,
    bytes: u64,
}

impl Track {
    fn add(
        &mut self,
        facts: &PacketFacts,
        stream: &StreamFacts,
        origin: i64,
    ) -> Result<(), Unreadable> {
        if self.times.len() >= MAX_PACKETS {
            return Err(beyond(
                ("数据包", "packets"),
                self.times.len() as u64 + 1,
                MAX_PACKETS as u64,
            ));
        }
        let length = stream.time_base.to_micros(facts.duration);
        let time = match facts.timestamp() {
            Some(ticks) => stream.time_base.to_micros(ticks).saturating_sub(origin),
            None => self.end,
        };
        self.times.push(time);
        self.lacks_presentation_times |= facts.presentation_time.is_none();
        self.decoding.extend(
            facts
                .decoding_time
                .map(|ticks| stream.time_base.to_micros(ticks)),
        );
        self.end = self.end.max(time.saturating_add(length));
        self.last_duration = length;
        self.bytes += facts.bytes;
        Ok(())
    }

    /// Refuses clocks that run backwards or stand still for minutes: what is between would be lost, or invented.
    fn check_spacing(&self) -> Result<(), Unreadable> {
        if let Some(pair) = self
            .decoding
            .windows(2)
            .find(|pair| pair[0] - pair[1] > MAX_STEP_BACK)
        {
            let (from, to) = (to_millis(pair[0]), to_millis(pair[1]));
            return Err(Unreadable::Damaged {
                detail: format!(
                    "its clock falls back from {from} to {to}: pieces were put behind each other"
                ),
            });
        }
        let mut sorted = self.times.clone();
        sorted.sort_unstable();
        let gap = sorted
            .windows(2)
            .map(|pair| pair[1] - pair[0])
            .max()
            .unwrap_or(0);
        if gap > MAX_GAP {
            let what = ("两帧画面之间的毫秒数", "milliseconds between two pictures");
            return Err(beyond(
                what,
                gap.unsigned_abs() / 1000,
                MAX_GAP.unsigned_abs() / 1000,
            ));
        }
        Ok(())
    }

    /// The times by which the spacing of frames is judged: two kinds mixed would look irregular.
    fn spacing(&self) -> &[i64] {
        if self.lacks_presentation_times {
            &self.decoding
        } else {
            &self.times
        }
    }

    fn start(&self) -> i64 {
        self.times.iter().copied().min().unwrap_or(0).max(0)
    }
}

/// One walk over the file.
struct Pass {
    origin: i64,
    video: Track,
    sound: Track,
    first: FirstFrames,
    sampler: Sampler,
    watchers: Watchers,
    audio_decoder: Option<Decoder>,
    audio_shape: Option<(u32, u32)>,
    video_essence: StreamHasher,
    audio_essence: Option<StreamHasher>,
    gops: GopWatch,
    meter: SoundMeter,
}

/// How the walk ended: well, or with what the demuxer said.
type Ended = Option<AvError>;

impl Pass {
    fn new(
        input: &Input,
        picked: &Picked,
        (bytes, looks): (Bytes, Looks),
    ) -> Result<Self, Unreadable> {
        let damaged = |e: AvError| Unreadable::Damaged {
            detail: e.to_string(),
        };
        let open = |index| Decoder::open(input, index, 1).map_err(damaged);
        let sampler = Sampler::new(
            input,
            &picked.video,
            picked.audio.is_some(),
            (bytes.0, looks),
        );
        Ok(Pass {
            origin: input.start_time(),
            video: Track::default(),
            sound: Track::default(),
            first: FirstFrames {
                decoder: open(picked.video.index)?,
                frames: Vec::new(),
                packets: 0,
                error: None,
            },
            sampler: sampler.map_err(damaged)?,
            watchers: Watchers::new(&picked.video, input.header_duration()),
            audio_decoder: picked.audio.as_ref().map(|a| open(a.index)).transpose()?,
            audio_shape: None,
            video_essence: essence_of(input, &picked.video),
            audio_essence: picked.audio.as_ref().map(|audio| essence_of(input, audio)),
            gops: GopWatch::new(
                &picked.video.codec,
                &input.configuration(picked.video.index),
            ),
            meter: SoundMeter::new(),
        })
    }

    fn run(
        &mut self,
        picked: &Picked,
        input: &mut Input,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Ended, Unreadable> {
        let streams = input.streams();
        let mut packet = Packet::empty();
        let mut read = 0;
        loop {
            match input.read(&mut packet) {
                Demuxed::Packet => {}
                Demuxed::End => return Ok(None),
                Demuxed::Broken(error) => return Ok(Some(error)),
            }
            let facts = PacketFacts::of(&packet);
            read += facts.bytes;
            progress(read);
            let Some(stream) = streams.get(facts.stream) else {
                continue;
            };
            if facts.stream == picked.video.index {
                self.first.offer(&packet);
                let data = packet.data().unwrap_or_default();
                self.video_essence.update(data);
                self.gops.offer(data, !facts.hidden && !facts.corrupt);
                if !facts.hidden {
                    self.video.add(&facts, stream, self.origin)?;
                }
                let time = self.video.times.last().copied().unwrap_or(0);
                self.watchers
                    .meter
                    .packet(to_millis(time), facts.bytes, facts.key);
                self.sampler
                    .offer(&packet, &facts, (time, read), &mut self.watchers);
            } else if let Some(audio) = &picked.audio
                && audio.index == facts.stream
            {
                self.hear(Some(&packet), audio);
                if let Some(essence) = &mut self.audio_essence {
                    essence.update(packet.data().unwrap_or_default());
                }
                if !facts.hidden {
                    self.sound.add(&facts, stream, self.origin)?;
                }
            }
        }
    }

    // Channels and rate are only sure once something was decoded: HE-AAC doubles both.
    fn hear(&mut self, packet: Option<&Packet>, facts: &StreamFacts) {
        let Some(decoder) = self.audio_decoder.as_mut() else {
            return;
        };
        let sent = match packet {
            Some(packet) => decoder.send(packet),
            None => decoder.finish(),
        };
        if sent.is_err() {
            self.meter.damaged();
            return;
        }
        let mut frame = Frame::empty();
        let mut channels = Vec::new();
        loop {
            match decoder.receive(&mut frame) {
                Ok(Decoded::Frame) => {}
                Ok(_) => return,
                Err(_) => return self.meter.damaged(),
            }
            let shape = decoder.audio_shape();
            self.audio_shape.get_or_insert(shape);
            let time = frame.timestamp().map(|ticks| {
                to_millis(facts.time_base.to_micros(ticks).saturating_sub(self.origin))
            });
            self.meter.hear(&frame, shape.1, time);
            if frame.channels_into(&mut channels) {
                self.watchers.signature.hear(&channels, shape.1);
            }
        }
    }

    fn finish(
        mut self,
        input: &Input,
        container: Container,
        bytes: Bytes,
        picked: &Picked,
        streams: &[StreamFacts],
        (top, ended): (boxes::TopLevel, Ended),
    ) -> Result<Measured, Unreadable> {
        self.first.finish();
        self.sampler.finish(&mut self.watchers);
        if let Some(audio) = &picked.audio {
            self.hear(None, audio);
        }
        let header = input
            .header_duration()
            .map(|us| Millis(us.unsigned_abs() / 1000));
        let Some(sample) = self.first.frames.first() else {
            return Err(self.no_frame(top, ended));
        };
        let surplus = Surplus::of(&picked.video.codec, self.first.scan());
        let rate = measured_rate(&self.video, picked.video.claimed_rate, surplus);
        if self.video.last_duration == 0 {
            self.video.end += 1_000_000 * i64::from(rate.den) / i64::from(rate.num);
        }
        let duration = to_millis(self.video.end.max(self.sound.end));
        if duration > MAX_DURATION {
            return Err(beyond(
                ("毫秒时长", "milliseconds"),
                duration.0,
                MAX_DURATION.0,
            ));
        }
        self.video.check_spacing()?;
        // Matroska counts its length from zero, also where the first picture comes later.
        let skipped = match container {
            Container::Matroska | Container::Webm => to_millis(self.origin.max(0)),
            _ => Millis(0),
        };
        let header_exceeds =
            |by: Millis| header.is_some_and(|h| h.0 > skipped.0 + duration.0 + by.0);
        let is_cut = ended.is_some()
            || (top.missing_bytes > 0 && header_exceeds(TAIL_TOLERANCE))
            // libav shortens an AVI's header to what is there: only the RIFF chunk tells.
            || (top.missing_bytes > 0 && container == Container::Avi)
            || (loses_its_tail_silently(container, streams) && header_exceeds(SILENT_TAIL));
        let cut_off = is_cut.then_some(duration);
        let video = self.video_info(sample, rate, picked);
        let heard = std::mem::replace(&mut self.meter, SoundMeter::new()).finish();
        let audio = picked.audio.as_ref();
        let audio = audio.map(|facts| self.audio_info(facts, heard.as_ref()));
        let subtitles = streams.iter().filter(|s| s.kind == StreamKind::Subtitle);
        let shown = video.clone();
        let shown_size = (video.width, video.height);
        let thumbnail = thumbnail(self.watchers.glance.best().unwrap_or(sample), &shown);
        let (picture_quality, pictures, signature) =
            self.watchers.finish(&shown, self.sampler.looked());
        let sound_quality = heard.as_ref().map(|heard| heard.quality.clone());
        let media = MediaInfo {
            container,
            duration_ms: duration,
            header_duration_ms: header,
            bytes,
            video: Some(video),
            audio,
            subtitles: subtitles
                .map(|s| EmbeddedSubtitle {
                    codec: s.codec.clone(),
                    language: s.language.clone(),
                })
                .collect(),
            cut_off_at_ms: cut_off,
            picture_quality: Some(picture_quality),
            sound_quality,
        };
        if let Some(error) = ended {
            tracing::info!(%error, "reading stopped before the end");
        }
        Ok(Measured {
            media,
            thumbnail_jpeg: thumbnail,
            evidence: evidence(pictures, heard),
            essence: Some(Essence {
                video: self.video_essence.finish(),
                audio: self.audio_essence.as_ref().map(StreamHasher::finish),
            }),
            signature: signature.finish(duration, picked.video.orientation),
            gops: self.gops.finish(&self.video.times, rate, shown_size),
        })
    }

    fn no_frame(&self, top: boxes::TopLevel, ended: Ended) -> Unreadable {
        if top.missing_bytes > 0 {
            return missing_at_end(top);
        }
        let said = self.first.error.clone().or(ended);
        let detail = said.map_or_else(|| "no picture could be decoded".into(), |e| e.to_string());
        Unreadable::Damaged { detail }
    }

    fn video_info(&self, sample: &Frame, rate: FrameRate, picked: &Picked) -> VideoInfo {
        let facts = &picked.video;
        let (width, height) = (sample.width(), sample.height());
        // A codec that has its own mind about the size leaves nothing of what the container meant.
        let clean = picked
            .clean
            .filter(|_| (width, height) == (facts.width, facts.height));
        let shown = clean.map_or((width, height), |clean| (clean.width, clean.height));
        let sar = believable_sar(facts.sar.or_else(|| sample.sar()));
        let turn = facts.orientation;
        let (display_width, display_height) = display_size(shown.0, shown.1, sar, turn);
        let (primaries, transfer, matrix) = sample.color_names();
        let hdr = match transfer.as_str() {
            "smpte2084" => Some(Hdr::Pq),
            "arib-std-b67" => Some(Hdr::Hlg),
            _ => None,
        };
        let seconds = (self.video.end - self.video.start()).max(1) as f64 / 1e6;
        VideoInfo {
            codec: facts.codec.clone(),
            profile: self.first.decoder.profile(),
            width,
            height,
            clean_aperture: clean,
            display_width,
            display_height,
            rotation: turn.rotation,
            mirrored: turn.mirrored,
            sar,
            frame_rate: rate,
            variable_frame_rate: is_variable(self.video.spacing()),
            scan: self.first.scan(),
            hdr,
            pixel_format: sample.pixel_format(),
            color_primaries: or_unknown(primaries),
            color_transfer: or_unknown(transfer),
            color_space: or_unknown(matrix),
            full_range: sample.is_full_range(),
            packets: self.video.times.len() as u64,
            start_ms: to_millis(self.video.start()),
            end_ms: to_millis(self.video.end),
            bit_rate: BitRate(rounded(self.video.bytes as f64 * 8.0 / seconds)),
        }
    }

    fn audio_info(&self, facts: &StreamFacts, heard: Option<&Heard>) -> AudioInfo {
        let (channels, sample_rate) = self.audio_shape.unwrap_or_default();
        AudioInfo {
            codec: facts.codec.clone(),
            profile: self.audio_decoder.as_ref().and_then(Decoder::profile),
            channels,
            sample_rate,
            start_ms: to_millis(self.sound.start()),
            end_ms: to_millis(self.sound.end),
            loudness_lufs: heard.and_then(|heard| heard.loudness_lufs),
            true_peak_dbtp: heard.and_then(|heard| heard.true_peak_dbtp),
        }
    }
}

fn essence_of(input: &Input, stream: &StreamFacts) -> StreamHasher {
    StreamHasher::new(&stream.codec, &input.configuration(stream.index))
}

/// The first pictures of the film: what they say about themselves is truer than the header.
struct FirstFrames {
    decoder: Decoder,
    frames: Vec<Frame>,
    packets: usize,
    error: Option<AvError>,
}

impl FirstFrames {
    fn offer(&mut self, packet: &Packet) {
        if self.frames.len() >= FIRST_FRAMES || self.packets >= FIRST_PACKETS {
            return;
        }
        self.packets += 1;
        if let Err(error) = self.decoder.send(packet) {
            self.error = Some(error);
        }
        self.take();
    }

    fn finish(&mut self) {
        if self.frames.len() < FIRST_FRAMES && self.decoder.finish().is_ok() {
            self.take();
        }
    }

    fn take(&mut self) {
        let mut frame = Frame::empty();
        while self.frames.len() < FIRST_FRAMES
            && self.decoder.receive(&mut frame) == Ok(Decoded::Frame)
        {
            self.frames
                .push(std::mem::replace(&mut frame, Frame::empty()));
        }
    }

    // A cover or a title may be flagged otherwise than the film: the majority counts.
    fn scan(&self) -> Scan {
        let count = |scan| self.frames.iter().filter(|f| f.scan() == scan).count();
        let (top, bottom) = (count(Scan::TopFirst), count(Scan::BottomFirst));
        if top + bottom <= self.frames.len() / 2 {
            Scan::Progressive
        } else if top >= bottom {
            Scan::TopFirst
        } else {
            Scan::BottomFirst
        }
    }
}

/// Everybody who looks at the pictures that are decoded on the way.
struct Watchers {
    glance: Glance,
    meter: PictureMeter,
    pictures: Pictures,
    signature: SignatureTaker,
}

impl Watchers {
    fn new(video: &StreamFacts, length: Option<i64>) -> Self {
        Watchers {
            glance: Glance::default(),
            meter: PictureMeter::new(),
            pictures: Pictures::new(video, length),
            signature: SignatureTaker::default(),
        }
    }

    fn finish(
        self,
        video: &VideoInfo,
        looked: Looked,
    ) -> (PictureQuality, Pictures, SignatureTaker) {
        (
            self.meter.finish(video, looked),
            self.pictures,
            self.signature,
        )
    }
}

impl Watch for Watchers {
    fn see(&mut self, sample: &Sample<'_>) {
        self.glance.see(sample);
        self.signature.see(sample);
        self.meter.see(sample);
        self.pictures.see(sample, self.meter.text());
    }
}

fn evidence(pictures: Pictures, heard: Option<Heard>) -> Evidence {
    let (contact_sheet_jpeg, subtitle_strip_jpeg) = pictures.finish();
    let (waveform, loudness) =
        heard.map_or_else(Default::default, |heard| (heard.waveform, heard.loudness));
    Evidence {
        contact_sheet_jpeg,
        subtitle_strip_jpeg,
        waveform,
        loudness,
    }
}

/// The best of a few pictures spread over the film becomes the thumbnail.
#[derive(Default)]
struct Glance {
    next: Millis,
    best: Option<(f64, Frame)>,
}

impl Watch for Glance {
    fn see(&mut self, sample: &Sample<'_>) {
        if sample.time_ms < self.next {
            return;
        }
        self.next = Millis(sample.time_ms.0 + GLANCE_EVERY.0);
        let score = poster::score(sample.frame);
        if self.best.as_ref().is_none_or(|(best, _)| score > *best)
            && let Ok(frame) = sample.frame.share()
        {
            self.best = Some((score, frame));
        }
    }
}

impl Glance {
    fn best(&self) -> Option<&Frame> {
        self.best.as_ref().map(|(_, frame)| frame)
    }
}

/// A small JPEG of a frame as a viewer sees the film: upright, in its true shape.
fn thumbnail(frame: &Frame, video: &VideoInfo) -> Option<String> {
    let turn = Orientation {
        rotation: video.rotation,
        mirrored: video.mirrored,
    };
    let (width, height) = (video.display_width.max(1), video.display_height.max(1));
    let fitted = width.min(THUMBNAIL_WIDTH);
    let size = (
        fitted,
        u32::try_from(u64::from(height) * u64::from(fitted) / u64::from(width)).unwrap_or(fitted),
    );
    let jpeg = av::encode_jpeg(frame, turn, size, JpegQuality(6)).ok()?;
    Some(base64::engine::general_purpose::STANDARD.encode(jpeg))
}

fn or_unknown(name: String) -> String {
    if name.is_empty() {
        "unknown".into()
    } else {
        name
    }
}

fn to_millis(micros: i64) -> Millis {
    Millis((micros.max(0).unsigned_abs() + 500) / 1000)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "saturates, and is not negative"
)]
fn rounded(value: f64) -> u64 {
    value.round() as u64
}

// A pixel more than sixteen times as wide as high is a damaged header, not an anamorphic lens.
pub(super) fn believable_sar(sar: Option<(u32, u32)>) -> (u32, u32) {
    match sar {
        Some((num, den)) if num <= den.saturating_mul(16) && den <= num.saturating_mul(16) => {
            (num, den)
        }
        _ => (1, 1),
    }
}

pub(super) fn display_size(
    width: u32,
    height: u32,
    (num, den): (u32, u32),
    turn: Orientation,
) -> (u32, u32) {
    let wide = (u64::from(width) * u64::from(num) + u64::from(den) / 2) / u64::from(den);
    let wide = u32::try_from(wide).unwrap_or(u32::MAX).max(1);
    if turn.rotation % 180 == 90 {
        (height, wide)
    } else {
        (wide, height)
    }
}

/// Frames a second over all packets; a claim that fits within half a percent is exact and is preferred.
fn measured_rate(track: &Track, claimed: (i32, i32), surplus: Surplus) -> FrameRate {
    let claimed = match (u32::try_from(claimed.0), u32::try_from(claimed.1)) {
        (Ok(num), Ok(den)) => FrameRate::new(num, den),
        _ => None,
    };
    let last = track.times.iter().copied().max().unwrap_or(0);
    let span = last - track.times.iter().copied().min().unwrap_or(0);
    let gaps = track.times.len().saturating_sub(1) as u64;
    if gaps == 0 || span <= 0 {
        return claimed
            .filter(|c| c.as_f64() <= 240.0)
            .unwrap_or(FrameRate { num: 25, den: 1 });
    }
    let measured = gaps as f64 * 1e6 / span as f64;
    let claimed = claimed.filter(|claim| claim.as_f64() <= 240.0);
    match claimed {
        // A few frames without a time of their own make a short film look faster than it is.
        Some(claim)
            if keeps(&track.times, claim) && (measured / claim.as_f64() - 1.0).abs() < 0.1 =>
        {
            claim
        }
        Some(claim) if surplus.explains(measured / claim.as_f64()) => claim,
        _ => standard_rate(measured),
    }
}

/// Whether most frames of a film are as far apart as this rate says.
fn keeps(times: &[i64], rate: FrameRate) -> bool {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let mut gaps: Vec<i64> = sorted.windows(2).map(|pair| pair[1] - pair[0]).collect();
    gaps.sort_unstable();
    let wanted = 1e6 / rate.as_f64();
    // Containers with a millisecond clock jitter by one; a fiftieth tells 24 from 25.
    let near = |gap: i64| (gap as f64 - wanted).abs() < (wanted / 50.0).max(1100.0);
    let middle = gaps.len() / 2;
    gaps.get(middle).is_some_and(|gap| near(*gap))
}

/// Whether libav takes a lost end for the end, in a container whose header knows better. A subtitle that outlasts the
/// film makes the header longer, too.
fn loses_its_tail_silently(container: Container, streams: &[StreamFacts]) -> bool {
    let media_only = streams.iter().all(|s| {
        matches!(
            s.kind,
            StreamKind::Video | StreamKind::Audio | StreamKind::AttachedPicture
        )
    });
    let by_header = matches!(
        container,
        Container::Matroska | Container::Webm | Container::Avi | Container::Asf | Container::Flv
    );
    media_only && by_header
}

/// Why a track may have more packets than frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Surplus {
    /// One packet is one frame.
    None,
    /// Each field of an interlaced frame may be a packet.
    Fields,
    /// Reference frames that are never shown are packets too (VP8, VP9).
    HiddenFrames,
}

impl Surplus {
    fn of(codec: &str, scan: Scan) -> Self {
        if matches!(codec, "vp8" | "vp9") {
            Surplus::HiddenFrames
        } else if scan == Scan::Progressive {
            Surplus::None
        } else {
            Surplus::Fields
        }
    }

    /// Whether a claimed rate is true where `ratio` times as many packets were measured.
    fn explains(self, ratio: f64) -> bool {
        let near = |value: f64| (ratio / value - 1.0).abs() < 0.005;
        match self {
            Surplus::None => near(1.0),
            Surplus::Fields => near(1.0) || near(2.0),
            Surplus::HiddenFrames => (0.995..1.25).contains(&ratio),
        }
    }
}

/// The standard rate within a twentieth of a percent, else thousandths of a frame.
fn standard_rate(measured: f64) -> FrameRate {
    let nearest = FrameRate::nearest_standard(measured);
    if (nearest.as_f64() / measured - 1.0).abs() < 0.0005 {
        return nearest;
    }
    let thousandths = u32::try_from(rounded(measured * 1000.0)).unwrap_or(u32::MAX);
    FrameRate {
        num: thousandths.max(1),
        den: 1000,
    }
}

/// Whether more than one frame in fifty lasts a quarter longer or shorter than the middle one.
fn is_variable(times: &[i64]) -> bool {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let mut gaps: Vec<i64> = sorted.windows(2).map(|w| w[1] - w[0]).collect();
    if gaps.len() < 3 {
        return false;
    }
    gaps.sort_unstable();
    let middle = gaps[gaps.len() / 2];
    // Containers with a millisecond clock jitter by one.
    let tolerance = (middle / 4).max(1500);
    let odd = gaps
        .iter()
        .filter(|g| (**g - middle).abs() > tolerance)
        .count();
    odd * 50 > gaps.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn display_size_applies_pixel_shape_then_turn() {
        let upright = Orientation::default();
        let turned = Orientation {
            rotation: 90,
            mirrored: false,
        };
        assert_eq!(display_size(640, 360, (2, 1), upright), (1280, 360));
        assert_eq!(display_size(720, 576, (59, 54), upright), (787, 576));
        assert_eq!(display_size(3840, 2160, (1, 1), turned), (2160, 3840));
    }

    #[test]
    fn a_hostile_pixel_shape_is_not_believed() {
        assert_eq!(believable_sar(Some((1, 1_000_000))), (1, 1));
        assert_eq!(believable_sar(Some((u32::MAX, 1))), (1, 1));
        assert_eq!(believable_sar(Some((4, 3))), (4, 3));
    }

    #[test]
    fn frame_rates_are_measured_and_claims_are_checked() {
        let track = |gap: i64| Track {
            times: (0..100).map(|i| i * gap).collect(),
            ..Track::default()
        };
        assert_eq!(
            measured_rate(&track(40_000), (25, 1), Surplus::None),
            FrameRate { num: 25, den: 1 }
        );
        assert_eq!(
            measured_rate(&track(40_000), (90_000, 1), Surplus::None),
            FrameRate { num: 25, den: 1 }
        );
        assert_eq!(
            measured_rate(&track(80_000), (0, 0), Surplus::None),
            FrameRate {
                num: 12_500,
                den: 1000
            }
        );
        assert_eq!(
            measured_rate(&Track::default(), (30_000, 1001), Surplus::None).to_string(),
            "29.97"
        );
    }

    #[test]
    fn a_frame_too_many_does_not_change_the_rate_of_a_steady_film() {
        let mut times: Vec<i64> = (0..24).map(|i| i * 40_000).collect();
        times.push(200_000);
        let track = Track {
            times,
            ..Track::default()
        };
        let rate = |claimed| measured_rate(&track, claimed, Surplus::None).to_string();
        assert_eq!(rate((25, 1)), "25");
        assert_ne!(rate((24, 1)), "24");
    }

    #[test]
    fn jitter_of_a_millisecond_clock_is_not_a_variable_rate() {
        let ntsc_in_ms: Vec<i64> = (0..300).map(|i| i * 1001 / 30 * 1000).collect();
        assert!(!is_variable(&ntsc_in_ms));
        let phone: Vec<i64> = (0..300)
            .map(|i| i * 33_000 + if i % 10 == 0 { 20_000 } else { 0 })
            .collect();
        assert!(is_variable(&phone));
    }

    #[test]
    fn fields_and_hidden_frames_do_not_raise_the_rate() {
        let track = |gap: i64| Track {
            times: (0..100).map(|i| i * gap).collect(),
            ..Track::default()
        };
        let rate = |gap, claimed, surplus| measured_rate(&track(gap), claimed, surplus).to_string();
        assert_eq!(rate(20_000, (25, 1), Surplus::Fields), "25");
        assert_eq!(rate(20_000, (25, 1), Surplus::None), "50");
        assert_eq!(rate(37_500, (24, 1), Surplus::HiddenFrames), "24");
        assert_eq!(Surplus::of("h264", Scan::TopFirst), Surplus::Fields);
        assert_eq!(Surplus::of("vp9", Scan::Progressive), Surplus::HiddenFrames);
    }

    #[test]
    fn a_clock_that_falls_back_or_stands_still_is_refused() {
        let track = |decoding: &[i64]| Track {
            times: decoding.to_vec(),
            decoding: decoding.to_vec(),
            ..Track::default()
        };
        assert_eq!(track(&[0, 40_000, 80_000, 20_000]).check_spacing(), Ok(()));
        let joined = track(&[0, 40_000, 960_000, 0]).check_spacing();
        assert!(
            matches!(joined, Err(Unreadable::Damaged { .. })),
            "{joined:?}"
        );
        assert_eq!(track(&[0, 300_000_000]).check_spacing(), Ok(()));
        let bomb = track(&[0, 3_000_000_000]).check_spacing();
        assert!(matches!(
            bomb,
            Err(Unreadable::BeyondLimit {
                actual: 3_000_000,
                ..
            })
        ));
    }
}
