//! The secretary's own verdict, `[[override]]` in showcase.toml. In: a [`Judgement`] by the rules. Out: one with the
//! secretary's verdict, in which the judged one stays on record. Never accepts what can not be read.

use super::{
    Case, Finding, Judgement, Level, Overridden, Verdict, Waiver, can_be_waived, duplicate, verdict,
};
use crate::preset::{Overrule, Ruling};
use crate::text::Text;

/// The name of the finding that says why the secretary returns a video; no rule has it.
pub(super) const NAME: &str = "override";

/// Obeys the decision, where it changes anything and can be obeyed.
pub(super) fn apply(overrule: &Overrule, judged: Judgement, case: &Case) -> Judgement {
    let goes_back = matches!(judged.verdict, Verdict::Returned | Verdict::Unreadable);
    match overrule.verdict {
        Ruling::Accepted if judged.verdict.is_accepted() => judged,
        Ruling::Returned if goes_back => judged,
        Ruling::Accepted => accept(overrule, judged, case),
        Ruling::Returned => send_back(overrule, judged),
    }
}

fn accept(overrule: &Overrule, judged: Judgement, case: &Case) -> Judgement {
    let mut findings = judged.findings.clone();
    for finding in findings
        .iter_mut()
        .filter(|f| f.is_open() && stands_in_the_way(f))
    {
        // One thing that nobody can let pass, and nothing is decided.
        if !can_be_waived(finding, case) {
            return judged;
        }
        finding.waived = Some(Waiver {
            by: overrule.by.clone(),
            reason: overrule.reason.clone(),
        });
    }
    Judgement {
        verdict: verdict(case, &findings),
        findings,
        overridden: Some(on_record(overrule, judged.verdict)),
    }
}

fn stands_in_the_way(finding: &Finding) -> bool {
    finding.level == Level::Requirement || finding.rule == duplicate::NAME
}

fn send_back(overrule: &Overrule, mut judged: Judgement) -> Judgement {
    judged.findings.insert(0, finding(overrule));
    Judgement {
        overridden: Some(on_record(overrule, judged.verdict)),
        verdict: Verdict::Returned,
        findings: judged.findings,
    }
}

fn on_record(overrule: &Overrule, was: Verdict) -> Overridden {
    Overridden {
        was,
        by: overrule.by.clone(),
        reason: overrule.reason.clone(),
    }
}

// The unit reads the reason where it reads all others.
fn finding(overrule: &Overrule) -> Finding {
    let (by, reason) = (&overrule.by, &overrule.reason);
    Finding {
        rule: NAME.to_owned(),
        level: Level::Requirement,
        clause: None,
        measured: Text::default(),
        allowed: Text::default(),
        message: Text::new(
            format!("{by}决定退回：{reason}"),
            format!("Returned by decision of {by}: {reason}"),
        ),
        remedy: Text::new(
            "请按上面的意见修改后重新报送；有疑问请联系秘书处。",
            "Please put this right and hand it in again; ask the secretariat if anything is unclear.",
        ),
        repaired: None,
        waived: None,
    }
}
