//! Units as types: a duration is not a size. In: integers. Out: newtypes that print themselves for people.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A point or a length in time, in milliseconds.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(transparent)]
pub struct Millis(pub u64);

impl Millis {
    /// Whole seconds as milliseconds.
    pub const fn from_secs(seconds: u64) -> Self {
        Millis(seconds * 1000)
    }

    /// Seconds, for arithmetic with rates; exact to the millisecond below 285,000 years.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1000.0
    }

    /// The distance between two points in time.
    #[must_use]
    pub fn abs_diff(self, other: Millis) -> Millis {
        Millis(self.0.abs_diff(other.0))
    }
}

/// `5:00.000`, or `1:02:03.000` from an hour on.
impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (h, m, s, ms) = (
            self.0 / 3_600_000,
            self.0 / 60_000 % 60,
            self.0 / 1000 % 60,
            self.0 % 1000,
        );
        if h > 0 {
            write!(f, "{h}:{m:02}:{s:02}.{ms:03}")
        } else {
            write!(f, "{m}:{s:02}.{ms:03}")
        }
    }
}

/// A size in bytes.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(transparent)]
pub struct Bytes(pub u64);

/// Binary multiples with two decimals, as file managers show them: `1.00 GiB`.
impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
        let exponent = (self.0.max(1).ilog2() / 10).min(4);
        if exponent == 0 {
            return write!(f, "{} B", self.0);
        }
        let scaled =
            self.0 as f64 / f64::from(1_u32 << 10).powi(i32::try_from(exponent).unwrap_or(4));
        write!(f, "{scaled:.2} {}", UNITS[exponent as usize])
    }
}

/// A bit rate in bits per second.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(transparent)]
pub struct BitRate(pub u64);

impl BitRate {
    /// Kilobits per second, 1 kbit = 1000 bit.
    pub const fn from_kbps(kbps: u64) -> Self {
        BitRate(kbps * 1000)
    }
}

/// A frame rate as an exact fraction, in frames per second: 30000/1001 is not 29.97.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct FrameRate {
    /// Frames…
    pub num: u32,
    /// … in this many seconds; never zero.
    pub den: u32,
}

impl FrameRate {
    /// The rates of film and broadcasting, which are those that HLS knows (Apple 1.18), lowest first.
    pub const STANDARD: [FrameRate; 8] = [
        FrameRate {
            num: 24_000,
            den: 1001,
        },
        FrameRate { num: 24, den: 1 },
        FrameRate { num: 25, den: 1 },
        FrameRate {
            num: 30_000,
            den: 1001,
        },
        FrameRate { num: 30, den: 1 },
        FrameRate { num: 50, den: 1 },
        FrameRate {
            num: 60_000,
            den: 1001,
        },
        FrameRate { num: 60, den: 1 },
    ];

    /// The standard rate nearest to so many frames per second.
    pub fn nearest_standard(rate: f64) -> FrameRate {
        let distance = |standard: &FrameRate| (standard.as_f64() / rate - 1.0).abs();
        let nearest = Self::STANDARD
            .into_iter()
            .min_by(|a, b| distance(a).total_cmp(&distance(b)));
        nearest.unwrap_or(FrameRate { num: 25, den: 1 })
    }

    /// `num / den` frames per second, or nothing where the fraction means nothing.
    pub fn new(num: u32, den: u32) -> Option<Self> {
        (num > 0 && den > 0).then_some(FrameRate { num, den })
    }

    /// Frames per second.
    pub fn as_f64(self) -> f64 {
        f64::from(self.num) / f64::from(self.den)
    }

    /// How many frames a film of this length has, to the nearest frame and at least one.
    pub fn frames_in(self, duration: Millis) -> u64 {
        let (num, den) = (u128::from(self.num), u128::from(self.den) * 1000);
        let frames = (u128::from(duration.0) * num + den / 2) / den;
        u64::try_from(frames).unwrap_or(u64::MAX).max(1)
    }

    /// The frame that starts nearest to this time in microseconds; the first one before the start.
    pub fn frame_at(self, micros: i64) -> u64 {
        let (num, den) = (i128::from(self.num), i128::from(self.den) * 1_000_000);
        let frame = (i128::from(micros) * num * 2 + den).div_euclid(den * 2);
        u64::try_from(frame).unwrap_or(0)
    }

    /// When frame number `index` starts, to the nearest millisecond.
    pub fn start_of(self, index: u64) -> Millis {
        let (num, den) = (u128::from(self.num), u128::from(self.den) * 1000);
        Millis(u64::try_from((u128::from(index) * den + num / 2) / num).unwrap_or(u64::MAX))
    }
}

/// `25`, `29.97`, `23.976`: the form used in HLS's FRAME-RATE and by editors.
impl fmt::Display for FrameRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{:.3}", self.as_f64());
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_as_a_file_manager_shows_them() {
        let shown: Vec<_> = [0, 1023, 1024, 1_073_741_824, 1_610_612_736]
            .map(|b| Bytes(b).to_string())
            .to_vec();
        assert_eq!(shown, ["0 B", "1023 B", "1.00 KiB", "1.00 GiB", "1.50 GiB"]);
    }

    #[test]
    fn times_read_as_minutes_and_seconds() {
        assert_eq!(Millis(300_000).to_string(), "5:00.000");
        assert_eq!(Millis(3_723_004).to_string(), "1:02:03.004");
    }

    #[test]
    fn ntsc_rates_stay_exact() {
        let ntsc = FrameRate::new(30_000, 1001).unwrap();
        assert_eq!(ntsc.frames_in(Millis(1001)), 30);
        assert_eq!(ntsc.start_of(30), Millis(1001));
        assert_eq!(ntsc.to_string(), "29.97");
        assert_eq!(FrameRate::new(24_000, 1001).unwrap().to_string(), "23.976");
        assert_eq!(FrameRate::new(25, 1).unwrap().to_string(), "25");
    }

    #[test]
    fn a_rate_without_frames_or_time_is_none() {
        assert_eq!(FrameRate::new(0, 1), None);
        assert_eq!(FrameRate::new(1, 0), None);
    }
}
