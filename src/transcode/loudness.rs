//! How loud a sound is made. In: what was measured on the film's sound, and on what was written of it; a [`Target`]. Out: an
//! [`Aim`]: one gain for the whole film, and whether the limiter is needed. Pure but for [`Meter`], which measures. Never
//! changes the balance inside a film beyond what the limiter takes off its peaks.

use ebur128::{EbuR128, Mode};
use serde::{Deserialize, Serialize};

use crate::av::AudioSamples;
use crate::preset::Loudness;
use crate::text::Text;

/// How far from its target an output may be, in LU.
pub const TOLERANCE_LU: f64 = 0.5;
/// How far beyond its limit a peak may read, in dB: two meters differ by as much.
pub const PEAK_TOLERANCE_DB: f64 = 0.05;
/// The most that is added. A sound that needs more was recorded so low that a usual noise floor of -60 dBFS would come out
/// at -40 and be heard all the time.
const MAX_GAIN_DB: f64 = 20.0;
/// The most that is added again because the limiter took loudness off: beyond, it would work on all that is loud and not
/// on peaks.
const MAX_MAKE_UP_DB: f64 = 3.0;
/// Peaks are kept this far below the limit, because AAC brings them out a little higher.
const ENCODER_MARGIN_DB: f64 = 0.5;
/// An output this near to its target is not made again.
const NEAR_LU: f64 = 0.2;
/// Loudness below this is no loudness: the absolute gate of BS.1770.
const GATE_LUFS: f64 = -70.0;

/// What a sound measures, by ITU-R BS.1770 and EBU Tech 3342.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Levels {
    /// Integrated loudness in LUFS; none for silence and for what is shorter than 0.4 s.
    pub integrated: Option<f64>,
    /// Loudness range in LU.
    pub range: Option<f64>,
    /// True peak in dBTP; none for silence.
    pub true_peak: Option<f64>,
}

/// Measures stereo sound as it comes.
pub struct Meter {
    inner: EbuR128,
}

impl std::fmt::Debug for Meter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Meter")
    }
}

impl Meter {
    /// Measures everything.
    pub fn new(sample_rate: u32) -> Result<Self, ebur128::Error> {
        Meter::of(sample_rate, Mode::I | Mode::LRA | Mode::TRUE_PEAK)
    }

    /// Measures the integrated loudness only, in a third of the time.
    pub fn of_loudness(sample_rate: u32) -> Result<Self, ebur128::Error> {
        Meter::of(sample_rate, Mode::I)
    }

    fn of(sample_rate: u32, mode: Mode) -> Result<Self, ebur128::Error> {
        Ok(Meter {
            inner: EbuR128::new(2, sample_rate, mode)?,
        })
    }

    /// The next samples.
    pub fn add(&mut self, run: &AudioSamples) -> Result<(), ebur128::Error> {
        self.inner.add_frames_planar_f32(&[&run.left, &run.right])
    }

    /// What was measured so far; what was not asked for is none.
    pub fn levels(&self) -> Levels {
        let loud = |value: f64| Some(value).filter(|v| v.is_finite() && *v >= GATE_LUFS);
        let integrated = self.inner.loudness_global().ok().and_then(loud);
        let peaks = [0, 1].map(|side| self.inner.true_peak(side).unwrap_or(0.0));
        let peak = peaks.into_iter().fold(0.0, f64::max);
        Levels {
            integrated,
            range: self
                .inner
                .loudness_range()
                .ok()
                .filter(|_| integrated.is_some()),
            true_peak: (peak > 0.0).then(|| 20.0 * peak.log10()),
        }
    }
}

/// How loud an output is to be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Target {
    /// Integrated loudness.
    pub loudness: Loudness,
    /// The true peak it may reach, in dBTP.
    pub true_peak_max: f64,
}

/// What is done to a sound on its way into an output.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Aim {
    /// Gain for the whole of it.
    pub gain_db: f64,
    /// Ceiling of the limiter; none where it is not needed.
    pub ceiling_dbtp: Option<f64>,
}

