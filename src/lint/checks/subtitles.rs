//! Subtitle segments against each other and against their playlist (RFC 8216 §3.5; Apple 5).

use crate::lint::clause::Clause;
use crate::lint::finding::Findings;
use crate::lint::package::{Body, Rendition};
use crate::lint::webvtt::{Cue, Vtt};

/// Reading takes time: shortest and longest cue in ms, lines of a cue, Chinese characters of a line.
const READABLE_MS: std::ops::RangeInclusive<i64> = 833..=7000;
const MAX_LINES: usize = 2;
const MAX_HANZI: usize = 16;
/// A cue that reaches this little into a segment need not stand there, in ms.
const SLACK: i64 = 20;

struct Part<'a> {
    file: &'a str,
    vtt: &'a Vtt,
    start: i64,
    end: i64,
    discontinuity: bool,
}

pub(super) fn check(rendition: &Rendition, findings: &mut Findings) {
    let mut time = 0.0;
    let mut parts = Vec::new();
    for (listed, loaded) in rendition.pairs() {
        let start = millis(time);
        time += listed.seconds;
        if let Body::Subtitles(vtt) = &loaded.body {
            parts.push(Part {
                file: &loaded.file,
                vtt,
                start,
                end: millis(time),
                discontinuity: listed.discontinuity,
            });
        }
    }
    same_map(&parts, findings);
    inside(&parts, findings);
    carried(&parts, findings);
    readable(&parts, findings);
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a sum of EXTINFs is far below 2^63 ms, and `as` saturates"
)]
fn millis(seconds: f64) -> i64 {
    (seconds * 1000.0).round() as i64
}

fn same_map(parts: &[Part<'_>], findings: &mut Findings) {
    let shift = |vtt: &Vtt| {
        vtt.map
            .map(|(ticks, local)| i128::from(ticks) - i128::from(local) * 90)
    };
    for two in parts.windows(2) {
        let shifts = shift(two[0].vtt).zip(shift(two[1].vtt));
        if !two[1].discontinuity && shifts.is_some_and(|(a, b)| a != b) {
            findings.add(
                Clause::VttMapSame,
                two[1].file,
                2,
                "X-TIMESTAMP-MAP 与前一个分片不同",
                "X-TIMESTAMP-MAP differs from the segment before",
            );
        }
    }
}

fn inside(parts: &[Part<'_>], findings: &mut Findings) {
    for part in parts {
        for cue in &part.vtt.cues {
            let (start, end) = part.vtt.presented(cue);
            if end <= part.start - SLACK || start >= part.end + SLACK {
                findings.add(
                    Clause::CueInSegment,
                    part.file,
                    cue.line,
                    format!(
                        "字幕在 {start}–{end} 毫秒，分片在 {}–{}",
                        part.start, part.end
                    ),
                    format!(
                        "the cue is at {start} to {end} ms, the segment at {} to {}",
                        part.start, part.end
                    ),
                );
            }
        }
    }
}

/// §3.5: a segment holds all cues that are shown in its time.
fn carried(parts: &[Part<'_>], findings: &mut Findings) {
    for two in parts.windows(2) {
        let (before, after) = (&two[0], &two[1]);
        let holds = |part: &Part<'_>, from: &Part<'_>, cue: &Cue| {
            let times = from.vtt.presented(cue);
            let same = |c: &&Cue| part.vtt.presented(c) == times && c.text == cue.text;
            part.vtt.cues.iter().any(|c| same(&c))
        };
        let missing = |from: &Part<'_>, to: &Part<'_>| {
            let reaches = |cue: &&Cue| {
                let (start, end) = from.vtt.presented(cue);
                start < to.end - SLACK && end > to.start + SLACK
            };
            from.vtt
                .cues
                .iter()
                .find(|cue| reaches(cue) && !holds(to, from, cue))
                .cloned()
        };
        for (from, to) in [(before, after), (after, before)] {
            if let Some(cue) = missing(from, to) {
                findings.add(
                    Clause::CueCarried,
                    from.file,
                    cue.line,
                    format!("这一条也在 {} 的时间里，那里没有", to.file),
                    format!("this cue also falls into {}, which lacks it", to.file),
                );
            }
        }
    }
}

fn readable(parts: &[Part<'_>], findings: &mut Findings) {
    for part in parts {
        let mut before: Option<(i64, i64)> = None;
        for cue in &part.vtt.cues {
            let (start, end) = part.vtt.presented(cue);
            let lines: Vec<&str> = cue.text.lines().collect();
            let hanzi = |line: &&str| {
                line.chars()
                    .filter(|c| ('\u{3400}'..='\u{9fff}').contains(c))
                    .count()
            };
            let longest = lines.iter().map(hanzi).max().unwrap_or(0);
            let overlaps = before.is_some_and(|(_, ended)| start < ended);
            let length = end - start;
            if !READABLE_MS.contains(&length)
                || lines.len() > MAX_LINES
                || longest > MAX_HANZI
                || overlaps
            {
                let (zh, en) = if overlaps {
                    ("，与上一条重叠", ", it overlaps the one before")
                } else {
                    ("", "")
                };
                let count = lines.len();
                findings.add(
                    Clause::CueReadable,
                    part.file,
                    cue.line,
                    format!("{length} 毫秒，{count} 行，每行最多 {longest} 个汉字{zh}"),
                    format!(
                        "{length} ms, {count} lines, up to {longest} Chinese characters a line{en}"
                    ),
                );
            }
            before = Some((start, end));
        }
    }
}
