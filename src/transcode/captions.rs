//! Subtitles of a film as files. In: subtitle files as handed in, and the tracks inside the upload. Out: WebVTT beside the
//! MP4, WebVTT segments and their playlist in the HLS package, and notes on what was repaired or not used. What cannot be used
//! costs only itself.

use std::collections::BTreeSet;

use super::hls::{self, SubtitleRendition};
use super::ladder::{BurnRecipe, Recipe};
use super::make::{MakeError, MakeOrder, Note, NoteKind};
use super::mp4::Codec;
use super::track::{TimedText, segment_frames};
use crate::av::StreamFacts;
use crate::layout::{HLS, MEDIA, PLAYLIST, Staging, segment_name};
use crate::subtitle::readability::{self, Remark};
use crate::subtitle::track::TextTrack;
use crate::subtitle::{self, Cue, SubtitleError, Subtitles};
use crate::text::Text;
use crate::units::Millis;

/// A subtitle track inside the upload.
pub(super) struct Embedded {
    stream: StreamFacts,
    /// None where it is no text, or one track too many.
    text: Option<TextTrack>,
}

impl Embedded {
    /// All of them, in the upload's order.
    pub(super) fn all(
        streams: &[StreamFacts],
        mut texts: Vec<(StreamFacts, TextTrack)>,
    ) -> Vec<Self> {
        let embedded = streams.iter().map(|stream| {
            let text = texts.iter().position(|(of, _)| of.index == stream.index);
            Embedded {
                stream: stream.clone(),
                text: text.map(|at| texts.swap_remove(at).1),
            }
        });
        embedded.collect()
    }
}

/// Subtitles that are shown.
pub(super) struct Captions {
    subtitles: Subtitles,
    /// Shown even to those who asked for none.
    forced: bool,
    /// Marked in the upload as those to be shown.
    default: bool,
}

/// A subtitle file as written.
pub(super) struct SubtitleTrack {
    /// Name in the media folder.
    pub(super) file: String,
    /// Its line in the multivariant playlist.
    pub(super) rendition: SubtitleRendition,
}

/// Reads the files of an order, then the tracks of the upload in languages that no file has.
pub(super) fn gather(
    order: &MakeOrder,
    contents: &[Vec<u8>],
    embedded: &[Embedded],
    notes: &mut Vec<Note>,
) -> Vec<Captions> {
    let mut all = Vec::new();
    let film = order.recipe.duration();
    for (name, bytes) in order.subtitles.iter().zip(contents) {
        let source = Text::new(format!("字幕文件 {name}"), format!("subtitle file {name}"));
        let read = subtitle::read(name, bytes);
        all.extend(
            usable(&source, read, film, notes).map(|subtitles| Captions {
                subtitles,
                forced: false,
                default: false,
            }),
        );
    }
    let files: Vec<_> = all.iter().map(|c| c.subtitles.language).collect();
    for track in embedded {
        let source = track_name_for_people(&track.stream);
        let Some(text) = &track.text else {
            notes.push(not_text(&source, &track.stream));
            continue;
        };
        let label = format!("{} #{}", track.stream.codec, track.stream.index);
        let read = text.read(&label, track.stream.language.as_deref());
        if let Ok(subtitles) = &read
            && files.contains(&subtitles.language)
        {
            notes.push(spare(&source));
            continue;
        }
        all.extend(
            usable(&source, read, film, notes).map(|subtitles| Captions {
                subtitles,
                forced: track.stream.forced,
                default: track.stream.default,
            }),
        );
    }
    all
}

/// The cues that are drawn on the hall's picture; none, and a note, where there are none in that language.
pub(super) fn burnt(
    recipe: &BurnRecipe,
    captions: Vec<Captions>,
    notes: &mut Vec<Note>,
) -> Option<Vec<Cue>> {
    let wanted = |captions: &Captions| match &recipe.language {
        None => !captions.forced,
        Some(tag) => !captions.forced && captions.subtitles.language.tag() == tag,
    };
    let found = captions.into_iter().find(wanted);
    if found.is_none() {
        let language = recipe.language.as_deref().unwrap_or("und");
        notes.push(Note {
            kind: NoteKind::NothingBurnt,
            text: Text::new(
                format!("没有能压制到会场画面里的字幕（要求的语言：{language}），会场母版没有字幕"),
                format!("there are no subtitles to burn into the hall's picture (asked for: {language}): its master has none"),
            ),
        });
    }
    found.map(|captions| captions.subtitles.cues)
}

/// Writes all of them.
pub(super) fn write(
    staging: &Staging,
    recipe: &Recipe,
    captions: &[Captions],
) -> Result<Vec<SubtitleTrack>, MakeError> {
    let mut tracks: Vec<SubtitleTrack> = Vec::new();
    for captions in captions {
        let tag = unused_tag(&tracks, captions.subtitles.language.tag());
        tracks.push(write_subtitle(staging, recipe, captions, &tag)?);
    }
    Ok(tracks)
}

