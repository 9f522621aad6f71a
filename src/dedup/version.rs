//! Deliveries of the same work, one after the other. In: what each is called, how late it is, whether it is accepted by
//! itself. Out: which one takes whose place, and what else the same unit handed in. Never across regions, and never a
//! guess: where nothing tells two apart, both stay.

use std::collections::BTreeMap;

use crate::id::SubmissionId;
use crate::intake::edition::Edition;

/// One candidate, in the order of the report.
#[derive(Debug, Clone)]
pub struct Delivery<'a> {
    /// Which submission.
    pub id: &'a SubmissionId,
    /// Whose it is: region, unit. Compared as it stands here, so it comes normalised.
    pub unit: (&'a str, String),
    /// What it is called: title, and the date where the notice wants one in the name. Normalised too.
    pub work: String,
    /// How late its name and folder say it is.
    pub edition: Edition,
    /// When the file, or the archive around it, was last written, in nanoseconds since 1970; none where nobody knows.
    pub modified_ns: Option<i128>,
    /// It meets the requirements by itself.
    pub accepted: bool,
}

/// What told the later delivery from the earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecidedBy {
    /// `v2`, 第二稿, 修改版, 最终版, or a date in the file's name.
    Name,
    /// 补交 or a date in the name of a folder or archive.
    Folder,
    /// The time at which the file, or the archive around it, was written.
    Time,
}

/// How a submission stands to another delivery of the same work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Version {
    /// A later one takes its place.
    Superseded {
        /// The later one.
        by: SubmissionId,
        /// What decided.
        decided: DecidedBy,
    },
    /// A later one came, but cannot be shown: this one stays.
    StandsIn {
        /// The later one.
        later: SubmissionId,
        /// What decided.
        decided: DecidedBy,
    },
    /// It is the later one, but cannot be shown: the earlier one stays.
    NotTaken {
        /// The earlier one.
        earlier: SubmissionId,
        /// What decided.
        decided: DecidedBy,
    },
    /// Nothing tells which is the later one: both stay.
    Undecided {
        /// The other one.
        other: SubmissionId,
    },
}

