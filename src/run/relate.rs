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

/// Whether one of the two is a version of the other.
pub(super) fn are_versions(
    relations: &BTreeMap<SubmissionId, Relation>,
    one: &SubmissionId,
    other: &SubmissionId,
) -> bool {
    let points = |from: &SubmissionId, to: &SubmissionId| {
        let relation = relations.get(from);
        let version = relation.and_then(|relation| relation.version.as_ref());
        version.is_some_and(|(version, _)| other_of(version) == to)
    };
    points(one, other) || points(other, one)
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
