//! The same film as people see it. In: signatures. Out: which pairs are alike, how much, and at which offset in time. Pure
//! and deterministic; never looks at a file.
//!
//! Comparing every picture with every other of a thousand films would take minutes. So pairs are first *suspected*: pictures
//! that share a few of their strong gradients (min-hash) and sounds that share items meet in a sorted list and vote for
//! a pair of films and an offset. Only suspects are *compared*, picture by picture at the offset they voted for.
//!
//! What makes a pair: at one offset, most of the shorter film shows what the longer one shows. An opening card that
//! two films share is a small part of either, a still picture counts as one scene however long it stands, and sound
//! only finds the offset: the same song under other pictures is no pair. Where one film shows something and the other
//! nothing, they differ; and what is found must spread over the film.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::probe::signature::{Look, SOUND_STEP_MS, Signature, VERSION};
use crate::units::Millis;

/// Pictures are the same from this likeness on. Measured on real clips: of pictures that have nothing to do with each other
/// 99 in 100 stay below 0.28; under a logo over a fifth of the picture three copies in four keep 0.46.
const SAME_PICTURE: f64 = 0.42;
/// So far apart in time, in milliseconds, two pictures may be and still stand for the same moment.
const SAME_MOMENT: i64 = 400;
/// The share of the shorter film that has to be found in the other.
const LEAST_SCORE: f64 = 0.6;
/// From the first to the last moment that is found, as a share of the shorter film: an opening card before a film that shows
/// nothing is no film.
const LEAST_SPREAD: f64 = 0.6;
/// Scenes that have to be the same, so that a slide that many films show is no proof.
const FEWEST_SCENES: usize = 3;
/// Pictures less alike than this show different scenes.
const SAME_SCENE: f64 = 0.5;
/// Parts of a film by which its score is taken: each counts once, however many pictures were decoded in it.
const PARTS: i64 = 24;
/// Shortest part, in milliseconds.
const SHORTEST_PART: i64 = 500;
/// The share of a film's parts that must have been comparable …
const LEAST_JUDGED: f64 = 0.4;
/// … or this one, where the sound is the same all along.
const LEAST_JUDGED_WITH_SOUND: f64 = 0.15;
/// Films with fewer scenes must be alike over this share of the *longer* one …
const STILL_COVERAGE: f64 = 0.7;
/// … with this share of pictures the same.
const STILL_SHARE: f64 = 0.85;
/// … over at least this long, in milliseconds: a few seconds of one picture are no film.
const STILL_LENGTH: i64 = 6_000;
/// Sound is the same if so many bits of a hundred differ at most; by chance it is about half.
const SAME_SOUND: f64 = 0.3;
/// Items of sound below which nothing is said about it: five seconds.
const FEWEST_ITEMS: usize = 40;

/// Two films that are alike.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Likeness {
    /// The share of the shorter film that the other one shows, 0 to 1.
    pub score: f64,
    /// What the first film shows at time `t`, the second one shows at `t + offset_ms`.
    pub offset_ms: i64,
}

/// A pair of films by their places in the list, the first before the second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    /// The one that stands first.
    pub first: usize,
    /// The other.
    pub second: usize,
    /// How alike they are.
    pub likeness: Likeness,
}

/// All pairs that are alike, in order. Pairs of which both are among the first `known` are not looked at: films of earlier years
/// are compared with this year's, not with each other.
pub fn pairs(films: &[&Signature], known: usize) -> Vec<Pair> {
    let suspects = suspects(films, known);
    let compared = suspects
        .par_iter()
        .filter_map(|((first, second), offsets)| {
            let likeness = compare(films[*first], films[*second], offsets)?;
            Some(Pair {
                first: *first,
                second: *second,
                likeness,
            })
        });
    compared.collect()
}

