//! `SubRip`, leniently. In: text. Out: a draft of cues. Never relies on numbers or blank lines: what belongs to a cue is
//! all that stands between two lines with times.

use super::plain::{self, Tags};
use super::timing::{self, Timing};
use super::{Draft, DraftCue};

/// Reads all cues.
pub(super) fn read(text: &str) -> Draft {
    let lines: Vec<&str> = text.split('\n').collect();
    let marks = marks(&lines);
    let mut draft = Draft::default();
    let Some(first) = marks.first() else {
        return draft;
    };
    let mut index = lines[..first.line].iter().rev().find_map(|l| number(l));
    for (n, mark) in marks.iter().enumerate() {
        let body = match marks.get(n + 1) {
            Some(next) => {
                let (body, next_index) = split_index(&lines[mark.line + 1..next.line], index);
                index = next_index;
                body
            }
            None => &lines[mark.line + 1..],
        };
        match &mark.timing {
            Some(timing) => draft.cues.push(cue(timing, body)),
            None => draft.unreadable.push(mark.line + 1),
        }
    }
    draft
}

/// Whether there is anything to read.
pub(super) fn looks_like(text: &str) -> bool {
    text.split('\n')
        .any(|line| timing::timing_line(line).is_some() || timing::meant_as_timing(line))
}

/// A line that separates cues.
struct Mark<'a> {
    line: usize,
    /// Nothing where the times cannot be read.
    timing: Option<Timing<'a>>,
}

fn marks<'a>(lines: &[&'a str]) -> Vec<Mark<'a>> {
    let mark = |(line, text): (usize, &&'a str)| {
        let timing = timing::timing_line(text);
        (timing.is_some() || timing::meant_as_timing(text)).then_some(Mark { line, timing })
    };
    lines.iter().enumerate().filter_map(mark).collect()
}

fn cue(timing: &Timing, body: &[&str]) -> DraftCue {
    let mut text = String::new();
    if !is_placement(timing.rest) {
        text.push_str(timing.rest);
        text.push('\n');
    }
    text.push_str(&body.join("\n"));
    DraftCue {
        start: timing.start,
        end: timing.end,
        text: self::plain(&text),
    }
}

/// What a viewer would read of a cue.
pub(super) fn plain(text: &str) -> String {
    let text = plain::strip_overrides(text);
    let text = plain::strip_tags(&text, Tags::Known);
    plain::tidy(&plain::decode_entities(&text))
}

/// `X1:40 X2:600`, `position:10%`: where to put the text; anything else behind the times is the text itself.
fn is_placement(rest: &str) -> bool {
    rest.split_whitespace().all(|word| {
        word.split_once(':').is_some_and(|(key, value)| {
            !value.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric())
        })
    })
}

/// Parts the next cue's number from this cue's lines. A number that is text ("2008") has no blank line before it, or
/// one after it, unless it just so happens to be the number that is due.
fn split_index<'a, 'b>(body: &'a [&'b str], index: Option<u64>) -> (&'a [&'b str], Option<u64>) {
    let Some(last) = body.iter().rposition(|line| !is_blank(line)) else {
        return (body, None);
    };
    let Some(number) = number(body[last]) else {
        return (body, None);
    };
    let touches_times = last + 1 == body.len();
    let after_blank = last == 0 || is_blank(body[last - 1]);
    let is_due = index.is_some_and(|index| index.checked_add(1) == Some(number));
    if (touches_times && (after_blank || is_due)) || (after_blank && is_due) {
        (&body[..last], Some(number))
    } else {
        (body, None)
    }
}

fn is_blank(line: &str) -> bool {
    line.trim().is_empty()
}

fn number(line: &str) -> Option<u64> {
    let line = line.trim();
    let digits_only = line.bytes().all(|b| b.is_ascii_digit());
    digits_only.then(|| line.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cues(text: &str) -> Vec<(i64, i64, String)> {
        let cues = read(text).cues.into_iter();
        cues.map(|c| (c.start, c.end, c.text)).collect()
    }

    fn two(first: &str, second: &str) -> Vec<(i64, i64, String)> {
        vec![
            (1000, 2000, first.to_owned()),
            (3000, 4000, second.to_owned()),
        ]
    }

    #[test]
    fn numbers_are_no_text_whether_blank_lines_are_there_or_not() {
        let usual = "1\n00:00:01,000 --> 00:00:02,000\n甲\n\n2\n00:00:03,000 --> 00:00:04,000\n乙";
        assert_eq!(cues(usual), two("甲", "乙"));
        assert_eq!(cues(&usual.replace("\n\n", "\n")), two("甲", "乙"));
        assert_eq!(cues(&usual.replace('\n', "\n\n")), two("甲", "乙"));
        assert_eq!(cues(&usual.replace("\n\n2\n", "\n\n")), two("甲", "乙"));
    }

    #[test]
    fn a_year_is_text() {
        let text = "1\n00:00:01,000 --> 00:00:02,000\n那一年\n2008\n\n2\n00:00:03,000 --> 00:00:04,000\n2009\n";
        assert_eq!(cues(text), two("那一年\n2008", "2009"));
        let unnumbered =
            "00:00:01,000 --> 00:00:02,000\n2008\n\n00:00:03,000 --> 00:00:04,000\n2009\n";
        assert_eq!(cues(unnumbered), two("2008", "2009"));
    }

    #[test]
    fn blank_lines_inside_a_text_do_not_lose_what_follows() {
        let text =
            "1\n00:00:01,000 --> 00:00:02,000\n甲\n\n丙\n\n2\n00:00:03,000 --> 00:00:04,000\n乙\n";
        assert_eq!(cues(text), two("甲\n丙", "乙"));
    }

    #[test]
    fn text_behind_the_times_is_text_and_coordinates_are_not() {
        let text =
            "00:00:01,000 --> 00:00:02,000 你好：世界\n00:00:03,000 --> 00:00:04,000 X1:4 Y1:5\n乙";
        assert_eq!(cues(text), two("你好：世界", "乙"));
    }

    #[test]
    fn markup_goes_and_references_become_characters() {
        let text = "00:00:01,000 --> 00:00:02,000\n{\\an8}<font color=red>甲</font> &amp; &lt;i&gt;\n\
                    00:00:03,000 --> 00:00:04,000\n<i>乙</i>";
        assert_eq!(cues(text), two("甲 & <i>", "乙"));
    }

    #[test]
    fn an_unreadable_time_costs_its_own_cue_only() {
        let text = "1\n00:00:01,000 --> 00:00:02,000\n甲\n\n2\n00:00:O2,000 --> 00:00:03,000\n丢\n\n\
                    3\n00:00:03,000 --> 00:00:04,000\n乙";
        assert_eq!(cues(text), two("甲", "乙"));
        assert_eq!(read(text).unreadable, [6]);
    }
}
