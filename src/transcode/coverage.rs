//! Was the whole film decoded? In: when packets and frames are shown. Out: how much of the film has packets but no
//! pictures. Counting alone does not tell: fields, hidden reference frames and frames before the first key all make
//! packets without a frame of their own.

use crate::units::Millis;

/// Frames may be this far apart although there are packets between them: reordering, hidden frames, a skipped field.
const TOLERANCE: i64 = 500_000;

/// Times in microseconds, in any order.
#[derive(Debug, Default)]
pub struct Coverage {
    packets: Vec<i64>,
    frames: Vec<i64>,
}

impl Coverage {
    /// A packet that would be shown at this time.
    pub fn packet(&mut self, micros: i64) {
        self.packets.push(micros);
    }

    /// A frame that came out.
    pub fn frame(&mut self, micros: i64) {
        self.frames.push(micros);
    }

    /// Time that has packets but no frames, holes shorter than half a second left aside.
    pub fn lost(mut self) -> Millis {
        self.packets.sort_unstable();
        self.frames.sort_unstable();
        let (Some(start), Some(end)) = (self.packets.first(), self.packets.last()) else {
            return Millis(0);
        };
        let mut edges = vec![*start];
        edges.extend(&self.frames);
        edges.push(*end);
        let holes = edges
            .windows(2)
            .filter(|pair| pair[1] - pair[0] > TOLERANCE);
        let lost: i64 = holes
            .filter(|pair| self.has_packets_between(pair[0], pair[1]))
            .map(|pair| pair[1] - pair[0])
            .sum();
        Millis(u64::try_from(lost / 1000).unwrap_or(0))
    }

    // A slide that stands for ten seconds is a hole without packets, and no loss.
    fn has_packets_between(&self, start: i64, end: i64) -> bool {
        let after = self.packets.partition_point(|packet| *packet <= start);
        self.packets.get(after).is_some_and(|packet| *packet < end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lost(packets: impl Iterator<Item = i64>, frames: impl Iterator<Item = i64>) -> u64 {
        let mut coverage = Coverage::default();
        packets.for_each(|ms| coverage.packet(ms * 1000));
        frames.for_each(|ms| coverage.frame(ms * 1000));
        coverage.lost().0
    }

    #[test]
    fn fields_and_hidden_frames_are_no_loss() {
        let fields = || (0..200).map(|i| i * 20);
        assert_eq!(lost(fields(), fields().step_by(2)), 0);
    }

    #[test]
    fn a_hole_a_missing_start_and_a_missing_end_are() {
        let frames = || (0..100).map(|i| i * 40);
        assert_eq!(
            lost(frames(), frames().filter(|t| !(1000..2000).contains(t))),
            1040
        );
        assert_eq!(lost(frames(), frames().skip(50)), 2000);
        assert_eq!(lost(frames(), frames().take(50)), 2000);
        assert_eq!(lost(frames(), std::iter::empty()), 3960);
    }

    #[test]
    fn a_slide_that_stands_for_ten_seconds_is_none() {
        assert_eq!(
            lost(
                [0, 10_000, 20_000].into_iter(),
                [0, 10_000, 20_000].into_iter()
            ),
            0
        );
        assert_eq!(lost(std::iter::empty(), std::iter::empty()), 0);
    }
}
