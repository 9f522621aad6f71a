//! Which sheets there are and what stands in them. In: a [`Report`]. Out: [`Sheet`]s as values; nothing here knows the
//! file format.

use std::collections::{BTreeMap, BTreeSet};

use super::{Cell, Column, SecondPage, Sheet, column};
use crate::check::{Finding, Level, Verdict};
use crate::probe::{AudioInfo, VideoInfo};
use crate::report::model::{LinkSubmission, Region, Report, RosterUnit, SubmissionReport};
use crate::report::terminal::printable;
use crate::report::wording::{
    ById, Standing, by_id, clean, duplicate, name, region, region_names, standard_name, superseding,
};
use crate::text::Text;
use crate::units::Millis;

/// All sheets, the whole first.
pub(super) fn all(report: &Report) -> Vec<Sheet> {
    let table = Table {
        by_id: by_id(report),
    };
    let everything: Vec<_> = report.submissions.iter().collect();
    let mut sheets = vec![table.submissions(Text::new("总表", "All"), &everything)];
    for name in region_names(report) {
        let own: Vec<_> = everything
            .iter()
            .filter(|s| s.region == name)
            .copied()
            .collect();
        if !own.is_empty() {
            sheets.push(table.submissions(region(name), &own));
        }
    }
    if !report.roster.is_empty() {
        sheets.push(table.roster(&report.roster));
    }
    if !report.links.is_empty() {
        sheets.push(links(&report.links));
    }
    sheets.push(statistics(report));
    sheets.push(findings_by_rule(report));
    sheets
}

struct Table<'a> {
    by_id: ById<'a>,
}

impl Table<'_> {
    fn submissions(&self, name: Text, submissions: &[&SubmissionReport]) -> Sheet {
        let rows = submissions.iter().enumerate();
        Sheet {
            name,
            columns: submission_columns(),
            second_page: Some(SecondPage {
                from: ON_THE_FIRST_PAGE,
                repeated: UNIT_AND_TITLE,
            }),
            rows: rows.map(|(at, s)| self.submission(at + 1, s)).collect(),
        }
    }

    fn submission(&self, number: usize, submission: &SubmissionReport) -> Vec<Cell> {
        let media = submission.media.as_ref();
        let video = media.and_then(|m| m.video.as_ref());
        let sound = media.and_then(|m| m.audio.as_ref());
        let size = |v: &VideoInfo| format!("{}×{}", v.display_width, v.display_height);
        vec![
            Cell::Count(number),
            Cell::Text(region(&submission.region)),
            Cell::optional(submission.unit.as_deref()),
            Cell::optional(submission.title.as_deref()),
            Cell::Standing(Standing::of(submission)),
            Cell::lines(&what_was_found(submission)),
            media.map_or(Cell::Empty, |m| Cell::Length(m.duration_ms.0)),
            media.map_or(Cell::Empty, |m| {
                Cell::Decimal(m.bytes.0 as f64 / f64::from(1 << 20))
            }),
            video.map_or(Cell::Empty, |v| Cell::name(&size(v))),
            self.relations(submission),
            video.map_or(Cell::Empty, |v| Cell::name(&v.frame_rate.to_string())),
            loudness(media.is_some(), sound),
            Cell::name(&submission.original_name),
            Cell::optional(standard_name(submission).as_deref()),
            Cell::optional(submission.introduction.as_deref()),
            outputs(submission),
            Cell::name(submission.id.as_str()),
        ]
    }

    /// Whom it repeats, and what took its place.
    fn relations(&self, submission: &SubmissionReport) -> Cell {
        let later = submission.superseded_by.as_ref().map(|_| {
            let later = superseding(submission, &self.by_id);
            Text::new(
                format!("已被后来报送的版本代替：{later}"),
                format!("a later delivery took its place: {later}"),
            )
        });
        let same = duplicate(submission, &self.by_id);
        Cell::lines(&same.into_iter().chain(later).collect::<Vec<_>>())
    }

    fn roster(&self, roster: &[RosterUnit]) -> Sheet {
        let columns = vec![
            column("片区", "Region", 16),
            column("单位", "Unit", 32),
            column("报送情况", "Handed in", 14),
            column("报送的视频", "Videos", 50),
            column("结论", "Verdicts", 20),
        ];
        Sheet {
            name: Text::new("名册", "Roster"),
            columns,
            second_page: None,
            rows: roster.iter().map(|unit| self.unit(unit)).collect(),
        }
    }

    fn unit(&self, unit: &RosterUnit) -> Vec<Cell> {
        let videos: Vec<_> = unit
            .submissions
            .iter()
            .filter_map(|id| self.by_id.get(id))
            .collect();
        let state = match (unit.submissions.len(), unit.by_link) {
            (0, false) => Cell::Missing(Text::new("未报送", "missing")),
            (0, true) => Cell::Text(Text::new("以链接报送", "by link")),
            (count, _) => Cell::Text(Text::new(format!("{count} 个"), count.to_string())),
        };
        let verdicts: Vec<_> = videos.iter().map(|s| Standing::of(s).text()).collect();
        let names: Vec<_> = videos.iter().map(|s| Text::same(name(s))).collect();
        vec![
            Cell::Text(region(&unit.region)),
            Cell::name(&unit.unit),
            state,
            Cell::lines(&names),
            Cell::lines(&verdicts),
        ]
    }
}

