//! The running order. In: a report, what showcase.toml wishes, and what a person changed in the run sheet. Out: entries in the
//! order in which they play, and what is to be said about wishes that came to nothing. Pure.

use std::collections::{BTreeMap, BTreeSet};

use crate::id::SubmissionId;
use crate::likeness;
use crate::preset::{Order, ProgrammeEntry};
use crate::report::model::{Plays, ProgrammeSettings, Report, SubmissionReport};
use crate::text::Text;
use crate::units::Millis;

/// One line of the run sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What a run sheet that comes back knows it by.
    pub key: String,
    /// What it is.
    pub what: What,
    /// A note for those who play it.
    pub note: String,
    /// What to do if it fails, where a person wrote it.
    pub plan_b: Option<String>,
}

/// What plays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A submission.
    Film(Film),
    /// A picture of the inbox, by its path there.
    Still {
        /// Path inside the inbox.
        source: String,
        /// How long, in seconds.
        seconds: u32,
    },
    /// Black and silent, for so many seconds.
    Pause(u32),
    /// A slate that opens a section.
    Section {
        /// Its words.
        words: String,
        /// How long, in seconds.
        seconds: u32,
    },
}

/// A submission that plays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Film {
    /// Which.
    pub id: SubmissionId,
    /// The region; empty where it is in none.
    pub region: String,
    /// The unit; empty where it is not known.
    pub unit: String,
    /// The title, or the file's name where there is none.
    pub title: String,
    /// `单位《视频名称》`.
    pub label: String,
    /// How long the master is.
    pub duration: Millis,
    /// Frames of the master as the report has them, and its rate as a fraction.
    pub made: Option<(u64, String)>,
    /// Languages of its subtitles.
    pub subtitles: Vec<String>,
}

/// The order, and what is to be said about it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ordered {
    /// What plays.
    pub entries: Vec<Entry>,
    /// Wishes that came to nothing.
    pub remarks: Vec<Text>,
}

/// The order by what regions recommend and showcase.toml says.
pub fn order(report: &Report, settings: &ProgrammeSettings) -> Ordered {
    let playable: Vec<&SubmissionReport> = report
        .submissions
        .iter()
        .filter(|s| s.verdict.is_accepted() && s.outputs.is_some())
        .collect();
    if !settings.wishes.item.is_empty() {
        return by_items(report, &playable, settings);
    }
    let place: BTreeMap<&str, usize> = regions_in_order(report, settings)
        .into_iter()
        .enumerate()
        .map(|(index, region)| (region, index))
        .collect();
    let recommended: BTreeSet<&SubmissionId> = report
        .regions
        .iter()
        .filter_map(|region| region.recommended.as_ref())
        .collect();
    let everything = settings.wishes.order == Order::Regions || settings.plays == Plays::Accepted;
    let mut chosen: Vec<_> = playable
        .into_iter()
        .filter(|s| everything || recommended.contains(&s.id))
        .collect();
    chosen.sort_by_key(|s| place.get(s.region.as_str()).copied().unwrap_or(usize::MAX));
    let entries = chosen.into_iter().map(|s| entry_of(s, "")).collect();
    Ordered {
        entries,
        remarks: vec![],
    }
}

/// Those of the rule set first, in its order; then the others as they came.
fn regions_in_order<'a>(report: &'a Report, settings: &'a ProgrammeSettings) -> Vec<&'a str> {
    let mut regions: Vec<&str> = settings.regions.iter().map(String::as_str).collect();
    for region in &report.regions {
        if !regions.contains(&region.name.as_str()) {
            regions.push(&region.name);
        }
    }
    regions
}

fn entry_of(submission: &SubmissionReport, note: &str) -> Entry {
    Entry {
        key: submission.id.to_string(),
        what: What::Film(film(submission)),
        note: note.to_owned(),
        plan_b: None,
    }
}

fn film(submission: &SubmissionReport) -> Film {
    let unit = submission.unit.clone().unwrap_or_default();
    let stem = submission
        .original_name
        .rsplit_once('.')
        .map_or(submission.original_name.as_str(), |(stem, _)| stem);
    let title = submission.title.clone().unwrap_or_else(|| stem.to_owned());
    let outputs = submission.outputs.as_ref();
    let made = outputs
        .and_then(|outputs| outputs.variants.first())
        .map(|variant| (variant.frames, variant.frame_rate.clone()));
    let subtitles = outputs
        .iter()
        .flat_map(|outputs| &outputs.subtitles)
        .filter_map(|path| path.rsplit('/').next()?.strip_suffix(".vtt"))
        .map(str::to_owned)
        .collect();
    Film {
        id: submission.id.clone(),
        region: submission.region.clone(),
        label: if submission.title.is_some() {
            format!("{unit}《{title}》")
        } else {
            submission.original_name.clone()
        },
        unit,
        title,
        duration: submission
            .media
            .as_ref()
            .map_or(Millis(0), |media| media.duration_ms),
        made,
        subtitles,
    }
}

