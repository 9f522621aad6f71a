//! Measuring the sound while it is decoded. In: decoded runs of samples, in order. Out: [`Heard`]: loudness, peaks, and
//! what a person looks at before believing a finding. Holds a tenth of a second's peak each, never the sound itself.

use ebur128::{EbuR128, Mode};

use super::Millis;
use super::evidence::CURVE_POINTS;
use super::quality::{SoundQuality, Stretch};
use crate::av::Frame;

/// Channels of one track beyond which nothing is measured.
const MAX_CHANNELS: usize = 16;
/// Length of a step in which peaks are kept.
const STEP_MS: u64 = 100;
/// Steps that are kept: twelve hours.
const MAX_STEPS: usize = 12 * 3600 * 10;
/// A time stamp that is off by more than this means a gap.
const GAP_MS: u64 = 200;
/// Below this peak, -60 dBFS, nothing is heard.
const SILENCE: f32 = 0.001;
/// Silence of fewer steps is a pause.
const SILENT_STEPS: usize = 30;
/// A sample this close to full scale counts as clipped …
const FULL_SCALE: f32 = 0.999;
/// … where so many follow each other.
const CLIPPED_RUN: u32 = 3;
/// Places that are remembered by their time.
const MAX_PLACES: usize = 5;
/// Stretches that are remembered.
const MAX_STRETCHES: usize = 200;
/// Loudness below this is no loudness: the absolute gate of BS.1770.
const GATE_LUFS: f64 = -70.0;

/// What was measured on the sound.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Heard {
    pub(super) quality: SoundQuality,
    pub(super) loudness_lufs: Option<f64>,
    pub(super) true_peak_dbtp: Option<f64>,
    pub(super) waveform: Vec<u8>,
    pub(super) loudness: Vec<Option<f32>>,
}

/// Measures as the samples come.
pub(super) struct SoundMeter {
    loudness: Option<EbuR128>,
    shape: (usize, u32),
    channels: Vec<Channel>,
    products: f64,
    peaks: Vec<f32>,
    /// Short-term loudness at the end of each second.
    short_term: Vec<Option<f32>>,
    position: u64,
    scratch: Vec<Vec<f32>>,
    clipped: u64,
    clipped_at: Vec<Millis>,
    damaged: u64,
}

#[derive(Clone, Default)]
struct Channel {
    squares: f64,
    samples: u64,
    run: u32,
    true_peak: f64,
}

impl SoundMeter {
    pub(super) fn new() -> Self {
        SoundMeter {
            loudness: None,
            shape: (0, 0),
            channels: Vec::new(),
            products: 0.0,
            peaks: Vec::new(),
            short_term: Vec::new(),
            position: 0,
            scratch: Vec::new(),
            clipped: 0,
            clipped_at: Vec::new(),
            damaged: 0,
        }
    }

    /// A packet could not be decoded.
    pub(super) fn damaged(&mut self) {
        self.damaged += 1;
    }

    /// The next samples; `time` is when they are heard, where that is known.
    pub(super) fn hear(&mut self, frame: &Frame, rate: u32, time: Option<Millis>) {
        let mut samples = std::mem::take(&mut self.scratch);
        if rate > 0 && frame.channels_into(&mut samples) {
            self.add(&samples, rate, time);
        }
        self.scratch = samples;
    }

    fn add(&mut self, samples: &[Vec<f32>], rate: u32, time: Option<Millis>) {
        if samples.is_empty() || samples.len() > MAX_CHANNELS {
            return;
        }
        self.fit((samples.len(), rate));
        let per_second = u64::from(rate);
        let here = self.position * 1000 / per_second;
        if let Some(time) = time.filter(|time| time.0.abs_diff(here) > GAP_MS) {
            self.position = time.0 * per_second / 1000;
        }
        for (index, channel) in samples.iter().enumerate() {
            self.measure(index, channel, per_second);
        }
        if let [left, right, ..] = samples {
            let product = |(l, r): (&f32, &f32)| f64::from(*l) * f64::from(*r);
            self.products += left.iter().zip(right).map(product).sum::<f64>();
        }
        let planes: Vec<&[f32]> = samples.iter().map(Vec::as_slice).collect();
        if let Some(meter) = &mut self.loudness
            && meter.add_frames_planar_f32(&planes).is_err()
        {
            self.loudness = None;
        }
        self.position += samples[0].len() as u64;
        self.note_short_term(per_second);
    }