/// The first [`ON_THE_FIRST_PAGE`] of these are what a meeting needs; the others are printed on a page of their own,
/// beside unit and title again.
fn submission_columns() -> Vec<Column> {
    vec![
        column("序号", "No.", 5),
        column("片区", "Region", 12),
        column("单位", "Unit", 18),
        column("视频名称", "Title", 18),
        column("结论", "Verdict", 14),
        column("发现的问题", "Findings", 44),
        column("时长", "Length", 7),
        column("大小 MiB", "MiB", 8),
        column("画面", "Picture", 11),
        column("重复与替代", "Repeats, replaced", 24),
        column("帧率", "fps", 7),
        column("响度 LUFS", "LUFS", 9),
        column("原文件名", "Handed in as", 28),
        column("建议文件名", "Standard name", 26),
        column("简介", "Introduction", 26),
        column("成品文件", "Files made", 32),
        column("编号", "Id", 13),
    ]
}

/// How many columns stand on the first page of a print, and which are repeated on the second.
const ON_THE_FIRST_PAGE: u16 = 10;
const UNIT_AND_TITLE: (u16, u16) = (2, 3);

fn what_was_found(submission: &SubmissionReport) -> Vec<Text> {
    let failed = match (Standing::of(submission), &submission.job) {
        (Standing::Failed, Some(job)) => Some(clean(&job.reason)),
        _ => None,
    };
    failed
        .into_iter()
        .chain(submission.findings.iter().map(finding))
        .collect()
}

/// One finding as one line: what is wrong, and what has been settled about it.
fn finding(finding: &Finding) -> Text {
    let said = clean(&finding.message);
    let measured = clean(&finding.measured);
    let advice = finding.level == Level::Advice;
    let fact = |said: &str, measured: &str, open: &str, close: &str| match measured {
        "" => said.to_owned(),
        measured => format!("{said}{open}{measured}{close}"),
    };
    let (zh, en) = if let Some(waiver) = &finding.waived {
        let (by, reason) = (printable(&waiver.by), printable(&waiver.reason));
        (
            format!("；{by}同意放行：{reason}"),
            format!("; waived by {by}: {reason}"),
        )
    } else if let Some(repaired) = &finding.repaired {
        let repaired = printable(repaired);
        (
            format!("；已改为 {repaired}"),
            format!("; repaired: {repaired}"),
        )
    } else {
        (String::new(), String::new())
    };
    Text::new(
        format!(
            "{}{}{zh}",
            if advice { "建议：" } else { "" },
            fact(&said.zh, &measured.zh, "（实测 ", "）")
        ),
        format!(
            "{}{}{en}",
            if advice { "advice: " } else { "" },
            fact(&said.en, &measured.en, " (measured: ", ")")
        ),
    )
}

fn loudness(measured: bool, audio: Option<&AudioInfo>) -> Cell {
    match audio {
        Some(audio) => audio.loudness_lufs.map_or(Cell::Empty, Cell::Decimal),
        None if measured => Cell::Text(Text::new("没有声音", "none")),
        None => Cell::Empty,
    }
}

fn outputs(submission: &SubmissionReport) -> Cell {
    let Some(outputs) = &submission.outputs else {
        return Cell::Empty;
    };
    let files = [&outputs.master, &outputs.web_mp4];
    let files = files.into_iter().chain(&outputs.subtitles);
    Cell::lines(
        &files
            .map(|path| Text::same(printable(path)))
            .collect::<Vec<_>>(),
    )
}

fn links(links: &[LinkSubmission]) -> Sheet {
    let columns = vec![
        column("片区", "Region", 16),
        column("单位", "Unit", 30),
        column("标题", "Title", 30),
        column(
            "链接（只登记，不下载）",
            "Link (recorded, never fetched)",
            60,
        ),
        column("写在哪个文件里", "Written in", 40),
    ];
    let row = |link: &LinkSubmission| {
        vec![
            Cell::Text(region(&link.region)),
            Cell::optional(link.unit.as_deref()),
            Cell::optional(link.title.as_deref()),
            Cell::name(&link.url),
            Cell::name(&link.source),
        ]
    };
    Sheet {
        name: Text::new("链接", "Links"),
        columns,
        second_page: None,
        rows: links.iter().map(row).collect(),
    }
}

