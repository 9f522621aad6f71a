//! Pictures for whoever has to say whether two films are the same. In: the catalogue with its repetitions. Out: a JPEG a
//! near duplicate under `report/evidence/`, named in the report. Made by a worker once, and kept while both films stay
//! what they are. A picture that cannot be made costs nothing but itself.

use std::fs;

use rayon::prelude::*;

use crate::catalogue::{Catalogue, Entry};
use crate::config::RunConfig;
use crate::error::RunError;
use crate::id::{ContentHash, SubmissionId};
use crate::layout::{Layout, open_regular};
use crate::probe::side_by_side::{MOST_MOMENTS, Moment};
use crate::report::model::{DuplicateKind, DuplicateOf, Report};
use crate::units::Millis;

/// Counts up when the picture is made in another way.
const VERSION: u32 = 1;

/// The names of the pictures, by the film that repeats another.
pub(super) type Drawn = Vec<(SubmissionId, String)>;

/// Makes the pictures, several at a time.
pub(super) fn draw(config: &RunConfig, catalogue: &Catalogue) -> Result<Drawn, RunError> {
    let Some(layout) = &config.layout else {
        return Ok(vec![]);
    };
    let mut pairs: Vec<_> = catalogue
        .entries
        .iter()
        .filter_map(|entry| Some((entry, lookalike(entry, catalogue)?)))
        .collect();
    // The most work first, so that no core is idle at the end.
    pairs.sort_by_key(|(entry, _)| std::cmp::Reverse(entry.submission.bytes));
    let drawn = pairs.into_par_iter().map(|(entry, (of, other))| {
        let Some(jpeg) = picture(config, layout, (entry, other), of) else {
            return Ok(None);
        };
        let id = entry.submission.id.clone();
        let name = Layout::pair_name(&id);
        let path = layout.root().join(&name);
        match layout.publish_file(&path, &jpeg) {
            Ok(()) => Ok(Some((id, name))),
            Err(source) => Err(RunError::write(&path, source)),
        }
    });
    drawn.filter_map(Result::transpose).collect()
}

/// Names them in the report.
pub(super) fn name(drawn: Drawn, report: &mut Report) {
    for (id, name) in drawn {
        let mut submissions = report.submissions.iter_mut();
        if let Some(submission) = submissions.find(|submission| submission.id == id) {
            submission.evidence.get_or_insert_default().side_by_side = Some(name);
        }
    }
}

/// The film of this year that this one seems to repeat; an earlier year's is not here to be shown.
fn lookalike<'a>(
    entry: &'a Entry,
    catalogue: &'a Catalogue,
) -> Option<(&'a DuplicateOf, &'a Entry)> {
    let of = entry.duplicate_of.as_ref()?;
    if of.kind != DuplicateKind::Near || of.earlier.is_some() {
        return None;
    }
    let other = catalogue
        .entries
        .iter()
        .find(|e| e.submission.id == of.id)?;
    Some((of, other))
}

fn picture(
    config: &RunConfig,
    layout: &Layout,
    (entry, other): (&Entry, &Entry),
    of: &DuplicateOf,
) -> Option<Vec<u8>> {
    let offset = of.offset_ms.unwrap_or(0);
    let moments = moments(
        entry.media().ok()?.duration_ms,
        other.media().ok()?.duration_ms,
        offset,
    );
    let key = format!("{VERSION} {:?} {:?} {moments:?}", entry.hash, other.hash);
    let key: ContentHash = blake3::hash(key.as_bytes()).into();
    let remembered = layout.remembered_pair(&key);
    if let Ok(jpeg) = fs::read(&remembered) {
        return Some(jpeg);
    }
    let ours = open_regular(&entry.submission.path).ok()?;
    let theirs = open_regular(&other.submission.path).ok()?;
    match config.workers.pair(ours, theirs, moments) {
        Ok(jpeg) => {
            if let Err(error) = layout.publish_file(&remembered, &jpeg) {
                tracing::warn!(%error, "a picture of two films could not be remembered");
            }
            Some(jpeg)
        }
        Err(error) => {
            tracing::warn!(source = %entry.submission.source, %error, "no picture beside the film that it repeats");
            None
        }
    }
}

/// Moments spread over what both films show, away from its ends.
fn moments(here: Millis, there: Millis, offset: i64) -> Vec<Moment> {
    let signed = |time: Millis| i64::try_from(time.0).unwrap_or(i64::MAX / 4);
    let from = 0.max(-offset);
    let to = signed(here).min(signed(there) - offset).max(from);
    let count = i64::try_from(MOST_MOMENTS).unwrap_or(1);
    (0..count)
        .map(|nth| {
            let at = from + (to - from) * (2 * nth + 1) / (2 * count);
            Moment {
                here: Millis(at.unsigned_abs()),
                there: Millis((at + offset).max(0).unsigned_abs()),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_lie_where_both_films_are() {
        let shown = |here, there, offset| -> Vec<(u64, u64)> {
            let moments = moments(Millis(here), Millis(there), offset);
            moments.iter().map(|m| (m.here.0, m.there.0)).collect()
        };
        assert_eq!(
            shown(8000, 8000, 0),
            [(1000, 1000), (3000, 3000), (5000, 5000), (7000, 7000)]
        );
        assert_eq!(
            shown(11_000, 8000, -3000),
            [(4000, 1000), (6000, 3000), (8000, 5000), (10_000, 7000)]
        );
    }
}