    /// The meter follows a track that changes its channels or its rate on the way.
    fn fit(&mut self, shape: (usize, u32)) {
        if self.shape == shape {
            return;
        }
        let channels = u32::try_from(shape.0).unwrap_or(u32::MAX);
        self.keep_true_peaks();
        if let Some(meter) = &mut self.loudness {
            if meter.change_parameters(channels, shape.1).is_err() {
                self.loudness = None;
            }
        } else {
            let mode = Mode::I | Mode::LRA | Mode::S | Mode::TRUE_PEAK | Mode::HISTOGRAM;
            self.loudness = EbuR128::new(channels, shape.1, mode).ok();
        }
        if self.shape.1 > 0 {
            self.position = self.position * u64::from(shape.1) / u64::from(self.shape.1);
        }
        self.shape = shape;
        self.channels.resize(shape.0, Channel::default());
    }

    fn measure(&mut self, index: usize, samples: &[f32], per_second: u64) {
        let step = (per_second * STEP_MS / 1000).max(1);
        let channel = &mut self.channels[index];
        let mut at = 0;
        while at < samples.len() {
            let position = self.position + at as u64;
            let left = usize::try_from(step - position % step).unwrap_or(1);
            let piece = &samples[at..(at + left).min(samples.len())];
            let (mut squares, mut peak) = (0.0_f32, 0.0_f32);
            for sample in piece {
                squares += sample * sample;
                peak = peak.max(sample.abs());
            }
            channel.squares += f64::from(squares);
            let bucket = usize::try_from(position / step).unwrap_or(usize::MAX);
            if bucket < MAX_STEPS {
                if self.peaks.len() <= bucket {
                    self.peaks.resize(bucket + 1, 0.0);
                }
                self.peaks[bucket] = self.peaks[bucket].max(peak);
            }
            if peak >= FULL_SCALE {
                for (offset, sample) in piece.iter().enumerate() {
                    channel.run = if sample.abs() >= FULL_SCALE {
                        channel.run + 1
                    } else {
                        0
                    };
                    if channel.run == CLIPPED_RUN {
                        self.clipped += 1;
                        if self.clipped_at.len() < MAX_PLACES {
                            let when = (position + offset as u64) * 1000 / per_second;
                            self.clipped_at.push(Millis(when));
                        }
                    }
                }
            } else {
                channel.run = 0;
            }
            at += piece.len();
        }
        channel.samples += samples.len() as u64;
    }

    fn note_short_term(&mut self, per_second: u64) {
        let seconds = usize::try_from(self.position / per_second).unwrap_or(0);
        if self.short_term.len() >= seconds || seconds > MAX_STEPS {
            return;
        }
        let now = self
            .loudness
            .as_ref()
            .and_then(|m| m.loudness_shortterm().ok());
        #[expect(clippy::cast_possible_truncation, reason = "a curve on the screen")]
        let now = now.filter(|l| *l >= GATE_LUFS).map(|l| l as f32);
        self.short_term.resize(seconds, now);
    }

    fn keep_true_peaks(&mut self) {
        let Some(meter) = &self.loudness else { return };
        for (index, channel) in (0..).zip(&mut self.channels) {
            channel.true_peak = channel.true_peak.max(meter.true_peak(index).unwrap_or(0.0));
        }
    }

    /// What was measured; none where nothing was heard at all.
    pub(super) fn finish(mut self) -> Option<Heard> {
        let rate = self.shape.1;
        if self.position == 0 || rate == 0 {
            return None;
        }
        self.keep_true_peaks();
        let end = Millis(self.position * 1000 / u64::from(rate));
        let finite = |value: f64| Some(value).filter(|v| v.is_finite() && *v >= GATE_LUFS);
        let meter = self.loudness.as_ref();
        let loudness = meter
            .and_then(|m| m.loudness_global().ok())
            .and_then(finite);
        let range = meter.and_then(|m| m.loudness_range().ok());
        let peak = self
            .channels
            .iter()
            .map(|c| c.true_peak)
            .fold(0.0, f64::max);
        let points = self.peaks.len().min(CURVE_POINTS);
        Some(Heard {
            quality: SoundQuality {
                loudness_range_lu: range.filter(|_| loudness.is_some()),
                silent: silent(&self.peaks, end),
                clipped: self.clipped,
                clipped_at: in_order(self.clipped_at),
                channel_levels_dbfs: self.channels.iter().map(Channel::level).collect(),
                correlation: correlation(&self.channels, self.products),
                damaged: self.damaged,
            },
            loudness_lufs: loudness,
            true_peak_dbtp: (meter.is_some() && peak > 0.0).then(|| 20.0 * peak.log10()),
            waveform: (0..points)
                .map(|i| percent(&self.peaks, i, points))
                .collect(),
            loudness: (0..points)
                .map(|i| nearest(&self.short_term, i, points))
                .collect(),
        })
    }
}

