//! How the report names things: submissions, where they stand, what is the matter, times. In: parts of the model.
//! Out: words, cleaned of whatever could play tricks. Shared by page, letter and terminal, so that they agree.

use std::collections::BTreeMap;

use super::model::{DuplicateKind, DuplicateOf, JobOutcome, Report, SubmissionReport};
use super::terminal::printable;
use crate::check::{Finding, Level, Verdict};
use crate::id::SubmissionId;
use crate::text::Text;
use crate::units::Millis;

/// Where a submission stands in the end: its verdict, or that we did not manage to make it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Standing {
    /// Accepted, but the making failed: ours to put right, so it comes first.
    Failed,
    /// As judged.
    Judged(Verdict),
}

impl Standing {
    pub(crate) fn of(submission: &SubmissionReport) -> Self {
        match &submission.job {
            Some(job) if job.outcome == JobOutcome::Failed => Standing::Failed,
            _ => Standing::Judged(submission.verdict),
        }
    }

    /// Whether somebody has to act before this video can be shown.
    pub(crate) fn needs_action(self) -> bool {
        match self {
            Standing::Failed => true,
            Standing::Judged(verdict) => !verdict.is_accepted(),
        }
    }

    /// The word for style sheets and filters.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Standing::Failed => "failed",
            Standing::Judged(Verdict::Unreadable) => "unreadable",
            Standing::Judged(Verdict::Returned) => "returned",
            Standing::Judged(Verdict::Duplicate) => "duplicate",
            Standing::Judged(Verdict::AcceptedWithWarnings) => "warnings",
            Standing::Judged(Verdict::Accepted) => "accepted",
        }
    }

    /// The word for people.
    pub(crate) fn text(self) -> Text {
        match self {
            Standing::Failed => Text::new("制作失败", "failed"),
            Standing::Judged(verdict) => verdict.text(),
        }
    }
}

/// Submissions that need somebody's hand, our own failures first, else in the report's order.
pub(crate) fn needing_action(report: &Report) -> Vec<&SubmissionReport> {
    let mut found: Vec<_> = report
        .submissions
        .iter()
        .filter(|s| Standing::of(s).needs_action() && s.superseded_by.is_none())
        .collect();
    found.sort_by_key(|s| Standing::of(s));
    found
}

/// Whether a submission is shown and nothing is left to do about it.
pub(crate) fn is_settled(submission: &SubmissionReport) -> bool {
    !Standing::of(submission).needs_action() && submission.superseded_by.is_none()
}

/// Submissions that a later delivery took the place of.
pub(crate) fn superseded(report: &Report) -> impl Iterator<Item = &SubmissionReport> {
    report
        .submissions
        .iter()
        .filter(|s| s.superseded_by.is_some())
}

/// What took a submission's place: the path of the later delivery, as names are the same; empty where nothing did.
pub(crate) fn superseding(submission: &SubmissionReport, by_id: &ById<'_>) -> String {
    let Some(id) = &submission.superseded_by else {
        return String::new();
    };
    by_id
        .get(id)
        .map_or_else(|| id.to_string(), |later| printable(&later.source))
}

/// Submissions by their id.
pub(crate) type ById<'a> = BTreeMap<&'a SubmissionId, &'a SubmissionReport>;

pub(crate) fn by_id(report: &Report) -> ById<'_> {
    report.submissions.iter().map(|s| (&s.id, s)).collect()
}

/// `单位《视频名称》`; the name it was handed in under where that says neither.
pub(crate) fn name(submission: &SubmissionReport) -> String {
    match (&submission.unit, &submission.title) {
        (Some(unit), Some(title)) => format!("{}《{}》", printable(unit), printable(title)),
        (None, Some(title)) => format!("《{}》", printable(title)),
        (Some(unit), None) => printable(unit),
        (None, None) => printable(&submission.original_name),
    }
}

/// The region's name, or that there is none.
pub(crate) fn region(name: &str) -> Text {
    if name.is_empty() {
        Text::new("未归入片区", "no region")
    } else {
        Text::same(printable(name))
    }
}

