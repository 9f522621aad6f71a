//! WebVTT, read and written. In: text, or cues. Out: a draft of cues, or text, whole or cut for HLS. Never writes what a
//! player could take for markup, times or the end of a cue.

use std::fmt::Write as _;

use super::plain::{self, Tags};
use super::{Cue, Draft, DraftCue, timing};
use crate::units::Millis;

/// RFC 8216 §3.5: without this line a player takes cue times for media times that start where the media does.
const TIMESTAMP_MAP: &str = "X-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000";

/// A whole file.
pub fn to_webvtt(cues: &[Cue]) -> String {
    let mut out = String::from("WEBVTT\n");
    for cue in cues {
        write_cue(&mut out, cue.start, cue.end, &cue.text);
    }
    out
}

/// One text a segment. `boundaries` are the segments' ends, the last the total duration; times stay those of the whole;
/// a cue over a boundary stands on both sides of it, and what lies beyond the last is cut off.
pub fn segment(cues: &[Cue], boundaries: &[Millis]) -> Vec<String> {
    let total = boundaries.iter().copied().max().unwrap_or_default();
    let mut start = Millis(0);
    let mut segments = Vec::with_capacity(boundaries.len());
    for &end in boundaries {
        let head = format!("WEBVTT\n{TIMESTAMP_MAP}\n");
        let mut out = head.clone();
        for cue in cues.iter().filter(|c| c.start < end && c.end > start) {
            write_cue(&mut out, cue.start, cue.end.min(total), &cue.text);
        }
        if out == head {
            // The blank line that ends the header; a cue brings its own.
            out.push('\n');
        }
        segments.push(out);
        start = start.max(end);
    }
    segments
}

/// Writes a blank line and the cue, or nothing where nothing would be seen.
fn write_cue(out: &mut String, start: Millis, end: Millis, text: &str) {
    let text = plain::tidy(text);
    if text.is_empty() || end <= start {
        return;
    }
    let text = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    // Writing to a String cannot fail.
    let _ = write!(out, "\n{} --> {}\n{text}\n", Stamp(start), Stamp(end));
}

/// `HH:MM:SS.mmm`, as the specification has it.
struct Stamp(Millis);

impl std::fmt::Display for Stamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ms = self.0.0;
        let (hours, minutes) = (ms / 3_600_000, ms / 60_000 % 60);
        let (seconds, millis) = (ms / 1000 % 60, ms % 1000);
        write!(f, "{hours:02}:{minutes:02}:{seconds:02}.{millis:03}")
    }
}

/// Reads all cues. A cue is a line with times and what follows, to the next empty line or the next line with an arrow;
/// so header, NOTE, STYLE, REGION and identifiers are passed over without being looked at.
pub(super) fn read(text: &str) -> Draft {
    let mut draft = Draft::default();
    let mut open = None;
    for (n, line) in text.split('\n').enumerate() {
        let timing = timing::timing_line(line);
        if timing.is_some() || line.contains("-->") {
            close(&mut draft, open.take());
        }
        match timing {
            Some(timing) => open = Some((timing.start, timing.end, Vec::new())),
            None if line.contains("-->") => draft.unreadable.push(n + 1),
            None if line.is_empty() => close(&mut draft, open.take()),
            None => {
                if let Some((_, _, lines)) = &mut open {
                    lines.push(line);
                }
            }
        }
    }
    close(&mut draft, open);
    draft
}

fn close(draft: &mut Draft, open: Option<(i64, i64, Vec<&str>)>) {
    let Some((start, end, lines)) = open else {
        return;
    };
    let text = self::plain(&lines.join("\n"));
    draft.cues.push(DraftCue { start, end, text });
}

/// What a viewer would read of a cue.
pub(super) fn plain(text: &str) -> String {
    let text = plain::strip_tags(text, Tags::All);
    plain::tidy(&plain::decode_entities(&text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cue(start: u64, end: u64, text: &str) -> Cue {
        Cue {
            start: Millis(start),
            end: Millis(end),
            text: text.to_owned(),
        }
    }

    #[test]
    fn header_notes_styles_and_settings_are_no_text() {
        let draft = read(
            "WEBVTT 头\nkind: captions\n\nNOTE 注\n多行\n\nSTYLE\n::cue(b) {}\n\nREGION\nid:a\n\n编号\n\
             00:01.000 --> 00:02.000 align:start\n<v 老师>甲 &amp; 乙\n第二行\n\nNOTE 注\n\n\
             00:02.000 --> 00:03.000\n丙\n00:03.000 --> 00:04.000\n丁",
        );
        let texts: Vec<_> = draft.cues.iter().map(|cue| cue.text.as_str()).collect();
        assert_eq!(texts, ["甲 & 乙\n第二行", "丙", "丁"]);
    }

    #[test]
    fn an_unreadable_time_ends_a_cue_and_is_counted() {
        let draft = read("WEBVTT\n\n00:01.000 --> 00:02.000\n甲\nx --> y\n丢\n");
        assert_eq!(draft.cues[0].text, "甲");
        assert_eq!(draft.unreadable, [5]);
    }

    #[test]
    fn what_a_player_could_misread_is_escaped() {
        let cues = [
            cue(0, 1500, "甲 --> 乙\n\n<b>&amp;"),
            cue(1500, 1500, "看不见"),
            cue(2000, 3000, " \n"),
            cue(360_000_000, 360_000_001, "第一百小时"),
        ];
        insta::assert_snapshot!(to_webvtt(&cues), @r"
        WEBVTT

        00:00:00.000 --> 00:00:01.500
        甲 --&gt; 乙
        &lt;b&gt;&amp;amp;

        100:00:00.000 --> 100:00:00.001
        第一百小时
        ");
        assert_eq!(to_webvtt(&[]), "WEBVTT\n");
    }

    #[test]
    fn a_cue_over_a_boundary_stands_on_both_sides_and_none_goes_past_the_end() {
        let cues = [
            cue(1000, 2000, "一"),
            cue(5000, 7000, "跨"),
            cue(19_000, 99_000, "尾"),
            cue(99_000, 99_500, "外"),
        ];
        let ends = [6000, 12_000, 18_000, 20_000].map(Millis);
        insta::assert_snapshot!(segment(&cues, &ends).join("~~~\n"), @r"
        WEBVTT
        X-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000

        00:00:01.000 --> 00:00:02.000
        一

        00:00:05.000 --> 00:00:07.000
        跨
        ~~~
        WEBVTT
        X-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000

        00:00:05.000 --> 00:00:07.000
        跨
        ~~~
        WEBVTT
        X-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000

        ~~~
        WEBVTT
        X-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000

        00:00:19.000 --> 00:00:20.000
        尾
        ");
    }

    #[test]
    fn no_boundary_gives_no_segment() {
        assert!(segment(&[cue(0, 1, "甲")], &[]).is_empty());
    }
}