impl Aim {
    /// The sound as it is.
    pub const AS_IT_IS: Aim = Aim {
        gain_db: 0.0,
        ceiling_dbtp: None,
    };
}

/// What to do to a sound that measures so. `folded` says that more than two channels were folded into it.
pub fn first_aim(source: &Levels, target: &Target, folded: bool) -> Aim {
    let highest = target.true_peak_max - ENCODER_MARGIN_DB;
    let (Some(integrated), Some(peak)) = (source.integrated, source.true_peak) else {
        return Aim::AS_IT_IS;
    };
    match target.loudness {
        // Left as it is, but folding adds channels up: what would be cut off at full scale is turned down as a whole.
        Loudness::Keep if folded && peak > highest => Aim {
            gain_db: highest - peak,
            ceiling_dbtp: None,
        },
        Loudness::Keep => Aim::AS_IT_IS,
        Loudness::Lufs(lufs) => {
            let gain_db = (lufs - integrated).min(MAX_GAIN_DB);
            Aim {
                gain_db,
                ceiling_dbtp: (peak + gain_db > highest).then_some(highest),
            }
        }
    }
}

/// Another gain for a limited sound that came out as loud as `limited`; none where it is near enough, or where there is no
/// more to be had.
pub fn next_gain(source: &Levels, target: &Target, aim: &Aim, limited: Option<f64>) -> Option<f64> {
    let (Loudness::Lufs(lufs), Some(integrated), Some(limited)) =
        (target.loudness, source.integrated, limited)
    else {
        return None;
    };
    let most = (lufs - integrated + MAX_MAKE_UP_DB).min(MAX_GAIN_DB);
    let gain = (aim.gain_db + lufs - limited).min(most);
    ((lufs - limited).abs() > NEAR_LU / 4.0 && (gain - aim.gain_db).abs() > 0.01).then_some(gain)
}

/// What to do otherwise, given what an output made by `aim` measures; none where it is right, or as near as can be.
/// `last` says that there will be no further try: then the peak is brought down at the cost of loudness.
pub fn next_aim(
    source: &Levels,
    target: &Target,
    aim: &Aim,
    written: &Levels,
    last: bool,
) -> Option<Aim> {
    let (Loudness::Lufs(_), Some(peak)) = (target.loudness, written.true_peak) else {
        return None;
    };
    let over = peak - target.true_peak_max;
    if over > 0.0 && last {
        return Some(Aim {
            gain_db: aim.gain_db - over - ENCODER_MARGIN_DB / 2.0,
            ceiling_dbtp: aim.ceiling_dbtp.map(|c| c - over - ENCODER_MARGIN_DB / 2.0),
        });
    }
    if over > 0.0 {
        let highest = target.true_peak_max - ENCODER_MARGIN_DB;
        let ceiling = aim.ceiling_dbtp.unwrap_or(highest) - over - ENCODER_MARGIN_DB / 4.0;
        return Some(Aim {
            ceiling_dbtp: Some(ceiling),
            ..*aim
        });
    }
    let off = written
        .integrated
        .zip(aimed_at(target))
        .map(|(is, wanted)| (wanted - is).abs());
    if last || off.is_none_or(|off| off <= NEAR_LU) {
        return None;
    }
    let gain_db = next_gain(source, target, aim, written.integrated)?;
    let limits = source
        .true_peak
        .is_some_and(|peak| peak + gain_db > target.true_peak_max - ENCODER_MARGIN_DB);
    let highest = target.true_peak_max - ENCODER_MARGIN_DB;
    Some(Aim {
        gain_db,
        ceiling_dbtp: aim.ceiling_dbtp.or(limits.then_some(highest)),
    })
}

fn aimed_at(target: &Target) -> Option<f64> {
    match target.loudness {
        Loudness::Lufs(lufs) => Some(lufs),
        Loudness::Keep => None,
    }
}

/// Whether an output's peak is above its limit though it was to be kept below.
pub fn too_high(target: &Target, written: &Levels) -> bool {
    aimed_at(target).is_some()
        && written
            .true_peak
            .is_some_and(|peak| peak > target.true_peak_max + PEAK_TOLERANCE_DB)
}

