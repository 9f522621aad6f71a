//! The secretary's decisions after judging. In: what showcase.toml says, and what became of regions and submissions. Out:
//! every decision on record, and a remark for each that came to nothing, since a slip of the pen must not be silent.
//! Never judges: `check` obeyed already.

use crate::check::{Finding, Waiver};
use crate::config::Decisions;
use crate::id::SubmissionId;
use crate::preset::{
    Confirm, Delivery, Other, Overrule, RuleSet, Ruling, Subject, UnitTitle, Waive, decision,
    nearest,
};
use crate::report::model::{DecisionKind, DecisionReport, Region, SubmissionReport};
use crate::text::Text;

/// Decisions for the report, and what is to be said about them.
#[derive(Debug, Default)]
pub(super) struct OnRecord {
    pub(super) decisions: Vec<DecisionReport>,
    pub(super) remarks: Vec<Text>,
}

/// Lets the findings about a region pass that the secretary waived.
pub(super) fn waive_regional(region: &str, findings: &mut [Finding], waivers: &[Waive]) {
    for finding in findings {
        let waiver = waivers.iter().find(|waive| {
            let about = waive
                .region
                .as_ref()
                .is_some_and(|name| decision::same(name, region));
            about && waive.rule == finding.rule
        });
        if let Some(waive) = waiver {
            finding.waived = Some(Waiver {
                by: waive.by.clone(),
                reason: waive.reason.clone(),
            });
        }
    }
}

/// Every decision, and what became of it.
pub(super) fn on_record(
    decisions: &Decisions,
    rules: &RuleSet,
    regions: &[Region],
    submissions: &[SubmissionReport],
) -> OnRecord {
    let office = Office {
        regions,
        submissions,
    };
    let mut record = OnRecord::default();
    for delivery in &decisions.delivery {
        record.add(office.delivery(delivery));
    }
    for waive in &decisions.waive {
        record.add(office.waive(waive));
    }
    for overrule in &decisions.overrule {
        record.add(office.overrule(overrule));
    }
    for confirm in &decisions.confirm {
        record.add(office.confirm(confirm));
    }
    record.decisions.sort_by_key(|decision| decision.line);
    record.remarks.extend(office.undated(decisions, rules));
    record
}

impl OnRecord {
    fn add(&mut self, (mut decision, failed): (DecisionReport, Option<Text>)) {
        decision.matched = failed.is_none();
        if let Some(why) = failed {
            let (line, about) = (decision.line, &decision.about);
            self.remarks.push(Text::new(
                format!("showcase.toml 第 {line} 行（{about}）没有生效：{}", why.zh),
                format!(
                    "showcase.toml line {line} ({about}) had no effect: {}",
                    why.en
                ),
            ));
        }
        self.decisions.push(decision);
    }
}

/// What the decisions are held against.
struct Office<'a> {
    regions: &'a [Region],
    submissions: &'a [SubmissionReport],
}

fn subject(submission: &SubmissionReport) -> Subject<'_> {
    Subject {
        region: &submission.region,
        source: &submission.source,
        unit: submission.unit.as_deref(),
        title: submission.title.as_deref(),
    }
}

