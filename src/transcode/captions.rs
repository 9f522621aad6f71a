//! Subtitles of a film as files. In: subtitle files as handed in. Out: WebVTT beside the MP4, WebVTT segments and their
//! playlist in the HLS package, and notes on what was repaired. A file that cannot be used costs only itself.

use super::hls::{self, SubtitleRendition};
use super::ladder::Recipe;
use super::make::{MakeError, MakeOrder, Note, NoteKind};
use super::track::segment_frames;
use crate::layout::{HLS, MEDIA, PLAYLIST, Staging, segment_name};
use crate::subtitle;
use crate::text::Text;
use crate::units::Millis;

/// A subtitle file as written.
pub(super) struct SubtitleTrack {
    /// Name in the media folder.
    pub(super) file: String,
    /// Its line in the multivariant playlist.
    pub(super) rendition: SubtitleRendition,
}

/// Writes all subtitle files of an order.
pub(super) fn write_subtitles(
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
