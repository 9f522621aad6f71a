//! WebVTT segments (W3C WebVTT §4, RFC 8216 §3.5), read strictly. In: the bytes of a segment. Out: [`Vtt`], and findings
//! with line numbers. Unlike `subtitle`, which forgives what people hand in, nothing is forgiven here.

use super::clause::Clause;
use super::finding::Findings;

/// Cues of one segment.
const MAX_CUES: usize = 20_000;

/// A subtitle segment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Vtt {
    /// MPEGTS (90 kHz) and LOCAL (ms).
    pub(super) map: Option<(u64, u64)>,
    pub(super) cues: Vec<Cue>,
}

/// One cue, as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cue {
    pub(super) line: usize,
    /// In ms of the file's own clock.
    pub(super) start: u64,
    /// In ms of the file's own clock.
    pub(super) end: u64,
    pub(super) text: String,
}

impl Vtt {
    /// A cue's times in the presentation, in ms.
    pub(super) fn presented(&self, cue: &Cue) -> (i64, i64) {
        let (media, local) = self.map.unwrap_or_default();
        let whole = |ms: u64| i64::try_from(ms).unwrap_or(i64::MAX / 4);
        let shift = whole(media / 90) - whole(local);
        (whole(cue.start) + shift, whole(cue.end) + shift)
    }
}

/// Reads a segment.
pub(super) fn read(file: &str, bytes: &[u8], findings: &mut Findings) -> Vtt {
    let mut vtt = Vtt::default();
    let Ok(text) = std::str::from_utf8(bytes) else {
        findings.add(
            Clause::VttHeader,
            file,
            None,
            "不是 UTF-8",
            "it is not UTF-8",
        );
        return vtt;
    };
    let text = text.trim_start_matches('\u{feff}');
    let lines: Vec<&str> = text.lines().collect();
    let first = lines.first().copied().unwrap_or_default();
    if first != "WEBVTT" && !first.starts_with("WEBVTT ") && !first.starts_with("WEBVTT\t") {
        let shown: String = first.chars().take(30).collect();
        findings.add(
            Clause::VttHeader,
            file,
            1,
            format!("第一行是“{shown}”"),
            format!("the first line is \"{shown}\""),
        );
        return vtt;
    }
    let header = lines
        .iter()
        .position(|l| l.is_empty())
        .unwrap_or(lines.len());
    vtt.map = timestamp_map(file, &lines[..header], findings);
    let mut at = header;
    while at < lines.len() && vtt.cues.len() < MAX_CUES {
        let end = block_end(&lines, at);
        block(file, &lines[at..end], at + 1, &mut vtt, findings);
        at = end + 1;
    }
    vtt
}

fn block_end(lines: &[&str], from: usize) -> usize {
    let length = lines[from..].iter().position(|l| l.is_empty());
    length.map_or(lines.len(), |length| from + length)
}

fn timestamp_map(file: &str, header: &[&str], findings: &mut Findings) -> Option<(u64, u64)> {
    let found = header
        .iter()
        .enumerate()
        .find_map(|(index, line)| Some((index + 1, line.strip_prefix("X-TIMESTAMP-MAP=")?)));
    let Some((line, map)) = found else {
        findings.add(
            Clause::VttTimestampMap,
            file,
            1,
            "没有 X-TIMESTAMP-MAP",
            "there is no X-TIMESTAMP-MAP",
        );
        return None;
    };
    let part = |name: &str| {
        map.split(',')
            .find_map(|part| part.trim().strip_prefix(name))
    };
    let ticks = part("MPEGTS:").and_then(|n| n.parse::<u64>().ok());
    let local = part("LOCAL:").and_then(stamp);
    let both = ticks.filter(|ticks| *ticks < 1 << 33).zip(local);
    if both.is_none() {
        let shown: String = map.chars().take(60).collect();
        findings.add(
            Clause::VttTimestampMap,
            file,
            line,
            format!("X-TIMESTAMP-MAP={shown} 写法不对"),
            format!("X-TIMESTAMP-MAP={shown} is not MPEGTS:…,LOCAL:HH:MM:SS.mmm"),
        );
    }
    both
}

fn block(file: &str, lines: &[&str], first: usize, vtt: &mut Vtt, findings: &mut Findings) {
    let Some(timing) = lines.iter().take(2).position(|l| l.contains("-->")) else {
        return;
    };
    let line = first + timing;
    let shown: String = lines[timing].chars().take(60).collect();
    let Some((start, end)) = times(lines[timing]).filter(|(start, end)| end > start) else {
        findings.add(
            Clause::CueForm,
            file,
            line,
            format!("字幕时间“{shown}”写法不对或结束不晚于开始"),
            format!("\"{shown}\" is no pair of times with the end after the start"),
        );
        return;
    };
    if vtt.cues.last().is_some_and(|before| before.start > start) {
        findings.add(
            Clause::CueOrder,
            file,
            line,
            format!("“{shown}”比前一条开始得早"),
            format!("\"{shown}\" begins before the cue above it"),
        );
    }
    let text = lines[timing + 1..].join("\n");
    if let Some(sign) = unescaped(&text) {
        findings.add(
            Clause::CueEscaped,
            file,
            line,
            format!("正文里有没有转义的 {sign}"),
            format!("the text has a {sign} that is not escaped"),
        );
    }
    vtt.cues.push(Cue {
        line,
        start,
        end,
        text,
    });
}