fn by_items(
    report: &Report,
    playable: &[&SubmissionReport],
    settings: &ProgrammeSettings,
) -> Ordered {
    let mut ordered = Ordered::default();
    let shown = |seconds: Option<u32>| seconds.unwrap_or(settings.wishes.slate_seconds);
    let mut used: BTreeMap<String, usize> = BTreeMap::new();
    for (index, item) in settings.wishes.item.iter().enumerate() {
        let note = item.note.clone().unwrap_or_default();
        let what = if let Some(source) = &item.still {
            What::Still {
                source: source.clone(),
                seconds: shown(item.seconds),
            }
        } else if let Some(seconds) = item.pause {
            What::Pause(seconds)
        } else if let Some(words) = &item.slate {
            What::Section {
                words: words.clone(),
                seconds: shown(item.seconds),
            }
        } else {
            let Some(submission) = named(item, playable) else {
                let remark = not_found(index, item, report, playable);
                ordered.remarks.push(remark);
                continue;
            };
            What::Film(film(submission))
        };
        let base = key(&what);
        let times = used.entry(base.clone()).or_default();
        *times += 1;
        let key = match *times {
            1 => base,
            more => format!("{base}#{more}"),
        };
        ordered.entries.push(Entry {
            key,
            what,
            note,
            plan_b: None,
        });
    }
    ordered.remarks.extend(left_out(report, &ordered.entries));
    ordered
}

fn key(what: &What) -> String {
    match what {
        What::Film(film) => film.id.to_string(),
        What::Still { source, .. } => format!("still:{source}"),
        What::Pause(_) => "pause".into(),
        What::Section { words, .. } => format!("slate:{words}"),
    }
}

fn named<'a>(
    item: &ProgrammeEntry,
    playable: &[&'a SubmissionReport],
) -> Option<&'a SubmissionReport> {
    let same = |a: &str, b: &str| super::selection::plain(a) == super::selection::plain(b);
    let is_meant = |s: &&&SubmissionReport| {
        if let Some(source) = &item.source {
            return same(source, &s.source);
        }
        let title = item.title.as_ref().zip(s.title.as_ref());
        let by_unit = item
            .unit
            .as_ref()
            .is_none_or(|unit| s.unit.as_ref().is_some_and(|other| same(unit, other)));
        by_unit && title.is_some_and(|(a, b)| same(a, b))
    };
    let mut fitting = playable.iter().filter(is_meant);
    let first = fitting.next()?;
    // A title alone that two videos have names neither.
    fitting.next().is_none().then_some(*first)
}

fn not_found(
    index: usize,
    item: &ProgrammeEntry,
    report: &Report,
    playable: &[&SubmissionReport],
) -> Text {
    let written = item.source.clone().unwrap_or_else(|| {
        let title = item.title.as_deref().unwrap_or_default();
        format!("{}《{title}》", item.unit.as_deref().unwrap_or_default())
    });
    let (zh_at, en_at) = match item.line {
        0 => (String::new(), String::new()),
        line => (format!("第 {line} 行，"), format!(" line {line},")),
    };
    let number = index + 1;
    let returned = report.submissions.iter().find(|s| {
        item.source
            .as_ref()
            .is_some_and(|source| *source == s.source)
            || item.title.is_some()
                && item.title == s.title
                && (item.unit.is_none() || item.unit == s.unit)
    });
    let (why_zh, why_en) = match returned {
        Some(s) if playable.iter().any(|p| p.id == s.id) => (
            "有几个视频都叫这个名字，请写上 unit，或改用 source".to_owned(),
            "several videos have this title: write `unit` too, or `source`".to_owned(),
        ),
        Some(s) => {
            let verdict = s.verdict.text();
            (
                format!("这个视频没有可以播放的成品（{}）", verdict.zh),
                format!("there is nothing to play of this video ({})", verdict.en),
            )
        }
        None => {
            let names: Vec<String> = playable
                .iter()
                .map(|s| match &item.source {
                    Some(_) => s.source.clone(),
                    None => film(s).label,
                })
                .collect();
            let near = likeness::closest(&written, names.iter().map(String::as_str));
            match near.first() {
                Some(near) => (
                    format!("没有这个视频，最接近的是 {near}"),
                    format!("there is no such video; the nearest is {near}"),
                ),
                None => (
                    "没有这个视频".to_owned(),
                    "there is no such video".to_owned(),
                ),
            }
        }
    };
    Text::new(
        format!(
            "showcase.toml {zh_at}第 {number} 个 [[programme.item]]（{written}）没有排进节目单：{why_zh}"
        ),
        format!(
            "showcase.toml{en_at} [[programme.item]] number {number} ({written}) is not in the programme: {why_en}"
        ),
    )
}

/// Films that a region recommends and that the items do not name.
fn left_out(report: &Report, entries: &[Entry]) -> Option<Text> {
    let plays = |id: &SubmissionId| {
        entries
            .iter()
            .any(|entry| matches!(&entry.what, What::Film(film) if film.id == *id))
    };
    let missing: Vec<String> = report
        .regions
        .iter()
        .filter_map(|region| region.recommended.as_ref())
        .filter(|id| !plays(id))
        .filter_map(|id| report.submissions.iter().find(|s| s.id == *id))
        .map(|s| film(s).label)
        .collect();
    (!missing.is_empty()).then(|| {
        Text::new(
            format!(
                "片区推荐了、但 [[programme.item]] 里没有写、所以不播放的视频：{}",
                missing.join("、")
            ),
            format!(
                "recommended by their regions, but not among [[programme.item]], and so not played: {}",
                missing.join(", ")
            ),
        )
    })
}
