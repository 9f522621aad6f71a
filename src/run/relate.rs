//! How submissions stand to each other: later versions of the same work, other works of the same unit. In: entries that
//! were judged by themselves. Out: one [`Relation`] for each that has any. Pure.

use std::collections::BTreeMap;

use crate::catalogue::Entry;
use crate::dedup::version::{self, Delivery, Version};
use crate::id::SubmissionId;
use crate::intake::date::NameDate;
use crate::intake::edition::Edition;
use crate::intake::unit::unit_key;
use crate::report::model::DuplicateKind;

/// What the judging needs to know of the others.
#[derive(Debug, Clone, Default)]
pub(super) struct Relation {
    /// How it stands to another delivery of the same work, and that one's path inside the inbox.
    pub(super) version: Option<(Version, String)>,
    /// Other works of the same unit, as people call them.
    pub(super) others: Vec<String>,
}

/// Relations of all that are no repetitions of others, by id. `written_ns` says when a delivery was last written.
pub(super) fn relations(
    entries: &[Entry],
    written_ns: impl Fn(&Entry) -> Option<i128>,
) -> BTreeMap<SubmissionId, Relation> {
    let by_id: BTreeMap<&SubmissionId, &Entry> =
        entries.iter().map(|e| (&e.submission.id, e)).collect();
    let deliveries: Vec<Delivery<'_>> = entries
        .iter()
        .filter_map(|entry| delivery(entry, written_ns(entry)))
        .collect();
    let versions = version::versions(&deliveries);
    let mut relations: BTreeMap<SubmissionId, Relation> = BTreeMap::new();
    for (id, others) in version::other_works(&deliveries, &versions) {
        let named = others.iter().filter_map(|other| by_id.get(other));
        relations.entry(id).or_default().others = named.map(|other| title(other)).collect();
    }
    for (id, version) in versions {
        let other = by_id.get(other_of(&version));
        let source = other.map_or_else(String::new, |other| other.submission.source.clone());
        relations.entry(id).or_default().version = Some((version, source));
    }
    relations
}

/// Whether the two are versions of one work: one names the other, or both name the one that counts.
pub(super) fn are_versions(
    relations: &BTreeMap<SubmissionId, Relation>,
    one: &SubmissionId,
    other: &SubmissionId,
) -> bool {
    let names = |id: &SubmissionId| {
        let (version, _) = relations.get(id)?.version.as_ref()?;
        Some(other_of(version))
    };
    let (of_one, of_other) = (names(one), names(other));
    of_one == Some(other) || of_other == Some(one) || (of_one.is_some() && of_one == of_other)
}

fn delivery(entry: &Entry, modified_ns: Option<i128>) -> Option<Delivery<'_>> {
    let submission = &entry.submission;
    let repeats = entry
        .duplicate_of
        .as_ref()
        .is_some_and(|of| of.kind != DuplicateKind::Near);
    if repeats {
        return None;
    }
    let unit = unit_key(submission.unit()?);
    let title = unit_key(submission.name.title.as_deref()?);
    // Where the notice wants a date in the name, another day is another work.
    let date = submission.name.date.map(NameDate::written);
    (!unit.is_empty() && !title.is_empty()).then(|| Delivery {
        id: &submission.id,
        unit: (&submission.region, unit),
        work: format!("{title}\n{}", date.unwrap_or_default()),
        edition: Edition::of(&submission.source),
        modified_ns,
        accepted: entry.verdict.is_accepted(),
    })
}

fn other_of(version: &Version) -> &SubmissionId {
    match version {
        Version::Superseded { by, .. } => by,
        Version::StandsIn { later, .. } => later,
        Version::NotTaken { earlier, .. } => earlier,
        Version::Undecided { other } => other,
    }
}

fn title(entry: &Entry) -> String {
    let title = entry.submission.name.title.as_deref().unwrap_or_default();
    match entry.submission.name.date {
        Some(date) => format!("《{title}》（{}）", date.written()),
        None => format!("《{title}》"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Verdict;
    use crate::check::sample;
    use crate::ledger::Reading;
    use crate::probe::Unreadable;

    /// A delivery of 《爱我中华》 at this path, which looks like `near`.
    fn entry(source: &str, title: &str, near: Option<&str>) -> Entry {
        let mut submission = sample::submission();
        submission.id = SubmissionId::of(source);
        submission.source = source.into();
        submission.name.title = Some(title.into());
        Entry {
            submission,
            stamp: None,
            hash: None,
            reading: Reading::Unreadable(Unreadable::Empty),
            subtitles: vec![],
            duplicate_of: near.map(|near| crate::report::model::DuplicateOf {
                id: SubmissionId::of(near),
                ..sample::duplicate(DuplicateKind::Near)
            }),
            superseded_by: None,
            confirmed: None,
            verdict: Verdict::Accepted,
            findings: vec![],
            overridden: None,
        }
    }

    #[test]
    fn versions_of_one_work_that_look_alike_are_versions_and_another_title_is_none() {
        const PLAIN: &str = "区/校《山》.mp4";
        const SECOND: &str = "区/校《山》第二版.mp4";
        const THIRD: &str = "区/校《山》第三版.mp4";
        const OTHER: &str = "区/校《河》.mp4";
        let entries = [
            entry(PLAIN, "山", None),
            entry(SECOND, "山", Some(PLAIN)),
            entry(THIRD, "山", Some(PLAIN)),
            entry(OTHER, "河", Some(PLAIN)),
        ];
        let relations = relations(&entries, |_| None);
        let are =
            |one, other| are_versions(&relations, &SubmissionId::of(one), &SubmissionId::of(other));
        for (one, other) in [(PLAIN, THIRD), (SECOND, THIRD), (PLAIN, SECOND)] {
            assert!(are(one, other) && are(other, one), "{one}, {other}");
            assert!(!are(one, OTHER) && !are(OTHER, one), "{one}");
        }
        assert!(!are(OTHER, "区/校《江》.mp4"));
    }
}