impl Channel {
    fn level(&self) -> Option<f64> {
        let mean = self.squares / self.samples.max(1) as f64;
        // Below the noise of 16 bits there is nothing.
        (mean > 1e-10).then(|| 10.0 * mean.log10())
    }
}

fn correlation(channels: &[Channel], products: f64) -> Option<f64> {
    let [left, right] = channels else { return None };
    let power = (left.squares * right.squares).sqrt();
    (left.level().is_some() && right.level().is_some()).then(|| (products / power).clamp(-1.0, 1.0))
}

fn in_order(mut times: Vec<Millis>) -> Vec<Millis> {
    times.sort_unstable();
    times
}

fn silent(peaks: &[f32], end: Millis) -> Vec<Stretch> {
    let mut found = Vec::new();
    let mut start = 0;
    for at in 0..=peaks.len() {
        if at < peaks.len() && peaks[at] < SILENCE {
            continue;
        }
        if at - start >= SILENT_STEPS && found.len() < MAX_STRETCHES {
            let to = (at as u64 * STEP_MS).min(end.0);
            found.push(Stretch {
                from_ms: Millis(start as u64 * STEP_MS),
                to_ms: Millis(to),
            });
        }
        start = at + 1;
    }
    found
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 0 and 100"
)]
fn percent(peaks: &[f32], point: usize, points: usize) -> u8 {
    let of = |point: usize| point * peaks.len() / points;
    let peak = peaks[of(point)..of(point + 1)]
        .iter()
        .copied()
        .fold(0.0, f32::max);
    (peak.clamp(0.0, 1.0) * 100.0).round() as u8
}

fn nearest(curve: &[Option<f32>], point: usize, points: usize) -> Option<f32> {
    curve.get(point * curve.len() / points).copied().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: u32 = 48_000;

    fn tone(seconds: usize, amplitude: f32) -> Vec<f32> {
        (0..seconds * RATE as usize)
            .map(|i| amplitude * (i as f32 * 997.0 * std::f32::consts::TAU / RATE as f32).sin())
            .collect()
    }

    fn heard(channels: &[Vec<f32>]) -> Heard {
        let mut meter = SoundMeter::new();
        let length = channels[0].len();
        for at in (0..length).step_by(1024) {
            let piece: Vec<Vec<f32>> = channels
                .iter()
                .map(|c| c[at..(at + 1024).min(length)].to_vec())
                .collect();
            meter.add(&piece, RATE, None);
        }
        meter.finish().unwrap()
    }

    #[test]
    fn a_tone_of_minus_20_in_both_ears_is_minus_20_lufs() {
        let amplitude = 10_f32.powf(-20.0 / 20.0);
        let heard = heard(&[tone(10, amplitude), tone(10, amplitude)]);
        assert!(
            (heard.loudness_lufs.unwrap() + 20.0).abs() < 0.1,
            "{heard:?}"
        );
        assert!((heard.true_peak_dbtp.unwrap() + 20.0).abs() < 0.1);
        assert!(heard.quality.loudness_range_lu.unwrap() < 0.5);
        assert!(heard.quality.correlation.unwrap() > 0.999);
        assert_eq!((heard.quality.clipped, heard.waveform.len()), (0, 100));
        assert!(heard.loudness[50].is_some() && heard.waveform[50] == 10);
    }

    #[test]
    fn silence_clipping_and_an_empty_ear_are_told_apart() {
        let mut left = tone(2, 0.5);
        left.extend(vec![0.0; 4 * RATE as usize]);
        left.extend(tone(2, 3.0).iter().map(|s| s.clamp(-1.0, 1.0)));
        let right = vec![0.0; left.len()];
        let heard = heard(&[left, right]).quality;
        assert_eq!(heard.silent.len(), 1);
        assert_eq!(heard.silent[0].from_ms, Millis(2000));
        assert_eq!(heard.silent[0].to_ms, Millis(6000));
        assert!(heard.clipped > 1000, "{}", heard.clipped);
        assert!((6000..6010).contains(&heard.clipped_at[0].0));
        assert!(heard.channel_levels_dbfs[0].is_some() && heard.channel_levels_dbfs[1].is_none());
        assert_eq!(heard.correlation, None);
    }

    #[test]
    fn nothing_but_silence_has_no_loudness() {
        let heard = heard(&[vec![0.0; 5 * RATE as usize]]);
        assert_eq!((heard.loudness_lufs, heard.true_peak_dbtp), (None, None));
        assert_eq!(heard.quality.silent.len(), 1);
    }
}
