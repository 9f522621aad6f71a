//! Making, inside the worker: one decode feeds every output. In: the open upload, a [`Recipe`], a staging folder. Out:
//! files in that folder and [`Made`]. The reading thread decodes and filters; each picture and the sound are encoded on
//! threads of their own behind bounded queues, so that memory is known before it is used.

use std::fs::File;
use std::io;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use serde::{Deserialize, Serialize};

use super::captions::{self, Embedded, SubtitleTrack};
use super::clock::Clock;
use super::copy::CopyRecipe;
use super::hls::{self, AudioRendition, Variant};
use super::ladder::{HallPicture, Recipe};
use super::quality;
use super::reader::{FEW_ERRORS, FRAMES_PER_ERROR, Feed, MAX_LOST, Reader, Streams, read_texts};
use super::soundtrack::{self, History};
use super::stills;
use super::track::{Finished, PictureTrack, Purpose};
use super::verify::{self, Proof};
use crate::av::{AvError, BitstreamFilter, Encoder, Frame, Input, Packet, VideoSettings};
use crate::layout::{HLS, I_FRAMES, MASTER, MEDIA, MULTIVARIANT, PLAYLIST, Staging, WEB_MP4};
use crate::preset::Rung;
use crate::probe::VideoInfo;
use crate::probe::full_look::FullLook;
use crate::report::model::{OutputLoudness, QualityReport, VariantReport};
use crate::text::Text;
use crate::typeset::subtitles::Subtitler;
use crate::units::Millis;

/// Frames that wait before an encoder: few, so that they are still in the cache when they are encoded.
const QUEUE: usize = 2;
/// Packets that wait to be copied: reading them costs nothing.
const PACKET_QUEUE: usize = 32;
/// Runs of samples that wait before the sound's encoder.
const SOUND_QUEUE: usize = 64;

/// What the worker is asked to make.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MakeOrder {
    /// What to make.
    pub recipe: Recipe,
    /// Threads of each encoder.
    pub threads: usize,
    /// How what was made is proven.
    pub proof: Proof,
    /// Names of the subtitle files whose descriptors follow.
    pub subtitles: Vec<String>,
    /// The fonts' family, where subtitles are to be burnt in; their files come with the order.
    pub family: Option<String>,
    /// The picture as measured on samples, where every frame is to be looked at; none where it was already.
    pub look: Option<Box<VideoInfo>>,
}

