//! Days as people write them into names. In: a piece of a name. Out: a [`NameDate`], and what stands beside it. Knows
//! `20200703`, `2020-07-03`, `2020.7.3`, `2020_7_3`, `2020年7月3日`, `7月3日`; never takes a clip's `1949.10.1` for one of ours.

use std::ops::RangeInclusive;

/// Years of deliveries: what lies before them is in a title because a song is about it.
const YEARS: RangeInclusive<u16> = 2010..=2099;
/// The longest spelling, in characters.
const LONGEST: usize = 11;

/// A day, perhaps of a year that is not said. Days sort as they follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct NameDate {
    /// The year, where it is written.
    pub year: Option<u16>,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
}

impl NameDate {
    /// As we write it: `20200703`, or `7月3日` where the year is not known.
    pub fn written(self) -> String {
        match self.year {
            Some(year) => format!("{year:04}{:02}{:02}", self.month, self.day),
            None => format!("{}月{}日", self.month, self.day),
        }
    }

    fn new(year: Option<u16>, month: u16, day: u16) -> Option<Self> {
        let last = match month {
            2 => 29,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        let is_day = (1..=12).contains(&month) && (1..=last).contains(&day);
        (is_day && year.is_none_or(|year| YEARS.contains(&year))).then_some(NameDate {
            year,
            month: u8::try_from(month).ok()?,
            day: u8::try_from(day).ok()?,
        })
    }
}

/// The date that a text starts with, and what follows it.
pub(super) fn at_start(text: &str) -> Option<(NameDate, &str)> {
    with_year(text).or_else(|| without_year(text))
}

/// The date with a year that a text starts with: what copies and versions are marked with.
pub(super) fn with_year(text: &str) -> Option<(NameDate, &str)> {
    let (year, rest) = number(text, 4, 4)?;
    let mark = rest
        .chars()
        .next()
        .filter(|c| matches!(c, '.' | '-' | '_' | '/' | '年'));
    let Some(mark) = mark else {
        let (month, rest) = number(rest, 2, 2)?;
        let (day, rest) = number(rest, 2, 2)?;
        return Some((NameDate::new(Some(year), month, day)?, rest));
    };
    let (month, rest) = number(&rest[mark.len_utf8()..], 1, 2)?;
    let rest = rest.strip_prefix(if mark == '年' { '月' } else { mark })?;
    let (day, rest) = number(rest, 1, 2)?;
    let date = NameDate::new(Some(year), month, day)?;
    Some((date, rest.strip_prefix(['日', '号']).unwrap_or(rest)))
}

fn without_year(text: &str) -> Option<(NameDate, &str)> {
    let (month, rest) = number(text, 1, 2)?;
    let (day, rest) = number(rest.strip_prefix('月')?, 1, 2)?;
    Some((
        NameDate::new(None, month, day)?,
        rest.strip_prefix(['日', '号'])?,
    ))
}

/// The date that a text ends with, in its longest spelling, and what stands before it.
pub(super) fn at_end(text: &str) -> Option<(&str, NameDate)> {
    let mut starts: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    starts.drain(..starts.len().saturating_sub(LONGEST));
    starts.into_iter().find_map(|at| {
        let (before, tail) = text.split_at(at);
        // `12020-07-03` is a number, not a date behind a 1.
        if before.ends_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let (date, rest) = at_start(tail)?;
        rest.is_empty().then_some((before, date))
    })
}

/// The latest date with a year anywhere in a text.
pub(super) fn latest_in(text: &str) -> Option<NameDate> {
    let starts = text.char_indices().filter(|(at, c)| {
        c.is_ascii_digit() && !text[..*at].ends_with(|before: char| before.is_ascii_digit())
    });
    starts
        .filter_map(|(at, _)| Some(with_year(&text[at..])?.0))
        .max()
}

/// A number of `least` to `most` digits, and what follows it.
pub(super) fn number(text: &str, least: usize, most: usize) -> Option<(u16, &str)> {
    let digits = text
        .bytes()
        .take(most)
        .take_while(u8::is_ascii_digit)
        .count();
    if digits < least {
        return None;
    }
    let (number, rest) = text.split_at(digits);
    Some((number.parse().ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_day_is_the_same_day() {
        for text in [
            "20200703",
            "2020-07-03",
            "2020.7.3",
            "2020_7_3",
            "2020年7月3日",
            "2020年07月03号",
        ] {
            let name = format!("微党课+{text}");
            let (before, date) = at_end(&name).unwrap();
            assert_eq!(
                (before, date.written().as_str()),
                ("微党课+", "20200703"),
                "{text}"
            );
        }
        let (before, date) = at_end("微党课7月3日").unwrap();
        assert_eq!(
            (before, date.year, date.written().as_str()),
            ("微党课", None, "7月3日")
        );
    }

    #[test]
    fn what_is_no_day_of_our_years_is_no_date() {
        for text in [
            "雨19491001",
            "雨20211301",
            "雨20210231",
            "120200703",
            "雨2021-7.3",
            "雨7月",
            "",
        ] {
            assert_eq!(at_end(text), None, "{text}");
        }
    }

    #[test]
    fn the_latest_of_several_dates_counts() {
        let latest = latest_in("片区20210705/补交2021.7.10/雨19210701.mp4").unwrap();
        assert_eq!(latest.written(), "20210710");
        assert_eq!(latest_in("雨7月3日"), None);
    }
}