/// Whether two films are alike at one of these offsets in milliseconds, or as a whole.
pub fn compare(first: &Signature, second: &Signature, offsets: &[i64]) -> Option<Likeness> {
    if first.version != VERSION || second.version != VERSION {
        return None;
    }
    let mut offsets = offsets.to_vec();
    offsets.extend([0, millis(second.duration_ms) - millis(first.duration_ms)]);
    let mut found: Vec<Likeness> = Vec::new();
    for one in &first.views {
        for other in &second.views {
            let films = (Film::new(first, one), Film::new(second, other));
            found.extend(
                offsets
                    .iter()
                    .filter_map(|offset| at_offset(&films, *offset)),
            );
        }
    }
    let best = found.iter().map(|f| f.score).reduce(f64::max)?;
    // Pictures stand for a moment, not for an instant: of the offsets that do equally well, the one in the middle.
    let mut equal: Vec<i64> = found
        .iter()
        .filter(|f| f.score >= best)
        .map(|f| f.offset_ms)
        .collect();
    equal.sort_unstable();
    equal.dedup();
    Some(Likeness {
        score: best,
        offset_ms: equal[equal.len() / 2],
    })
}

/// One view of a film.
#[derive(Debug, Clone, Copy)]
struct Film<'a> {
    times: &'a [Millis],
    looks: &'a [Look],
    sound: &'a [u32],
    duration: i64,
}

impl<'a> Film<'a> {
    fn new(signature: &'a Signature, looks: &'a [Look]) -> Self {
        Film {
            times: &signature.times,
            looks,
            sound: &signature.sound,
            duration: millis(signature.duration_ms),
        }
    }

    /// The likeness of a picture to this film's at about this time, and whether these show something; none where there is no
    /// picture.
    fn likeness(&self, look: &Look, at: i64) -> Option<(f64, bool)> {
        let from = self
            .times
            .partition_point(|t| millis(*t) < at - SAME_MOMENT);
        let to = self
            .times
            .partition_point(|t| millis(*t) <= at + SAME_MOMENT);
        let near = &self.looks[from..to];
        let likeness = near.iter().map(|other| look.likeness(other));
        Some((
            likeness.reduce(f64::max)?,
            near.iter().all(Look::is_telling),
        ))
    }
}

fn millis(time: Millis) -> i64 {
    i64::try_from(time.0).unwrap_or(i64::MAX / 4)
}

fn at_offset((first, second): &(Film<'_>, Film<'_>), offset: i64) -> Option<Likeness> {
    // Judged from the shorter film: what it shows must be found in the longer one.
    let (short, long, shift) = if first.duration <= second.duration {
        (first, second, offset)
    } else {
        (second, first, -offset)
    };
    let from = 0.max(-shift);
    let to = short.duration.min(long.duration - shift);
    if short.duration <= 0 || to <= from {
        return None;
    }
    let overlap = (to - from) as f64 / short.duration as f64;
    if overlap < LEAST_SCORE {
        return None;
    }
    let found = Found::between(short, long, shift, (from, to));
    let sound = sound_agrees(short.sound, long.sound, shift);
    let score = found.share * overlap;
    let enough = if sound == Some(true) {
        LEAST_JUDGED_WITH_SOUND
    } else {
        LEAST_JUDGED
    };
    if score < LEAST_SCORE || found.judged < enough || found.spread < LEAST_SPREAD {
        return None;
    }
    let still = to - from >= STILL_LENGTH
        && (to - from) as f64 >= STILL_COVERAGE * long.duration as f64
        && found.share >= STILL_SHARE
        && found.judged >= LEAST_JUDGED
        && sound != Some(false);
    (found.scenes >= FEWEST_SCENES || still).then_some(Likeness {
        score: score.min(1.0),
        offset_ms: offset,
    })
}

/// What was found at one offset.
struct Found {
    /// Of the parts that could be judged, how much is the same.
    share: f64,
    /// The share of parts that could be judged.
    judged: f64,
    /// Different scenes that are the same in both.
    scenes: usize,
    /// From the first part that is the same to the last, as a share of the shorter film.
    spread: f64,
}

