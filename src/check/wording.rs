//! Measurements in words. In: numbers. Out: [`Text`] that says them as people do. Never rounds a length or a size, so
//! that what is one millisecond too long does not read like the limit.

use crate::text::Text;
use crate::units::{Bytes, Millis};

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
    fn sizes_are_said_to_the_byte() {
        assert_eq!(size(Bytes(999)).zh, "999 B（999 字节）");
        assert_eq!(
            size(Bytes(1_073_741_825)).en,
            "1.00 GiB (1,073,741,825 bytes)"
        );
    }
}
