//! What lies in a film's folder and is not in the report: when it was made, its cues, its storyboard. In: files that we wrote
//! ourselves. Out: [`Facts`]. A part that cannot be read is left out: a film is worth showing without its subtitles.

use std::io::{self, Read as _};
use std::path::Path;

use crate::id::SubmissionId;
use crate::layout::{Layout, STORYBOARD, WEB_MP4, open_regular};
use crate::report::model::Outputs;
use crate::subtitle::{self, Cue, Language};
use crate::units::Millis;

/// A text file of more bytes is not ours.
const MAX_TEXT: u64 = 4 << 20;
/// Tiles of a storyboard: a film of ten hours has so many.
const MAX_TILES: usize = 20_000;

/// What lies in a film's folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// When it was made.
    pub made_at: jiff::Timestamp,
    /// Its subtitles.
    pub tracks: Vec<Track>,
    /// Its storyboard.
    pub tiles: Vec<Tile>,
}

/// One subtitle file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Track {
    /// Its name in the folder.
    pub file: String,
    /// BCP 47 tag.
    pub tag: String,
    /// What the player's menu says.
    pub label: String,
    /// What is shown when.
    pub cues: Vec<Cue>,
}

/// One picture of the storyboard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile {
    /// From when…
    pub start: Millis,
    /// … until when it stands for the film.
    pub end: Millis,
    /// The sheet's name in the folder.
    pub sheet: String,
    /// Its place on the sheet: left, top, width, height.
    pub area: [u32; 4],
}

impl Facts {
    /// Looks into the folder of a film; none where the film is not there.
    pub fn read(layout: &Layout, id: &SubmissionId, outputs: &Outputs) -> Option<Facts> {
        let folder = layout.media_now(id);
        let made = folder
            .join(WEB_MP4)
            .symlink_metadata()
            .ok()?
            .modified()
            .ok()?;
        let made_at = jiff::Timestamp::try_from(made)
            .ok()?
            .round(jiff::Unit::Second)
            .ok()?;
        let names = outputs
            .subtitles
            .iter()
            .filter_map(|path| path.rsplit('/').next());
        let storyboard = outputs
            .storyboard
            .as_ref()
            .and_then(|_| text(&folder.join(STORYBOARD)).ok());
        Some(Facts {
            made_at,
            tracks: names.filter_map(|name| track(&folder, name)).collect(),
            tiles: storyboard.map(|text| tiles(&text)).unwrap_or_default(),
        })
    }
}

/// Whether a film's files are there.
pub fn is_there(layout: &Layout, id: &SubmissionId) -> bool {
    layout.media_now(id).join(WEB_MP4).is_file()
}

fn text(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    open_regular(path)?
        .take(MAX_TEXT)
        .read_to_string(&mut text)?;
    Ok(text)
}

fn track(folder: &Path, file: &str) -> Option<Track> {
    let tag = file.strip_suffix(".vtt")?;
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if tag.is_empty() || !tag.bytes().all(plain) {
        return None;
    }
    let read = subtitle::read(file, text(&folder.join(file)).ok()?.as_bytes()).ok()?;
    let (language, number) = tag.split_once('-').unwrap_or((tag, ""));
    let languages = [Language::Zh, Language::En, Language::Und];
    let known = languages
        .into_iter()
        .find(|known| known.tag() == language)?;
    Some(Track {
        file: file.to_owned(),
        tag: known.tag().to_owned(),
        label: format!("{} {number}", known.name()).trim_end().to_owned(),
        cues: read.cues,
    })
}