impl Office<'_> {
    fn waive(&self, waive: &Waive) -> (DecisionReport, Option<Text>) {
        let about = waive.region.clone().unwrap_or_else(|| {
            named(
                waive.source.as_ref(),
                waive.unit.as_ref(),
                waive.title.as_ref(),
            )
        });
        let what = Text::new(
            format!("放行 {}", waive.rule),
            format!("{} may pass", waive.rule),
        );
        let decision = decision(
            DecisionKind::Waive,
            waive.line,
            about,
            what,
            (&waive.by, &waive.reason),
        );
        let failed = match &waive.region {
            Some(region) => self.waived_in(region, waive),
            None => self.waived_at(waive, &decision.about),
        };
        (decision, failed)
    }

    fn waived_at(&self, waive: &Waive, about: &str) -> Option<Text> {
        let Some(found) = self
            .submissions
            .iter()
            .find(|s| waive.is_about(&subject(s)))
        else {
            return Some(self.no_submission(about));
        };
        let mut same_rule = found
            .findings
            .iter()
            .filter(|f| f.rule == waive.rule)
            .peekable();
        if same_rule.peek().is_none() {
            return Some(not_found(&waive.rule, found.findings.iter()));
        }
        same_rule.all(Finding::is_open).then(cannot_be_obeyed)
    }

    fn waived_in(&self, name: &str, waive: &Waive) -> Option<Text> {
        let Some(region) = self.regions.iter().find(|r| decision::same(name, &r.name)) else {
            return Some(self.no_region(name));
        };
        let own = self.submissions.iter().filter(|s| s.region == region.name);
        let findings = || {
            region
                .findings
                .iter()
                .chain(own.clone().flat_map(|s| &s.findings))
        };
        let is_there = findings().any(|finding| finding.rule == waive.rule);
        (!is_there).then(|| not_found(&waive.rule, findings()))
    }

    fn overrule(&self, overrule: &Overrule) -> (DecisionReport, Option<Text>) {
        let about = named(
            overrule.source.as_ref(),
            overrule.unit.as_ref(),
            overrule.title.as_ref(),
        );
        let what = match overrule.verdict {
            Ruling::Accepted => Text::new("改判为通过", "accepted all the same"),
            Ruling::Returned => Text::new("改判为退回", "returned all the same"),
        };
        let failed = match self
            .submissions
            .iter()
            .find(|s| overrule.is_about(&subject(s)))
        {
            None => Some(self.no_submission(&about)),
            Some(found) => {
                let refused = overrule.verdict == Ruling::Accepted && !found.verdict.is_accepted();
                refused.then(cannot_be_obeyed)
            }
        };
        let by = (overrule.by.as_str(), overrule.reason.as_str());
        (
            decision(DecisionKind::Override, overrule.line, about, what, by),
            failed,
        )
    }

    fn confirm(&self, confirm: &Confirm) -> (DecisionReport, Option<Text>) {
        let one = named(
            confirm.source.as_ref(),
            confirm.unit.as_ref(),
            confirm.title.as_ref(),
        );
        let other = match &confirm.of {
            Other::Source(source) => source.clone(),
            Other::Name(UnitTitle { unit, title }) => format!("{unit}《{title}》"),
        };
        let what = if confirm.same {
            Text::new("确认是同一部片子", "the same film")
        } else {
            Text::new("确认不是同一部片子", "two different films")
        };
        let first = self.submissions.iter().find(|s| confirm.names(&subject(s)));
        let second = self.submissions.iter().find(|s| confirm.of.is(&subject(s)));
        let failed = match (first, second) {
            (None, _) => Some(self.no_submission(&one)),
            (_, None) => Some(self.no_submission(&other)),
            (Some(first), Some(second)) => {
                let repeats = |a: &SubmissionReport, id: &SubmissionId| {
                    a.duplicate_of.as_ref().is_some_and(|of| of.id == *id)
                };
                let found = repeats(first, &second.id) || repeats(second, &first.id);
                (!found).then(|| {
                    Text::new(
                        "程序没有发现这两个视频相像；确要退回其中一个，请写 [[override]]，verdict = \"returned\"。",
                        "these two were not found to be alike; to return one of them all the same write [[override]] \
                         with verdict = \"returned\".",
                    )
                })
            }
        };
        let by = (confirm.by.as_str(), confirm.reason.as_str());
        let about = format!("{one} / {other}");
        (
            decision(DecisionKind::Confirm, confirm.line, about, what, by),
            failed,
        )
    }

    fn delivery(&self, delivery: &Delivery) -> (DecisionReport, Option<Text>) {
        let parts = [&delivery.region, &delivery.source, &delivery.unit];
        let about = parts
            .into_iter()
            .flatten()
            .cloned()
            .collect::<Vec<_>>()
            .join(" ");
        let day = delivery.received.as_str();
        let what = Text::new(format!("{day} 收到"), format!("received on {day}"));
        let matched = self
            .submissions
            .iter()
            .any(|s| delivery.is_about(&subject(s)));
        let failed = (!matched).then(|| match &delivery.region {
            Some(name) if !self.regions.iter().any(|r| decision::same(name, &r.name)) => {
                self.no_region(name)
            }
            _ => self.no_submission(delivery.source.as_ref().unwrap_or(&about)),
        });
        (
            decision(DecisionKind::Delivery, delivery.line, about, what, ("", "")),
            failed,
        )
    }

    /// Whose videos could not be judged by date, where the rules want that.
    fn undated(&self, decisions: &Decisions, rules: &RuleSet) -> Option<Text> {
        if rules.rules.late.is_none() || rules.window.is_none() {
            return None;
        }
        let dated =
            |s: &&SubmissionReport| decision::received(&decisions.delivery, &subject(s)).is_none();
        let mut names: Vec<&str> = Vec::new();
        for submission in self.submissions.iter().filter(dated) {
            if !names.contains(&submission.region.as_str()) {
                names.push(&submission.region);
            }
        }
        let [zh, en] = [("、", "未归入片区"), (", ", "no region")].map(|(mark, none)| {
            let words = names
                .iter()
                .map(|name| if name.is_empty() { none } else { name });
            words.collect::<Vec<_>>().join(mark)
        });
        (!names.is_empty()).then(|| {
            Text::new(
                format!("没有登记收到日期，不判断是否迟交：{zh}。需要判断的，请在 showcase.toml 里写 [[delivery]]。"),
                format!(
                    "No day of delivery is recorded, so nobody is judged late: {en}. To judge it, write [[delivery]] in \
                     showcase.toml."
                ),
            )
        })
    }

    fn no_submission(&self, about: &str) -> Text {
        let sources = self.submissions.iter().map(|s| s.source.clone());
        let names = self
            .submissions
            .iter()
            .filter_map(|s| Some(named(None, Some(s.unit.as_ref()?), Some(s.title.as_ref()?))));
        let known: Vec<String> = sources.chain(names).collect();
        with_nearest(
            &Text::new("没有这个视频", "there is no such video"),
            about,
            known.iter().map(String::as_str),
        )
    }

    fn no_region(&self, name: &str) -> Text {
        with_nearest(
            &Text::new("没有这个片区", "there is no such region"),
            name,
            self.regions.iter().map(|region| region.name.as_str()),
        )
    }
}