/// The same as tracks of the web's MP4: one a language, none that is forced, the first shown without being asked for where
/// the film itself asks for it.
pub(super) fn timed_texts(
    staging: &Staging,
    recipe: &Recipe,
    captions: &[Captions],
) -> Result<Vec<TimedText>, MakeError> {
    let mut languages = BTreeSet::new();
    let mut texts = Vec::new();
    for Captions {
        subtitles,
        forced,
        default,
    } in captions
    {
        if *forced || !languages.insert(subtitles.language) {
            continue;
        }
        let side = |pixels: u32| u16::try_from(pixels).unwrap_or(u16::MAX);
        let top = &recipe.rungs[0];
        let codec = Codec::TimedText {
            language: subtitles.language.iso_639_2(),
            default: *default && texts.is_empty(),
            width: side(top.width),
            height: side(top.height),
        };
        let tag = subtitles.language.tag();
        texts.push(TimedText::new(
            staging,
            recipe,
            tag,
            codec,
            &subtitles.cues,
        )?);
    }
    Ok(texts)
}

/// The subtitles, where there are any, with notes on what was done to them.
fn usable(
    source: &Text,
    read: Result<Subtitles, SubtitleError>,
    film: Millis,
    notes: &mut Vec<Note>,
) -> Option<Subtitles> {
    let subtitles = match read {
        Ok(subtitles) => subtitles,
        Err(error) => {
            let why = error.text();
            let text = Text::new(
                format!("{} 没有使用：{}", source.zh, why.zh),
                format!("{} was not used: {}", source.en, why.en),
            );
            let kind = NoteKind::SubtitlesUnused;
            notes.push(Note { kind, text });
            return None;
        }
    };
    notes.extend(subtitles.repairs.iter().map(|repair| {
        let text = repair.text();
        let text = Text::new(
            format!("{}：{}", source.zh, text.zh),
            format!("{}: {}", source.en, text.en),
        );
        let kind = NoteKind::SubtitlesRepaired;
        Note { kind, text }
    }));
    notes.extend(hard_to_read(source, &subtitles, film));
    Some(subtitles)
}

/// One note for all that makes them hard to follow; none where nothing does.
fn hard_to_read(source: &Text, subtitles: &Subtitles, film: Millis) -> Option<Note> {
    let remarks = readability::remarks(&subtitles.cues, film);
    let texts: Vec<Text> = remarks.iter().map(Remark::text).collect();
    let zh: Vec<&str> = texts.iter().map(|text| text.zh.as_str()).collect();
    let en: Vec<&str> = texts.iter().map(|text| text.en.as_str()).collect();
    (!texts.is_empty()).then(|| Note {
        kind: NoteKind::SubtitlesHardToRead,
        text: Text::new(
            format!("{}不容易看清：{}", source.zh, zh.join("；")),
            format!("{} is hard to follow: {}", source.en, en.join("; ")),
        ),
    })
}

fn track_name_for_people(stream: &StreamFacts) -> Text {
    let number = stream.index + 1;
    let codec = &stream.codec;
    let language = stream.language.as_deref().unwrap_or("und");
    Text::new(
        format!("视频里的第 {number} 条轨道（{codec}，{language}）"),
        format!("track {number} inside the video ({codec}, {language})"),
    )
}

fn not_text(source: &Text, stream: &StreamFacts) -> Note {
    let is_text = subtitle::track::Carriage::of(&stream.codec).is_some();
    let why = if is_text {
        let limit = subtitle::track::MAX_TRACKS;
        Text::new(
            format!("字幕轨道太多，最多采用 {limit} 条"),
            format!("there are too many subtitle tracks, {limit} are used at most"),
        )
    } else {
        Text::new(
            "不是文字字幕（是图片，或者别的编码），不能转成文字",
            "it is not text (pictures, or another coding), and cannot be made into text",
        )
    };
    Note {
        kind: NoteKind::SubtitlesUnused,
        text: Text::new(
            format!("{} 没有使用：{}", source.zh, why.zh),
            format!("{} was not used: {}", source.en, why.en),
        ),
    }
}

fn spare(source: &Text) -> Note {
    Note {
        kind: NoteKind::SubtitlesSpare,
        text: Text::new(
            format!(
                "{} 没有使用：同一语言已经有单独的字幕文件，以文件为准",
                source.zh
            ),
            format!(
                "{} was not used: there is a subtitle file in the same language, which goes first",
                source.en
            ),
        ),
    }
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
    Captions {
        subtitles, forced, ..
    }: &Captions,
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
    let segments = segment_frames(recipe);
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
        let uri = segment_name(index + 1, "vtt");
        put(format!("{MEDIA}/{HLS}/{folder}/{uri}"), &text)?;
        let ticks = segments[index] * u64::from(recipe.frame_rate.den);
        written.push(hls::Segment {
            uri,
            bytes: text.len() as u64,
            ticks,
            key_frames: vec![],
        });
    }
    let playlist = hls::MediaPlaylist {
        timescale: recipe.frame_rate.num,
        init: None,
        segments: written,
    };
    let target = playlist.target_duration();
    let uri = format!("{folder}/{PLAYLIST}");
    put(format!("{MEDIA}/{HLS}/{uri}"), &playlist.to_text(target))?;
    let rendition = SubtitleRendition {
        uri,
        // The number tells two tracks apart in names; a language tag it is not.
        language: subtitles.language.tag().to_owned(),
        name: track_name(subtitles.language.name(), tag),
        forced: *forced,
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
