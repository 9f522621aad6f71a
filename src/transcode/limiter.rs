//! A true-peak limiter that looks ahead. In: stereo samples in order, a ceiling. Out: as many samples in the same places,
//! none of whose peaks, those between the samples included, is above the ceiling. Both sides get one gain; what needs none
//! comes out bit for bit. Never makes anything louder, and holds a few milliseconds only.

use std::collections::VecDeque;
use std::f64::consts::PI;

use crate::av::AudioSamples;
use crate::units::Millis;

/// The gain goes down over this time before a peak: long enough not to click, too short to be heard before it.
const LOOK_AHEAD_MS: u64 = 5;
/// The gain comes back by this time constant: slow enough not to follow a bass note's swing.
const RELEASE_MS: f64 = 120.0;
/// Points that a stretch between two samples is looked at (BS.1770 annex 2 asks for four times 48 kHz) …
const OVERSAMPLING: usize = 4;
/// … each computed from so many samples on either side.
const REACH: usize = 8;
const TAPS: usize = 2 * REACH;
/// Kept below the ceiling besides, in dB: two meters read the height between samples differently by as much.
const METERS_DIFFER_DB: f64 = 0.15;
/// Samples that are passed over together where none of them can come near the ceiling.
const BLOCK: usize = 64;
/// A gain this close to one is one.
const RECOVERED: f64 = 1.0 - 1e-5;
/// A gain above this, half a decibel down, does not count as time that was limited: the last bit comes back slowly.
const HEARD: f64 = 0.944;

/// What a limiter did.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Limited {
    /// The most that was taken off, in dB.
    pub(super) deepest_db: f64,
    /// How long more than half a decibel was taken off, all together.
    pub(super) time: Millis,
}

/// The limiter; one for each sound.
#[derive(Debug)]
pub(super) struct Limiter {
    sample_rate: u32,
    ceiling: f64,
    finder: PeakFinder,
    held: AudioSamples,
    /// The gain that each sample needs, as far as peaks are known, and where the first of them stands.
    smallest: Window,
    look_ahead: usize,
    release: f64,
    gain: f64,
    recent: VecDeque<f64>,
    sum: f64,
    // How many of the recent gains are one, without a break, up to now.
    ones: usize,
    // Gains of before the first sample, which are computed and belong to nothing.
    to_skip: usize,
    deepest: f64,
    touched: u64,
}

impl Limiter {
    /// A limiter whose output stays below `ceiling_dbtp`.
    pub(super) fn new(sample_rate: u32, ceiling_dbtp: f64) -> Self {
        let look_ahead = usize::try_from(u64::from(sample_rate) * LOOK_AHEAD_MS / 1000)
            .unwrap_or(240)
            .max(1);
        let ceiling = 10_f64.powf((ceiling_dbtp - METERS_DIFFER_DB) / 20.0);
        let mut limiter = Limiter {
            sample_rate,
            ceiling,
            finder: PeakFinder::new(ceiling),
            held: AudioSamples::default(),
            smallest: Window::new(look_ahead + 1),
            look_ahead,
            release: 1.0 - (-1000.0 / (RELEASE_MS * f64::from(sample_rate))).exp(),
            gain: 1.0,
            recent: VecDeque::from(vec![1.0; look_ahead + 1]),
            sum: (look_ahead + 1) as f64,
            ones: 0,
            to_skip: look_ahead,
            deepest: 1.0,
            touched: 0,
        };
        // A peak right at the start wants the gain to be down already.
        for _ in 0..look_ahead {
            limiter.smallest.push(1.0);
        }
        limiter
    }

    /// The next samples in, and out those whose future is known.
    pub(super) fn push(&mut self, run: &AudioSamples) -> AudioSamples {
        self.held.left.extend_from_slice(&run.left);
        self.held.right.extend_from_slice(&run.right);
        let peaks = self.finder.push(run);
        self.limit(&peaks)
    }

