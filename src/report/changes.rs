//! What is different from the last time. In: two reports. Out: [`Changes`]: what is new, fixed, still open, gone. And
//! whether two reports differ in anything but the time at which they were made, so that a run that finds nothing new
//! leaves everything as it is. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{ChangedFinding, Changes, Job, JobOutcome, Region, Report, SubmissionReport};
use super::wording::name;
use crate::check::Finding;
use crate::id::SubmissionId;
use crate::text::Text;
use crate::units::Millis;

/// How the findings of `now` differ from those of `previous`.
pub fn changes(previous: &Report, now: &Report) -> Changes {
    let (before, after) = (open_findings(previous, now), open_findings(now, now));
    let present = whose_findings_count(now);
    let mut changes = Changes {
        since: previous.started_at.clone(),
        ..Changes::default()
    };
    for (key, finding) in &after {
        let list = if before.contains_key(key) {
            &mut changes.open
        } else {
            &mut changes.new
        };
        list.push(finding.clone());
    }
    for (key, finding) in before {
        if after.contains_key(&key) {
            continue;
        }
        let list = if present.contains(&key.0) {
            &mut changes.fixed
        } else {
            &mut changes.removed
        };
        list.push(finding);
    }
    changes
}

/// Since when each video is accepted: what the last report knows stays, and what is new counts from now.
pub fn keep_acceptance(previous: Option<&Report>, now: &mut Report) {
    let known: BTreeMap<&SubmissionId, String> = previous
        .into_iter()
        .flat_map(|report| report.submissions.iter().map(move |s| (report, s)))
        .filter_map(|(report, submission)| {
            // An earlier version of this program did not write it down: its run knew the video, at least.
            let accepted = submission.verdict.is_accepted();
            let since = submission.first_accepted.clone();
            let since = since.or_else(|| accepted.then(|| report.started_at.clone()))?;
            Some((&submission.id, since))
        })
        .collect();
    for submission in &mut now.submissions {
        let from_now = || {
            let accepted = submission.verdict.is_accepted();
            accepted.then(|| now.started_at.clone())
        };
        submission.first_accepted = known.get(&submission.id).cloned().or_else(from_now);
    }
}

/// Whether the two say the same, whenever and however long each of them took: then the earlier one stays. Something
/// that was made in `now` is news.
pub fn same_but_for_time(previous: &Report, now: &Report) -> bool {
    if now.totals.made > 0 {
        return false;
    }
    let (previous, now) = rayon::join(|| timeless(previous), || timeless(now));
    previous == now
}

/// The report without its times, its comparison, and the difference between "made" and "already there".
fn timeless(report: &Report) -> Report {
    let mut report = report.clone();
    report.started_at.clear();
    report.changes = None;
    let totals = &mut report.totals;
    totals.wall_ms = Millis(0);
    totals.up_to_date += std::mem::take(&mut totals.made);
    for submission in &mut report.submissions {
        submission.job = submission.job.take().map(settled);
    }
    report
}

fn settled(job: Job) -> Job {
    match job.outcome {
        JobOutcome::Done | JobOutcome::UpToDate => Job {
            outcome: JobOutcome::UpToDate,
            reason: Text::default(),
            ..job
        },
        _ => job,
    }
}

/// Whom a finding is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum About {
    Region(String),
    Submission(SubmissionId),
}

/// Whom, which rule, and the how-manieth of that rule.
type Key = (About, String, usize);

/// All open findings of a report, in an order that does not depend on the order of the inbox. A submission whose path
/// has changed goes by the id that `now` knows it by.
fn open_findings(report: &Report, now: &Report) -> BTreeMap<Key, ChangedFinding> {
    let ids: BTreeSet<_> = now.submissions.iter().map(|s| &s.id).collect();
    let mut found = BTreeMap::new();
    for region in &report.regions {
        let about = About::Region(region.name.clone());
        add(&mut found, &about, &region.findings, |finding| {
            of_region(region, finding)
        });
    }
    for submission in report.submissions.iter().filter(|s| counts(s)) {
        let here = ids.contains(&submission.id).then_some(&submission.id);
        let id = here
            .or_else(|| moved(submission, now))
            .unwrap_or(&submission.id);
        let about = About::Submission(id.clone());
        add(&mut found, &about, &submission.findings, |finding| {
            of_submission(id, submission, finding)
        });
    }
    found
}

