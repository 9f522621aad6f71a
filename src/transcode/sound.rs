//! Sound on the film's clock. In: runs of samples with the time they belong to. Out: where silence is filled in and
//! what is left out, so that sound never drifts from the picture and ends with it.

use crate::av::AudioSamples;
use crate::probe::quality::Side;

/// Sound may stray this many samples from its time stamps before it is moved: 40 ms at 48 kHz, below what people notice
/// (EBU R37) and above the jitter of containers that count in milliseconds.
const TOLERANCE: u64 = 1920;
/// A stray that lasts is moved from half of that on …
const LASTING: u64 = TOLERANCE / 2;
/// … when it has lasted for this many samples: half a second.
const LASTS: i64 = 24_000;

/// Puts samples in their place.
#[derive(Debug)]
pub struct Timeline {
    total: u64,
    next: u64,
    // Samples in a row that strayed to the same side; negative where they came too early.
    strayed: i64,
}

impl Timeline {
    /// A film of this many samples.
    pub fn new(total: u64) -> Self {
        Timeline {
            total,
            next: 0,
            strayed: 0,
        }
    }

    /// What to write for a run of samples that belongs at `at` (none: right behind the last one).
    pub fn place(&mut self, at: Option<i64>, mut run: AudioSamples) -> AudioSamples {
        let next = i64::try_from(self.next).unwrap_or(i64::MAX);
        let gap = at.map_or(0, |at| at.saturating_sub(next));
        let moves = at.is_some() && self.is_off(gap, run.left.len());
        if moves && gap < 0 {
            let skip = usize::try_from(gap.unsigned_abs())
                .unwrap_or(usize::MAX)
                .min(run.left.len());
            run.left.drain(..skip);
            run.right.drain(..skip);
        } else if moves && !run.left.is_empty() {
            run = behind_silence(self.clip(gap.unsigned_abs()), &run);
        }
        let keep = self.clip(run.left.len() as u64);
        run.left.truncate(keep);
        run.right.truncate(keep);
        self.next += keep as u64;
        run
    }

    /// Whether a run of so many samples that is `gap` samples late has to be moved.
    fn is_off(&mut self, gap: i64, samples: usize) -> bool {
        let stray = gap.unsigned_abs();
        if stray <= LASTING || gap.signum() != self.strayed.signum() {
            self.strayed = 0;
        }
        // The very start is exact: there is nothing yet to stay smooth with.
        if self.next == 0 || stray > TOLERANCE {
            self.strayed = 0;
            return gap != 0;
        }
        if stray > LASTING {
            self.strayed += gap.signum() * i64::try_from(samples).unwrap_or(i64::MAX / 2);
        }
        let lasted = self.strayed.abs() > LASTS;
        if lasted {
            self.strayed = 0;
        }
        lasted
    }

    /// Silence up to the end of the film, at most `most` samples at a time; empty when it is complete.
    pub fn silence(&mut self, most: usize) -> AudioSamples {
        let count = self.clip(most as u64);
        self.next += count as u64;
        AudioSamples {
            left: vec![0.0; count],
            right: vec![0.0; count],
        }
    }

    fn clip(&self, samples: u64) -> usize {
        usize::try_from(samples.min(self.total - self.next)).unwrap_or(usize::MAX)
    }
}

/// The sound of one side on both.
pub fn both_from(side: Side, mut run: AudioSamples) -> AudioSamples {
    match side {
        Side::Left => run.right.clone_from(&run.left),
        Side::Right => run.left.clone_from(&run.right),
    }
    run
}

fn behind_silence(count: usize, run: &AudioSamples) -> AudioSamples {
    let pad = |plane: &[f32]| [&vec![0.0; count], plane].concat();
    AudioSamples {
        left: pad(&run.left),
        right: pad(&run.right),
    }
}

/// Cuts runs of any length into frames of one length, as encoders want them.
#[derive(Debug, Default)]
pub struct Framer {
    held: AudioSamples,
}

impl Framer {
    /// Adds samples and takes out as many whole frames of `length` as there are.
    pub fn push(&mut self, run: &AudioSamples, length: usize) -> Vec<AudioSamples> {
        self.held.left.extend_from_slice(&run.left);
        self.held.right.extend_from_slice(&run.right);
        let whole = self.held.left.len() / length * length;
        let cut = |plane: &mut Vec<f32>| plane.drain(..whole).collect::<Vec<_>>();
        let (left, right) = (cut(&mut self.held.left), cut(&mut self.held.right));
        let frames = left.chunks(length).zip(right.chunks(length));
        frames
            .map(|(l, r)| AudioSamples {
                left: l.to_vec(),
                right: r.to_vec(),
            })
            .collect()
    }