/// The cues of a storyboard, which are ours: a time line, then `storyboard-1.jpg#xywh=x,y,w,h`.
fn tiles(text: &str) -> Vec<Tile> {
    let mut lines = text.lines();
    let mut tiles = Vec::new();
    while let Some(line) = lines.next() {
        let span = line
            .split_once(" --> ")
            .and_then(|(from, to)| Some((stamp(from)?, stamp(to)?)));
        if let (Some((start, end)), Some(place)) = (span, lines.clone().next())
            && let Some((sheet, area)) = tile_place(place)
            && tiles.len() < MAX_TILES
        {
            tiles.push(Tile {
                start,
                end,
                sheet,
                area,
            });
        }
    }
    tiles
}

fn tile_place(place: &str) -> Option<(String, [u32; 4])> {
    let (sheet, area) = place.split_once("#xywh=")?;
    let number = sheet.strip_prefix("storyboard-")?.strip_suffix(".jpg")?;
    let numbers: Vec<u32> = area
        .split(',')
        .map(str::parse)
        .collect::<Result<_, _>>()
        .ok()?;
    let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    Some((
        is_number.then(|| sheet.to_owned())?,
        numbers.try_into().ok()?,
    ))
}

/// `HH:MM:SS.mmm`.
fn stamp(text: &str) -> Option<Millis> {
    let (clock, millis) = text.trim().split_once('.')?;
    let mut parts = clock.split(':').map(str::parse::<u64>);
    let (h, m, s) = (
        parts.next()?.ok()?,
        parts.next()?.ok()?,
        parts.next()?.ok()?,
    );
    let whole = h
        .checked_mul(3600)?
        .checked_add(m.checked_mul(60)?)?
        .checked_add(s)?;
    whole
        .checked_mul(1000)?
        .checked_add(millis.parse().ok()?)
        .map(Millis)
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests make files to be found")]
mod tests {
    use std::fs;

    use super::*;
    use crate::report::sample;

    #[test]
    fn a_storyboard_is_read_back_and_nothing_else_is_taken_for_a_tile() {
        let text = "WEBVTT\n\n00:00:00.000 --> 00:00:02.000\nstoryboard-1.jpg#xywh=320,180,320,180\n\n\
                    00:00:02.000 --> 00:01:04.500\n../../x.jpg#xywh=0,0,1,1\n\n01:00:00.000 --> 01:00:02.000\nstoryboard-2.jpg#xywh=0,0,1\n";
        let expected = Tile {
            start: Millis(0),
            end: Millis(2000),
            sheet: "storyboard-1.jpg".into(),
            area: [320, 180, 320, 180],
        };
        assert_eq!(tiles(text), [expected]);
        assert_eq!(stamp("01:02:03.004"), Some(Millis(3_723_004)));
        assert_eq!(stamp("99999999999999999999:00:00.000"), None);
    }

    #[test]
    fn a_folder_is_read_as_far_as_it_is_ours() {
        let root = tempfile::tempdir().unwrap();
        let layout = Layout::new(root.path());
        let film = sample::find("爱我中华");
        let mut outputs = film.outputs.unwrap();
        outputs.subtitles = [
            "zh.vtt", "en-2.vtt", "../x.vtt", "zh.txt", "fr.vtt", "und.vtt",
        ]
        .map(|name| format!("{}/{name}", Layout::media_name(&film.id)))
        .into();
        assert_eq!(Facts::read(&layout, &film.id, &outputs), None);
        let folder = layout.withheld(&film.id);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(WEB_MP4), "film").unwrap();
        let cue = "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\na &lt; b\n";
        for name in ["zh.vtt", "en-2.vtt", "fr.vtt"] {
            fs::write(folder.join(name), cue).unwrap();
        }
        fs::write(folder.join("und.vtt"), "no subtitles").unwrap();
        let facts = Facts::read(&layout, &film.id, &outputs).unwrap();
        let labels: Vec<_> = facts
            .tracks
            .iter()
            .map(|t| (t.tag.as_str(), t.label.as_str()))
            .collect();
        assert_eq!(labels, [("zh", "中文"), ("en", "English 2")]);
        assert_eq!(facts.tracks[0].cues[0].text, "a < b");
    }
}