    /// The rest, and what was done.
    pub(super) fn finish(mut self) -> (AudioSamples, Limited) {
        let quiet = vec![0.0; self.look_ahead + TAPS];
        let quiet = AudioSamples {
            left: quiet.clone(),
            right: quiet,
        };
        let left = self.held.left.len();
        let peaks = self.finder.push(&quiet);
        self.held.left.resize(left + quiet.left.len(), 0.0);
        self.held.right.resize(left + quiet.left.len(), 0.0);
        let mut rest = self.limit(&peaks);
        rest.left.truncate(left);
        rest.right.truncate(left);
        let limited = Limited {
            deepest_db: -20.0 * self.deepest.log10(),
            time: Millis(self.touched * 1000 / u64::from(self.sample_rate.max(1))),
        };
        (rest, limited)
    }

    fn limit(&mut self, peaks: &[f64]) -> AudioSamples {
        let mut ready = 0;
        for peak in peaks {
            let needed = if *peak > self.ceiling {
                self.ceiling / peak
            } else {
                1.0
            };
            let Some(smallest) = self.smallest.push(needed) else {
                continue;
            };
            let gain = self.next_gain(smallest);
            if self.to_skip > 0 {
                self.to_skip -= 1;
                continue;
            }
            self.touched += u64::from(gain < HEARD);
            self.deepest = self.deepest.min(gain);
            #[expect(clippy::cast_possible_truncation, reason = "samples are f32")]
            let gain = gain as f32;
            self.held.left[ready] *= gain;
            self.held.right[ready] *= gain;
            ready += 1;
        }
        AudioSamples {
            left: self.held.left.drain(..ready).collect(),
            right: self.held.right.drain(..ready).collect(),
        }
    }

    // At once down to what the samples ahead need, slowly back; the mean over the look-ahead makes a ramp of the step.
    // Each gain under the mean is at most what its middle sample needs, and so is the mean.
    fn next_gain(&mut self, smallest: f64) -> f64 {
        let back = self.gain + (1.0 - self.gain) * self.release;
        let back = if back > RECOVERED { 1.0 } else { back };
        self.gain = smallest.min(back);
        self.recent.push_back(self.gain);
        let oldest = self.recent.pop_front().unwrap_or(1.0);
        self.sum += self.gain - oldest;
        self.ones = if self.gain < 1.0 { 0 } else { self.ones + 1 };
        // Nothing is left of earlier rounding once the gain is back.
        if self.ones >= self.recent.len() {
            self.sum = self.recent.len() as f64;
        }
        (self.sum / self.recent.len() as f64).min(1.0)
    }
}

/// The smallest of the last `length` values.
#[derive(Debug)]
struct Window {
    length: usize,
    pushed: usize,
    // Rising values, each with its number: what a later, smaller one made irrelevant is gone.
    rising: VecDeque<(usize, f64)>,
}

impl Window {
    fn new(length: usize) -> Self {
        Window {
            length,
            pushed: 0,
            rising: VecDeque::new(),
        }
    }

    /// None until as many values came as the window is long.
    fn push(&mut self, value: f64) -> Option<f64> {
        while self.rising.back().is_some_and(|(_, last)| *last >= value) {
            self.rising.pop_back();
        }
        self.rising.push_back((self.pushed, value));
        self.pushed += 1;
        let first = self.pushed.checked_sub(self.length)?;
        while self.rising.front().is_some_and(|(at, _)| *at < first) {
            self.rising.pop_front();
        }
        self.rising.front().map(|(_, smallest)| *smallest)
    }
}

/// Finds how high a sound gets at and beside each sample.
#[derive(Debug)]
struct PeakFinder {
    phases: [[f32; TAPS]; OVERSAMPLING - 1],
    /// No point between samples can be higher than the highest sample around it times this.
    most_gain: f64,
    ceiling: f64,
    left: Vec<f32>,
    right: Vec<f32>,
    before: f64,
}

impl PeakFinder {
    fn new(ceiling: f64) -> Self {
        let phases = std::array::from_fn(|phase| interpolator((phase + 1) as f64 / 4.0));
        let sums = phases
            .iter()
            .map(|taps| taps.iter().map(|t| f64::from(t.abs())).sum::<f64>());
        PeakFinder {
            most_gain: sums.fold(1.0, f64::max),
            phases,
            ceiling,
            left: vec![0.0; REACH - 1],
            right: vec![0.0; REACH - 1],
            before: 0.0,
        }
    }

