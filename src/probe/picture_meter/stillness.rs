//! Where a film is black, and where it stands still. In: quick looks, and the sizes of all packets. Out: stretches of a
//! second or longer. What lies between two samples that were not neighbours is claimed only where the packets between are
//! too small to hold anything new.

use super::Plane;
use crate::probe::quality::Stretch;
use crate::units::Millis;

/// Shorter stretches are not kept.
const SHORTEST: u64 = 1000;
/// Most stretches that are kept.
const MOST: usize = 200;
/// Brightness up to which a pixel is black: a tenth of the scale above black, as broadcasters measure it.
const BLACK: u8 = 38;
/// In a black picture, at most one pixel in so many is brighter …
const BRIGHT_ONE_IN: usize = 50;
/// … and at most one in so many is a light: a dark stage, or an audience with lamps, is not black.
const LIGHT_ONE_IN: usize = 2000;
/// A light is brighter than this.
const LIGHT: u8 = 70;
/// Two pictures are the same where no piece of so many pixels of a row …
const PIECE: usize = 64;
/// … differs by more than this in the mean …
const PIECE_DIFFERENCE: u32 = 12;
/// … and the whole by no more than one level in the mean …
const DIFFERENCE: u64 = 1;
/// … or this much, where a picture that is coded by itself follows one that is not: it flickers a little.
const FLICKER: u64 = 3;
/// Pixels for each byte of a packet that only says "as before".
const PIXELS_A_BYTE: u64 = 500;
/// Seconds of packet sizes that are kept: twelve hours.
const MOST_SECONDS: usize = 12 * 3600;

/// Follows black and still stretches.
#[derive(Default)]
pub(super) struct Stillness {
    packets: Packets,
    pixels: u64,
    last: Option<u64>,
    last_is_intra: bool,
    standing: Option<Standing>,
    black: Runs,
    frozen: Runs,
}

/// A picture that stands.
struct Standing {
    first: Plane,
    /// As it looks since it was last coded by itself.
    afresh: Option<Plane>,
}

impl Standing {
    /// Whether the next picture is the same. A flicker is measured against the first, so that many of them do not add up to
    /// another picture.
    fn goes_on(&mut self, next: &Plane, is_afresh: bool) -> bool {
        let now = self.afresh.as_ref().unwrap_or(&self.first);
        if is_same(now, next, DIFFERENCE) {
            return true;
        }
        let flickers = is_afresh && is_same(&self.first, next, FLICKER);
        if flickers {
            self.afresh = Some(next.clone());
        }
        flickers
    }
}

impl Stillness {
    pub(super) fn packet(&mut self, time: Millis, bytes: u64, key: bool) {
        self.packets.add(time, bytes, key);
    }

    /// The next picture has another size: nothing can be compared with it.
    pub(super) fn forget_picture(&mut self) {
        self.standing = None;
    }

    /// Looks at the next picture; says whether it is black.
    pub(super) fn see(
        &mut self,
        picture: Plane,
        time: Millis,
        (consecutive, is_intra): (bool, bool),
        pixels: u64,
    ) -> bool {
        self.pixels = pixels;
        let now = time.0;
        let joined = consecutive
            || self
                .last
                .is_some_and(|last| self.packets.are_small(last, now, pixels));
        self.last = Some(now);
        let black = is_black(&picture);
        self.black.next(black, joined, now);
        let is_afresh = is_intra && !self.last_is_intra;
        self.last_is_intra = is_intra;
        let standing = self.standing.as_mut().filter(|_| joined);
        if standing.is_some_and(|standing| standing.goes_on(&picture, is_afresh)) {
            self.frozen.next(true, true, now);
        } else {
            self.frozen.next(false, joined, now);
            self.frozen.next(true, false, now);
            self.standing = Some(Standing {
                first: picture,
                afresh: None,
            });
        }
        black
    }