/// The contents of files that come with an order.
#[derive(Debug)]
pub struct Beside {
    /// Subtitle files, in the order's order.
    pub subtitles: Vec<Vec<u8>>,
    /// Fonts.
    pub fonts: Vec<Vec<u8>>,
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
    /// How loud the outputs are, and what was done to make them so.
    pub loudness: OutputLoudness,
    /// How good the picture was measured to be, where the ladder names a target.
    #[serde(default)]
    pub quality: Option<QualityReport>,
    /// Length of the outputs.
    pub duration_ms: Millis,
    /// What every frame showed, where the order asked for it.
    #[serde(default)]
    pub look: Option<Box<FullLook>>,
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
    /// A subtitle file or track could not be used.
    SubtitlesUnused,
    /// A subtitle track was not needed; nothing is to be done.
    SubtitlesSpare,
    /// Subtitles are hard to follow.
    SubtitlesHardToRead,
    /// There were no subtitles to burn in.
    NothingBurnt,
    /// Characters of burnt-in subtitles that no font has.
    CharactersMissing,
    /// Damaged places in the picture were concealed.
    PictureConcealed,
    /// A sound in one ear was put on both; nothing is to be done.
    OneEarRepaired,
    /// An output is not as loud as was asked for.
    LoudnessMissed,
    /// The picture is not as good as was asked for.
    QualityMissed,
    /// The outputs were not decoded in full.
    ProofShortened,
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
    /// The upload could not be read a second time.
    #[error("cannot read the upload again")]
    Read {
        /// The system's reason.
        source: io::Error,
    },
    /// The recipe and the file do not belong together.
    #[error("{0}")]
    Mismatch(String),
    /// The source could not be decoded well enough.
    #[error(
        "{lost} of the film have no picture (at most {MAX_LOST}), and {errors} of {frames} frames are damaged (at most \
         one in {FRAMES_PER_ERROR}, or {FEW_ERRORS})"
    )]
    Damaged {
        /// Time without a picture.
        lost: Millis,
        /// Decode errors.
        errors: u64,
        /// Frames that came out.
        frames: u64,
    },
    /// The loudness could not be measured.
    #[error("cannot measure the loudness")]
    Loudness(#[from] ebur128::Error),
    /// The sound of an output is too high in spite of everything.
    #[error("the sound of {name} peaks at {peak:.1} dBTP, but {limit} are allowed")]
    TooHigh {
        /// Name inside the staging folder.
        name: String,
        /// How high it gets, in dBTP.
        peak: f64,
        /// How high it may get, in dBTP.
        limit: f64,
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
    /// Milliseconds of the film in all, counted once for making and a part each for the search of a quality, the sound and
    /// proving.
    pub total: Millis,
}

/// Makes everything that the order asks for.
pub fn make(
    upload: &File,
    beside: Beside,
    staging: &Staging,
    order: &MakeOrder,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Made, MakeError> {
    let film = order.recipe.duration().0;
    let (sound, proof) = (film / 4, film / 4);
    let search = order.recipe.quality.map_or(0, |_| film / 4);
    let total = Millis(search + film + sound + proof);
    let tell_in_all = |done| {
        progress(Progress {
            done: Millis(done),
            total,
        });
    };
    let tell = |done| tell_in_all(search + done);
    let found = match &order.recipe.quality {
        Some(target) => quality::search(upload, order, target, &|part| {
            tell_in_all(search * part / 1000);
        })?
        .map(|found| (found, target)),
        None => None,
    };
    let found_order = found.as_ref().map(|(found, target)| MakeOrder {
        recipe: found.applied(&order.recipe, target),
        ..order.clone()
    });
    let order = found_order.as_ref().unwrap_or(order);
    let recipe = &order.recipe;
    let Beside { subtitles, fonts } = beside;
    let mut burnt_notes = Vec::new();
    let subtitler = subtitler(upload, &subtitles, fonts, order, &mut burnt_notes)?;
    let encoded = encode(
        upload,
        staging,
        (order, subtitler),
        &Told {
            read: &|done: Millis| tell(done.0.min(film)),
            sound: &|part| tell(film + sound * part / 1000),
        },
    )?;
    let mut notes = encoded.notes;
    notes.extend(burnt_notes);
    let texts = captions::gather(order, &subtitles, &encoded.subtitles, &mut notes);
    let tracks = captions::write(staging, recipe, &texts)?;
    let mut finished = encoded.finished;
    finished.texts = captions::timed_texts(staging, recipe, &texts)?;
    let variants = package(staging, recipe, &finished, &tracks)?;
    let heard = verify::outputs(staging, order, &finished, &|part| {
        tell(film + sound + proof * part / 100);
    })?;
    stills::prove(staging, recipe)?;
    let (loudness, sound_notes) = soundtrack::account(recipe, &encoded.history, &heard)?;
    notes.extend(sound_notes);
    notes.extend(order.proof.note());
    notes.extend(found.as_ref().and_then(|(found, _)| found.note()));
    Ok(Made {
        variants,
        subtitles: tracks.into_iter().map(|track| track.file).collect(),
        notes,
        loudness,
        quality: found.map(|(found, _)| found.report),
        duration_ms: recipe.duration(),
        look: encoded.look.map(Box::new),
    })
}

/// The upload from its start. All handles on it share one position.
pub(super) fn rewound(mut upload: &File) -> Result<File, MakeError> {
    let again = |source| MakeError::Read { source };
    io::Seek::rewind(&mut upload).map_err(again)?;
    upload.try_clone().map_err(again)
}

/// Who draws subtitles on the hall's picture, where that is asked for and there are any.
fn subtitler(
    upload: &File,
    subtitles: &[Vec<u8>],
    fonts: Vec<Vec<u8>>,
    order: &MakeOrder,
    notes: &mut Vec<Note>,
) -> Result<Option<Subtitler>, MakeError> {
    let (Some(burn), Some(family)) = (&order.recipe.burn, &order.family) else {
        return Ok(None);
    };
    let embedded = read_texts(rewound(upload)?)?;
    // What was repaired is told once, by those who write the files.
    let all = captions::gather(order, subtitles, &embedded, &mut vec![]);
    let cues = captions::burnt(burn, all, notes);
    Ok(cues.map(|cues| Subtitler::new(cues, family, fonts)))
}

struct Encoded {
    finished: Finished,
    history: History,
    /// Subtitles inside the upload; those that are text with their packets.
    subtitles: Vec<Embedded>,
    notes: Vec<Note>,
    look: Option<FullLook>,
}

/// Who is told how far it is.
struct Told<'a> {
    /// Told how much of the film was read.
    read: &'a dyn Fn(Millis),
    /// Told how many thousandths of the sound are done.
    sound: &'a (dyn Fn(u64) + Sync),
}

fn encode(
    upload: &File,
    staging: &Staging,
    (order, mut subtitler): (&MakeOrder, Option<Subtitler>),
    told: &Told<'_>,
) -> Result<Encoded, MakeError> {
    let recipe = &order.recipe;
    let mut input = Input::open(rewound(upload)?)?;
    let streams = Streams::pick(&input.streams(), recipe)?;
    input.keep_only(&streams.indexes());
    thread::scope(|scope| {
        let (mut feeds, mut pictures) = (Vec::new(), Vec::new());
        for (index, rung) in pictures_of(recipe).into_iter().enumerate() {
            if let Some(copy) = recipe.copy.as_ref().filter(|_| feeds.is_empty()) {
                let filter = BitstreamFilter::h264_as_bt709(&input, streams.video.index)?;
                let (sender, receiver) = sync_channel(PACKET_QUEUE);
                feeds.push(Feed::Packets(sender));
                let picture = move || copy_picture(staging, recipe, (rung, copy), filter, receiver);
                pictures.push(scope.spawn(picture));
            } else {
                let (sender, receiver) = sync_channel(QUEUE);
                feeds.push(Feed::Frames(sender));
                // The hall's own picture is the last.
                let is_hall = index >= recipe.rungs.len();
                let drawing = subtitler.take_if(|_| is_hall);
                let picture = move || encode_picture(staging, order, (rung, drawing), receiver);
                pictures.push(scope.spawn(picture));
            }
        }
        let (sound_sender, sound_receiver) = sync_channel(SOUND_QUEUE);
        let tick = told.sound;
        let sound = scope.spawn(move || soundtrack::encode(staging, recipe, sound_receiver, tick));
        let mut reader = Reader::new(&input, order, &streams, feeds, sound_sender)?;
        let read = reader.run(&mut input, told.read);
        // This closes the queues, which lets the encoders finish.
        let (seen, texts, decoding) = reader.finish();
        let mut tracks = Vec::new();
        for picture in pictures {
            tracks.push(joined(picture)?);
        }
        let sound = joined(sound)?;
        read?;
        let mut notes = decoding.judge()?;
        notes.extend(tracks.iter().filter_map(missing_characters));
        let seen = seen?;
        stills::write(staging, recipe, &seen)?;
        Ok(Encoded {
            finished: Finished {
                pictures: tracks,
                sound: sound.web,
                hall_sound: sound.hall,
                texts: vec![],
            },
            history: sound.history,
            subtitles: Embedded::all(&streams.subtitles, texts),
            notes,
            look: seen.look,
        })
    })
}

fn missing_characters(track: &PictureTrack) -> Option<Note> {
    let missing = &track.missing;
    let text = Text::new(
        format!("会场画面上的字幕缺字，字体里没有：{missing}"),
        format!(
            "characters left out of the subtitles in the hall's picture, as no font has them: {missing}"
        ),
    );
    let kind = NoteKind::CharactersMissing;
    (!missing.is_empty()).then_some(Note { kind, text })
}

pub(super) fn joined<T>(
    handle: thread::ScopedJoinHandle<'_, Result<T, MakeError>>,
) -> Result<T, MakeError> {
    handle
        .join()
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// All pictures that are encoded: the rungs, best first, and the hall's own if it has one.
pub(super) fn pictures_of(recipe: &Recipe) -> Vec<&Rung> {
    let hall = match &recipe.hall {
        HallPicture::SameAsTop => None,
        HallPicture::Own(own) => Some(&own.rung),
    };
    recipe.rungs.iter().chain(hall).collect()
}

/// What the encoder of a rung is asked for, with IDR pictures at most so many frames apart.
pub(super) fn video_settings(order: &MakeOrder, rung: &Rung, gop_frames: u32) -> VideoSettings {
    let recipe = &order.recipe;
    VideoSettings {
        encoder: recipe.encoder,
        width: rung.width,
        height: rung.height,
        frame_rate: recipe.frame_rate,
        crf: rung.crf,
        max_bit_rate: rung.max_bit_rate,
        buffer_bits: rung.buffer.0,
        gop_frames,
        preset: recipe.x264_preset.clone(),
        options: recipe
            .x264_options
            .iter()
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect(),
        threads: order.threads,
    }
}

fn encode_picture(
    staging: &Staging,
    order: &MakeOrder,
    (rung, mut subtitler): (&Rung, Option<Subtitler>),
    frames: Receiver<(i64, Frame)>,
) -> Result<PictureTrack, MakeError> {
    let recipe = &order.recipe;
    // Players switch between rungs at IDR pictures: those of a copied rung are where they are. There may be more, at cuts.
    let regular = u64::from(recipe.gop_frames).max(1);
    let (gop_frames, is_idr): (_, Box<dyn Fn(u64) -> bool>) = match &recipe.copy {
        Some(copy) => (
            copy.longest_gop(recipe.frames),
            Box::new(|slot| copy.is_idr(slot)),
        ),
        None => (regular, Box::new(move |slot| slot.is_multiple_of(regular))),
    };
    let gop_frames = u32::try_from(gop_frames).unwrap_or(u32::MAX);
    let mut encoder = Encoder::h264(&video_settings(order, rung, gop_frames))?;
    let stream = (&encoder.headers()[..], encoder.reorder_delay());
    let mut track = PictureTrack::new(staging, recipe, rung, stream)?;
    let mut clock = Clock::new(recipe.frame_rate, recipe.frames);
    let mut held: Option<Frame> = None;
    let mut show = |frame: &mut Frame, slots: std::ops::Range<u64>| -> Result<(), MakeError> {
        for slot in slots {
            let at = recipe.frame_rate.start_of(slot);
            let drawn = subtitler.as_mut().map(|s| s.draw(at, frame)).transpose()?;
            let mut drawn = drawn.flatten();
            let frame = drawn.as_mut().unwrap_or(&mut *frame);
            frame.set_pts(i64::try_from(slot).unwrap_or(i64::MAX));
            if is_idr(slot) {
                frame.ask_for_idr();
            }
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
    track.missing = subtitler.map(|s| s.missing()).unwrap_or_default();
    Ok(track)
}

/// Packages the upload's packets, which come with the time they are shown at.
fn copy_picture(
    staging: &Staging,
    recipe: &Recipe,
    (rung, copy): (&Rung, &CopyRecipe),
    mut filter: BitstreamFilter,
    packets: Receiver<(i64, Packet)>,
) -> Result<PictureTrack, MakeError> {
    let stream = (&filter.headers()[..], copy.delay);
    let mut track = PictureTrack::new(staging, recipe, rung, stream)?;
    for (micros, packet) in packets {
        filter.send(&packet)?;
        while let Some(mut packet) = filter.receive()? {
            let slot = recipe.frame_rate.frame_at(micros);
            packet.pts = i64::try_from(slot).unwrap_or(i64::MAX);
            packet.key = copy.is_idr(slot);
            track.add(staging, &packet)?;
        }
    }
    track.finish(staging)?;
    Ok(track)
}

/// Playlists and progressive files, from the tracks that were written.
fn package(
    staging: &Staging,
    recipe: &Recipe,
    finished: &Finished,
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
        let uri = format!("{}/{PLAYLIST}", rung.name);
        let Some(playlist) = &track.playlist else {
            continue;
        };
        put(format!("{MEDIA}/{HLS}/{uri}"), &playlist.to_text(target))?;
        let i_frames_uri = format!("{}/{I_FRAMES}", rung.name);
        let i_frames = playlist.i_frames_text(target);
        put(format!("{MEDIA}/{HLS}/{i_frames_uri}"), &i_frames)?;
        let rates = playlist.rates(target);
        reports.push(VariantReport {
            rung: rung.name.clone(),
            width: rung.width,
            height: rung.height,
            frames: recipe.frames,
            frame_rate: format!("{}/{}", recipe.frame_rate.num, recipe.frame_rate.den),
            copied: recipe.copy.is_some() && reports.is_empty(),
            encoder: match &recipe.copy {
                Some(_) if reports.is_empty() => None,
                _ => Some(recipe.encoder.name().to_owned()),
            },
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
            i_frames_uri,
            i_frame_rates: playlist.i_frame_rates(target),
        });
    }
    let Some(sound) = &finished.sound.playlist else {
        return Err(MakeError::Mismatch(
            "the sound was encoded without a playlist".into(),
        ));
    };
    put(
        format!("{MEDIA}/{HLS}/audio/{PLAYLIST}"),
        &sound.to_text(target),
    )?;
    let picture = finished.pictures.iter().find_map(|p| p.playlist.as_ref());
    let audio = AudioRendition {
        uri: format!("audio/{PLAYLIST}"),
        language: "zh".into(),
        name: "原声".into(),
        rates: sound.rates_beside(picture.unwrap_or(sound), target),
    };
    let renditions: Vec<_> = subtitles.iter().map(|s| s.rendition.clone()).collect();
    put(
        format!("{MEDIA}/{HLS}/{MULTIVARIANT}"),
        &hls::multivariant(&variants, &audio, &renditions),
    )?;
    let web = format!("{MEDIA}/{WEB_MP4}");
    finished.write_progressive(staging, 0, Purpose::Web, &web)?;
    if finished.has_own_master(recipe) {
        let picture = match recipe.hall {
            HallPicture::SameAsTop => 0,
            HallPicture::Own(_) => recipe.rungs.len(),
        };
        finished.write_progressive(staging, picture, Purpose::Hall, MASTER)?;
    }
    finished.remove_spools(staging)?;
    Ok(reports)
}