    /// The highest of both sides at each sample and in the stretches before and behind it, for the samples whose
    /// neighbours are known. Where nothing comes near the ceiling, only that much is true.
    fn push(&mut self, run: &AudioSamples) -> Vec<f64> {
        self.left.extend_from_slice(&run.left);
        self.right.extend_from_slice(&run.right);
        let ready = self.left.len().saturating_sub(TAPS - 1);
        let mut peaks = Vec::with_capacity(ready);
        for start in (0..ready).step_by(BLOCK) {
            let end = (start + BLOCK).min(ready);
            let highest = highest(&self.left[start..end + TAPS - 1])
                .max(highest(&self.right[start..end + TAPS - 1]));
            let is_low = highest * self.most_gain <= self.ceiling;
            for at in start..end {
                let behind = if is_low {
                    highest
                } else {
                    self.around(&self.left[at..at + TAPS])
                        .max(self.around(&self.right[at..at + TAPS]))
                };
                peaks.push(behind.max(self.before));
                self.before = behind;
            }
        }
        self.left.drain(..ready);
        self.right.drain(..ready);
        peaks
    }

    /// The height of the middle sample and of the points up to the next one.
    fn around(&self, samples: &[f32]) -> f64 {
        let mut highest = samples[REACH - 1].abs();
        for taps in &self.phases {
            let point: f32 = taps.iter().zip(samples).map(|(t, s)| t * s).sum();
            highest = highest.max(point.abs());
        }
        f64::from(highest)
    }
}

fn highest(samples: &[f32]) -> f64 {
    f64::from(samples.iter().fold(0.0_f32, |most, s| most.max(s.abs())))
}

/// A windowed sinc that gives the value at `offset` behind the middle sample.
fn interpolator(offset: f64) -> [f32; TAPS] {
    let tap = |index: usize| {
        let distance = index as f64 - (REACH - 1) as f64 - offset;
        let sinc = (PI * distance).sin() / (PI * distance);
        let window = (PI * distance / (REACH as f64 + 0.5) / 2.0).cos();
        sinc * window * window
    };
    let sum: f64 = (0..TAPS).map(tap).sum();
    #[expect(clippy::cast_possible_truncation, reason = "taps are f32")]
    std::array::from_fn(|index| (tap(index) / sum) as f32)
}

#[cfg(test)]
mod tests {
    use ebur128::{EbuR128, Mode};

    use super::*;

    const RATE: u32 = 48_000;

    #[expect(clippy::cast_possible_truncation, reason = "samples are f32")]
    fn tone(hertz: f64, phase: f64, amplitude: f64, count: usize) -> Vec<f32> {
        (0..count)
            .map(|i| {
                let turns = hertz * i as f64 / f64::from(RATE) + phase;
                (amplitude * (turns * std::f64::consts::TAU).sin()) as f32
            })
            .collect()
    }

    /// In pieces of odd lengths, as they come from a queue.
    fn limited(left: &[f32], right: &[f32], ceiling: f64) -> (AudioSamples, Limited) {
        let mut limiter = Limiter::new(RATE, ceiling);
        let mut out = AudioSamples::default();
        let (mut at, mut piece) = (0, 1);
        while at < left.len() {
            let end = (at + piece).min(left.len());
            let run = AudioSamples {
                left: left[at..end].to_vec(),
                right: right[at..end].to_vec(),
            };
            let done = limiter.push(&run);
            out.left.extend(done.left);
            out.right.extend(done.right);
            (at, piece) = (end, piece * 3 % 4801 + 1);
        }
        let (rest, did) = limiter.finish();
        out.left.extend(rest.left);
        out.right.extend(rest.right);
        (out, did)
    }