/// Why an output is not as loud as it should be, in words for people; none where it is.
pub fn shortfall(
    place: &Text,
    source: &Levels,
    target: &Target,
    aim: &Aim,
    written: &Levels,
) -> Option<Text> {
    let (wanted, before, is) = (aimed_at(target)?, source.integrated?, written.integrated?);
    if (is - wanted).abs() <= TOLERANCE_LU {
        return None;
    }
    let (zh, en) = if aim.gain_db >= MAX_GAIN_DB - 0.01 {
        (
            format!(
                "原片的声音太轻（{before:.1} LUFS），最多只放大 {MAX_GAIN_DB:.0} dB，再大底噪会盖过讲话"
            ),
            format!(
                "the film's sound is very low ({before:.1} LUFS); no more than {MAX_GAIN_DB:.0} dB is added, or the noise \
                 would drown the speech"
            ),
        )
    } else {
        (
            format!(
                "原片（{before:.1} LUFS）里有特别突出的响声（如拍话筒、鼓点、关门），再放大就要把它们压得失真"
            ),
            format!(
                "the film ({before:.1} LUFS) has bursts far above the rest (a knocked microphone, a drum, a door), and \
                 more gain would distort them"
            ),
        )
    };
    Some(Text::new(
        format!(
            "{}的响度是 {is:.1} LUFS，没有达到要求的 {wanted} LUFS：{zh}。",
            place.zh
        ),
        format!(
            "The loudness of the {} is {is:.1} LUFS and not the {wanted} LUFS that were asked for: {en}.",
            place.en
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const WEB: Target = Target {
        loudness: Loudness::Lufs(-18.0),
        true_peak_max: -1.0,
    };
    const KEEP: Target = Target {
        loudness: Loudness::Keep,
        true_peak_max: -1.0,
    };

    fn sound(integrated: f64, true_peak: f64) -> Levels {
        Levels {
            integrated: Some(integrated),
            range: Some(5.0),
            true_peak: Some(true_peak),
        }
    }

    fn aim(gain_db: f64, ceiling_dbtp: Option<f64>) -> Aim {
        Aim {
            gain_db,
            ceiling_dbtp,
        }
    }

    #[test]
    fn one_gain_where_the_peak_allows_it_and_the_limiter_only_where_it_does_not() {
        assert_eq!(first_aim(&sound(-23.0, -8.0), &WEB, false), aim(5.0, None));
        assert_eq!(first_aim(&sound(-10.0, 0.5), &WEB, false), aim(-8.0, None));
        assert_eq!(
            first_aim(&sound(-23.0, -4.0), &WEB, false),
            aim(5.0, Some(-1.5))
        );
        assert_eq!(
            first_aim(&sound(-50.0, -40.0), &WEB, false),
            aim(MAX_GAIN_DB, None)
        );
    }

    #[test]
    fn silence_and_what_is_to_be_kept_get_no_gain() {
        assert_eq!(first_aim(&Levels::default(), &WEB, false), Aim::AS_IT_IS);
        assert_eq!(first_aim(&sound(-40.0, 1.0), &KEEP, false), Aim::AS_IT_IS);
        assert_eq!(first_aim(&sound(-40.0, -9.0), &KEEP, true), Aim::AS_IT_IS);
        assert_eq!(first_aim(&sound(-10.0, 2.5), &KEEP, true), aim(-4.0, None));
    }

    #[test]
    fn loudness_that_the_limiter_took_off_is_added_again_up_to_a_bound() {
        let source = sound(-30.0, -2.0);
        let first = first_aim(&source, &WEB, false);
        assert_eq!(first, aim(12.0, Some(-1.5)));
        assert_eq!(next_gain(&source, &WEB, &first, Some(-19.0)), Some(13.0));
        assert_eq!(next_gain(&source, &WEB, &first, Some(-24.0)), Some(15.0));
        let most = aim(15.0, Some(-1.5));
        assert_eq!(next_gain(&source, &WEB, &most, Some(-20.0)), None);
        assert_eq!(next_gain(&source, &WEB, &first, Some(-18.02)), None);
        assert_eq!(next_gain(&source, &WEB, &first, None), None);
    }

    #[test]
    fn an_output_whose_peaks_the_encoder_brought_out_is_made_again_lower() {
        let source = sound(-23.0, -4.0);
        let first = aim(5.0, Some(-1.5));
        let again = |written: &Levels, last| next_aim(&source, &WEB, &first, written, last);
        assert_eq!(again(&sound(-18.1, -1.2), false), None);
        let lower = again(&sound(-18.1, -0.6), false).unwrap();
        assert_eq!(lower.gain_db.to_bits(), 5.0_f64.to_bits());
        assert!((lower.ceiling_dbtp.unwrap() + 2.025).abs() < 1e-9);
        let last = again(&sound(-18.1, -0.6), true).unwrap();
        assert!(last.gain_db < 4.6 && last.ceiling_dbtp.unwrap() < -1.9);
        let louder = again(&sound(-18.4, -1.2), false).unwrap();
        assert!((louder.gain_db - 5.4).abs() < 1e-9);
        assert_eq!(again(&sound(-18.4, -1.2), true), None);
        assert!(too_high(&WEB, &sound(-18.0, -0.9)) && !too_high(&WEB, &sound(-18.0, -0.97)));
        assert!(!too_high(&KEEP, &sound(-18.0, 2.0)));
    }

    #[test]
    fn a_shortfall_names_its_cause_and_both_figures() {
        let web = Text::new("网站视频", "web video");
        let told = |source: Levels, aim: Aim, is: f64| {
            let text = shortfall(&web, &source, &WEB, &aim, &sound(is, -2.0))?;
            Some(format!("{}\n{}", text.zh, text.en))
        };
        assert_eq!(told(sound(-30.0, -9.0), aim(12.0, None), -18.3), None);
        insta::assert_snapshot!(told(sound(-52.34, -40.0), aim(20.0, None), -32.3).unwrap(), @r"
        网站视频的响度是 -32.3 LUFS，没有达到要求的 -18 LUFS：原片的声音太轻（-52.3 LUFS），最多只放大 20 dB，再大底噪会盖过讲话。
        The loudness of the web video is -32.3 LUFS and not the -18 LUFS that were asked for: the film's sound is very low (-52.3 LUFS); no more than 20 dB is added, or the noise would drown the speech.
        ");
        insta::assert_snapshot!(told(sound(-40.0, -2.0), aim(19.0, Some(-1.5)), -19.2).unwrap(), @r"
        网站视频的响度是 -19.2 LUFS，没有达到要求的 -18 LUFS：原片（-40.0 LUFS）里有特别突出的响声（如拍话筒、鼓点、关门），再放大就要把它们压得失真。
        The loudness of the web video is -19.2 LUFS and not the -18 LUFS that were asked for: the film (-40.0 LUFS) has bursts far above the rest (a knocked microphone, a drum, a door), and more gain would distort them.
        ");
    }

    #[test]
    fn the_meter_reads_a_tone_and_nothing_on_silence_or_a_blink() {
        let tone = |samples: u16, repeats: usize, amplitude: f32| {
            let turns = |i: u16| f32::from(i) * 997.0 / 48_000.0 * std::f32::consts::TAU;
            let second: Vec<f32> = (0..samples).map(|i| amplitude * turns(i).sin()).collect();
            let left = second.repeat(repeats);
            AudioSamples {
                right: left.clone(),
                left,
            }
        };
        let read = |sound: &AudioSamples| {
            let mut meter = Meter::new(48_000).unwrap();
            meter.add(sound).unwrap();
            meter.levels()
        };
        let levels = read(&tone(48_000, 5, 0.1));
        assert!(
            (levels.integrated.unwrap() + 20.0).abs() < 0.1,
            "{levels:?}"
        );
        assert!((levels.true_peak.unwrap() + 20.0).abs() < 0.1, "{levels:?}");
        assert_eq!(read(&tone(48_000, 5, 0.0)), Levels::default());
        assert_eq!(read(&tone(14_400, 1, 0.5)).integrated, None);
    }
}
