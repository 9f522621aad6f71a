//! Variable to constant frame rate. In: when each frame is shown. Out: how often it is repeated. Never loses the end,
//! never gives more or fewer frames than were promised.

use crate::units::FrameRate;

/// Deals out the slots of a constant frame rate to frames that come when they like.
#[derive(Debug, Clone)]
pub struct Clock {
    rate: FrameRate,
    total: u64,
    next: u64,
}

impl Clock {
    /// A clock for a film of `total` frames.
    pub fn new(rate: FrameRate, total: u64) -> Self {
        Clock {
            rate,
            total,
            next: 0,
        }
    }

    /// The slots of the frame that is on the screen until another one comes at `micros` from the start.
    pub fn until(&mut self, micros: i64) -> std::ops::Range<u64> {
        self.deal(self.rate.frame_at(micros))
    }

    /// The slots of the last frame: all that are left.
    pub fn rest(&mut self) -> std::ops::Range<u64> {
        self.deal(self.total)
    }

    /// How many slots were dealt out.
    pub fn position(&self) -> u64 {
        self.next
    }

    fn deal(&mut self, end: u64) -> std::ops::Range<u64> {
        let first = self.next;
        self.next = end.clamp(first, self.total.max(first));
        first..self.next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How often each of the frames at these times (in ms) is shown.
    fn dealt(rate: u32, total: u64, times: &[i64]) -> Vec<u64> {
        let mut clock = Clock::new(FrameRate::new(rate, 1).unwrap(), total);
        let mut counts: Vec<u64> = times[1..]
            .iter()
            .map(|t| clock.until(t * 1000))
            .map(|r| r.end - r.start)
            .collect();
        let rest = clock.rest();
        counts.push(rest.end - rest.start);
        counts
    }

    #[test]
    fn a_constant_rate_passes_through() {
        assert_eq!(dealt(25, 4, &[0, 40, 80, 120]), [1, 1, 1, 1]);
    }

    #[test]
    fn half_the_rate_doubles_and_twice_the_rate_drops() {
        assert_eq!(dealt(25, 4, &[0, 80]), [2, 2]);
        assert_eq!(dealt(25, 2, &[0, 20, 40, 60]), [1, 0, 1, 0]);
    }

    #[test]
    fn a_late_start_is_held_backwards_and_the_end_forwards() {
        assert_eq!(dealt(10, 10, &[300, 400]), [4, 6]);
    }

    #[test]
    fn time_that_runs_backwards_or_far_ahead_keeps_the_promise() {
        assert_eq!(dealt(25, 5, &[0, 80, 40, 100_000_000]), [2, 0, 3, 0]);
    }
}
