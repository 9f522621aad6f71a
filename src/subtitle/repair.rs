//! Repairs. In: a draft as typed. Out: cues in order, none empty, none over another, and a record of what was done, for
//! the report. Never invents a text or a time.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::encoding::Decoded;
use super::{Cue, Draft, DraftCue, OPEN_END};
use crate::text::Text;
use crate::units::Millis;

/// How many places a record names; the rest is only counted.
pub const MAX_PLACES: usize = 3;

/// Nobody leaves one text standing for longer: a reversed cue of more than this has a mistyped time, and which of the
/// two is not known.
const LONGEST_SWAP_MS: i64 = 10_000;

/// What has no end and nothing behind it ends after so long: nobody reads one text for longer.
const LONGEST_OPEN_MS: i64 = 7000;

/// One kind of repair: how often, and where first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repair {
    /// What was wrong, and what was done.
    pub kind: RepairKind,
    /// How often.
    pub count: usize,
    /// The first [`MAX_PLACES`] of them.
    pub places: Vec<Place>,
}

/// What was wrong, and what was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RepairKind {
    /// Not UTF-8, but this; recoded.
    Recoded(&'static str),
    /// Bytes that mean nothing in the file's encoding; replaced with U+FFFD.
    ReplacedCharacters,
    /// A line that should hold times and does not; its text is left out.
    UnreadableTime,
    /// The file breaks off, or is no longer what it began as; what follows is left out.
    BrokenOff,
    /// Has no end; ends with the next, or after seven seconds.
    NoEnd,
    /// No text; dropped.
    Empty,
    /// Begins before zero; begins at zero now.
    BeganBeforeZero,
    /// Is over before zero; dropped.
    OverBeforeZero,
    /// Ends before it begins; swapped.
    Swapped,
    /// Ends so long before it begins that swapping helps nobody; dropped.
    Reversed,
    /// Ends as it begins; dropped.
    NoDuration,
    /// Begins before the one above it; sorted.
    OutOfOrder,
    /// Says the same at the same time as another; dropped.
    Duplicate,
    /// Begins together with another; the two are one cue of several lines now.
    Joined,
    /// Lasts into the next; ends where that begins now.
    Overlap,
}

/// Where something was repaired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The cue that was to begin then.
    Time(Millis),
    /// The line, from 1.
    Line(usize),
}

impl Repair {
    /// What was done, in both languages.
    pub fn text(&self) -> Text {
        let (zh, en) = self.kind.words();
        let count = self.count.to_string();
        let text = Text::new(zh.replace('#', &count), en.replace('#', &count));
        with_places(text, self.count, &self.places)
    }
}

/// The text, and in brackets the places it is about; some of `count`.
pub(super) fn with_places(text: Text, count: usize, places: &[Place]) -> Text {
    if places.is_empty() {
        return text;
    }
    let named: Vec<_> = places.iter().map(Place::text).collect();
    let join = |word: fn(&Text) -> &str, comma: &str| -> String {
        named.iter().map(word).collect::<Vec<_>>().join(comma)
    };
    let more = count > places.len();
    let (and_more_zh, and_more_en) = if more { (" 等", ", …") } else { ("", "") };
    let zh_places = join(|text| &text.zh, "、");
    let en_places = join(|text| &text.en, ", ");
    Text::new(
        format!("{}（{zh_places}{and_more_zh}）", text.zh),
        format!("{} ({en_places}{and_more_en})", text.en),
    )
}