    /// The last, shorter frame, filled with silence to `length`; none where nothing is left.
    pub fn finish(mut self, length: usize) -> Option<AudioSamples> {
        if self.held.left.is_empty() {
            return None;
        }
        self.held.left.resize(length, 0.0);
        self.held.right.resize(length, 0.0);
        Some(self.held)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(count: usize) -> AudioSamples {
        AudioSamples {
            left: vec![0.5; count],
            right: vec![0.5; count],
        }
    }

    /// Samples written, and how many of them are silence.
    fn shape(run: &AudioSamples) -> (usize, usize) {
        (
            run.left.len(),
            run.left.iter().filter(|s| **s == 0.0).count(),
        )
    }

    #[test]
    fn a_late_start_is_filled_to_the_sample() {
        let mut film = Timeline::new(10_000);
        assert_eq!(shape(&film.place(Some(100), tone(50))), (150, 100));
    }

    #[test]
    fn jitter_is_left_alone_and_a_gap_is_filled() {
        let mut film = Timeline::new(100_000);
        film.place(Some(0), tone(1000));
        assert_eq!(shape(&film.place(Some(1500), tone(1000))), (1000, 0));
        assert_eq!(
            shape(&film.place(Some(12_000), tone(1000))),
            (11_000, 10_000)
        );
    }

    #[test]
    fn what_is_thirty_milliseconds_off_for_long_is_moved_and_jitter_is_not() {
        let mut film = Timeline::new(1_000_000);
        film.place(Some(0), tone(1000));
        let lengths: Vec<usize> = (1..60)
            .map(|run| film.place(Some(run * 1000 + 1440), tone(1000)).left.len())
            .collect();
        assert_eq!(lengths.iter().filter(|l| **l == 2440).count(), 1);
        assert_eq!(lengths.iter().position(|l| *l == 2440), Some(24));
        let mut film = Timeline::new(1_000_000);
        film.place(Some(0), tone(1000));
        for run in 1..200 {
            let late = if run % 2 == 0 { 1440 } else { -1440 };
            assert_eq!(
                film.place(Some(run * 1000 + late), tone(1000)).left.len(),
                1000
            );
        }
    }

    #[test]
    fn one_side_goes_to_both() {
        let run = AudioSamples {
            left: vec![0.1, 0.2],
            right: vec![0.0, 0.3],
        };
        assert_eq!(both_from(Side::Left, run.clone()).right, [0.1, 0.2]);
        assert_eq!(both_from(Side::Right, run).left, [0.0, 0.3]);
    }

    #[test]
    fn what_comes_twice_is_left_out() {
        let mut film = Timeline::new(100_000);
        film.place(Some(0), tone(10_000));
        assert_eq!(shape(&film.place(Some(5000), tone(6000))), (1000, 0));
        let mut early = Timeline::new(100_000);
        assert_eq!(shape(&early.place(Some(-1024), tone(2048))), (1024, 0));
    }

    #[test]
    fn sound_ends_with_the_picture() {
        let mut film = Timeline::new(1500);
        assert_eq!(shape(&film.place(Some(0), tone(1000))), (1000, 0));
        assert_eq!(shape(&film.place(Some(1000), tone(1000))), (500, 0));
        assert_eq!(shape(&film.silence(100)), (0, 0));
        let mut short = Timeline::new(150);
        assert_eq!(shape(&short.silence(100)), (100, 100));
        assert_eq!(shape(&short.silence(100)), (50, 50));
    }

    #[test]
    fn a_hostile_time_stamp_cannot_fill_more_than_the_film() {
        let mut film = Timeline::new(2000);
        assert_eq!(shape(&film.place(Some(i64::MAX), tone(10))), (2000, 2000));
        let mut film = Timeline::new(2000);
        assert_eq!(shape(&film.place(Some(i64::MIN), tone(10))), (0, 0));
    }

    #[test]
    fn frames_have_one_length_and_lose_nothing() {
        let mut framer = Framer::default();
        assert_eq!(framer.push(&tone(1500), 1024).len(), 1);
        assert_eq!(framer.push(&tone(600), 1024).len(), 1);
        let last = framer.finish(1024).unwrap();
        assert_eq!(shape(&last), (1024, 1024 - 52));
        assert_eq!(Framer::default().finish(1024), None);
    }
}