fn decision(
    kind: DecisionKind,
    line: usize,
    about: String,
    what: Text,
    (by, reason): (&str, &str),
) -> DecisionReport {
    DecisionReport {
        kind,
        line,
        about,
        what,
        by: by.to_owned(),
        reason: reason.to_owned(),
        matched: false,
    }
}

fn named(source: Option<&String>, unit: Option<&String>, title: Option<&String>) -> String {
    let name = || {
        let text = |part: Option<&String>| part.cloned().unwrap_or_default();
        format!("{}《{}》", text(unit), text(title))
    };
    source.cloned().unwrap_or_else(name)
}

fn not_found<'a>(rule: &str, findings: impl Iterator<Item = &'a Finding>) -> Text {
    let mut known: Vec<&str> = findings.map(|finding| finding.rule.as_str()).collect();
    known.sort_unstable();
    known.dedup();
    with_nearest(
        &Text::new(
            format!("没有 {rule} 这个问题，不用放行"),
            format!("there is no finding {rule} to waive"),
        ),
        rule,
        known,
    )
}

fn cannot_be_obeyed() -> Text {
    Text::new(
        "读不出来的文件不能算通过，请让单位重新发送。",
        "what can not be read can not be accepted; ask the unit to send it again.",
    )
}

fn with_nearest<'a>(said: &Text, given: &str, known: impl IntoIterator<Item = &'a str>) -> Text {
    match nearest(given, known) {
        Some(meant) => Text::new(
            format!("{}；是不是“{meant}”？", said.zh),
            format!("{}; did you mean \"{meant}\"?", said.en),
        ),
        None => Text::new(format!("{}。", said.zh), format!("{}.", said.en)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Verdict;
    use crate::preset::{ShowcaseFile, rule_set};
    use crate::report::model::{DuplicateKind, DuplicateOf};
    use crate::report::sample;

    /// What is remarked about a showcase.toml, over the sample report.
    fn remarks(text: &str) -> String {
        let record = over(text, &sample::report());
        let remarks: Vec<_> = record
            .remarks
            .iter()
            .map(|remark| remark.zh.as_str())
            .collect();
        remarks.join("\n")
    }

    fn over(text: &str, report: &crate::report::model::Report) -> OnRecord {
        let file: ShowcaseFile = toml::from_str(text).unwrap();
        let decisions = Decisions {
            waive: file.waive,
            overrule: file.overrule,
            confirm: file.confirm,
            delivery: file.delivery,
        };
        let rules = rule_set("plain").unwrap();
        on_record(&decisions, &rules, &report.regions, &report.submissions)
    }

    const WHO: &str = "by = \"秘书处\"\nreason = \"会上定的\"\n";

    #[test]
    fn a_decision_about_nothing_is_told_with_the_nearest() {
        let known = &sample::report().submissions[0];
        let typo = known.source.replace(".mp4", ".mp");
        insta::assert_snapshot!(remarks(&format!("[[waive]]\nsource = \"{typo}\"\nrule = \"sound\"\n{WHO}")), @"showcase.toml 第 0 行（成都第一片区/西南民族大学《爱我中华》.mp）没有生效：没有这个视频；是不是“成都第一片区/西南民族大学《爱我中华》.mp4”？");
        insta::assert_snapshot!(remarks(&format!("[[override]]\nunit = \"甲\"\ntitle = \"乙\"\nverdict = \"returned\"\n{WHO}")), @"showcase.toml 第 0 行（甲《乙》）没有生效：没有这个视频。");
        insta::assert_snapshot!(remarks(&format!("[[waive]]\nregion = \"川比片区\"\nrule = \"late\"\n{WHO}")), @"showcase.toml 第 0 行（川比片区）没有生效：没有这个片区；是不是“川北片区”？");
        insta::assert_snapshot!(remarks("[[delivery]]\nregion = \"川比片区\"\nreceived = 2021-07-13"), @"showcase.toml 第 0 行（川比片区）没有生效：没有这个片区；是不是“川北片区”？");
        insta::assert_snapshot!(remarks(&format!("[[waive]]\nsource = \"{}\"\nrule = \"late\"\n{WHO}", known.source)), @"showcase.toml 第 0 行（成都第一片区/西南民族大学《爱我中华》.mp4）没有生效：没有 late 这个问题，不用放行。");
    }

    #[test]
    fn two_videos_that_nobody_found_alike_are_told() {
        let report = sample::report();
        let (one, other) = (&report.submissions[0].source, &report.submissions[1].source);
        let text = format!("[[confirm]]\nsource = \"{one}\"\nof = \"{other}\"\nsame = true\n{WHO}");
        insta::assert_snapshot!(remarks(&text), @r#"showcase.toml 第 0 行（成都第一片区/西南民族大学《爱我中华》.mp4 / 成都第一片区/西南交通大学《竖屏的校园》.mp4）没有生效：程序没有发现这两个视频相像；确要退回其中一个，请写 [[override]]，verdict = "returned"。"#);
        let mut alike = report.clone();
        alike.submissions[1].duplicate_of = Some(DuplicateOf {
            id: alike.submissions[0].id.clone(),
            kind: DuplicateKind::Near,
            score: 0.9,
        });
        let record = over(&text, &alike);
        assert!(record.remarks.is_empty() && record.decisions[0].matched);
    }

    #[test]
    fn what_stays_unreadable_was_not_accepted() {
        let mut report = sample::report();
        report.submissions[0].verdict = Verdict::Unreadable;
        let text = format!(
            "[[override]]\nsource = \"{}\"\nverdict = \"accepted\"\n{WHO}",
            report.submissions[0].source
        );
        let record = over(&text, &report);
        assert!(!record.decisions[0].matched);
        insta::assert_snapshot!(record.remarks[0].zh, @"showcase.toml 第 0 行（成都第一片区/西南民族大学《爱我中华》.mp4）没有生效：读不出来的文件不能算通过，请让单位重新发送。");
        report.submissions[0].verdict = Verdict::Accepted;
        assert!(over(&text, &report).decisions[0].matched);
    }

    #[test]
    fn a_waiver_for_a_region_settles_its_findings() {
        let report = sample::report();
        let region = report
            .regions
            .iter()
            .find(|r| !r.findings.is_empty())
            .unwrap();
        let mut findings = region.findings.clone();
        let waiver = |region: &str, rule: &str| Waive {
            region: Some(region.to_owned()),
            source: None,
            unit: None,
            title: None,
            rule: rule.to_owned(),
            by: "秘书处".to_owned(),
            reason: "电话确认过".to_owned(),
            line: 1,
        };
        let rule = findings[0].rule.clone();
        waive_regional(
            &region.name,
            &mut findings,
            &[waiver("别的片区", &rule), waiver(&region.name, "late")],
        );
        assert!(findings.iter().all(Finding::is_open));
        waive_regional(&region.name, &mut findings, &[waiver(&region.name, &rule)]);
        assert_eq!(findings[0].waived.as_ref().unwrap().reason, "电话确认过");
    }

    #[test]
    fn regions_without_a_day_are_named_where_the_rules_ask_for_one() {
        let report = sample::report();
        let rules = rule_set("sichuan-2021-showcase").unwrap();
        let said = |decisions: &Decisions| {
            let record = on_record(decisions, &rules, &report.regions, &report.submissions);
            record
                .remarks
                .first()
                .map(|remark| remark.zh.clone())
                .unwrap_or_default()
        };
        insta::assert_snapshot!(said(&Decisions::default()), @"没有登记收到日期，不判断是否迟交：成都第一片区、成都第二片区、成都第三片区、成都第四片区、川北片区、川东片区、川西片区。需要判断的，请在 showcase.toml 里写 [[delivery]]。");
        let dated = |region: &str| Delivery {
            region: Some(region.to_owned()),
            source: None,
            unit: None,
            received: "2021-07-01".parse().unwrap(),
            line: 1,
        };
        let mut names: Vec<_> = report
            .submissions
            .iter()
            .map(|s| s.region.clone())
            .collect();
        names.dedup();
        let everything = Decisions {
            delivery: names.iter().map(|name| dated(name)).collect(),
            ..Decisions::default()
        };
        assert_eq!(said(&everything), "");
    }
}