impl RepairKind {
    /// `#` stands for the count.
    fn words(self) -> (String, String) {
        let (zh, en) = match self {
            RepairKind::Recoded(encoding) => {
                return (
                    format!("文件编码为 {encoding}，已转为 UTF-8"),
                    format!("the file was in {encoding}; recoded to UTF-8"),
                );
            }
            RepairKind::ReplacedCharacters => (
                "# 个字符无法识别，已用 \u{fffd} 代替",
                "characters that mean nothing, replaced with \u{fffd}: #",
            ),
            RepairKind::UnreadableTime => (
                "# 条字幕的时间无法识别，未采用",
                "cues with unreadable times, left out: #",
            ),
            RepairKind::BrokenOff => (
                "文件从这里起读不下去，后面的没有采用",
                "the file cannot be read on from here; what follows is left out",
            ),
            RepairKind::NoEnd => (
                "# 条字幕没有结束时间，显示到下一条为止，最长 7 秒",
                "cues without an end, shown until the next, 7 s at most: #",
            ),
            RepairKind::Empty => ("# 条字幕没有文字，已删除", "cues without text, dropped: #"),
            RepairKind::BeganBeforeZero => (
                "# 条字幕的开始时间为负，已改为从零开始",
                "cues that began before zero, begun at zero: #",
            ),
            RepairKind::OverBeforeZero => (
                "# 条字幕在零点之前就已结束，已删除",
                "cues that were over before zero, dropped: #",
            ),
            RepairKind::Swapped => (
                "# 条字幕的结束早于开始，已对调",
                "cues that ended before they began, swapped: #",
            ),
            RepairKind::Reversed => (
                "# 条字幕的结束远早于开始，已删除",
                "cues that ended long before they began, dropped: #",
            ),
            RepairKind::NoDuration => (
                "# 条字幕的开始与结束相同，已删除",
                "cues that ended as they began, dropped: #",
            ),
            RepairKind::OutOfOrder => (
                "# 条字幕不按时间顺序，已重新排序",
                "cues out of order, sorted: #",
            ),
            RepairKind::Duplicate => ("# 条字幕重复，已合并", "duplicate cues, merged: #"),
            RepairKind::Joined => (
                "# 条字幕与另一条同时开始，已合为多行",
                "cues that began together with another, joined into lines: #",
            ),
            RepairKind::Overlap => (
                "# 条字幕与下一条重叠，已提前结束",
                "cues that lasted into the next, ended earlier: #",
            ),
        };
        (zh.to_owned(), en.to_owned())
    }
}

impl Place {
    fn text(&self) -> Text {
        match self {
            Place::Time(time) => Text::same(time.to_string()),
            Place::Line(line) => Text::new(format!("第 {line} 行"), format!("line {line}")),
        }
    }
}

/// Puts a draft right.
pub(super) fn repair(draft: Draft, decoded: &Decoded) -> (Vec<Cue>, Vec<Repair>) {
    let mut log = Log::default();
    if decoded.encoding != "UTF-8" {
        log.entry(RepairKind::Recoded(decoded.encoding)).count = 1;
    }
    if decoded.replaced > 0 {
        log.entry(RepairKind::ReplacedCharacters).count = decoded.replaced;
    }
    for line in draft.unreadable {
        log.note(RepairKind::UnreadableTime, Place::Line(line));
    }

    if let Some(line) = draft.broken {
        log.note(RepairKind::BrokenOff, Place::Line(line));
    }
    let mut draft = draft.cues;
    close_open(&mut draft, &mut log);
    let sound = draft.into_iter();
    let mut cues: Vec<Cue> = sound.filter_map(|cue| one(cue, &mut log)).collect();
    sort(&mut cues, &mut log);
    let mut cues = join(cues, &mut log);
    trim(&mut cues, &mut log);
    (cues, log.0.into_values().collect())
}

/// Ends what has no end.
fn close_open(cues: &mut [DraftCue], log: &mut Log) {
    if cues.iter().all(|cue| cue.end != OPEN_END) {
        return;
    }
    let mut starts: Vec<i64> = cues.iter().map(|cue| cue.start).collect();
    starts.sort_unstable();
    for cue in cues.iter_mut().filter(|cue| cue.end == OPEN_END) {
        let next = starts[starts.partition_point(|start| *start <= cue.start)..].first();
        let longest = cue.start.saturating_add(LONGEST_OPEN_MS);
        cue.end = next.map_or(longest, |next| longest.min(*next));
        log.cue(RepairKind::NoEnd, cue.start);
    }
}