/// The regions in the report's order, then those that only submissions, the roster or links name.
pub(crate) fn region_names(report: &Report) -> Vec<&str> {
    let regions = report.regions.iter().map(|r| r.name.as_str());
    let submissions = report.submissions.iter().map(|s| s.region.as_str());
    let roster = report.roster.iter().map(|u| u.region.as_str());
    let links = report.links.iter().map(|l| l.region.as_str());
    let mut names = Vec::new();
    for name in regions.chain(submissions).chain(roster).chain(links) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// The name that the notice wants: the one that we gave a misnamed file, if we did.
pub(crate) fn standard_name(submission: &SubmissionReport) -> Option<String> {
    let naming = submission.findings.iter().find(|f| f.rule == "naming");
    naming
        .and_then(|finding| finding.repaired.as_deref())
        .map(printable)
}

/// The one thing to say about a submission where there is room for only one.
pub(crate) fn headline(submission: &SubmissionReport, by_id: &ById<'_>) -> Text {
    if let (Standing::Failed, Some(job)) = (Standing::of(submission), &submission.job) {
        return clean(&job.reason);
    }
    let repeats_only = !is_bound(&submission.findings);
    if let Some(same) = duplicate_to_settle(submission, by_id).filter(|_| repeats_only) {
        return same;
    }
    gravest(&submission.findings).map_or_else(
        || Standing::of(submission).text(),
        |finding| clean(&finding.message),
    )
}

fn is_bound(findings: &[Finding]) -> bool {
    let binding = |f: &Finding| f.is_open() && f.level == Level::Requirement;
    findings.iter().any(binding)
}

fn gravest(findings: &[Finding]) -> Option<&Finding> {
    let open = |f: &&Finding| f.is_open();
    let binding = |f: &&Finding| f.is_open() && f.level == Level::Requirement;
    findings
        .iter()
        .find(binding)
        .or_else(|| findings.iter().find(open))
        .or_else(|| findings.first())
}

/// Which submission this one repeats, and what the office must still do about it.
pub(crate) fn duplicate_to_settle(submission: &SubmissionReport, by_id: &ById<'_>) -> Option<Text> {
    let said = duplicate(submission, by_id)?;
    let near = |same: &DuplicateOf| same.kind == DuplicateKind::Near;
    if let Some(confirmed) = &submission.confirmed {
        return confirmed.same.then_some(said);
    }
    if !submission.duplicate_of.as_ref().is_some_and(near) {
        return Some(said);
    }
    Some(Text::new(
        format!("{}，请人工确认", said.zh),
        format!("{}; a person should confirm", said.en),
    ))
}

/// Which submission this one repeats, and how they are the same.
pub(crate) fn duplicate(submission: &SubmissionReport, by_id: &ById<'_>) -> Option<Text> {
    let same = submission.duplicate_of.as_ref()?;
    let other = match by_id.get(&same.id) {
        Some(first) if first.region == submission.region => Text::same(name(first)),
        Some(first) => {
            let region = region(&first.region);
            Text::new(
                format!("{}（{}）", name(first), region.zh),
                format!("{} ({})", name(first), region.en),
            )
        }
        None => Text::same(same.id.to_string()),
    };
    Some(match same.kind {
        DuplicateKind::Exact => Text::new(
            format!("与{}是同一个文件", other.zh),
            format!("the same file as {}", other.en),
        ),
        DuplicateKind::Essence => Text::new(
            format!("与{}画面和声音完全相同，只是换了封装", other.zh),
            format!("the same picture and sound as {}, rewrapped", other.en),
        ),
        DuplicateKind::Near => Text::new(
            format!(
                "与{}看起来是同一部片子（相似度 {:.0}%）",
                other.zh,
                same.score * 100.0
            ),
            format!(
                "looks the same as {} (likeness {:.0}%)",
                other.en,
                same.score * 100.0
            ),
        ),
    })
}

/// A text whose two wordings are safe to show.
pub(crate) fn clean(text: &Text) -> Text {
    Text::new(printable(&text.zh), printable(&text.en))
}

/// `3:25`, or `1:02:03` from an hour on, to the nearest second.
pub(crate) fn clock(time: Millis) -> String {
    let seconds = time.0.saturating_add(500) / 1000;
    let (h, m, s) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if h > 0 {
        format!("{h}:{m:02}:{s:02}")
    } else {
        format!("{m}:{s:02}")
    }
}

/// An RFC 3339 time in UTC as people write it; anything else as it stands.
pub(crate) fn date(rfc3339: &str) -> Text {
    let parts = || {
        let (day, time) = rfc3339.strip_suffix('Z')?.split_once('T')?;
        let mut day = day.splitn(3, '-').map(str::parse::<u32>);
        let (year, month, day) = (day.next()?.ok()?, day.next()?.ok()?, day.next()?.ok()?);
        Some((year, month, day, time.get(..5)?))
    };
    match parts() {
        Some((year, month, day, time)) => Text::new(
            format!("{year}年{month}月{day}日 {time}（UTC）"),
            format!("{year}-{month:02}-{day:02} {time} (UTC)"),
        ),
        None => Text::same(printable(rfc3339)),
    }
}

/// How a job ended, in words.
pub(crate) fn outcome(outcome: JobOutcome) -> Text {
    match outcome {
        JobOutcome::Done => Text::new("已制作", "made"),
        JobOutcome::UpToDate => Text::new("已是最新", "up to date"),
        JobOutcome::Returned => Text::new("未制作", "not made"),
        JobOutcome::Failed => Text::new("制作失败", "failed"),
        JobOutcome::Cancelled => Text::new("已取消", "cancelled"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn times_are_rounded_to_the_second() {
        let shown = [0, 499, 59_500, 3_599_500, 3_723_004].map(|ms| clock(Millis(ms)));
        assert_eq!(shown, ["0:00", "0:00", "1:00", "1:00:00", "1:02:03"]);
    }

    #[test]
    fn a_date_reads_as_people_write_it_and_anything_else_is_left_alone() {
        let date_zh = |text| date(text).zh;
        assert_eq!(
            date_zh("2026-07-12T08:30:00Z"),
            "2026年7月12日 08:30（UTC）"
        );
        assert_eq!(date("2026-07-12T08:30:00Z").en, "2026-07-12 08:30 (UTC)");
        for odd in [
            "",
            "yesterday",
            "2026-07-12",
            "2026-07T08:30Z",
            "a-b-cTd:eZ",
        ] {
            assert_eq!(date_zh(odd), odd);
        }
    }

    #[test]
    fn our_own_failures_come_before_what_the_units_must_do() {
        let report = sample::report();
        let standings: Vec<_> = needing_action(&report)
            .into_iter()
            .map(|s| Standing::of(s).key())
            .collect();
        assert_eq!(
            standings,
            [
                "failed",
                "unreadable",
                "returned",
                "returned",
                "returned",
                "duplicate",
                "duplicate"
            ]
        );
    }

    #[test]
    fn a_headline_is_found_for_every_submission() {
        let mut report = sample::report();
        for submission in &mut report.submissions {
            submission.findings.clear();
        }
        let by_id = by_id(&report);
        let headlines: Vec<_> = report
            .submissions
            .iter()
            .map(|s| headline(s, &by_id).en)
            .collect();
        insta::assert_snapshot!(headlines.join("\n"), @"
        accepted
        returned
        accepted with warnings
        returned
        accepted
        returned
        unreadable
        the same file as 西南民族大学《爱我中华》 (成都第一片区)
        accepted with warnings
        looks the same as 西南科技大学《猫》 (川北片区) (likeness 97%); a person should confirm
        the disk is full, 1.20 GiB are missing
        ");
    }

    #[test]
    fn a_waived_finding_is_not_the_headline_while_another_is_open() {
        let mut returned = sample::find("雨巷");
        let by_id = BTreeMap::new();
        let first = headline(&returned, &by_id);
        returned.findings[0].waived = Some(sample::waiver());
        assert_ne!(headline(&returned, &by_id), first);
    }

    #[test]
    fn a_duplicate_of_something_unknown_is_named_by_its_id() {
        let mut copy = sample::find("合唱");
        let id = SubmissionId::of("gone");
        copy.duplicate_of = Some(DuplicateOf {
            id: id.clone(),
            kind: DuplicateKind::Essence,
            score: 1.0,
        });
        let said = duplicate(&copy, &BTreeMap::new()).unwrap();
        assert_eq!(
            said.en,
            format!("the same picture and sound as {id}, rewrapped")
        );
    }

    #[test]
    fn a_name_is_found_whatever_is_missing() {
        let mut film = sample::find("合唱");
        assert_eq!(name(&film), "四川音乐学院《合唱》");
        film.unit = None;
        assert_eq!(name(&film), "《合唱》");
        film.title = None;
        assert_eq!(name(&film), "四川音乐学院《合唱》.mp4");
        film.unit = Some("四川音乐学院".into());
        assert_eq!(name(&film), "四川音乐学院");
    }

    #[test]
    fn every_outcome_has_its_word() {
        use JobOutcome::{Cancelled, Done, Failed, Returned, UpToDate};
        let words = [Done, UpToDate, Returned, Failed, Cancelled].map(|o| outcome(o).en);
        assert_eq!(
            words,
            ["made", "up to date", "not made", "failed", "cancelled"]
        );
    }
}
