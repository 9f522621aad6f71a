//! Whether viewers can follow. In: cues as they will be shown, and how long the film is. Out: what makes them hard to read,
//! counted, with the first places. Changes nothing: how a sentence is divided is for people to decide.

use super::Cue;
use super::repair::{MAX_PLACES, Place, with_places};
use crate::text::Text;
use crate::units::Millis;

/// Five sixths of a second: what is gone sooner is not read.
const SHORTEST: Millis = Millis(833);
/// What stays longer is read twice.
const LONGEST: Millis = Millis(7000);
/// More lines cover the picture.
const MAX_LINES: usize = 2;
/// Chinese characters in a line; two letters take the room of one.
const MAX_WIDE: usize = 16;
/// Letters in a line without Chinese characters.
const MAX_LETTERS: usize = 42;

/// What makes cues hard to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hardship {
    /// Seen for less than five sixths of a second.
    Short,
    /// Seen for more than seven seconds.
    Long,
    /// More than two lines.
    Lines,
    /// A line with more than 16 Chinese characters, or 42 letters.
    Wide,
    /// Begins when the film is over, so is never seen.
    BehindEnd,
}

/// One hardship: how often, and where first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// What is hard.
    pub hardship: Hardship,
    /// How often.
    pub count: usize,
    /// The first [`MAX_PLACES`] of them.
    pub places: Vec<Place>,
}

/// All remarks, at most one of a kind.
pub fn remarks(cues: &[Cue], film: Millis) -> Vec<Remark> {
    let all = [
        Hardship::Short,
        Hardship::Long,
        Hardship::Lines,
        Hardship::Wide,
        Hardship::BehindEnd,
    ];
    let remarks = all.into_iter().map(|hardship| {
        let hard = cues.iter().filter(|cue| hardship.is_in(cue, film));
        let starts: Vec<Place> = hard.map(|cue| Place::Time(cue.start)).collect();
        Remark {
            hardship,
            count: starts.len(),
            places: starts.into_iter().take(MAX_PLACES).collect(),
        }
    });
    remarks.filter(|remark| remark.count > 0).collect()
}

impl Hardship {
    fn is_in(self, cue: &Cue, film: Millis) -> bool {
        let shown = cue.end.0.saturating_sub(cue.start.0);
        match self {
            _ if cue.start >= film => self == Hardship::BehindEnd,
            Hardship::Short => shown < SHORTEST.0,
            Hardship::Long => shown > LONGEST.0,
            Hardship::Lines => cue.text.lines().count() > MAX_LINES,
            Hardship::Wide => cue.text.lines().any(is_wide),
            Hardship::BehindEnd => false,
        }
    }

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Hardship::Short => ("# 条显示不到 5/6 秒", "cues seen for less than 5/6 s: #"),
            Hardship::Long => ("# 条显示超过 7 秒", "cues seen for more than 7 s: #"),
            Hardship::Lines => ("# 条超过 2 行", "cues of more than 2 lines: #"),
            Hardship::Wide => (
                "# 条有超过 16 个汉字的行",
                "cues with a line of more than 16 Chinese characters or 42 letters: #",
            ),
            Hardship::BehindEnd => (
                "# 条在视频结束以后才开始，看不到",
                "cues that begin when the video is over and are never seen: #",
            ),
        }
    }
}

fn is_wide(line: &str) -> bool {
    let letters = line.chars().filter(char::is_ascii).count();
    let others = line.chars().count() - letters;
    if others * 5 < letters {
        letters + others > MAX_LETTERS
    } else {
        others * 2 + letters > MAX_WIDE * 2
    }
}

impl Remark {
    /// In both languages.
    pub fn text(&self) -> Text {
        let (zh, en) = self.hardship.words();
        let count = self.count.to_string();
        let text = Text::new(zh.replace('#', &count), en.replace('#', &count));
        with_places(text, self.count, &self.places)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remarked(cues: &[(u64, u64, &str)]) -> String {
        let cues: Vec<Cue> = cues
            .iter()
            .map(|&(start, end, text)| Cue {
                start: Millis(start),
                end: Millis(end),
                text: text.to_owned(),
            })
            .collect();
        let texts = remarks(&cues, Millis(60_000));
        let texts: Vec<_> = texts.iter().map(Remark::text).collect();
        let lines = texts
            .iter()
            .map(|text| format!("{} | {}", text.zh, text.en));
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn what_can_be_read_is_not_remarked_upon() {
        let sixteen = "一二三四五六七八九十一二三四五六";
        assert_eq!(
            remarked(&[
                (0, 833, sixteen),
                (1000, 8000, "上\n下"),
                (8000, 10_000, "forty-two letters are what a line can hold"),
                (10_000, 12_000, "这里有 WebVTT 三个词的一行字"),
            ]),
            ""
        );
    }

    #[test]
    fn every_hardship_is_counted_with_its_first_places() {
        insta::assert_snapshot!(
            remarked(&[
                (0, 832, "一"),
                (1000, 8001, "二"),
                (9000, 10_000, "一\n二\n三"),
                (10_000, 12_000, "一二三四五六七八九十一二三四五六七"),
                (12_000, 14_000, "these letters are more than what a line can hold"),
                (14_000, 14_001, "一"),
                (15_000, 15_001, "一"),
                (16_000, 16_001, "一"),
                (60_000, 60_001, "完"),
            ]),
            @r"
        4 条显示不到 5/6 秒（0:00.000、0:14.000、0:15.000 等） | cues seen for less than 5/6 s: 4 (0:00.000, 0:14.000, 0:15.000, …)
        1 条显示超过 7 秒（0:01.000） | cues seen for more than 7 s: 1 (0:01.000)
        1 条超过 2 行（0:09.000） | cues of more than 2 lines: 1 (0:09.000)
        2 条有超过 16 个汉字的行（0:10.000、0:12.000） | cues with a line of more than 16 Chinese characters or 42 letters: 2 (0:10.000, 0:12.000)
        1 条在视频结束以后才开始，看不到（1:00.000） | cues that begin when the video is over and are never seen: 1 (1:00.000)
        "
        );
    }
}