    /// Black stretches and still ones.
    pub(super) fn finish(mut self, end: Millis, every_frame: bool) -> (Vec<Stretch>, Vec<Stretch>) {
        let reaches_end = every_frame
            || self
                .last
                .is_some_and(|last| self.packets.are_small(last, end.0, self.pixels));
        for runs in [&mut self.black, &mut self.frozen] {
            runs.next(false, reaches_end, end.0);
        }
        (self.black.found, self.frozen.found)
    }
}

fn is_black(picture: &Plane) -> bool {
    let brighter = |than: u8| picture.pixels().iter().filter(|p| **p > than).count();
    let all = picture.pixels().len();
    brighter(BLACK) * BRIGHT_ONE_IN <= all && brighter(LIGHT) * LIGHT_ONE_IN <= all
}

fn is_same(one: &Plane, other: &Plane, most: u64) -> bool {
    if one.pixels().len() != other.pixels().len() {
        return false;
    }
    let mut all = 0_u64;
    for (a, b) in one.pixels().chunks(PIECE).zip(other.pixels().chunks(PIECE)) {
        let difference: u32 = a
            .iter()
            .zip(b)
            .map(|(x, y)| u32::from(x.abs_diff(*y)))
            .sum();
        if difference > PIECE_DIFFERENCE * u32::try_from(PIECE).unwrap_or(u32::MAX) {
            return false;
        }
        all += u64::from(difference);
    }
    all <= most * one.pixels().len() as u64
}

/// Stretches of time in which something holds.
#[derive(Default)]
struct Runs {
    open: Option<Stretch>,
    found: Vec<Stretch>,
}

impl Runs {
    /// `joined`: nothing else was between this moment and the one before.
    fn next(&mut self, holds: bool, joined: bool, now: u64) {
        if let Some(open) = &mut self.open
            && joined
        {
            open.to_ms = Millis(now);
        }
        if !(holds && joined) {
            let done = self.open.take().filter(|open| open.length().0 >= SHORTEST);
            if let Some(done) = done.filter(|_| self.found.len() < MOST) {
                self.found.push(done);
            }
        }
        if holds && self.open.is_none() {
            self.open = Some(Stretch {
                from_ms: Millis(now),
                to_ms: Millis(now),
            });
        }
    }
}

/// Sizes of packets, second by second.
#[derive(Default)]
struct Packets {
    seconds: Vec<Second>,
}

#[derive(Clone, Copy, Default)]
struct Second {
    largest_between: u64,
    largest_key: u64,
    smallest_key: u64,
}

impl Packets {
    fn add(&mut self, time: Millis, bytes: u64, key: bool) {
        let second = usize::try_from(time.0 / 1000).unwrap_or(usize::MAX);
        if second >= MOST_SECONDS {
            return;
        }
        if self.seconds.len() <= second {
            self.seconds.resize(second + 1, Second::default());
        }
        let known = &mut self.seconds[second];
        if key {
            known.smallest_key = if known.largest_key == 0 {
                bytes
            } else {
                known.smallest_key.min(bytes)
            };
            known.largest_key = known.largest_key.max(bytes);
        } else {
            known.largest_between = known.largest_between.max(bytes);
        }
    }

