//! Lengths, sizes and rates as people write them. In: `"4m30s"`, `"1GiB"`, `"128k"`. Out: [`Millis`], [`Bytes`],
//! [`BitRate`], exact to the last unit. A number without its unit is refused where it could mean two things.

use std::fmt;

use serde::de::{Error, Visitor};
use serde::{Deserializer, Serializer};

use crate::units::{BitRate, Bytes, Millis};

const DURATION_UNITS: [(&str, u64); 5] = [
    ("h", 3_600_000),
    ("min", 60_000),
    ("m", 60_000),
    ("s", 1000),
    ("ms", 1),
];

/// "1G" is written by people and means 1 GiB in a notice; only "GB" in full is the decimal one.
const SIZE_UNITS: [(&str, u64); 13] = [
    ("b", 1),
    ("k", 1 << 10),
    ("kib", 1 << 10),
    ("kb", 1_000),
    ("m", 1 << 20),
    ("mib", 1 << 20),
    ("mb", 1_000_000),
    ("g", 1 << 30),
    ("gib", 1 << 30),
    ("gb", 1_000_000_000),
    ("t", 1 << 40),
    ("tib", 1 << 40),
    ("tb", 1_000_000_000_000),
];

const RATE_UNITS: [(&str, u64); 4] = [("", 1), ("k", 1000), ("K", 1000), ("M", 1_000_000)];

/// `"5m"`, `"4m30s"`, `"90s"`.
pub(super) fn parse_duration(text: &str) -> Option<Millis> {
    let mut rest = text.trim();
    let mut total: u64 = 0;
    let mut last_unit = u64::MAX;
    while !rest.is_empty() {
        let unit_at = rest.find(|c: char| c.is_ascii_alphabetic())?;
        let after = &rest[unit_at..];
        let end = after
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(after.len());
        let unit = unit_of(&DURATION_UNITS, &after[..end])?;
        // "30s4m" and "1m1m" are slips of the pen, not lengths.
        if unit >= last_unit {
            return None;
        }
        last_unit = unit;
        total = total.checked_add(scaled(&rest[..unit_at], unit)?)?;
        rest = &after[end..];
    }
    (last_unit != u64::MAX).then_some(Millis(total))
}

/// `"1GiB"`, `"500MB"`, `"2G"`.
pub(super) fn parse_size(text: &str) -> Option<Bytes> {
    with_unit(&SIZE_UNITS, &text.to_ascii_lowercase()).map(Bytes)
}

/// `"128k"`, `"2.5M"`, `"96000"`.
pub(super) fn parse_bit_rate(text: &str) -> Option<BitRate> {
    with_unit(&RATE_UNITS, text).map(BitRate)
}

fn with_unit(units: &[(&str, u64)], text: &str) -> Option<u64> {
    let text = text.trim();
    let unit_at = text
        .find(|c: char| c.is_alphabetic() || c.is_whitespace())
        .unwrap_or(text.len());
    scaled(&text[..unit_at], unit_of(units, text[unit_at..].trim())?)
}

fn unit_of(units: &[(&str, u64)], name: &str) -> Option<u64> {
    let (_, unit) = units.iter().find(|(known, _)| *known == name)?;
    Some(*unit)
}

/// `number` times `unit` in integers: `1.5` of 1000 is 1500, and what would need rounding is refused.
fn scaled(number: &str, unit: u64) -> Option<u64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let only_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !only_digits(whole) || !only_digits(fraction) || fraction.len() > 6 {
        return None;
    }
    let whole = whole.parse::<u64>().ok()?.checked_mul(unit)?;
    if fraction.is_empty() {
        return (!number.ends_with('.')).then_some(whole);
    }
    let digits = u32::try_from(fraction.len()).ok()?;
    let part = fraction.parse::<u64>().ok()?.checked_mul(unit)?;
    let divisor = 10_u64.pow(digits);
    (part % divisor == 0)
        .then(|| whole.checked_add(part / divisor))
        .flatten()
}

/// The largest unit that needs no fraction.
fn shortest(value: u64, units: &[(u64, &str)]) -> String {
    units
        .iter()
        .find(|(unit, _)| value != 0 && value.is_multiple_of(*unit))
        .map_or_else(
            || format!("{value}{}", units.last().map_or("", |(_, name)| name)),
            |(unit, name)| format!("{}{name}", value / unit),
        )
}

/// For `#[serde(with = …)]` on [`Millis`].
pub(super) mod duration {
    use super::{Deserializer, Millis, Serializer, parse_duration, read, shortest};

