//! Times of TTML (TTML2 §12.3.1). In: what the root element says of rates, and a time as written. Out: milliseconds.
//! Never takes wall-clock times: they say when, not where in the film.

use super::super::timing;

/// More digits than this are no time; ticks of 100 ns need 15 for a day of film.
const MAX_DIGITS: usize = 15;
/// No clock ticks faster than once a nanosecond.
const MAX_RATE: u64 = 1_000_000_000;

/// What the root element says, as written; nothing where it says nothing.
#[derive(Debug, Default)]
pub(super) struct Parameters {
    pub(super) frame_rate: Option<String>,
    pub(super) frame_rate_multiplier: Option<String>,
    pub(super) sub_frame_rate: Option<String>,
    pub(super) tick_rate: Option<String>,
    pub(super) time_base: Option<String>,
    pub(super) drop_mode: Option<String>,
}

/// How times are read.
#[derive(Debug)]
pub(super) struct Clock {
    /// Frames that a second of a clock time counts.
    nominal: u64,
    /// Frames that a second of film has.
    frames: Rate,
    sub_frames: u64,
    ticks: Rate,
    labels: Labels,
}

/// So many in a second.
#[derive(Debug, Clone, Copy)]
struct Rate {
    num: u64,
    den: u64,
}

/// What a clock time is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Labels {
    /// Hours, minutes and seconds of film.
    Time,
    /// SMPTE time code that counts every frame.
    Code,
    /// SMPTE time code that leaves out the first two frames of nine minutes in ten.
    DropCode,
    /// The same for PAL-M: four frames of every second minute, but for the tens of minutes.
    DropPalCode,
}

impl Default for Clock {
    fn default() -> Self {
        Clock::of(&Parameters::default())
    }
}

impl Clock {
    pub(super) fn of(parameters: &Parameters) -> Self {
        let number = |text: &Option<String>| text.as_deref().and_then(|t| rate(t.trim()));
        let written = number(&parameters.frame_rate);
        // §7.2.5: 30 where nothing is said.
        let nominal = written.unwrap_or(30);
        let (num, den) = parameters
            .frame_rate_multiplier
            .as_deref()
            .and_then(multiplier)
            .unwrap_or((1, 1));
        let frames = Rate {
            num: nominal.saturating_mul(num),
            den,
        };
        let sub_frames = number(&parameters.sub_frame_rate).unwrap_or(1);
        // §7.2.12: frames, or sub-frames, where there are any; else seconds.
        let ticks = match (number(&parameters.tick_rate), written) {
            (Some(ticks), _) => Rate { num: ticks, den: 1 },
            (None, Some(_)) => Rate {
                num: frames.num.saturating_mul(sub_frames),
                den,
            },
            (None, None) => Rate { num: 1, den: 1 },
        };
        let is_code = parameters.time_base.as_deref() == Some("smpte");
        let labels = match parameters.drop_mode.as_deref() {
            _ if !is_code => Labels::Time,
            Some("dropNTSC") => Labels::DropCode,
            Some("dropPAL") => Labels::DropPalCode,
            _ => Labels::Code,
        };
        Clock {
            nominal,
            frames,
            sub_frames,
            ticks,
            labels,
        }
    }

    /// Milliseconds of a clock time or an offset.
    pub(super) fn millis(&self, text: &str) -> Option<i64> {
        let text = text.trim();
        self.offset(text)
            .or_else(|| self.with_frames(text))
            .or_else(|| self.without_frames(text))
    }