impl Found {
    fn between(short: &Film<'_>, long: &Film<'_>, shift: i64, (from, to): (i64, i64)) -> Self {
        let length = ((to - from) / PARTS).max(SHORTEST_PART);
        let mut parts: BTreeMap<i64, (u32, u32)> = BTreeMap::new();
        let mut scenes: Vec<&Look> = Vec::new();
        for (time, look) in short.times.iter().zip(short.looks) {
            let at = millis(*time);
            if at < from || at >= to {
                continue;
            }
            let Some((likeness, is_shown)) = long.likeness(look, at + shift) else {
                continue;
            };
            let is_same = likeness >= SAME_PICTURE;
            // A picture that shows nothing says something only where the other film shows something else.
            if !look.is_telling() && (is_same || !is_shown) {
                continue;
            }
            let (same, all) = parts.entry((at - from) / length).or_default();
            *all += 1;
            if is_same {
                *same += 1;
                let is_new = |s: &&Look| s.likeness(look) < SAME_SCENE;
                if scenes.len() < 2 * FEWEST_SCENES && scenes.iter().all(is_new) {
                    scenes.push(look);
                }
            }
        }
        let mut found = parts
            .iter()
            .filter(|(_, (same, all))| same * 2 >= *all)
            .map(|(part, _)| *part);
        let first = found.next();
        let last = found.next_back().or(first);
        let spread = first
            .zip(last)
            .map_or(0, |(first, last)| (last + 1 - first) * length);
        let shares = parts
            .values()
            .map(|(same, all)| f64::from(*same) / f64::from(*all));
        Found {
            share: shares.sum::<f64>() / parts.len().max(1) as f64,
            judged: parts.len() as f64 / ((to - from + length - 1) / length) as f64,
            scenes: scenes.len(),
            spread: spread as f64 / short.duration as f64,
        }
    }
}

/// Whether two sounds are the same at an offset, as far as they overlap; none where either is missing or too short.
fn sound_agrees(one: &[u32], other: &[u32], shift: i64) -> Option<bool> {
    #[expect(clippy::cast_possible_truncation, reason = "a film's length in items")]
    let items = (shift as f64 / SOUND_STEP_MS).round() as i64;
    // The offset is known to a picture's spacing only: the sound may be a few items off.
    let best = (-3..=3)
        .filter_map(|slip| differing_bits(one, other, items + slip))
        .reduce(f64::min)?;
    Some(best <= SAME_SOUND)
}

fn differing_bits(one: &[u32], other: &[u32], shift: i64) -> Option<f64> {
    let skip = |by: i64| usize::try_from(by.max(0)).unwrap_or(0);
    let one = one.get(skip(-shift)..)?;
    let other = other.get(skip(shift)..)?;
    let overlap = one.len().min(other.len());
    if overlap < FEWEST_ITEMS {
        return None;
    }
    let differing: u32 = one
        .iter()
        .zip(other)
        .map(|(a, b)| (a ^ b).count_ones())
        .sum();
    Some(f64::from(differing) / (32.0 * overlap as f64))
}

/// Pairs of films with the offsets, in milliseconds, at which they may be the same.
type Suspects = Vec<((usize, usize), Vec<i64>)>;

/// Keys under which a picture is entered …
const KEYS: usize = 4;
/// … and of a film with few different pictures so many, that it has about as many in all: a still has nothing else to be
/// found by.
const MOST_KEYS: usize = 32;
/// That is.
const KEYS_OF_A_FILM: usize = 64;
/// Strong gradients that make one key.
const GRADIENTS_PER_KEY: usize = 4;
/// Different pictures of one film that are entered.
const MOST_ENTRIES: usize = 96;
/// Under a key that more entries share, each is paired with the next few only: a slide that all films show. These are the ones
/// most like it, as entries stand in the order of a finer key.
const CROWD: usize = 24;
/// That many.
const NEIGHBOURS: usize = 12;
/// Strong gradients that make the finer key.
const GRADIENTS_OF_FINER_KEY: usize = 8;
/// Votes are counted in steps of this many milliseconds.
const VOTE_STEP: i64 = 500;
/// Offsets of a pair that are tried.
const MOST_OFFSETS: usize = 4;
/// Equal items of sound that make a vote.
const ITEMS_PER_VOTE: usize = 5;
/// One item of sound in so many is entered; which one its own value says, so the same ones in each film.
const SOUND_SAMPLING: u32 = 4;

/// A vote: two films, an offset in steps.
type Vote = (u32, u32, i64);

fn suspects(films: &[&Signature], known: usize) -> Suspects {
    let mut votes = picture_votes(films, known);
    votes.extend(sound_votes(films, known));
    votes.par_sort_unstable();
    let mut suspects = Suspects::new();
    for pair in votes.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
        suspects.push(((pair[0].0 as usize, pair[0].1 as usize), offsets(pair)));
    }
    suspects
}