fn times(line: &str) -> Option<(u64, u64)> {
    let (start, rest) = line.split_once("-->")?;
    let end = rest.split_whitespace().next()?;
    let apart = start.ends_with([' ', '\t']) && rest.starts_with([' ', '\t']);
    Some((stamp(start.trim())?, stamp(end)?)).filter(|_| apart)
}

/// `HH:MM:SS.mmm`, or `MM:SS.mmm`.
fn stamp(text: &str) -> Option<u64> {
    let (clock, millis) = text.split_once('.')?;
    let number = |text: &str, digits: std::ops::RangeInclusive<usize>| {
        let good = digits.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        good.then(|| text.parse::<u64>().ok()).flatten()
    };
    let parts: Vec<&str> = clock.split(':').collect();
    let (hours, minutes, seconds) = match parts[..] {
        [hours, minutes, seconds] => (number(hours, 2..=6)?, minutes, seconds),
        [minutes, seconds] => (0, minutes, seconds),
        _ => return None,
    };
    let (minutes, seconds) = (number(minutes, 2..=2)?, number(seconds, 2..=2)?);
    let millis = number(millis, 3..=3)?;
    (minutes < 60 && seconds < 60)
        .then_some(((hours * 60 + minutes) * 60 + seconds) * 1000 + millis)
}

/// The first `&` that is no entity, or `<` that is no tag of WebVTT (§4.2.2).
fn unescaped(text: &str) -> Option<char> {
    for (at, sign) in text.char_indices() {
        let rest = &text[at + sign.len_utf8()..];
        let good = match sign {
            '&' => rest.split_once(';').is_some_and(|(name, _)| {
                !name.is_empty()
                    && name.len() <= 10
                    && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'#')
            }),
            '<' => {
                let name = rest.strip_prefix('/').unwrap_or(rest);
                let tag = name.split(['>', '.', ' ', '\t']).next().unwrap_or_default();
                rest.contains('>')
                    && (["b", "i", "u", "c", "v", "ruby", "rt", "lang", ""].contains(&tag)
                        || tag.contains(':'))
            }
            _ => true,
        };
        if !good {
            return Some(sign);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<Clause> {
        let mut findings = Findings::default();
        read("a.vtt", text.as_bytes(), &mut findings);
        findings.sorted().into_iter().map(|f| f.clause).collect()
    }

    #[test]
    fn a_good_segment_is_read_with_its_times() {
        let text = "WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:900000\n\n1\n00:00:01.500 --> 00:00:02.000 align:start\n\
                    <v 甲>你好 &amp; 再见</v>\n\nNOTE x\n\n01:02:03.004 --> 100:00:00.000\n丙\n";
        let mut findings = Findings::default();
        let vtt = read("a.vtt", text.as_bytes(), &mut findings);
        assert_eq!(findings.sorted(), []);
        let times: Vec<_> = vtt.cues.iter().map(|cue| vtt.presented(cue)).collect();
        assert_eq!(times, [(11_500, 12_000), (3_733_004, 360_010_000)]);
    }

    #[test]
    fn each_mistake_is_told() {
        let head = "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n\n";
        for (text, clause) in [
            ("", Clause::VttHeader),
            ("WEBVTTX\n", Clause::VttHeader),
            ("WEBVTT\n\n", Clause::VttTimestampMap),
            (
                "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0\n\n",
                Clause::VttTimestampMap,
            ),
            ("00:00:01,000 --> 00:00:02,000\nx", Clause::CueForm),
            ("00:00:02.000 --> 00:00:01.000\nx", Clause::CueForm),
            ("00:61.000 --> 01:02.000\nx", Clause::CueForm),
            ("00:01.000 --> 00:02.000\na & b", Clause::CueEscaped),
            ("00:01.000 --> 00:02.000\n1 < 2", Clause::CueEscaped),
            (
                "00:03.000 --> 00:04.000\na\n\n00:01.000 --> 00:02.000\nb",
                Clause::CueOrder,
            ),
        ] {
            let whole = if text.contains("-->") {
                format!("{head}{text}")
            } else {
                text.to_owned()
            };
            assert_eq!(found(&whole), [clause], "{text}");
        }
    }
}