/// What one cue needs for itself.
fn one(mut cue: DraftCue, log: &mut Log) -> Option<Cue> {
    if cue.text.is_empty() {
        log.cue(RepairKind::Empty, cue.start);
        return None;
    }
    if cue.end == cue.start {
        log.cue(RepairKind::NoDuration, cue.start);
        return None;
    }
    if cue.end < cue.start {
        if cue.start.saturating_sub(cue.end) > LONGEST_SWAP_MS {
            log.cue(RepairKind::Reversed, cue.start);
            return None;
        }
        log.cue(RepairKind::Swapped, cue.start);
        (cue.start, cue.end) = (cue.end, cue.start);
    }
    if cue.end <= 0 {
        log.cue(RepairKind::OverBeforeZero, cue.start);
        return None;
    }
    if cue.start < 0 {
        log.cue(RepairKind::BeganBeforeZero, cue.start);
    }
    Some(Cue {
        start: from_zero(cue.start),
        end: from_zero(cue.end),
        text: cue.text,
    })
}

fn sort(cues: &mut [Cue], log: &mut Log) {
    let mut latest = Millis(0);
    for cue in cues.iter() {
        if cue.start < latest {
            log.note(RepairKind::OutOfOrder, Place::Time(cue.start));
        }
        latest = latest.max(cue.start);
    }
    // Stable: what begins together stays as it was typed, the upper line first.
    cues.sort_by_key(|cue| cue.start);
}

/// Makes one cue of those that begin together; bilingual scripts have one event a language.
fn join(cues: Vec<Cue>, log: &mut Log) -> Vec<Cue> {
    let mut joined: Vec<Cue> = Vec::with_capacity(cues.len());
    let mut texts = BTreeSet::new();
    for cue in cues {
        let Some(last) = joined.last_mut().filter(|last| last.start == cue.start) else {
            texts = BTreeSet::from([cue.text.clone()]);
            joined.push(cue);
            continue;
        };
        last.end = last.end.max(cue.end);
        if texts.contains(&cue.text) {
            log.note(RepairKind::Duplicate, Place::Time(cue.start));
            continue;
        }
        log.note(RepairKind::Joined, Place::Time(cue.start));
        last.text.push('\n');
        last.text.push_str(&cue.text);
        texts.insert(cue.text);
    }
    joined
}

/// Ends every cue where the next begins, at the latest; no two begin together any more.
fn trim(cues: &mut [Cue], log: &mut Log) {
    let starts: Vec<Millis> = cues.iter().skip(1).map(|cue| cue.start).collect();
    for (cue, next_start) in cues.iter_mut().zip(starts) {
        if cue.end > next_start {
            log.note(RepairKind::Overlap, Place::Time(cue.start));
            cue.end = next_start;
        }
    }
}

fn from_zero(millis: i64) -> Millis {
    Millis(u64::try_from(millis).unwrap_or(0))
}

/// One record a kind.
#[derive(Default)]
struct Log(BTreeMap<RepairKind, Repair>);

impl Log {
    fn entry(&mut self, kind: RepairKind) -> &mut Repair {
        self.0.entry(kind).or_insert_with(|| Repair {
            kind,
            count: 0,
            places: Vec::new(),
        })
    }

    fn note(&mut self, kind: RepairKind, place: Place) {
        let repair = self.entry(kind);
        repair.count += 1;
        if repair.places.len() < MAX_PLACES {
            repair.places.push(place);
        }
    }

    fn cue(&mut self, kind: RepairKind, start: i64) {
        self.note(kind, Place::Time(from_zero(start)));
    }
}