/// The offsets with the most votes, each with the two beside it: pictures stand at other moments in every encoding.
fn offsets(votes: &[Vote]) -> Vec<i64> {
    let mut counted: Vec<(usize, i64)> = votes
        .chunk_by(|a, b| a.2 == b.2)
        .map(|same| (same.len(), same[0].2))
        .collect();
    counted.sort_by_key(|(count, step)| (std::cmp::Reverse(*count), step.abs(), *step));
    let mut tried: Vec<i64> = counted
        .iter()
        .take(MOST_OFFSETS)
        .flat_map(|(_, step)| {
            [
                step * VOTE_STEP - VOTE_STEP / 2,
                step * VOTE_STEP,
                step * VOTE_STEP + VOTE_STEP / 2,
            ]
        })
        .collect();
    tried.sort_unstable();
    tried.dedup();
    tried
}

fn step_of(offset: i64) -> i64 {
    (offset + VOTE_STEP / 2).div_euclid(VOTE_STEP)
}

/// A picture in the list: keys, film, time, which look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    key: u64,
    finer: u64,
    film: u32,
    at: i64,
    view: u16,
    look: u16,
}

fn picture_votes(films: &[&Signature], known: usize) -> Vec<Vote> {
    let mut entries: Vec<Entry> = (0..films.len())
        .into_par_iter()
        .filter(|film| films[*film].version == VERSION)
        .flat_map_iter(|film| entries_of(film, films[film]))
        .collect();
    entries.par_sort_unstable();
    let crowds: Vec<&[Entry]> = entries
        .chunk_by(|a, b| a.key == b.key)
        .filter(|crowd| crowd.len() > 1)
        .collect();
    let look = |entry: &Entry| {
        &films[entry.film as usize].views[usize::from(entry.view)][usize::from(entry.look)]
    };
    crowds
        .into_par_iter()
        .flat_map_iter(|crowd| {
            let reach = if crowd.len() > CROWD {
                NEIGHBOURS
            } else {
                CROWD
            };
            let mut votes = Vec::new();
            for (at, one) in crowd.iter().enumerate() {
                let others = crowd[at + 1..].iter().filter(|other| {
                    other.film != one.film && one.film.max(other.film) as usize >= known
                });
                for other in others.take(reach) {
                    if look(one).likeness(look(other)) >= SAME_PICTURE {
                        // Entries stand in the order of their keys, films of a pair in that of the list.
                        let (first, second) = if one.film < other.film {
                            (one, other)
                        } else {
                            (other, one)
                        };
                        votes.push((first.film, second.film, step_of(second.at - first.at)));
                    }
                }
            }
            votes
        })
        .collect()
}

/// The different pictures of a film, each under a few keys.
fn entries_of(film: usize, signature: &Signature) -> Vec<Entry> {
    let mut entries = Vec::new();
    for (view, looks) in signature.views.iter().enumerate() {
        let different = different(looks);
        let step = different.len().div_ceil(MOST_ENTRIES).max(1);
        let keys_each = (KEYS_OF_A_FILM / different.len().max(1)).clamp(KEYS, MOST_KEYS);
        for at in different.into_iter().step_by(step) {
            let finer = min_hash(&looks[at], MOST_KEYS, GRADIENTS_OF_FINER_KEY);
            entries.extend(keys(&looks[at], keys_each).map(|key| Entry {
                key,
                finer,
                film: u32::try_from(film).unwrap_or(u32::MAX),
                at: millis(signature.times[at]),
                view: u16::try_from(view).unwrap_or(u16::MAX),
                look: u16::try_from(at).unwrap_or(u16::MAX),
            }));
        }
    }
    entries
}

/// Pictures that tell something and differ from the one before.
fn different(looks: &[Look]) -> Vec<usize> {
    const SAME_SHOT: f64 = 0.9;
    let mut different: Vec<usize> = Vec::new();
    for (at, look) in looks.iter().enumerate() {
        let repeats = different
            .last()
            .is_some_and(|last| looks[*last].likeness(look) >= SAME_SHOT);
        if look.is_telling() && !repeats {
            different.push(at);
        }
    }
    different
}