    /// Whether nothing between two moments can have changed the picture for long: packets of "as before" only, or, where
    /// every frame is a key frame, all of the same size.
    fn are_small(&self, from: u64, to: u64, pixels: u64) -> bool {
        let second = |ms: u64| usize::try_from(ms / 1000).unwrap_or(usize::MAX);
        let (first, last) = (
            second(from),
            second(to).min(self.seconds.len().saturating_sub(1)),
        );
        let Some(between) = self.seconds.get(first..=last) else {
            return false;
        };
        let small = (pixels / PIXELS_A_BYTE).max(64);
        between.iter().all(|s| {
            let alike = s.largest_key - s.smallest_key <= s.largest_key / 50;
            s.largest_between <= small && (s.largest_between > 0 || alike)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flat(level: u8) -> Plane {
        Plane::made(320, 40, |_, _| level)
    }

    fn scene(shift: usize) -> Plane {
        #[expect(clippy::cast_possible_truncation, reason = "a test pattern")]
        Plane::made(320, 40, |x, y| ((x + shift) * 7 + y * 3) as u8)
    }

    fn seen(pictures: &[(u64, bool, Plane)], end: u64) -> (Vec<Stretch>, Vec<Stretch>) {
        let mut stillness = Stillness::default();
        for (time, consecutive, picture) in pictures {
            stillness.see(
                picture.clone(),
                Millis(*time),
                (*consecutive, false),
                100_000,
            );
        }
        stillness.finish(Millis(end), true)
    }

    fn times(stretches: &[Stretch]) -> Vec<(u64, u64)> {
        stretches.iter().map(|s| (s.from_ms.0, s.to_ms.0)).collect()
    }

    #[test]
    fn black_lasts_until_the_next_picture() {
        let (black, frozen) = seen(
            &[
                (0, false, scene(0)),
                (500, true, flat(16)),
                (2000, true, flat(16)),
                (2500, true, scene(1)),
                (3000, true, scene(2)),
            ],
            3500,
        );
        assert_eq!(times(&black), [(500, 2500)]);
        assert_eq!(times(&frozen), [(500, 2500)]);
    }

    #[test]
    fn a_moving_picture_does_not_stand_still_and_a_dark_one_with_a_light_is_not_black() {
        let moving: Vec<_> = (0..50)
            .map(|i| (i * 100, i > 0, scene(usize::try_from(i).unwrap())))
            .collect();
        assert_eq!(seen(&moving, 5000), (vec![], vec![]));
        let lamp = Plane::made(320, 40, |x, y| if x < 10 && y < 10 { 200 } else { 16 });
        assert!(!is_black(&lamp));
    }

    #[test]
    fn what_was_not_seen_is_claimed_only_where_the_packets_between_are_tiny() {
        for (bytes, found) in [(20, vec![(0, 10_000)]), (5000, vec![])] {
            let mut stillness = Stillness::default();
            for second in 0..10 {
                stillness.packet(Millis(second * 1000), bytes, false);
            }
            stillness.see(scene(0), Millis(0), (false, true), 100_000);
            stillness.see(scene(0), Millis(8000), (false, true), 100_000);
            let (_, frozen) = stillness.finish(Millis(10_000), false);
            assert_eq!(times(&frozen), found, "{bytes}");
        }
    }

    #[test]
    fn a_small_thing_that_moves_is_seen() {
        let with = |at: usize| {
            Plane::made(320, 40, move |x, y| {
                let inside = (at..at + 30).contains(&x) && (10..20).contains(&y);
                if inside { 220 } else { 90 }
            })
        };
        assert!(!is_same(&with(10), &with(40), FLICKER));
        assert!(is_same(&with(10), &with(10), DIFFERENCE));
    }

    #[test]
    fn a_flicker_at_a_key_frame_does_not_end_a_still_stretch_and_a_slow_change_does() {
        // A key frame every five seconds, or every frame; each a little brighter than the one before, or than the first.
        let stretches = |key: fn(u8) -> bool, level: fn(u8) -> u8| {
            let mut stillness = Stillness::default();
            for at in 0..20 {
                let time = Millis(u64::from(at) * 1000);
                stillness.see(flat(90 + level(at)), time, (at > 0, key(at)), 100_000);
            }
            times(&stillness.finish(Millis(20_000), true).1)
        };
        assert_eq!(
            stretches(|at| at % 5 == 0, |at| at / 5 % 2 * 2),
            [(0, 20_000)]
        );
        assert_eq!(
            stretches(|at| at % 5 == 0, |at| at / 5 * 2),
            [(0, 10_000), (10_000, 20_000)]
        );
        assert_eq!(stretches(|_| true, |at| at * 2).len(), 20);
    }
}
