//! Whole frames or fields. In: three frames that follow each other. Out: which of their lines fit together.
//!
//! The lines between those of a frame are guessed from its own lines, from the frame before and from the one after. In a
//! film of whole frames its own lines fit best; in one of fields, the lines of the field that is nearer in time do. The
//! thresholds are those that broadcasters' tools use for the same comparison.

use super::Plane;
use crate::probe::quality::Fields;
use crate::probe::sampler::Sample;

/// Most frames that are compared.
const MOST: u64 = 120;
/// Of a stretch of frames that follow each other, so many are.
const A_STRETCH: u64 = 4;
/// So many groups of them.
pub(super) const GROUPS: u64 = MOST / A_STRETCH;
/// A film that is decoded as a whole is one stretch: after so many frames another group is compared.
pub(super) const SHORTEST_PAUSE: u64 = 12;
/// Pairs of lines are compared in steps of this many lines.
const STEP: usize = 8;
/// One field fits better than the other if its difference is smaller by this much, in hundredths …
const BETTER: u64 = 110;
/// … and then fits about as well as the frame's own lines do, which are as far away in time; in hundredths.
const AS_WELL: u64 = 130;
/// Something moves if the neighbouring frame fits worse than the frame itself by this much, in hundredths.
const MOVES: u64 = 150;

/// A field is there twice if the other one changed this many times as much …
const REPEATS: u64 = 3;
/// … and by so much a pixel on the whole, in hundredths: more than the noise of a codec.
const CHANGES: u64 = 100;

/// Counts.
pub(super) struct FieldOrder {
    pause: u64,
    before: Vec<Plane>,
    compared: u64,
    in_this_stretch: u64,
    count: Fields,
}

impl FieldOrder {
    pub(super) fn new(pause: u64) -> Self {
        FieldOrder {
            pause,
            before: Vec::new(),
            compared: 0,
            in_this_stretch: 0,
            count: Fields::default(),
        }
    }

    pub(super) fn see(&mut self, sample: &Sample<'_>) {
        if self.compared >= MOST {
            self.before.clear();
            return;
        }
        if !sample.consecutive {
            self.before.clear();
            self.in_this_stretch = 0;
        }
        if self.in_this_stretch >= A_STRETCH {
            self.in_this_stretch = (self.in_this_stretch + 1) % (A_STRETCH + self.pause);
            self.before.clear();
            return;
        }
        self.before.extend(Plane::of(sample.frame, 1));
        let mut planes = std::mem::take(&mut self.before);
        if let [before, here, after] = planes.as_slice() {
            self.compare(before, here, after);
            planes.remove(0);
        }
        self.before = planes;
    }

    fn compare(&mut self, before: &Plane, here: &Plane, after: &Plane) {
        self.compared += 1;
        self.in_this_stretch += 1;
        let (mut fields, mut own) = ([0_u64; 2], 0_u64);
        let (mut changed, mut pixels) = ([0_u64; 2], 0);
        for y in 2..here.height().saturating_sub(3) {
            if y % STEP >= 2 {
                continue;
            }
            let (above, below) = (here.row(y - 1), here.row(y + 1));
            fields[y % 2] += misfit(above, before.row(y), below);
            fields[(y + 1) % 2] += misfit(above, after.row(y), below);
            own += misfit(above, here.row(y), below);
            changed[y % 2] += change(before.row(y), here.row(y));
            pixels += here.row(y).len() as u64 / 2;
        }
        let [even, odd] = fields;
        let in_fields = even.min(odd) * 100 <= own * AS_WELL;
        if in_fields && even * 100 > odd * BETTER {
            self.count.top_first += 1;
        } else if in_fields && odd * 100 > even * BETTER {
            self.count.bottom_first += 1;
        } else if even.min(odd) * 100 > own * MOVES {
            self.count.progressive += 1;
        }
        let [even, odd] = changed;
        if even.max(odd) * 100 < pixels * CHANGES {
            return;
        }
        if even * REPEATS < odd {
            self.count.top_repeated += 1;
        } else if odd * REPEATS < even {
            self.count.bottom_repeated += 1;
        }
    }

    pub(super) fn count(&self) -> Fields {
        self.count
    }
}

fn change(before: &[u8], here: &[u8]) -> u64 {
    let difference = |(b, h): (&u8, &u8)| u32::from(b.abs_diff(*h));
    let sum: u32 = before.iter().zip(here).map(difference).sum();
    u64::from(sum)
}

fn misfit(above: &[u8], line: &[u8], below: &[u8]) -> u64 {
    let difference = |((a, l), b): ((&u8, &u8), &u8)| {
        (i32::from(*a) + i32::from(*b) - 2 * i32::from(*l)).unsigned_abs()
    };
    let sum: u32 = above.iter().zip(line).zip(below).map(difference).sum();
    u64::from(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A bright bar that moves by `speed` pixels a field, sampled in fields or in whole frames.
    fn frame(index: usize, order: Option<usize>) -> Plane {
        Plane::made(320, 120, |x, y| {
            let field = match order {
                Some(first) => index * 2 + usize::from(y % 2 != first),
                None => index * 2,
            };
            let at = 20 + field * 6;
            #[expect(clippy::cast_possible_truncation, reason = "a test pattern")]
            let ground = 40 + ((x / 3) ^ (y / 3)) as u8 % 16;
            if (at..at + 60).contains(&x) {
                200
            } else {
                ground
            }
        })
    }

    fn counted(order: Option<usize>) -> Fields {
        let mut fields = FieldOrder::new(SHORTEST_PAUSE);
        for index in 1..12 {
            fields.compare(
                &frame(index - 1, order),
                &frame(index, order),
                &frame(index + 1, order),
            );
        }
        fields.count()
    }

    #[test]
    fn fields_are_told_from_frames_and_their_order_is_found() {
        use crate::probe::Scan;
        assert_eq!(counted(None).scan(), Some(Scan::Progressive));
        assert_eq!(counted(Some(0)).scan(), Some(Scan::TopFirst));
        assert_eq!(counted(Some(1)).scan(), Some(Scan::BottomFirst));
    }

    /// Film frames spread over fields, top first: 2 fields of one, 3 of the next.
    fn telecined(index: usize) -> Plane {
        // Fields A A B B B C C D D D of film frames, two a frame.
        let film = |field: usize| field / 5 * 2 + usize::from(field % 5 >= 2);
        let (top, bottom) = (film(index * 2), film(index * 2 + 1));
        let (top, bottom) = (frame(top, None), frame(bottom, None));
        Plane::made(320, 120, |x, y| {
            let from = if y % 2 == 0 { &top } else { &bottom };
            from.row(y)[x]
        })
    }

    #[test]
    fn pulldown_is_told_from_fields_of_a_camera() {
        use crate::probe::Scan;
        let mut fields = FieldOrder::new(SHORTEST_PAUSE);
        for index in 1..24 {
            fields.compare(
                &telecined(index - 1),
                &telecined(index),
                &telecined(index + 1),
            );
        }
        let count = fields.count();
        assert_eq!(count.pulldown(), Some(Scan::TopFirst), "{count:?}");
        for order in [None, Some(0), Some(1)] {
            assert_eq!(counted(order).pulldown(), None);
        }
    }

    #[test]
    fn a_picture_that_stands_still_says_nothing() {
        let mut fields = FieldOrder::new(SHORTEST_PAUSE);
        let still = frame(3, None);
        for _ in 0..20 {
            fields.compare(&still, &still, &still);
        }
        assert_eq!(fields.count(), Fields::default());
    }
}
