//! Measurements in words. In: numbers. Out: [`Text`] that says them as people do. Never rounds a length or a size, so
//! that what is one millisecond too long does not read like the limit.

use crate::probe::quality::{LookedAt, Stretch};
use crate::text::Text;
use crate::units::{Bytes, Millis};

/// Places that are named; more are only counted.
const NAMED: usize = 4;

/// `4 分 30.5 秒`, `4 min 30.5 s`.
pub(super) fn duration(length: Millis) -> Text {
    let (minutes, rest) = (length.0 / 60_000, length.0 % 60_000);
    let seconds = format!("{}.{:03}", rest / 1000, rest % 1000);
    let seconds = seconds.trim_end_matches('0').trim_end_matches('.');
    match (minutes, rest) {
        (0, _) => Text::new(format!("{seconds} 秒"), format!("{seconds} s")),
        (_, 0) => Text::new(format!("{minutes} 分钟"), format!("{minutes} min")),
        _ => Text::new(
            format!("{minutes} 分 {seconds} 秒"),
            format!("{minutes} min {seconds} s"),
        ),
    }
}

/// `1.00 GiB（1,073,741,825 字节）`.
pub(super) fn size(bytes: Bytes) -> Text {
    let exact = thousands(bytes.0);
    Text::new(
        format!("{bytes}（{exact} 字节）"),
        format!("{bytes} ({exact} bytes)"),
    )
}

/// `1920×1080`.
pub(super) fn picture(width: u32, height: u32) -> String {
    format!("{width}×{height}")
}

/// A length that was measured between samples: full seconds, tenths below ten.
pub(super) fn rounded(length: Millis) -> Text {
    if length.0 < 10_000 {
        duration(Millis((length.0 + 50) / 100 * 100))
    } else {
        duration(Millis((length.0 + 500) / 1000 * 1000))
    }
}

/// `1:05`.
pub(super) fn clock(moment: Millis) -> String {
    let seconds = moment.0 / 1000;
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// `0:10–0:40、1:00–1:20 等 6 处`.
pub(super) fn places(stretches: &[Stretch]) -> Text {
    let shown = |s: &Stretch| format!("{}–{}", clock(s.from_ms), clock(s.to_ms));
    listed(stretches.iter().map(shown))
}

/// `0:12、1:05`; a second is named once.
pub(super) fn moments(times: &[Millis]) -> Text {
    let mut shown: Vec<String> = times.iter().map(|time| clock(*time)).collect();
    shown.dedup();
    listed(shown.into_iter())
}

fn listed(all: impl Iterator<Item = String>) -> Text {
    let all: Vec<String> = all.collect();
    let named = &all[..all.len().min(NAMED)];
    let (zh, en) = (named.join("、"), named.join(", "));
    if all.len() <= NAMED {
        return Text::new(zh, en);
    }
    let more = all.len();
    Text::new(
        format!("{zh} 等 {more} 处"),
        format!("{en} and more, {more} in all"),
    )
}

/// On what a finding about the picture rests.
pub(super) fn looked_at(looked: LookedAt) -> Text {
    let frames = looked.frames;
    if looked.every_frame && looked.while_making {
        Text::new(
            "（制作时完整解码，逐帧看过）",
            " (every frame was looked at, in the full decode while making)",
        )
    } else if looked.every_frame {
        Text::new("（逐帧看过）", " (every frame was looked at)")
    } else {
        Text::new(
            format!("（看了关键帧及其后的片段，共 {frames} 帧）"),
            format!(" (by key frames and what follows them, {frames} frames)"),
        )
    }
}

/// With a capital letter in front.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut shown = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_said_exactly() {
        let said: Vec<_> = [0, 500, 59_000, 300_000, 300_001, 362_800]
            .map(|ms| duration(Millis(ms)).zh)
            .to_vec();
        assert_eq!(
            said,
            [
                "0 秒",
                "0.5 秒",
                "59 秒",
                "5 分钟",
                "5 分 0.001 秒",
                "6 分 2.8 秒"
            ]
        );
        assert_eq!(duration(Millis(362_800)).en, "6 min 2.8 s");
    }

    #[test]
    fn places_are_named_and_then_counted() {
        let place = |from, to| Stretch {
            from_ms: Millis(from),
            to_ms: Millis(to),
        };
        let two = [place(10_000, 40_900), place(65_000, 600_000)];
        assert_eq!(places(&two).zh, "0:10–0:40、1:05–10:00");
        assert_eq!(
            places(&[place(0, 1000); 6]).en,
            "0:00–0:01, 0:00–0:01, 0:00–0:01, 0:00–0:01 and more, 6 in all"
        );
        assert_eq!(
            moments(&[Millis(1), Millis(900), Millis(61_000)]).zh,
            "0:00、1:01"
        );
        assert_eq!(rounded(Millis(3_449)).zh, "3.4 秒");
        assert_eq!(rounded(Millis(99_501)).en, "1 min 40 s");
    }

    #[test]
    fn sizes_are_said_to_the_byte() {
        assert_eq!(size(Bytes(999)).zh, "999 B（999 字节）");
        assert_eq!(
            size(Bytes(1_073_741_825)).en,
            "1.00 GiB (1,073,741,825 bytes)"
        );
    }
}
