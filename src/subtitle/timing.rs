//! The line with the times. In: a line as typed. Out: start and end in milliseconds, or nothing where it is no such
//! line. Never takes "10:30 -> 11:30" in a spoken text for times.

/// Start, end, and whatever stands behind them.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Timing<'a> {
    /// Milliseconds; below zero where a shift went too far.
    pub(super) start: i64,
    /// Milliseconds.
    pub(super) end: i64,
    /// Coordinates, settings, or the text itself.
    pub(super) rest: &'a str,
}

/// Reads `00:00:01,500 --> 00:00:03,000` in all the ways people and programs have written it: full-width marks, a dot,
/// no hours, one to three digits of milliseconds, blanks inside, a poorer arrow.
pub(super) fn timing_line(line: &str) -> Option<Timing<'_>> {
    let mut cursor = Cursor(line);
    let start = cursor.stamp()?;
    let arrow = cursor.arrow()?;
    let end = cursor.stamp()?;
    // A short arrow between two times of day is a spoken text.
    let certain = arrow == Arrow::Long || start.exact || end.exact;
    certain.then_some(Timing {
        start: start.millis,
        end: end.millis,
        rest: cursor.0.trim(),
    })
}

/// A time that stands alone, as in a column of ASS.
pub(super) fn time(text: &str) -> Option<i64> {
    let mut cursor = Cursor(text);
    let stamp = cursor.stamp()?;
    cursor.0.trim().is_empty().then_some(stamp.millis)
}

/// Whether a line was surely meant to hold times, readable or not.
pub(super) fn meant_as_timing(line: &str) -> bool {
    line.contains("-->")
        && line.chars().filter(char::is_ascii_digit).count() >= 4
        && line.contains([':', '：'])
}

/// What is left to read of a line; looks at full-width marks as at their ASCII twins.
#[derive(Clone, Copy)]
struct Cursor<'a>(&'a str);

struct Stamp {
    millis: i64,
    /// Has hours or milliseconds, so is no time of day.
    exact: bool,
}

#[derive(PartialEq, Eq)]
enum Arrow {
    /// `-->`.
    Long,
    /// `->`, `→`.
    Short,
}

/// A run of digits.
struct Digits {
    value: i64,
    count: u32,
}

impl Cursor<'_> {
    fn stamp(&mut self) -> Option<Stamp> {
        self.skip_blanks();
        let negative = self.eat('-');
        let mut groups = vec![self.digits()?];
        while groups.len() < 4 && self.eat_with_blanks(':') {
            groups.push(self.digits()?);
        }
        let fraction = if groups.len() == 4 {
            // `00:00:01:500`; with two digits it would be frames, and nobody knows of which rate.
            Some(groups.pop().filter(|digits| digits.count == 3)?)
        } else if self.eat_with_blanks('.') || self.eat_with_blanks(',') {
            Some(self.digits().unwrap_or(Digits { value: 0, count: 1 }))
        } else {
            None
        };
        if groups.len() < 2 {
            return None;
        }
        let exact = fraction.is_some() || groups.len() == 3;
        // At most 9 digits each: far below what an i64 holds.
        let seconds = groups.iter().fold(0, |sum, group| sum * 60 + group.value);
        let millis = seconds * 1000 + fraction.map_or(0, |digits| digits.as_fraction());
        Some(Stamp {
            millis: if negative { -millis } else { millis },
            exact,
        })
    }

    fn arrow(&mut self) -> Option<Arrow> {
        self.skip_blanks();
        if self.eat('→') {
            return Some(Arrow::Short);
        }
        let mut dashes = 0;
        while self.eat('-') || self.eat('=') {
            dashes += 1;
            self.skip_blanks();
        }
        if let Some(rest) = self.0.strip_prefix("&gt;") {
            self.0 = rest;
        } else if !self.eat('>') {
            return None;
        }
        while self.eat('>') {}
        match dashes {
            0 => None,
            1 => Some(Arrow::Short),
            _ => Some(Arrow::Long),
        }
    }

    fn digits(&mut self) -> Option<Digits> {
        self.skip_blanks();
        let mut digits = Digits { value: 0, count: 0 };
        while let Some(digit) = self.peek().and_then(|c| c.to_digit(10)) {
            if digits.count == 9 {
                return None;
            }
            digits.value = digits.value * 10 + i64::from(digit);
            digits.count += 1;
            self.advance();
        }
        (digits.count > 0).then_some(digits)
    }

    fn peek(&self) -> Option<char> {
        self.0.chars().next().map(ascii_twin)
    }

    fn advance(&mut self) {
        let mut chars = self.0.chars();
        chars.next();
        self.0 = chars.as_str();
    }

    fn eat(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.advance();
        }
        found
    }

    /// As machine translation leaves it: `00: 00: 01, 500`.
    fn eat_with_blanks(&mut self, wanted: char) -> bool {
        let before = *self;
        self.skip_blanks();
        let found = self.eat(wanted);
        if !found {
            *self = before;
        }
        found
    }

    fn skip_blanks(&mut self) {
        self.0 = self.0.trim_start();
    }
}