fn add(
    found: &mut BTreeMap<Key, ChangedFinding>,
    about: &About,
    findings: &[Finding],
    line: impl Fn(&Finding) -> ChangedFinding,
) {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in findings.iter().filter(|f| f.is_open()) {
        let nth = seen.entry(&finding.rule).or_default();
        found.insert((about.clone(), finding.rule.clone(), *nth), line(finding));
        *nth += 1;
    }
}

/// The same unit's video of the same title under another path.
fn moved<'a>(gone: &SubmissionReport, now: &'a Report) -> Option<&'a SubmissionId> {
    gone.unit.as_ref().zip(gone.title.as_ref())?;
    let same = |s: &&SubmissionReport| s.unit == gone.unit && s.title == gone.title && counts(s);
    now.submissions.iter().find(same).map(|s| &s.id)
}

/// A later delivery took its place: nobody has to do anything about it.
fn counts(submission: &SubmissionReport) -> bool {
    submission.superseded_by.is_none()
}

fn whose_findings_count(now: &Report) -> BTreeSet<About> {
    let regions = now.regions.iter().map(|r| About::Region(r.name.clone()));
    let submissions = now.submissions.iter().filter(|s| counts(s));
    regions
        .chain(submissions.map(|s| About::Submission(s.id.clone())))
        .collect()
}

fn of_region(region: &Region, finding: &Finding) -> ChangedFinding {
    ChangedFinding {
        submission: None,
        region: region.name.clone(),
        name: String::new(),
        rule: finding.rule.clone(),
        message: finding.message.clone(),
    }
}