/// Min-hashes over the strong gradients and their signs: two pictures share a key with a probability that grows
/// steeply with their likeness.
fn keys(look: &Look, count: usize) -> impl Iterator<Item = u64> {
    (0..count).map(|key| min_hash(look, key, GRADIENTS_PER_KEY))
}

/// One hash of so many strong gradients, of which each number chooses others.
fn min_hash(look: &Look, number: usize, gradients: usize) -> u64 {
    let mut hash = number as u64;
    for nth in 0..gradients {
        let seed = mixed((number * GRADIENTS_PER_KEY + nth) as u64 + 1);
        hash = mixed(hash ^ first_strong(look, seed));
    }
    hash
}

/// The first strong gradient in an order that the seed gives, with its sign.
fn first_strong(look: &Look, seed: u64) -> u64 {
    // An odd factor and any summand walk through all 256 places.
    let (factor, summand) = (seed | 1, seed >> 32);
    (0..u64::from(crate::probe::signature::BITS))
        .map(|i| factor.wrapping_mul(i).wrapping_add(summand) % 256)
        .find(|place| look.strong[(place / 64) as usize] >> (place % 64) & 1 == 1)
        .map_or(u64::MAX, |place| {
            place << 1 | look.signs[(place / 64) as usize] >> (place % 64) & 1
        })
}

/// Mixes the bits of a number (the finalizer of `SplitMix64`).
fn mixed(number: u64) -> u64 {
    let x = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ x >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ x >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ x >> 31
}

fn sound_votes(films: &[&Signature], known: usize) -> Vec<Vote> {
    let mut items: Vec<(u32, u32, u32)> = (0..films.len())
        .into_par_iter()
        .filter(|film| films[*film].version == VERSION)
        .flat_map_iter(|film| items_of(film, films[film]))
        .collect();
    items.par_sort_unstable();
    let crowds: Vec<&[(u32, u32, u32)]> = items
        .chunk_by(|a, b| a.0 == b.0)
        .filter(|crowd| (2..=CROWD).contains(&crowd.len()))
        .collect();
    let mut votes: Vec<Vote> = crowds
        .into_par_iter()
        .flat_map_iter(|crowd| {
            let mut votes = Vec::new();
            for (at, (_, film, item)) in crowd.iter().enumerate() {
                for (_, other, other_item) in &crowd[at + 1..] {
                    if other != film && *other as usize >= known {
                        let offset = (f64::from(*other_item) - f64::from(*item)) * SOUND_STEP_MS;
                        #[expect(
                            clippy::cast_possible_truncation,
                            reason = "a film's length in milliseconds"
                        )]
                        votes.push((*film, *other, step_of(offset as i64)));
                    }
                }
            }
            votes
        })
        .collect();
    votes.par_sort_unstable();
    let agreed = votes
        .chunk_by(|a, b| a == b)
        .filter(|same| same.len() >= ITEMS_PER_VOTE);
    agreed.flat_map(<[Vote]>::to_vec).collect()
}

