//! The same video twice. In: content hashes, essences and signatures of this year's submissions and of earlier years' works.
//! Out: who repeats whom, and how. Never reads a file: hashing, measuring and the library are others'. [`version`] finds
//! the same work handed in again with other content.

pub mod near;
pub mod version;

use std::collections::{BTreeMap, VecDeque};

use crate::id::{ContentHash, SubmissionId};
use crate::probe::essence::Essence;
use crate::probe::signature::Signature;
use crate::report::model::{DuplicateKind, DuplicateOf, EarlierWork};

/// One candidate, in the order of the report.
#[derive(Debug, Clone)]
pub struct Candidate<'a> {
    /// Which submission.
    pub id: &'a SubmissionId,
    /// Its content; none where it could not be read.
    pub hash: Option<&'a ContentHash>,
    /// What is in it, whatever it is wrapped in.
    pub essence: Option<&'a Essence>,
    /// What it looks and sounds like.
    pub signature: Option<&'a Signature>,
    /// It meets the requirements by itself.
    pub accepted: bool,
}

/// A work of an earlier year.
#[derive(Debug, Clone)]
pub struct Earlier<'a> {
    /// Which submission it was then.
    pub id: &'a SubmissionId,
    /// Year, unit, title and showcase.
    pub work: &'a EarlierWork,
    /// Its content.
    pub hash: Option<&'a ContentHash>,
    /// What is in it.
    pub essence: Option<&'a Essence>,
    /// What it looks and sounds like.
    pub signature: Option<&'a Signature>,
}

/// Who repeats whom: byte for byte, else as the same encoded data, else as the same film to the eye; this year's works
/// before earlier ones. Of each group all but the first are repetitions. The first is the first that meets the
/// requirements, so that a copy with a wrong name does not push the right one out; where none does, simply the first.
pub fn repetitions(
    candidates: &[Candidate<'_>],
    earlier: &[Earlier<'_>],
) -> BTreeMap<SubmissionId, DuplicateOf> {
    let mut found = BTreeMap::new();
    let mut left: Vec<&Candidate<'_>> = candidates.iter().collect();
    left = without_equals(left, DuplicateKind::Exact, |c| c.hash, &mut found);
    left = without_equals(left, DuplicateKind::Essence, |c| c.essence, &mut found);
    left.retain(|candidate| match equal_work(candidate, earlier) {
        None => true,
        Some(of) => {
            found.insert(candidate.id.clone(), of);
            false
        }
    });
    found.extend(lookalikes(&left, earlier));
    found
}

/// Sorts out the candidates that equal an earlier one by this key.
fn without_equals<'a, K: Ord>(
    candidates: Vec<&'a Candidate<'a>>,
    kind: DuplicateKind,
    key: impl Fn(&'a Candidate<'a>) -> Option<K>,
    found: &mut BTreeMap<SubmissionId, DuplicateOf>,
) -> Vec<&'a Candidate<'a>> {
    let mut groups: BTreeMap<K, Vec<&Candidate<'_>>> = BTreeMap::new();
    for candidate in &candidates {
        if let Some(key) = key(candidate) {
            groups.entry(key).or_default().push(candidate);
        }
    }
    for group in groups.into_values() {
        let Some(first) = first(&group) else {
            continue;
        };
        for other in group.into_iter().filter(|c| c.id != first.id) {
            found.insert(other.id.clone(), equal_to(first.id, kind, None));
        }
    }
    let kept = candidates.into_iter();
    kept.filter(|c| !found.contains_key(c.id)).collect()
}

fn first<'a>(group: &[&'a Candidate<'a>]) -> Option<&'a Candidate<'a>> {
    let accepted = group.iter().find(|candidate| candidate.accepted);
    accepted.or(group.first()).copied()
}

fn equal_to(id: &SubmissionId, kind: DuplicateKind, work: Option<&EarlierWork>) -> DuplicateOf {
    DuplicateOf {
        id: id.clone(),
        kind,
        score: 1.0,
        offset_ms: None,
        earlier: work.cloned(),
    }
}

/// The earlier work that is the same file, or holds the same data.
fn equal_work(candidate: &Candidate<'_>, earlier: &[Earlier<'_>]) -> Option<DuplicateOf> {
    let equal = |kind, is_equal: &dyn Fn(&Earlier<'_>) -> bool| {
        let work = earlier.iter().find(|work| is_equal(work))?;
        Some(equal_to(work.id, kind, Some(work.work)))
    };
    let same_hash = |e: &Earlier<'_>| candidate.hash.is_some() && e.hash == candidate.hash;
    let same_essence =
        |e: &Earlier<'_>| candidate.essence.is_some() && e.essence == candidate.essence;
    equal(DuplicateKind::Exact, &same_hash).or_else(|| equal(DuplicateKind::Essence, &same_essence))
}