fn of_submission(
    id: &SubmissionId,
    submission: &SubmissionReport,
    finding: &Finding,
) -> ChangedFinding {
    ChangedFinding {
        submission: Some(id.clone()),
        region: submission.region.clone(),
        name: name(submission),
        rule: finding.rule.clone(),
        message: finding.message.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn submission<'a>(report: &'a mut Report, title: &str) -> &'a mut SubmissionReport {
        let named = |s: &&mut SubmissionReport| s.title.as_deref() == Some(title);
        report.submissions.iter_mut().find(named).unwrap()
    }

    fn lines(findings: &[ChangedFinding]) -> String {
        let line = |f: &ChangedFinding| format!("{} {} {}", f.region, f.name, f.rule);
        findings.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn every_finding_is_new_fixed_still_open_or_gone() {
        let before = sample::report();
        let mut now = sample::report();
        now.started_at = "2026-07-13T08:30:00Z".into();
        submission(&mut now, "雨巷").findings.remove(0);
        submission(&mut now, "猫").findings[0].waived = Some(sample::waiver());
        let mut mute = submission(&mut now, "我们的食堂").findings[0].clone();
        mute.rule = "sound".into();
        submission(&mut now, "爱我中华").findings.push(mute);
        now.submissions
            .retain(|s| s.title.as_deref() != Some("合唱"));
        now.regions[6].findings.clear();
        let changes = changes(&before, &now);
        assert_eq!(changes.since, before.started_at);
        insta::assert_snapshot!(lines(&changes.new), @"成都第一片区 西南民族大学《爱我中华》 sound");
        insta::assert_snapshot!(lines(&changes.fixed), @"
        川西片区  recommendation
        成都第二片区 成都信息工程大学《雨巷》 duration
        川北片区 西南科技大学《猫》 audio
        ");
        insta::assert_snapshot!(lines(&changes.removed), @"成都第四片区 四川音乐学院《合唱》 readable");
        assert_eq!(changes.open.len(), 4, "{:?}", changes.open);
    }

    #[test]
    fn a_video_that_was_moved_or_renamed_keeps_its_findings() {
        let before = sample::report();
        let mut now = sample::report();
        submission(&mut now, "雨巷").id = SubmissionId::of("elsewhere");
        let changes = changes(&before, &now);
        assert_eq!((changes.new.len(), changes.removed.len()), (0, 0));
        assert_eq!((changes.fixed.len(), changes.open.len()), (0, 8));
    }

    #[test]
    fn what_a_later_delivery_replaced_is_gone_and_not_fixed() {
        let before = sample::report();
        let mut now = sample::report();
        submission(&mut now, "雨巷").superseded_by = Some(SubmissionId::of("later"));
        let changes = changes(&before, &now);
        assert_eq!((changes.fixed.len(), changes.removed.len()), (0, 2));
    }

    #[test]
    fn a_finding_twice_under_one_rule_is_two_findings() {
        let before = sample::report();
        let mut now = sample::report();
        let again = submission(&mut now, "雨巷").findings[0].clone();
        submission(&mut now, "雨巷").findings.push(again);
        assert_eq!(changes(&before, &now).new.len(), 1);
    }

    #[test]
    fn only_time_and_what_was_made_may_differ_for_nothing_to_have_happened() {
        let before = sample::report();
        let mut later = sample::report();
        later.started_at = "2026-07-13T08:30:00Z".into();
        later.totals.wall_ms = Millis(1);
        (later.totals.made, later.totals.up_to_date) = (0, 4);
        for submission in &mut later.submissions {
            let job = submission.job.as_mut().unwrap();
            if job.outcome == JobOutcome::Done {
                (job.outcome, job.reason) = (JobOutcome::UpToDate, Text::same("nothing to do"));
            }
        }
        assert!(same_but_for_time(&before, &later));
        assert!(!same_but_for_time(&later, &before), "something was made");
        let mut other = later.clone();
        other.showcase.resubmit_by = Some("2021-07-12".into());
        assert!(!same_but_for_time(&before, &other));
        submission(&mut later, "雨巷").findings.clear();
        assert!(!same_but_for_time(&before, &later));
    }

    #[test]
    fn since_when_a_video_is_accepted_stays_whatever_is_made_again() {
        let mut first = sample::report();
        keep_acceptance(None, &mut first);
        let since = |report: &Report, title: &str| {
            let mut report = report.clone();
            submission(&mut report, title).first_accepted.clone()
        };
        let now = Some(first.started_at.clone());
        assert_eq!(since(&first, "我们的食堂"), now);
        let returned = |s: &&SubmissionReport| !s.verdict.is_accepted();
        assert!(
            first
                .submissions
                .iter()
                .filter(returned)
                .all(|s| s.first_accepted.is_none())
        );

        let mut later = sample::report();
        later.started_at = "2026-08-01T00:00:00Z".into();
        submission(&mut later, "我们的食堂").verdict = crate::check::Verdict::Returned;
        keep_acceptance(Some(&first), &mut later);
        assert_eq!(
            since(&later, "我们的食堂"),
            now,
            "it comes back with its first day"
        );
        assert_eq!(since(&later, "爱我中华"), now);

        let mut of_an_older_program = first.clone();
        for submission in &mut of_an_older_program.submissions {
            submission.first_accepted = None;
        }
        let mut again = sample::report();
        again.started_at = "2026-08-02T00:00:00Z".into();
        keep_acceptance(Some(&of_an_older_program), &mut again);
        assert_eq!(since(&again, "爱我中华"), now);
        of_an_older_program.submissions.clear();
        keep_acceptance(Some(&of_an_older_program), &mut again);
        assert_eq!(
            since(&again, "爱我中华"),
            Some("2026-08-02T00:00:00Z".into())
        );
    }
}