    fn true_peak(samples: &AudioSamples) -> f64 {
        let mut meter = EbuR128::new(2, RATE, Mode::TRUE_PEAK).unwrap();
        meter
            .add_frames_planar_f32(&[&samples.left, &samples.right])
            .unwrap();
        let peak = meter.true_peak(0).unwrap().max(meter.true_peak(1).unwrap());
        20.0 * peak.log10()
    }

    #[test]
    fn what_is_below_the_ceiling_passes_bit_for_bit() {
        // From zero to zero: a step has peaks of its own.
        let left = tone(997.0, 0.0, 0.7, 48_000);
        let right = tone(3001.0, 0.0, 0.8, 48_000);
        let (out, did) = limited(&left, &right, -1.0);
        assert!(out.left == left && out.right == right);
        assert_eq!(did, Limited::default());
    }

    #[test]
    fn bursts_of_every_pitch_stay_below_the_ceiling_at_their_place() {
        let mut wrong = Vec::new();
        for hertz in [60.0, 440.0, 997.0, 5000.0, 12_000.0, 15_500.0, 18_000.0] {
            for phase in [0.0, 0.125, 0.3] {
                let mut left = vec![0.0; 4000];
                left.extend(tone(hertz, phase, 2.5, 9000));
                left.extend(vec![0.0; 4000]);
                let right = tone(440.0, 0.0, 0.2, left.len());
                let (out, did) = limited(&left, &right, -1.5);
                let peak = true_peak(&out);
                let in_place =
                    out.left.len() == left.len() && out.left[..4000].iter().all(|s| *s == 0.0);
                if !(-3.5..=-1.5).contains(&peak)
                    || !in_place
                    || !(8.0..14.0).contains(&did.deepest_db)
                {
                    wrong.push(format!(
                        "{hertz} Hz, phase {phase}: {peak:.2} dBTP, {did:?}"
                    ));
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn a_peak_between_two_samples_is_found() {
        // A quarter of the rate, an eighth of a turn late: no sample above 0.71, and peaks of 1 between them.
        let left = tone(12_000.0, 0.125, 1.0, 20_000);
        assert!(left.iter().all(|s| s.abs() < 0.72));
        let (out, _) = limited(&left, &left, -1.0);
        assert!(true_peak(&out) <= -0.95, "{}", true_peak(&out));
        assert!(out.left[10_000].abs() < left[10_000].abs() * 0.9);
    }

    #[test]
    fn a_peak_in_the_first_and_the_last_sample_is_limited() {
        let mut left = vec![0.0; 3000];
        (left[0], left[2999]) = (2.0, 2.0);
        let (out, _) = limited(&left, &left.clone(), -1.0);
        assert!(out.left[0] < 0.892 && out.left[0] > 0.8, "{}", out.left[0]);
        assert!(out.left[2999] < 0.892 && out.left[2999] > 0.8);
        assert_eq!(out.left.len(), 3000);
    }

    #[test]
    fn both_sides_are_turned_down_together_and_come_back() {
        let mut left = tone(440.0, 0.0, 0.3, 96_000);
        let right = left.clone();
        for (sample, burst) in left[10_000..12_000]
            .iter_mut()
            .zip(tone(700.0, 0.0, 2.0, 2000))
        {
            *sample += burst;
        }
        let (out, did) = limited(&left, &right, -1.0);
        let loudest = |samples: &[f32]| highest(samples);
        let quarter = loudest(&out.right[11_000..11_500]);
        assert!((0.1..0.2).contains(&quarter), "{quarter}");
        assert!(
            out.right[90_000..] == right[90_000..],
            "the gain does not come back"
        );
        assert!((40..1500).contains(&did.time.0), "{did:?}");
    }

    #[test]
    fn shorter_than_the_look_ahead_is_limited_all_the_same() {
        let (out, _) = limited(&[3.0, -3.0, 0.5], &[0.0, 0.0, 0.0], -1.0);
        assert_eq!(out.left.len(), 3);
        assert!(out.left.iter().all(|s| s.abs() < 0.9));
        let (out, did) = limited(&[], &[], -1.0);
        assert_eq!((out, did), (AudioSamples::default(), Limited::default()));
    }
}