    pub(in crate::preset) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Millis, D::Error> {
        read(
            from,
            parse_duration,
            "a duration: write \"5m\", \"4m30s\" or \"90s\"",
        )
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
    pub(in crate::preset) fn serialize<S: Serializer>(
        value: &Millis,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        let units = [(60_000, "m"), (1000, "s"), (1, "ms")];
        to.serialize_str(&shortest(value.0, &units))
    }
}

/// For `#[serde(with = …)]` on an optional [`Millis`].
pub(super) mod optional_duration {
    use serde::{Deserialize, Serialize};

    use super::{Deserializer, Millis, Serializer, duration};

    #[derive(Serialize, Deserialize)]
    struct Written(#[serde(with = "duration")] Millis);

    pub(in crate::preset) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Millis>, D::Error> {
        Written::deserialize(from).map(|written| Some(written.0))
    }

    #[expect(clippy::ref_option, reason = "serde calls it so")]
    pub(in crate::preset) fn serialize<S: Serializer>(
        value: &Option<Millis>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        value.map(Written).serialize(to)
    }
}

/// For `#[serde(with = …)]` on [`Bytes`].
pub(super) mod size {
    use super::{Bytes, Deserializer, Serializer, parse_size, read, shortest};

    pub(in crate::preset) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Bytes, D::Error> {
        read(
            from,
            parse_size,
            "a size: write \"1GiB\", \"500MB\" or \"2G\" (which is 2 GiB)",
        )
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
    pub(in crate::preset) fn serialize<S: Serializer>(
        value: &Bytes,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        let units = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1, "B")];
        to.serialize_str(&shortest(value.0, &units))
    }
}

/// For `#[serde(with = …)]` on [`BitRate`].
pub(super) mod bit_rate {
    use super::{BitRate, Deserializer, Serializer, parse_bit_rate, read, shortest};

    pub(in crate::preset) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<BitRate, D::Error> {
        read(
            from,
            parse_bit_rate,
            "a bit rate: write \"128k\" or \"2.5M\" (bits per second)",
        )
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
    pub(in crate::preset) fn serialize<S: Serializer>(
        value: &BitRate,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.serialize_str(&shortest(value.0, &[(1000, "k"), (1, "")]))
    }
}

fn read<'de, D: Deserializer<'de>, T>(
    from: D,
    parse: fn(&str) -> Option<T>,
    wanted: &'static str,
) -> Result<T, D::Error> {
    from.deserialize_str(Quantity { parse, wanted })
}

struct Quantity<T> {
    parse: fn(&str) -> Option<T>,
    wanted: &'static str,
}

impl<T> Visitor<'_> for Quantity<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.wanted)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        (self.parse)(text).ok_or_else(|| E::custom(format!("{text:?} is not {}", self.wanted)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_people_write_them() {
        for (text, millis) in [
            ("5m", 300_000),
            ("5min", 300_000),
            ("4m30s", 270_000),
            ("90s", 90_000),
            ("1h", 3_600_000),
            ("1.5s", 1500),
            ("250ms", 250),
            (" 2s ", 2000),
        ] {
            assert_eq!(parse_duration(text), Some(Millis(millis)), "{text}");
        }
        for text in [
            "",
            "5",
            "m",
            "5 m",
            "30s4m",
            "1m1m",
            "-5m",
            "5m30",
            "5x",
            "1.s",
            "0.0001s",
            "五分钟",
            "99999999999999999999h",
        ] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }

    #[test]
    fn a_size_in_g_is_the_binary_one_and_in_gb_the_decimal_one() {
        for (text, bytes) in [
            ("1GiB", 1 << 30),
            ("1G", 1 << 30),
            ("2g", 2 << 30),
            ("1.5 GiB", 1_610_612_736),
            ("500MB", 500_000_000),
            ("500M", 500 << 20),
            ("7B", 7),
        ] {
            assert_eq!(parse_size(text), Some(Bytes(bytes)), "{text}");
        }
        for text in ["", "1", "GiB", "1X", "-1G", "1G2", "99999999999T"] {
            assert_eq!(parse_size(text), None, "{text}");
        }
    }

    #[test]
    fn bit_rates_are_decimal() {
        for (text, rate) in [("128k", 128_000), ("2.5M", 2_500_000), ("96000", 96_000)] {
            assert_eq!(parse_bit_rate(text), Some(BitRate(rate)), "{text}");
        }
        for text in ["", "k", "128m", "128kB", "1.0001k"] {
            assert_eq!(parse_bit_rate(text), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_is_read_back(value in 0_u64..10_000_000_000_000) {
            let units = [(60_000, "m"), (1000, "s"), (1, "ms")];
            proptest::prop_assert_eq!(parse_duration(&shortest(value, &units)), Some(Millis(value)));
            let units = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1, "B")];
            proptest::prop_assert_eq!(parse_size(&shortest(value, &units)), Some(Bytes(value)));
            let units = [(1000, "k"), (1, "")];
            proptest::prop_assert_eq!(parse_bit_rate(&shortest(value, &units)), Some(BitRate(value)));
        }
    }
}