impl Digits {
    /// `,5` is half a second; what is finer than a millisecond is cut.
    fn as_fraction(&self) -> i64 {
        if self.count <= 3 {
            self.value * 10_i64.pow(3 - self.count)
        } else {
            self.value / 10_i64.pow(self.count - 3)
        }
    }
}

/// The mark that an input method for Chinese puts out for an ASCII one.
fn ascii_twin(c: char) -> char {
    match c {
        '０'..='９' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        '：' | '∶' | '﹕' => ':',
        '，' | '、' | '﹐' => ',',
        '．' | '。' => '.',
        '－' | '—' | '–' | '−' | '―' | '‐' | '‑' | '─' => '-',
        '＞' | '》' | '〉' => '>',
        '＝' => '=',
        '⟶' | '➔' => '→',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(line: &str) -> Option<(i64, i64)> {
        timing_line(line).map(|timing| (timing.start, timing.end))
    }

    #[test]
    fn every_spelling_of_one_line_reads_the_same() {
        for line in [
            "00:00:01,500 --> 00:00:03,000",
            "00:00:01.500 --> 00:00:03.000",
            "  0:0:1,5-->0:0:3  ",
            "00:01,500 --> 00:03,000",
            "00：00：01，500 －－> 00：00：03，000",
            "００:００:０１。５ －－＞ ００:００:０３",
            "00:00:01,500 -> 00:00:03,000",
            "00:00:01,500 —> 00:00:03,000",
            "00:00:01,500 ——》 00:00:03,000",
            "00:00:01,500 → 00:00:03,000",
            "00:00:01,500 --&gt; 00:00:03,000",
            "00: 00: 01, 500 -- > 00: 00: 03, 000",
            "00:00:01:500 --> 00:00:03:000",
            "00:00:01,500000 ==> 00:00:03,",
        ] {
            assert_eq!(times(line), Some((1500, 3000)), "{line}");
        }
    }

    #[test]
    fn digits_of_a_fraction_are_decimal_places() {
        assert_eq!(times("00:00:00,5 --> 00:00:01,04"), Some((500, 1040)));
    }

    #[test]
    fn what_stands_behind_is_handed_on() {
        let timing = timing_line("00:02:04,08 --> 00:02:07,12 X1:40 Y1:20 ").unwrap();
        assert_eq!(timing.rest, "X1:40 Y1:20");
    }

    #[test]
    fn times_before_zero_are_read() {
        assert_eq!(times("-00:00:01,000 --> 00:00:01,000"), Some((-1000, 1000)));
    }

    #[test]
    fn what_is_no_timing_is_none() {
        for line in [
            "",
            "1",
            "上课时间 10:30 -> 11:30",
            "10:30 -> 11:30",
            "1 --> 2",
            "00:00:01,000 00:00:02,000",
            "00:00:01,000 > 00:00:02,000",
            "00:00:01,000 -- 00:00:02,000",
            "00:00:01,000 -->",
            "1234567890:00:00 --> 1234567890:00:01",
            "00:00:01:12 --> 00:00:02:12",
        ] {
            assert_eq!(timing_line(line), None, "{line}");
        }
        assert_eq!(time("0:00:01.26 x"), None);
    }

    #[test]
    fn an_arrow_in_a_text_is_not_meant_as_timing() {
        assert!(meant_as_timing("00:00:0l,000 --> 00:00:02,000"));
        assert!(!meant_as_timing("甲 --> 乙"));
    }
}