/// Items of sound, where they change: silence and a held note are the same item over and over.
fn items_of(film: usize, signature: &Signature) -> Vec<(u32, u32, u32)> {
    let film = u32::try_from(film).unwrap_or(u32::MAX);
    let mut items = Vec::new();
    for (at, pair) in signature.sound.windows(2).enumerate() {
        if pair[0] != pair[1] && mixed(u64::from(pair[1])).is_multiple_of(u64::from(SOUND_SAMPLING))
        {
            items.push((pair[1], film, u32::try_from(at + 1).unwrap_or(u32::MAX)));
        }
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture that has nothing to do with those of other numbers.
    fn picture(number: u64) -> Look {
        Look {
            signs: std::array::from_fn(|i| mixed(number * 8 + i as u64)),
            strong: [u64::MAX; 4],
        }
    }

    /// A film of scenes of two seconds each, four pictures a second.
    fn film(scenes: &[u64]) -> Signature {
        let pictures = scenes.len() as u64 * 8;
        Signature {
            version: VERSION,
            duration_ms: Millis(pictures * 250),
            times: (0..pictures).map(|at| Millis(at * 250)).collect(),
            views: vec![
                scenes
                    .iter()
                    .flat_map(|scene| [picture(*scene); 8])
                    .collect(),
            ],
            sound: vec![],
        }
    }

    fn with_sound(mut film: Signature, seed: u64) -> Signature {
        let items = film.duration_ms.0 * 8 / 1000;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the lower half of a number"
        )]
        let item = |at| mixed(seed << 32 | at) as u32;
        film.sound = (0..items).map(item).collect();
        film
    }

    fn found(films: &[Signature]) -> Vec<(usize, usize, f64, i64)> {
        let films: Vec<&Signature> = films.iter().collect();
        pairs(&films, 0)
            .iter()
            .map(|pair| {
                let rounded = (pair.likeness.score * 100.0).round() / 100.0;
                (pair.first, pair.second, rounded, pair.likeness.offset_ms)
            })
            .collect()
    }

    const FILM: [u64; 10] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

    #[test]
    fn a_film_behind_an_opening_card_is_found_with_its_offset() {
        let with_card: Vec<u64> = [90].into_iter().chain(FILM).collect();
        let films = [
            film(&FILM),
            film(&[20, 21, 22, 23, 24, 25]),
            film(&with_card),
        ];
        assert_eq!(found(&films), [(0, 2, 1.0, 2000)]);
    }

    #[test]
    fn a_film_cut_at_both_ends_is_found() {
        assert_eq!(
            found(&[film(&FILM), film(&FILM[1..9])]),
            [(0, 1, 1.0, -2000)]
        );
    }

    #[test]
    fn a_shared_opening_card_makes_no_pair() {
        let card = [90, 91, 92, 93, 94];
        let one: Vec<u64> = card.into_iter().chain(FILM).collect();
        let other: Vec<u64> = card.into_iter().chain(20..30).collect();
        assert_eq!(found(&[film(&one), film(&other)]), []);
        assert_eq!(
            found(&[film(&one), film(&card)]),
            [(0, 1, 1.0, 0)],
            "the card alone is in the film"
        );
    }

    /// A film, and behind it so many scenes in which nothing is to be seen.
    fn then_black(scenes: &[u64], black: usize) -> Signature {
        let shown = scenes.len() * 8;
        let all: Vec<u64> = scenes.iter().copied().chain(vec![0; black]).collect();
        let mut film = film(&all);
        film.views[0][shown..]
            .iter_mut()
            .for_each(|look| look.strong = [0; 4]);
        film
    }

    #[test]
    fn a_shared_card_before_a_black_film_makes_no_pair() {
        let card = [90, 91, 92, 93, 94];
        let film_behind: Vec<u64> = card.into_iter().chain(FILM).collect();
        let black = then_black(&card, 5);
        assert_eq!(found(&[film(&film_behind), black.clone()]), []);
        assert_eq!(found(&[black.clone(), black]), []);
    }

    #[test]
    fn a_film_that_is_black_in_between_is_found() {
        let mut film = film(&FILM);
        film.views[0][24..48]
            .iter_mut()
            .for_each(|look| look.strong = [0; 4]);
        assert_eq!(found(&[film.clone(), film]), [(0, 1, 1.0, 0)]);
    }

    #[test]
    fn a_copy_is_found_among_many_films_that_share_all_keys() {
        let usual = picture(1);
        let places = (0..KEYS * GRADIENTS_PER_KEY)
            .map(|nth| first_strong(&usual, mixed(nth as u64 + 1)) >> 1);
        let mut mask = [u64::MAX; 4];
        for place in places {
            mask[(place / 64) as usize] &= !(1 << (place % 64));
        }
        let masked = |number: u64| {
            let scenes: Vec<u64> = (0..20).map(|scene| number * 20 + scene).collect();
            let mut film = film(&scenes);
            for look in &mut film.views[0] {
                look.signs = std::array::from_fn(|i| look.signs[i] & mask[i]);
            }
            film
        };
        let films: Vec<Signature> = (0..60).chain([7]).map(masked).collect();
        assert_eq!(found(&films), [(7, 60, 1.0, 0)]);
    }

    #[test]
    fn a_still_with_an_eighth_of_other_gradients_is_found() {
        for number in 0..40 {
            let mut other = film(&[number; 8]);
            for look in &mut other.views[0] {
                look.signs = std::array::from_fn(|i| {
                    let flips = (0..3).map(|n| mixed(number * 99 + n * 7 + i as u64));
                    look.signs[i] ^ flips.fold(u64::MAX, |a, b| a & b)
                });
            }
            assert_eq!(found(&[film(&[number; 8]), other]).len(), 1, "{number}");
        }
    }

    #[test]
    fn a_slide_that_stands_for_most_of_two_films_makes_no_pair() {
        let one = [1, 1, 1, 1, 1, 1, 1, 1, 2, 3, 4, 5, 6];
        let other = [1, 1, 1, 1, 1, 1, 1, 1, 7, 8, 9, 10, 11];
        assert_eq!(found(&[film(&one), film(&other)]), []);
    }

    #[test]
    fn the_same_still_all_along_is_a_pair_unless_the_sound_says_otherwise() {
        let still = film(&[1; 8]);
        assert_eq!(found(&[still.clone(), still.clone()]), [(0, 1, 1.0, 0)]);
        let spoken = |seed| with_sound(still.clone(), seed);
        assert_eq!(found(&[spoken(1), spoken(1)]), [(0, 1, 1.0, 0)]);
        assert_eq!(found(&[spoken(1), spoken(2)]), []);
    }

    #[test]
    fn the_same_song_under_other_pictures_makes_no_pair() {
        let one = with_sound(film(&FILM), 5);
        let other = with_sound(film(&[20, 21, 22, 23, 24, 25, 26, 27, 28, 29]), 5);
        assert_eq!(found(&[one, other]), []);
    }

    #[test]
    fn sound_finds_the_offset_where_few_pictures_meet() {
        // A picture every two seconds in one, a stretch now and then in the other: few stand at the same moment.
        let thinned = |mut film: Signature, keep: fn(u64) -> bool| {
            let kept: Vec<usize> = (0..film.times.len())
                .filter(|at| keep(*at as u64))
                .collect();
            film.times = kept.iter().map(|at| film.times[*at]).collect();
            film.views = vec![kept.iter().map(|at| film.views[0][*at]).collect()];
            film
        };
        let long: Vec<u64> = (1..=60).collect();
        let one = thinned(with_sound(film(&long), 7), |at| at % 8 == 3);
        let other = thinned(with_sound(film(&long), 7), |at| at % 64 < 8);
        assert_eq!(found(&[one, other]), [(0, 1, 1.0, 0)]);
    }

    #[test]
    fn films_of_earlier_years_are_not_compared_with_each_other() {
        let films = [film(&FILM), film(&FILM), film(&FILM)];
        let films: Vec<&Signature> = films.iter().collect();
        let ends: Vec<_> = pairs(&films, 2)
            .iter()
            .map(|p| (p.first, p.second))
            .collect();
        assert_eq!(ends, [(0, 2), (1, 2)]);
    }

    #[test]
    fn a_pair_is_told_once_and_in_the_order_of_the_list() {
        // Each film's pictures differ in a few bits, so they stand in another order under each key.
        let films: Vec<Signature> = (0..6)
            .map(|number| {
                let mut film = film(&FILM);
                for (at, look) in film.views[0].iter_mut().enumerate() {
                    look.signs[at % 4] ^= 0xff << (number * 9);
                }
                film
            })
            .collect();
        let films: Vec<&Signature> = films.iter().collect();
        let ends: Vec<_> = pairs(&films, 4)
            .iter()
            .map(|p| (p.first, p.second))
            .collect();
        let expected = [0, 1, 2, 3].map(|known| [(known, 4), (known, 5)]);
        assert_eq!(ends, [expected.as_flattened(), &[(4, 5)]].concat());
    }

    #[test]
    fn black_films_and_other_versions_are_like_nothing() {
        let mut black = film(&FILM);
        black.views[0]
            .iter_mut()
            .for_each(|look| look.strong = [0; 4]);
        assert_eq!(found(&[black.clone(), black]), []);
        let mut old = film(&FILM);
        old.version = VERSION + 1;
        assert_eq!(found(&[film(&FILM), old]), []);
    }
}