/// Repetitions to the eye. Earlier works come first in the list of films, this year's after them.
fn lookalikes(
    candidates: &[&Candidate<'_>],
    earlier: &[Earlier<'_>],
) -> BTreeMap<SubmissionId, DuplicateOf> {
    let nothing = Signature::default();
    let signatures: Vec<&Signature> = earlier
        .iter()
        .map(|work| work.signature)
        .chain(candidates.iter().map(|candidate| candidate.signature))
        .map(|signature| signature.unwrap_or(&nothing))
        .collect();
    let known = earlier.len();
    let mut pairs = near::pairs(&signatures, known);
    pairs.extend(same_picture_data(candidates, known, &pairs));
    let (ours, theirs): (Vec<_>, Vec<_>) = pairs.into_iter().partition(|pair| pair.first >= known);
    let ours: Vec<Link> = ours
        .iter()
        .map(|pair| Link {
            ends: (pair.first - known, pair.second - known),
            likeness: pair.likeness,
        })
        .collect();
    let mut found = within(candidates, &ours);
    for (at, candidate) in candidates.iter().enumerate() {
        let of_it = theirs.iter().filter(|pair| pair.second == at + known);
        let best = of_it.max_by(|a, b| a.likeness.score.total_cmp(&b.likeness.score));
        if let Some(pair) = best.filter(|_| !found.contains_key(candidate.id)) {
            let work = &earlier[pair.first];
            let of = DuplicateOf {
                id: work.id.clone(),
                kind: DuplicateKind::Near,
                score: pair.likeness.score,
                // The pair says where the later film is, seen from the earlier one.
                offset_ms: Some(-pair.likeness.offset_ms),
                earlier: Some(work.work.clone()),
            };
            found.insert(candidate.id.clone(), of);
        }
    }
    found
}

/// The same encoded picture under another sound: a likeness that needs no looking.
fn same_picture_data(
    candidates: &[&Candidate<'_>],
    known: usize,
    found: &[near::Pair],
) -> Vec<near::Pair> {
    let mut by_picture: BTreeMap<&ContentHash, usize> = BTreeMap::new();
    let mut pairs = Vec::new();
    for (at, candidate) in candidates.iter().enumerate() {
        let Some(essence) = candidate.essence else {
            continue;
        };
        let first = *by_picture.entry(&essence.video).or_insert(at);
        let (first, second) = (first + known, at + known);
        let is_known = found
            .iter()
            .any(|pair| (pair.first, pair.second) == (first, second));
        if first != second && !is_known {
            let likeness = near::Likeness {
                score: 1.0,
                offset_ms: 0,
            };
            pairs.push(near::Pair {
                first,
                second,
                likeness,
            });
        }
    }
    pairs
}

/// Two candidates that are alike, by their places.
struct Link {
    ends: (usize, usize),
    likeness: near::Likeness,
}

/// Groups what is alike, also by way of a third, and says of each but the first whom it was found to repeat: the first
/// itself, or on the shortest way to it.
fn within(candidates: &[&Candidate<'_>], links: &[Link]) -> BTreeMap<SubmissionId, DuplicateOf> {
    let mut found = BTreeMap::new();
    let mut seen = vec![false; candidates.len()];
    for start in 0..candidates.len() {
        if seen[start] {
            continue;
        }
        let group = reachable(start, links);
        let members: Vec<&Candidate<'_>> = group.iter().map(|at| candidates[*at]).collect();
        let Some(first) = first(&members) else {
            continue;
        };
        let Some(origin) = group
            .iter()
            .copied()
            .find(|at| candidates[*at].id == first.id)
        else {
            continue;
        };
        for at in group {
            seen[at] = true;
        }
        found.extend(tree(origin, candidates, links));
    }
    found
}

/// Everything alike with `start`, directly or not, in order.
fn reachable(start: usize, links: &[Link]) -> Vec<usize> {
    let mut group = vec![start];
    let mut next = 0;
    while let Some(at) = group.get(next).copied() {
        next += 1;
        for (other, _) in neighbours(at, links) {
            if !group.contains(&other) {
                group.push(other);
            }
        }
    }
    group.sort_unstable();
    group
}

/// What is alike with `at`, each with the offset seen from it.
fn neighbours(at: usize, links: &[Link]) -> impl Iterator<Item = (usize, near::Likeness)> {
    links.iter().filter_map(move |link| match link.ends {
        (one, other) if one == at => Some((other, link.likeness)),
        (other, one) if one == at => {
            let mut likeness = link.likeness;
            likeness.offset_ms = -likeness.offset_ms;
            Some((other, likeness))
        }
        _ => None,
    })
}

fn tree(
    origin: usize,
    candidates: &[&Candidate<'_>],
    links: &[Link],
) -> BTreeMap<SubmissionId, DuplicateOf> {
    let mut found = BTreeMap::new();
    let mut queue = VecDeque::from([origin]);
    while let Some(at) = queue.pop_front() {
        for (other, likeness) in neighbours(at, links) {
            let id = candidates[other].id;
            if other == origin || found.contains_key(id) {
                continue;
            }
            let of = DuplicateOf {
                id: candidates[at].id.clone(),
                kind: DuplicateKind::Near,
                score: likeness.score,
                offset_ms: Some(-likeness.offset_ms),
                earlier: None,
            };
            found.insert(id.clone(), of);
            queue.push_back(other);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate<'a>(
        id: &'a SubmissionId,
        hash: Option<&'a ContentHash>,
        accepted: bool,
    ) -> Candidate<'a> {
        Candidate {
            id,
            hash,
            essence: None,
            signature: None,
            accepted,
        }
    }

    fn ids(count: usize) -> Vec<SubmissionId> {
        (0..count)
            .map(|i| SubmissionId::of(&i.to_string()))
            .collect()
    }

    fn hash(text: &str) -> ContentHash {
        blake3::hash(text.as_bytes()).into()
    }

    /// Who repeats whom, by position.
    fn repeats(files: &[(&str, bool)]) -> Vec<(usize, usize)> {
        let ids = ids(files.len());
        let hashes: Vec<ContentHash> = files.iter().map(|(text, _)| hash(text)).collect();
        let candidates: Vec<_> = (0..files.len())
            .map(|i| candidate(&ids[i], Some(&hashes[i]), files[i].1))
            .collect();
        by_position(&ids, &repetitions(&candidates, &[]))
    }

    fn by_position(
        ids: &[SubmissionId],
        found: &BTreeMap<SubmissionId, DuplicateOf>,
    ) -> Vec<(usize, usize)> {
        let at = |id: &SubmissionId| ids.iter().position(|other| other == id).unwrap();
        let mut found: Vec<_> = found.iter().map(|(id, of)| (at(id), at(&of.id))).collect();
        found.sort_unstable();
        found
    }

    #[test]
    fn each_repeats_the_first_that_is_in_order() {
        assert_eq!(
            repeats(&[("a", true), ("b", true), ("a", true), ("a", false)]),
            [(2, 0), (3, 0)]
        );
        assert_eq!(repeats(&[("a", false), ("a", true)]), [(0, 1)]);
        assert_eq!(repeats(&[("a", false), ("a", false)]), [(1, 0)]);
        assert_eq!(repeats(&[("a", true), ("b", true)]), []);
    }

    #[test]
    fn what_could_not_be_read_repeats_nobody() {
        let ids = ids(2);
        let candidates = [
            candidate(&ids[0], None, false),
            candidate(&ids[1], None, false),
        ];
        assert!(repetitions(&candidates, &[]).is_empty());
    }

    #[test]
    fn the_same_data_in_another_wrapping_repeats_and_another_sound_is_near() {
        let ids = ids(3);
        let hashes = [hash("mp4"), hash("mov"), hash("dubbed")];
        let essence = |sound: &str| Essence {
            video: hash("pictures"),
            audio: Some(hash(sound)),
        };
        let essences = [essence("one"), essence("one"), essence("other")];
        let candidates: Vec<_> = (0..3)
            .map(|i| Candidate {
                essence: Some(&essences[i]),
                ..candidate(&ids[i], Some(&hashes[i]), true)
            })
            .collect();
        let found = repetitions(&candidates, &[]);
        assert_eq!(found[&ids[1]].kind, DuplicateKind::Essence);
        assert_eq!(found[&ids[2]].kind, DuplicateKind::Near);
        assert_eq!(by_position(&ids, &found), [(1, 0), (2, 0)]);
    }

    #[test]
    fn an_earlier_years_work_is_named_and_this_years_goes_before_it() {
        let (ids, old) = (ids(2), SubmissionId::of("old"));
        let content = hash("same");
        let work = EarlierWork {
            year: 2020,
            unit: "西南科技大学".into(),
            title: "猫".into(),
            showcase: "展播".into(),
        };
        let earlier = [Earlier {
            id: &old,
            work: &work,
            hash: Some(&content),
            essence: None,
            signature: None,
        }];
        let candidates = [
            candidate(&ids[0], Some(&content), true),
            candidate(&ids[1], Some(&content), true),
        ];
        let found = repetitions(&candidates, &earlier);
        assert_eq!(found[&ids[0]].earlier.as_ref(), Some(&work));
        assert_eq!(
            (&found[&ids[1]].id, found[&ids[1]].kind),
            (&ids[0], DuplicateKind::Exact)
        );
    }

    #[test]
    fn what_is_alike_by_way_of_a_third_is_one_group() {
        let ids = ids(4);
        let candidates: Vec<_> = (0..4).map(|i| candidate(&ids[i], None, i == 2)).collect();
        let candidates: Vec<_> = candidates.iter().collect();
        let link = |ends, offset_ms| Link {
            ends,
            likeness: near::Likeness {
                score: 0.9,
                offset_ms,
            },
        };
        let found = within(&candidates, &[link((0, 1), 3000), link((1, 2), 0)]);
        assert_eq!(by_position(&ids, &found), [(0, 1), (1, 2)]);
        assert_eq!(found[&ids[0]].offset_ms, Some(3000));
        assert_eq!(found[&ids[1]].offset_ms, Some(0));
    }
}
