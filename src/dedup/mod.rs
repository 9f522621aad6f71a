//! The same video twice. In: content hashes. Out: who repeats whom. Never reads a file: hashing is done once, by the
//! survey. [`version`] finds the same work handed in again with other content.

pub mod version;

use std::collections::BTreeMap;

use crate::id::{ContentHash, SubmissionId};
use crate::report::model::{DuplicateKind, DuplicateOf};

/// One candidate, in the order of the report.
#[derive(Debug, Clone)]
pub struct Candidate<'a> {
    /// Which submission.
    pub id: &'a SubmissionId,
    /// Its content; none where it could not be read.
    pub hash: Option<&'a ContentHash>,
    /// It meets the requirements by itself.
    pub accepted: bool,
}

/// Byte-for-byte repetitions: each but the first of its kind. The first is the first that meets the requirements, so
/// that a copy with a wrong name does not push the right one out; where none does, simply the first.
pub fn exact(candidates: &[Candidate<'_>]) -> BTreeMap<SubmissionId, DuplicateOf> {
    let mut groups: BTreeMap<&ContentHash, Vec<&Candidate<'_>>> = BTreeMap::new();
    for candidate in candidates {
        if let Some(hash) = candidate.hash {
            groups.entry(hash).or_default().push(candidate);
        }
    }
    let mut duplicates = BTreeMap::new();
    for group in groups.into_values() {
        let Some(first) = group.iter().find(|c| c.accepted).or(group.first()).copied() else {
            continue;
        };
        for other in group.into_iter().filter(|c| c.id != first.id) {
            let of = DuplicateOf {
                id: first.id.clone(),
                kind: DuplicateKind::Exact,
                score: 1.0,
            };
            duplicates.insert(other.id.clone(), of);
        }
    }
    duplicates
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Who repeats whom, by position.
    fn repeats(files: &[(&str, bool)]) -> Vec<(usize, usize)> {
        let ids: Vec<_> = (0..files.len())
            .map(|i| SubmissionId::of(&i.to_string()))
            .collect();
        let hashes: Vec<ContentHash> = files
            .iter()
            .map(|(text, _)| blake3::hash(text.as_bytes()).into())
            .collect();
        let candidates: Vec<_> = (0..files.len())
            .map(|i| Candidate {
                id: &ids[i],
                hash: Some(&hashes[i]),
                accepted: files[i].1,
            })
            .collect();
        let at = |id: &SubmissionId| ids.iter().position(|other| other == id).unwrap();
        let mut found: Vec<_> = exact(&candidates)
            .iter()
            .map(|(id, of)| (at(id), at(&of.id)))
            .collect();
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
        let id = SubmissionId::of("x");
        assert!(
            exact(&[Candidate {
                id: &id,
                hash: None,
                accepted: false
            }])
            .is_empty()
        );
    }
}