    /// `1.5s`, `300ms`, `10f`, `5t`.
    fn offset(&self, text: &str) -> Option<i64> {
        let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let second = Rate { num: 1, den: 1 };
        let unit = match &text[digits.len()..] {
            "h" => Rate { num: 1, den: 3600 },
            "m" => Rate { num: 1, den: 60 },
            "s" => second,
            "ms" => Rate { num: 1000, den: 1 },
            "f" => self.frames,
            "t" => self.ticks,
            _ => return None,
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let fraction = &fraction[..fraction.len().min(9)];
        let scale = 10_u64.pow(u32::try_from(fraction.len()).ok()?);
        let count = u128::from(number(whole)?) * u128::from(scale)
            + u128::from(if fraction.is_empty() {
                0
            } else {
                number(fraction)?
            });
        unit.millis(count, scale)
    }

    /// `00:00:01:12`, `00:00:01:12.1`.
    fn with_frames(&self, text: &str) -> Option<i64> {
        let (time, frames) = text.rsplit_once(':')?;
        let (minutes, seconds) = minutes_and_seconds(time)?;
        let (frames, sub) = frames.split_once('.').unwrap_or((frames, "0"));
        let (frames, sub) = (number(frames)?, number(sub)?);
        if frames >= self.nominal || sub >= self.sub_frames {
            return None;
        }
        let parts = u128::from(frames) * u128::from(self.sub_frames) + u128::from(sub);
        self.at(minutes, seconds, parts)
    }

    /// `00:00:01.5`; more spellings than the standard has, as in other subtitles.
    fn without_frames(&self, text: &str) -> Option<i64> {
        if self.labels == Labels::Time {
            return timing::time(text);
        }
        // Labels have no fractions, but files have.
        let (label, _) = text.split_once('.').unwrap_or((text, ""));
        let (minutes, seconds) = minutes_and_seconds(label)?;
        let whole = i64::try_from(minutes * 60 + seconds).ok()? * 1000;
        let fraction = timing::time(text)?.checked_sub(whole)?;
        self.at(minutes, seconds, 0)?.checked_add(fraction)
    }

    /// `parts` are sub-frames behind the second.
    fn at(&self, minutes: u64, seconds: u64, parts: u128) -> Option<i64> {
        if self.labels == Labels::Time {
            let whole = i64::try_from(minutes * 60 + seconds).ok()?;
            let part = self.frames.millis(parts, self.sub_frames)?;
            return whole.checked_mul(1000)?.checked_add(part);
        }
        let left_out = match self.labels {
            Labels::DropCode => 2 * (minutes - minutes / 10),
            Labels::DropPalCode => 4 * (minutes.div_ceil(2) - minutes.div_ceil(20)),
            Labels::Code | Labels::Time => 0,
        };
        let frames = (u128::from(minutes) * 60 + u128::from(seconds)) * u128::from(self.nominal);
        let frames = frames.saturating_sub(left_out.into());
        let parts = frames * u128::from(self.sub_frames) + parts;
        self.frames.millis(parts, self.sub_frames)
    }
}

impl Rate {
    /// Milliseconds, to the nearest, of `count / scale` of these.
    fn millis(self, count: u128, scale: u64) -> Option<i64> {
        let whole = u128::from(scale) * u128::from(self.num);
        let millis = (count.checked_mul(1000)?.checked_mul(self.den.into())? + whole / 2) / whole;
        i64::try_from(millis).ok().filter(|ms| *ms < i64::MAX / 4)
    }
}

/// Of `HH:MM:SS`.
fn minutes_and_seconds(text: &str) -> Option<(u64, u64)> {
    let mut parts = text.split(':').map(number);
    let (hours, minutes, seconds) = (parts.next()??, parts.next()??, parts.next()??);
    let is_clock = minutes < 60 && seconds < 60 && hours < 1_000_000;
    (parts.next().is_none() && is_clock).then_some((hours * 60 + minutes, seconds))
}

fn number(text: &str) -> Option<u64> {
    let is_number = (1..=MAX_DIGITS).contains(&text.len());
    (is_number && text.bytes().all(|b| b.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

fn rate(text: &str) -> Option<u64> {
    number(text).filter(|rate| (1..=MAX_RATE).contains(rate))
}

/// `1000 1001`; drafts of the standard wrote `1000:1001`.
fn multiplier(text: &str) -> Option<(u64, u64)> {
    let (num, den) = text.trim().split_once([' ', ':'])?;
    Some((rate(num.trim())?, rate(den.trim())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(parameters: [Option<&str>; 6]) -> Clock {
        let [
            frame_rate,
            frame_rate_multiplier,
            sub_frame_rate,
            tick_rate,
            time_base,
            drop_mode,
        ] = parameters.map(|text| text.map(str::to_owned));
        Clock::of(&Parameters {
            frame_rate,
            frame_rate_multiplier,
            sub_frame_rate,
            tick_rate,
            time_base,
            drop_mode,
        })
    }

    #[test]
    fn every_way_to_write_a_time_is_read() {
        let film = clock([Some("25"), None, Some("2"), Some("10000000"), None, None]);
        for (text, millis) in [
            ("00:00:01.500", 1500),
            (" 01:00:00.04 ", 3_600_040),
            ("00:00:01", 1000),
            ("00:00:01:12", 1480),
            ("00:00:01:12.1", 1500),
            ("1.5s", 1500),
            ("300ms", 300),
            ("10f", 400),
            ("0.5m", 30_000),
            ("1h", 3_600_000),
            ("12345678901t", 1_234_568),
        ] {
            assert_eq!(film.millis(text), Some(millis), "{text}");
        }
    }

    #[test]
    fn rates_have_the_defaults_of_the_standard() {
        let plain = Clock::default();
        assert_eq!(plain.millis("15f"), Some(500));
        assert_eq!(plain.millis("5t"), Some(5000));
        let framed = clock([Some("25"), None, None, None, None, None]);
        assert_eq!(framed.millis("5t"), Some(200));
        let ntsc = clock([Some("30"), Some("1000 1001"), None, None, None, None]);
        assert_eq!(ntsc.millis("30f"), Some(1001));
        assert_eq!(ntsc.millis("00:00:10:15"), Some(10_501));
    }

    #[test]
    fn time_code_counts_frames_and_leaves_out_what_the_mode_says() {
        let smpte = |mode| {
            let times = Some("1000:1001");
            clock([Some("30"), times, None, None, Some("smpte"), mode])
        };
        // 3600 s x 30 frames at 29.97 a second last 3603.6 s; drop frame keeps to the clock but for 3.6 ms.
        assert_eq!(smpte(None).millis("01:00:00:00"), Some(3_603_600));
        let drop = smpte(Some("dropNTSC"));
        assert_eq!(drop.millis("01:00:00:00"), Some(3_599_996));
        assert_eq!(drop.millis("00:01:00:02"), Some(60_060));
        assert_eq!(drop.millis("00:01:40.5"), Some(100_533));
        let pal_m = smpte(Some("dropPAL"));
        assert_eq!(pal_m.millis("01:00:00:00"), Some(3_599_996));
    }

    #[test]
    fn what_is_no_time_is_none() {
        let film = Clock::default();
        for text in [
            "",
            "x",
            "1.5",
            "00:00:01:30",
            "00:61:00:00",
            "-1s",
            "1.s.5s",
            "99999999999999999999h",
            "wallclock(10:00)",
            "甲s",
        ] {
            assert_eq!(film.millis(text), None, "{text}");
        }
    }
}