/// Who takes whose place.
pub fn versions(deliveries: &[Delivery<'_>]) -> BTreeMap<SubmissionId, Version> {
    let mut works: BTreeMap<_, Vec<&Delivery<'_>>> = BTreeMap::new();
    for delivery in deliveries {
        let work = (delivery.unit.clone(), delivery.work.as_str());
        works.entry(work).or_default().push(delivery);
    }
    works.into_values().flat_map(of_one_work).collect()
}

/// What else the unit of each handed in, as it stands: without what was superseded. Empty lists are left out.
pub fn other_works(
    deliveries: &[Delivery<'_>],
    versions: &BTreeMap<SubmissionId, Version>,
) -> BTreeMap<SubmissionId, Vec<SubmissionId>> {
    let stands =
        |d: &&Delivery<'_>| !matches!(versions.get(d.id), Some(Version::Superseded { .. }));
    let mut units: BTreeMap<_, Vec<&Delivery<'_>>> = BTreeMap::new();
    for delivery in deliveries.iter().filter(stands) {
        units
            .entry(delivery.unit.clone())
            .or_default()
            .push(delivery);
    }
    let mut others = BTreeMap::new();
    for unit in units.into_values() {
        for one in &unit {
            let besides = unit.iter().filter(|other| other.work != one.work);
            let besides: Vec<SubmissionId> = besides.map(|other| other.id.clone()).collect();
            if !besides.is_empty() {
                others.insert(one.id.clone(), besides);
            }
        }
    }
    others
}

fn of_one_work(mut deliveries: Vec<&Delivery<'_>>) -> Vec<(SubmissionId, Version)> {
    deliveries.sort_by_key(|delivery| lateness(delivery));
    let shown = deliveries.iter().rposition(|delivery| delivery.accepted);
    let Some(standing) = shown.or(deliveries.len().checked_sub(1)) else {
        return vec![];
    };
    let kept = deliveries[standing];
    let versions = deliveries.iter().enumerate().filter_map(|(at, delivery)| {
        let decided = decided_by(delivery, kept);
        let version = match (at.cmp(&standing), decided) {
            (std::cmp::Ordering::Equal, _) => return beside(&deliveries, standing),
            (_, None) => Version::Undecided {
                other: kept.id.clone(),
            },
            (std::cmp::Ordering::Less, Some(decided)) => Version::Superseded {
                by: kept.id.clone(),
                decided,
            },
            (std::cmp::Ordering::Greater, Some(decided)) => Version::NotTaken {
                earlier: kept.id.clone(),
                decided,
            },
        };
        Some((delivery.id.clone(), version))
    });
    versions.collect()
}

/// What is to be said about the one that stays.
fn beside(deliveries: &[&Delivery<'_>], standing: usize) -> Option<(SubmissionId, Version)> {
    let kept = deliveries[standing];
    let latest = deliveries.last().filter(|latest| latest.id != kept.id);
    let later = latest.and_then(|latest| {
        let decided = decided_by(latest, kept)?;
        Some(Version::StandsIn {
            later: latest.id.clone(),
            decided,
        })
    });
    let undecided = || {
        let twin =
            |other: &&&Delivery<'_>| other.id != kept.id && decided_by(other, kept).is_none();
        let other = deliveries.iter().find(twin)?;
        Some(Version::Undecided {
            other: other.id.clone(),
        })
    };
    let version = later.or_else(undecided)?;
    Some((kept.id.clone(), version))
}

fn lateness(delivery: &Delivery<'_>) -> (Edition, Option<i128>) {
    (delivery.edition, delivery.modified_ns)
}

fn decided_by(one: &Delivery<'_>, other: &Delivery<'_>) -> Option<DecidedBy> {
    if one.edition.mark != other.edition.mark {
        Some(DecidedBy::Name)
    } else if one.edition.place != other.edition.place {
        Some(DecidedBy::Folder)
    } else {
        let times = one.modified_ns.zip(other.modified_ns);
        times.and_then(|(one, other)| (one != other).then_some(DecidedBy::Time))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `path time accepted|returned`; the work is what stands between the title marks.
    fn told(lines: &[&str]) -> String {
        let ids: Vec<_> = lines
            .iter()
            .map(|line| SubmissionId::of(line.split(' ').next().unwrap()))
            .collect();
        let deliveries: Vec<Delivery<'_>> = lines
            .iter()
            .zip(&ids)
            .map(|(line, id)| {
                let words: Vec<&str> = line.split(' ').collect();
                let (region, file) = words[0].split_once('/').unwrap();
                let (unit, rest) = file.rsplit('/').next().unwrap().split_once('《').unwrap();
                Delivery {
                    id,
                    unit: (&region[..6], unit.to_owned()),
                    work: rest.split('》').next().unwrap().to_owned(),
                    edition: Edition::of(words[0]),
                    modified_ns: words[1].parse().ok(),
                    accepted: words[2] == "accepted",
                }
            })
            .collect();
        let versions = versions(&deliveries);
        let others = other_works(&deliveries, &versions);
        let at = |id: &SubmissionId| ids.iter().position(|other| other == id).unwrap();
        let lines = ids.iter().enumerate().map(|(place, id)| {
            let said = match versions.get(id) {
                None => "stands".to_owned(),
                Some(Version::Superseded { by, decided }) => {
                    format!("superseded by {} ({decided:?})", at(by))
                }
                Some(Version::StandsIn { later, decided }) => {
                    format!("stands in for {} ({decided:?})", at(later))
                }
                Some(Version::NotTaken { earlier, decided }) => {
                    format!("not taken, {} stays ({decided:?})", at(earlier))
                }
                Some(Version::Undecided { other }) => format!("like {}?", at(other)),
            };
            let besides = others
                .get(id)
                .map(|ids| ids.iter().map(at).collect::<Vec<_>>());
            format!(
                "{place} {said}{}",
                besides.map_or_else(String::new, |b| format!(", beside {b:?}"))
            )
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn the_later_delivery_takes_the_place_of_the_earlier_one() {
        insta::assert_snapshot!(told(&[
            "川北/甲《雨》.mp4 9 accepted",
            "川北/甲《雨》v2.mp4 1 accepted",
            "川北/乙《雪》.mp4 1 returned",
            "川北补交/乙《雪》.mp4 1 accepted",
            "川北/丙《风》.mp4 1 accepted",
            "川北/二/丙《风》.mp4 2 accepted",
        ]), @r"
        0 superseded by 1 (Name)
        1 stands
        2 superseded by 3 (Folder)
        3 stands
        4 superseded by 5 (Time)
        5 stands
        ");
    }

    #[test]
    fn a_later_delivery_that_cannot_be_shown_leaves_the_earlier_one_in_place() {
        insta::assert_snapshot!(told(&[
            "川北/甲《雨》.mp4 1 accepted",
            "川北/甲《雨》v2.mp4 2 accepted",
            "川北/甲《雨》v3.mp4 3 returned",
        ]), @r"
        0 superseded by 1 (Name)
        1 stands in for 2 (Name)
        2 not taken, 1 stays (Name)
        ");
        insta::assert_snapshot!(told(&[
            "川北/甲《雨》.mp4 1 returned",
            "川北/甲《雨》v2.mp4 2 returned",
        ]), @r"
        0 superseded by 1 (Name)
        1 stands
        ");
    }

    #[test]
    fn where_nothing_tells_them_apart_both_stay() {
        insta::assert_snapshot!(told(&[
            "川北/一/甲《雨》.mp4 5 accepted",
            "川北/二/甲《雨》.mp4 5 accepted",
        ]), @r"
        0 like 1?
        1 like 0?
        ");
        insta::assert_snapshot!(told(&[
            "川北/一.zip/甲《雨》.mp4 - accepted",
            "川北/二/甲《雨》.mp4 5 accepted",
            "川北/三/甲《雨》.mp4 4 accepted",
        ]), @r"
        0 like 1?
        1 like 0?
        2 superseded by 1 (Time)
        ");
    }

    #[test]
    fn nothing_is_replaced_across_regions_and_other_works_stand_beside() {
        insta::assert_snapshot!(told(&[
            "川北/甲《雨》.mp4 1 accepted",
            "川东/甲《雨》v2.mp4 2 accepted",
            "川北/甲《雪》.mp4 1 accepted",
            "川北/甲《雪》v2.mp4 2 accepted",
        ]), @r"
        0 stands, beside [3]
        1 stands
        2 superseded by 3 (Name)
        3 stands, beside [0]
        ");
    }
}