fn statistics(report: &Report) -> Sheet {
    let by_id = by_id(report);
    let columns = vec![
        column("片区", "Region", 20),
        column("收到", "Received", 10),
        column("通过", "Accepted", 10),
        column("通过（有提醒）", "With warnings", 16),
        column("退回", "Returned", 10),
        column("无法读取", "Unreadable", 12),
        column("重复", "Duplicate", 10),
        column("制作失败", "Failed", 10),
        column("已被代替", "Replaced", 10),
        column("链接", "Links", 8),
        column("名册单位", "Units on roster", 16),
        column("未报送单位", "Missing units", 16),
        column("通过的总时长", "Length accepted", 16),
        column("推荐参加年会", "Recommended", 40),
    ];
    let mut rows: Vec<_> = region_names(report)
        .into_iter()
        .map(|name| {
            let known = report.regions.iter().find(|r| r.name == name);
            count(report, Some(name), region(name), recommended(known, &by_id))
        })
        .collect();
    let sum = Text::new("合计", "Total");
    rows.push(count(report, None, sum, Cell::Empty));
    Sheet {
        name: Text::new("统计", "Statistics"),
        columns,
        second_page: None,
        rows,
    }
}

fn recommended(region: Option<&Region>, by_id: &ById<'_>) -> Cell {
    let chosen = region.and_then(|r| r.recommended.as_ref());
    chosen
        .and_then(|id| by_id.get(id))
        .map_or(Cell::Empty, |s| Cell::Text(Text::same(name(s))))
}

/// A line of sums: over one region, or over all.
fn count(report: &Report, only: Option<&str>, label: Text, recommended: Cell) -> Vec<Cell> {
    let is_wanted = |name: &str| only.is_none_or(|only| only == name);
    let own: Vec<_> = report
        .submissions
        .iter()
        .filter(|s| is_wanted(&s.region))
        .collect();
    let judged = |verdict| own.iter().filter(|s| s.verdict == verdict).count();
    let failed = own
        .iter()
        .filter(|s| Standing::of(s) == Standing::Failed)
        .count();
    let replaced = own.iter().filter(|s| s.superseded_by.is_some()).count();
    let repeated = own
        .iter()
        .filter(|s| Standing::of(s) == Standing::Judged(Verdict::Duplicate))
        .count();
    let units: Vec<_> = report
        .roster
        .iter()
        .filter(|u| is_wanted(&u.region))
        .collect();
    let accepted = own.iter().filter(|s| s.verdict.is_accepted());
    let length: u64 = accepted
        .filter_map(|s| s.media.as_ref())
        .map(|m| m.duration_ms)
        .map(|Millis(ms)| ms)
        .sum();
    vec![
        Cell::Text(label),
        Cell::Count(own.len()),
        Cell::Count(judged(Verdict::Accepted)),
        Cell::Count(judged(Verdict::AcceptedWithWarnings)),
        Cell::Count(judged(Verdict::Returned)),
        Cell::Count(judged(Verdict::Unreadable)),
        Cell::Count(repeated),
        Cell::Count(failed),
        Cell::Count(replaced),
        Cell::Count(report.links.iter().filter(|l| is_wanted(&l.region)).count()),
        Cell::Count(units.len()),
        Cell::Count(units.iter().filter(|u| u.is_missing()).count()),
        Cell::Length(length),
        recommended,
    ]
}

/// How often a rule spoke.
#[derive(Default)]
struct Tally<'a> {
    videos: BTreeSet<&'a str>,
    requirements: usize,
    advice: usize,
    settled: usize,
    example: Option<&'a Text>,
}

/// What is found most, so that the next notice can say it better.
fn findings_by_rule(report: &Report) -> Sheet {
    let mut rules: BTreeMap<&str, Tally> = BTreeMap::new();
    for submission in &report.submissions {
        for finding in &submission.findings {
            let tally = rules.entry(&finding.rule).or_default();
            tally.videos.insert(submission.id.as_str());
            match finding.level {
                _ if !finding.is_open() => tally.settled += 1,
                Level::Requirement => tally.requirements += 1,
                Level::Advice => tally.advice += 1,
            }
            tally.example.get_or_insert(&finding.message);
        }
    }
    let mut rules: Vec<_> = rules.into_iter().collect();
    rules.sort_by_key(|(_, tally)| std::cmp::Reverse(tally.videos.len()));
    let row = |(rule, tally): (&str, Tally)| {
        vec![
            Cell::name(rule),
            tally.example.map_or(Cell::Empty, |e| Cell::Text(clean(e))),
            Cell::Count(tally.videos.len()),
            Cell::Count(tally.requirements),
            Cell::Count(tally.advice),
            Cell::Count(tally.settled),
        ]
    };
    Sheet {
        name: Text::new("问题分类", "By rule"),
        second_page: None,
        columns: vec![
            column("规则", "Rule", 24),
            column("例如", "For instance", 60),
            column("视频数", "Videos", 10),
            column("退回的原因", "Requirements", 14),
            column("建议", "Advice", 10),
            column("已改正或放行", "Repaired or waived", 20),
        ],
        rows: rules.into_iter().map(row).collect(),
    }
}