/// For a log: `Chinese | English`.
impl fmt::Display for Repair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.text();
        write!(f, "{} | {}", text.zh, text.en)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repaired(cues: &[(i64, i64, &str)]) -> (Vec<(u64, u64, String)>, String) {
        let cues = cues.iter().map(|&(start, end, text)| DraftCue {
            start,
            end,
            text: text.to_owned(),
        });
        let draft = Draft {
            cues: cues.collect(),
            ..Draft::default()
        };
        let decoded = super::super::encoding::decode(b"");
        let (cues, repairs) = repair(draft, &decoded);
        let cues = cues.into_iter().map(|c| (c.start.0, c.end.0, c.text));
        let repairs: Vec<_> = repairs.iter().map(Repair::to_string).collect();
        (cues.collect(), repairs.join("\n"))
    }

    #[test]
    fn sound_cues_need_no_repair() {
        let (cues, repairs) = repaired(&[(0, 1000, "甲"), (1000, 2000, "乙")]);
        assert_eq!(cues.len(), 2);
        assert_eq!(repairs, "");
    }

    #[test]
    fn every_repair_is_done_and_recorded() {
        let (cues, repairs) = repaired(&[
            (5000, 7000, "乙"),
            (-500, 900, "甲"),
            (-900, -500, "先"),
            (3000, 2000, "反"),
            (90_000, 2000, "错"),
            (4000, 4000, "零"),
            (4500, 4600, ""),
            (5000, 7000, "乙"),
            (5000, 8000, "B"),
            (6000, 9000, "丙"),
        ]);
        let expected = [
            (0, 900, "甲"),
            (2000, 3000, "反"),
            (5000, 6000, "乙\nB"),
            (6000, 9000, "丙"),
        ];
        assert_eq!(cues, expected.map(|(s, e, t)| (s, e, t.to_owned())));
        insta::assert_snapshot!(repairs, @r"
        1 条字幕没有文字，已删除（0:04.500） | cues without text, dropped: 1 (0:04.500)
        1 条字幕的开始时间为负，已改为从零开始（0:00.000） | cues that began before zero, begun at zero: 1 (0:00.000)
        1 条字幕在零点之前就已结束，已删除（0:00.000） | cues that were over before zero, dropped: 1 (0:00.000)
        1 条字幕的结束早于开始，已对调（0:03.000） | cues that ended before they began, swapped: 1 (0:03.000)
        1 条字幕的结束远早于开始，已删除（1:30.000） | cues that ended long before they began, dropped: 1 (1:30.000)
        1 条字幕的开始与结束相同，已删除（0:04.000） | cues that ended as they began, dropped: 1 (0:04.000)
        2 条字幕不按时间顺序，已重新排序（0:00.000、0:02.000） | cues out of order, sorted: 2 (0:00.000, 0:02.000)
        1 条字幕重复，已合并（0:05.000） | duplicate cues, merged: 1 (0:05.000)
        1 条字幕与另一条同时开始，已合为多行（0:05.000） | cues that began together with another, joined into lines: 1 (0:05.000)
        1 条字幕与下一条重叠，已提前结束（0:05.000） | cues that lasted into the next, ended earlier: 1 (0:05.000)
        ");
    }

    #[test]
    fn what_has_no_end_lasts_until_the_next() {
        let (cues, repairs) = repaired(&[
            (1000, OPEN_END, "甲"),
            (1000, OPEN_END, "A"),
            (3000, OPEN_END, "乙"),
            (60_000, OPEN_END, "丙"),
        ]);
        let times: Vec<_> = cues.iter().map(|(start, end, _)| (*start, *end)).collect();
        assert_eq!(times, [(1000, 3000), (3000, 10_000), (60_000, 67_000)]);
        insta::assert_snapshot!(repairs, @r"
        4 条字幕没有结束时间，显示到下一条为止，最长 7 秒（0:01.000、0:01.000、0:03.000 等） | cues without an end, shown until the next, 7 s at most: 4 (0:01.000, 0:01.000, 0:03.000, …)
        1 条字幕与另一条同时开始，已合为多行（0:01.000） | cues that began together with another, joined into lines: 1 (0:01.000)
        ");
    }

    #[test]
    fn ten_thousand_overlaps_are_one_record() {
        let cues: Vec<_> = (0..10_000).map(|n| (n * 10, n * 10 + 15, "字")).collect();
        let (_, repairs) = repaired(&cues);
        insta::assert_snapshot!(repairs, @"9999 条字幕与下一条重叠，已提前结束（0:00.000、0:00.010、0:00.020 等） | cues that lasted into the next, ended earlier: 9999 (0:00.000, 0:00.010, 0:00.020, …)");
    }
}
