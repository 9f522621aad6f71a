//! Judging. In: a submission, what was measured on it, and the preset's rules. Out: a [`Verdict`] with its
//! [`Finding`]s. Pure: never opens a file, never encodes, and gives the same answer every time.

pub mod attachments;
mod codec;
mod container;
mod damage;
mod duplicate;
mod extension;
mod fake_landscape;
mod frame_rate;
mod interlacing;
mod introduction;
mod introduction_content;
mod late;
mod loudness_range;
mod manual;
mod max_duration;
mod max_size;
mod min_duration;
mod naming;
#[cfg(test)]
mod notices;
mod orientation;
mod overrule;
mod picture_clear;
mod picture_continuous;
mod picture_size;
mod readable;
mod region;
#[cfg(test)]
pub(crate) mod sample;
mod script;
mod second_submission;
mod sound;
mod sound_channels;
mod sound_clipped;
mod sound_level;
mod subtitles;
mod superseded;
mod unit;
mod wording;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::dedup::version::Version;
use crate::intake::Submission;
use crate::preset::{Confirm, Date, Overrule, PlainRule, RuleSet, Rules, Subject, Waive, Window};
use crate::probe::{MediaInfo, Unreadable};
use crate::report::model::{DuplicateKind, DuplicateOf};
use crate::text::{Lang, Text};

/// How binding a rule is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// 须、不超过、支持格式为: a submission that fails is returned.
    Requirement,
    /// 建议: a warning, never a reason to return a video.
    Advice,
}

/// What the secretary decided about a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Waiver {
    /// Who decided.
    pub by: String,
    /// Why; stays on record.
    pub reason: String,
}

/// A verdict of the secretary's own, in place of the one that the rules gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Overridden {
    /// The verdict by the rules.
    pub was: Verdict,
    /// Who decided.
    pub by: String,
    /// Why; stays on record.
    pub reason: String,
}

/// One thing that was found, in words that a person can act on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// The rule's name; those about submissions have a page, `zhanbo rule NAME`.
    pub rule: String,
    /// How binding it is.
    pub level: Level,
    /// The clause of the notice, in the notice's own words; none for rules that no notice writes.
    pub clause: Option<String>,
    /// What was measured.
    pub measured: Text,
    /// What is allowed.
    pub allowed: Text,
    /// What is wrong, in one sentence.
    pub message: Text,
    /// What to do about it.
    pub remedy: Text,
    /// What we repaired by ourselves, e.g. the standard file name; such a finding needs nobody's action.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repaired: Option<String>,
    /// The secretary's decision to let it pass.
    #[serde(default)]
    pub waived: Option<Waiver>,
}

impl Finding {
    /// Whether somebody still has to do something about it.
    pub fn is_open(&self) -> bool {
        self.waived.is_none() && self.repaired.is_none()
    }
}

/// What becomes of a submission.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The file cannot be read as a video.
    Unreadable,
    /// A requirement is not met: back to the unit.
    Returned,
    /// The same video was handed in by another submission that stands before it.
    Duplicate,
    /// Good, with advice to the unit.
    AcceptedWithWarnings,
    /// Good.
    Accepted,
}

impl Verdict {
    /// Whether the submission is shown: in the hall or on the website.
    pub fn is_accepted(self) -> bool {
        matches!(self, Verdict::Accepted | Verdict::AcceptedWithWarnings)
    }

    /// The verdict in words.
    pub fn text(self) -> Text {
        match self {
            Verdict::Unreadable => Text::new("无法读取", "unreadable"),
            Verdict::Returned => Text::new("退回", "returned"),
            Verdict::Duplicate => Text::new("重复", "duplicate"),
            Verdict::AcceptedWithWarnings => Text::new("通过（有提醒）", "accepted with warnings"),
            Verdict::Accepted => Text::new("通过", "accepted"),
        }
    }
}

/// What is known about a submission when it is judged.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// The video as handed in.
    pub submission: &'a Submission,
    /// What was measured, or why nothing could be.
    pub media: Result<&'a MediaInfo, &'a Unreadable>,
    /// The earlier submission that this one repeats.
    pub duplicate: Option<Repeated<'a>>,
    /// How it stands to another delivery of the same work.
    pub version: Option<Replacement<'a>>,
    /// Other works of the same unit, as people call them.
    pub others: &'a [String],
    /// What the secretary lets pass, for all submissions.
    pub waivers: &'a [Waive],
    /// Verdicts of the secretary's own, for all submissions.
    pub overrules: &'a [Overrule],
    /// When it came, and when it should have come.
    pub dates: Dates<'a>,
}

/// The day on which a submission came, and the term.
#[derive(Debug, Clone, Copy, Default)]
pub struct Dates<'a> {
    /// The preset's window, or that of showcase.toml; none where any day will do.
    pub window: Option<&'a Window>,
    /// The day that the secretary recorded.
    pub received: Option<&'a Date>,
}

/// Which submission is repeated, and how people call it.
#[derive(Debug, Clone, Copy)]
pub struct Repeated<'a> {
    /// The submission that stands first, and how alike the two are.
    pub of: &'a DuplicateOf,
    /// The first one's name for people: `西南民族大学《爱我中华》（成都第一片区）`.
    pub original: &'a str,
    /// What the secretary found when comparing the two.
    pub confirmed: Option<&'a Confirm>,
}

/// Another delivery of the same work.
#[derive(Debug, Clone, Copy)]
pub struct Replacement<'a> {
    /// How the two stand to each other.
    pub version: &'a Version,
    /// Path of the other one inside the inbox: by unit and title it could not be told apart.
    pub other: &'a str,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// What becomes of the submission.
    pub verdict: Verdict,
    /// Everything found: requirements first, then in the order of [`rule_names`].
    pub findings: Vec<Finding>,
    /// The verdict by the rules, where the secretary decided otherwise.
    pub overridden: Option<Overridden>,
}

/// Judges one submission by a preset's rules, and then by the secretary's decisions.
pub fn judge(case: &Case, rules: &RuleSet) -> Judgement {
    let findings = find_all(case, rules);
    let judged = Judgement {
        verdict: verdict(case, &findings),
        findings,
        overridden: None,
    };
    let subject = Subject::from(case.submission);
    match case.overrules.iter().find(|rule| rule.is_about(&subject)) {
        Some(overrule) => overrule::apply(overrule, judged, case),
        None => judged,
    }
}

fn find_all(case: &Case, rules: &RuleSet) -> Vec<Finding> {
    let mut findings: Vec<Finding> = RULES
        .iter()
        .filter_map(|rule| (rule.find)(case, &rules.rules))
        .map(|finding| waived(finding, case))
        .collect();
    findings.sort_by_key(|finding| finding.level);
    findings
}

/// All rules, in the order in which they are judged.
pub fn rule_names() -> &'static [&'static str] {
    const NAMES: [&str; RULES.len()] = {
        let mut names = [""; RULES.len()];
        let mut at = 0;
        while at < names.len() {
            names[at] = RULES[at].name;
            at += 1;
        }
        names
    };
    &NAMES
}

/// A rule's manual page in Markdown, as `zhanbo rule NAME` prints it; none for a name that is no rule's.
pub fn manual(name: &str, lang: Lang) -> Option<String> {
    let rule = RULES.iter().find(|rule| rule.name == name);
    let source = rule.map(|rule| rule.source).or_else(|| region_page(name))?;
    Some(format!("# {name}\n\n{}\n", manual::page(source, lang)))
}

/// The pages of what is said to regions, under each name that such a finding has.
fn region_page(name: &str) -> Option<&'static str> {
    let is_recommendation = name == "recommendation" || name.starts_with("recommendation-");
    is_recommendation.then_some(include_str!("../programme/selection.rs"))
}

/// A rule: one file.
struct Rule {
    name: &'static str,
    /// The file itself; the manual is its first lines.
    source: &'static str,
    find: fn(&Case, &Rules) -> Option<Finding>,
}

const RULES: [Rule; 32] = [
    Rule {
        name: readable::NAME,
        source: include_str!("readable.rs"),
        find: readable::find,
    },
    Rule {
        name: orientation::NAME,
        source: include_str!("orientation.rs"),
        find: orientation::find,
    },
    Rule {
        name: fake_landscape::NAME,
        source: include_str!("fake_landscape.rs"),
        find: fake_landscape::find,
    },
    Rule {
        name: max_duration::NAME,
        source: include_str!("max_duration.rs"),
        find: max_duration::find,
    },
    Rule {
        name: min_duration::NAME,
        source: include_str!("min_duration.rs"),
        find: min_duration::find,
    },
    Rule {
        name: max_size::NAME,
        source: include_str!("max_size.rs"),
        find: max_size::find,
    },
    Rule {
        name: container::NAME,
        source: include_str!("container.rs"),
        find: container::find,
    },
    Rule {
        name: codec::NAME,
        source: include_str!("codec.rs"),
        find: codec::find,
    },
    Rule {
        name: extension::NAME,
        source: include_str!("extension.rs"),
        find: extension::find,
    },
    Rule {
        name: naming::NAME,
        source: include_str!("naming.rs"),
        find: naming::find,
    },
    Rule {
        name: unit::NAME,
        source: include_str!("unit.rs"),
        find: unit::find,
    },
    Rule {
        name: region::NAME,
        source: include_str!("region.rs"),
        find: region::find,
    },
    Rule {
        name: introduction::NAME,
        source: include_str!("introduction.rs"),
        find: introduction::find,
    },
    Rule {
        name: introduction_content::NAME,
        source: include_str!("introduction_content.rs"),
        find: introduction_content::find,
    },
    Rule {
        name: script::NAME,
        source: include_str!("script.rs"),
        find: script::find,
    },
    Rule {
        name: attachments::NAME,
        source: include_str!("attachments.rs"),
        find: attachments::find,
    },
    Rule {
        name: picture_size::NAME,
        source: include_str!("picture_size.rs"),
        find: picture_size::find,
    },
    Rule {
        name: picture_clear::NAME,
        source: include_str!("picture_clear.rs"),
        find: picture_clear::find,
    },
    Rule {
        name: picture_continuous::NAME,
        source: include_str!("picture_continuous.rs"),
        find: picture_continuous::find,
    },
    Rule {
        name: interlacing::NAME,
        source: include_str!("interlacing.rs"),
        find: interlacing::find,
    },
    Rule {
        name: frame_rate::NAME,
        source: include_str!("frame_rate.rs"),
        find: frame_rate::find,
    },
    Rule {
        name: sound::NAME,
        source: include_str!("sound.rs"),
        find: sound::find,
    },
    Rule {
        name: sound_level::NAME,
        source: include_str!("sound_level.rs"),
        find: sound_level::find,
    },
    Rule {
        name: sound_clipped::NAME,
        source: include_str!("sound_clipped.rs"),
        find: sound_clipped::find,
    },
    Rule {
        name: sound_channels::NAME,
        source: include_str!("sound_channels.rs"),
        find: sound_channels::find,
    },
    Rule {
        name: loudness_range::NAME,
        source: include_str!("loudness_range.rs"),
        find: loudness_range::find,
    },
    Rule {
        name: damage::NAME,
        source: include_str!("damage.rs"),
        find: damage::find,
    },
    Rule {
        name: subtitles::NAME,
        source: include_str!("subtitles.rs"),
        find: subtitles::find,
    },
    Rule {
        name: late::NAME,
        source: include_str!("late.rs"),
        find: late::find,
    },
    Rule {
        name: duplicate::NAME,
        source: include_str!("duplicate.rs"),
        find: duplicate::find,
    },
    Rule {
        name: superseded::NAME,
        source: include_str!("superseded.rs"),
        find: superseded::find,
    },
    Rule {
        name: second_submission::NAME,
        source: include_str!("second_submission.rs"),
        find: second_submission::find,
    },
];

/// The finding with the secretary's decision in it, if there is one that can be obeyed.
fn waived(mut finding: Finding, case: &Case) -> Finding {
    let subject = Subject::from(case.submission);
    let waiver = case
        .waivers
        .iter()
        .find(|waive| waive.rule == finding.rule && waive.is_about(&subject))
        .map(|waive| (&waive.by, &waive.reason));
    let two_films = case
        .duplicate
        .and_then(|repeated| repeated.confirmed)
        .filter(|confirm| finding.rule == duplicate::NAME && !confirm.same)
        .map(|confirm| (&confirm.by, &confirm.reason));
    if let Some((by, reason)) = waiver
        .or(two_films)
        .filter(|_| can_be_waived(&finding, case))
    {
        finding.waived = Some(Waiver {
            by: by.clone(),
            reason: reason.clone(),
        });
    }
    finding
}

// Nobody's word makes a file readable.
fn can_be_waived(finding: &Finding, case: &Case) -> bool {
    finding.rule != readable::NAME || readable::can_be_waived(case)
}

fn verdict(case: &Case, findings: &[Finding]) -> Verdict {
    let is_open = |name: &str| findings.iter().any(|f| f.rule == name && f.is_open());
    let repeats = case.duplicate.is_some_and(|repeated| {
        let by_a_person = repeated.confirmed.is_some_and(|confirm| confirm.same);
        repeated.of.kind != DuplicateKind::Near || by_a_person
    });
    let is_replaced = case
        .version
        .is_some_and(|other| matches!(other.version, Version::Superseded { .. }));
    // Whatever is wrong with a version that was replaced, its unit has answered already.
    if is_replaced && is_open(superseded::NAME) {
        Verdict::Duplicate
    } else if is_open(readable::NAME) && !readable::is_understood(case) {
        Verdict::Unreadable
    } else if findings
        .iter()
        .any(|f| f.level == Level::Requirement && f.is_open())
    {
        Verdict::Returned
    } else if repeats && is_open(duplicate::NAME) {
        Verdict::Duplicate
    } else if findings.iter().any(Finding::is_open) {
        Verdict::AcceptedWithWarnings
    } else {
        Verdict::Accepted
    }
}

/// Level and clause of a rule that is judged with or without a table: advice that no notice writes.
fn level_and_clause(rule: Option<&PlainRule>) -> (Level, Option<&String>) {
    rule.map_or((Level::Advice, None), |rule| {
        (rule.level, rule.clause.as_ref())
    })
}

/// What a rule has to say, before its level and clause are known.
struct Said {
    measured: Text,
    allowed: Text,
    message: Text,
    remedy: Text,
}

impl Said {
    fn by(self, rule: &str, level: Level, clause: Option<&String>) -> Finding {
        Finding {
            rule: rule.to_owned(),
            level,
            clause: clause.cloned(),
            measured: self.measured,
            allowed: self.allowed,
            message: self.message,
            remedy: self.remedy,
            repaired: None,
            waived: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dedup::version::DecidedBy;
    use crate::id::SubmissionId;
    use crate::intake::name::Grammar;
    use crate::preset::Ruling;
    use crate::units::{Bytes, Millis};

    /// A case on which a test turns one screw after the other.
    struct Scene {
        submission: Submission,
        media: Result<MediaInfo, Unreadable>,
        duplicate: Option<DuplicateOf>,
        version: Option<Version>,
        confirmed: Option<Confirm>,
        waivers: Vec<Waive>,
        overrules: Vec<Overrule>,
    }

    impl Scene {
        fn good() -> Self {
            Scene {
                submission: sample::submission(),
                media: Ok(sample::media()),
                duplicate: None,
                version: None,
                confirmed: None,
                waivers: Vec::new(),
                overrules: Vec::new(),
            }
        }

        fn unreadable(why: Unreadable) -> Self {
            Scene {
                media: Err(why),
                ..Scene::good()
            }
        }

        fn repeats(mut self, kind: DuplicateKind) -> Self {
            self.duplicate = Some(sample::duplicate(kind));
            self
        }

        fn waives(mut self, rule: &str) -> Self {
            self.waivers.push(sample::waive(&self.submission, rule));
            self
        }

        fn compared(mut self, same: bool) -> Self {
            self.confirmed = Some(sample::confirm(&self.submission, same));
            self
        }

        fn overruled(mut self, verdict: Ruling) -> Self {
            self.overrules
                .push(sample::overrule(&self.submission, verdict));
            self
        }

        fn with(mut self, turn: impl FnOnce(&mut Submission, &mut MediaInfo)) -> Self {
            if let Ok(media) = &mut self.media {
                turn(&mut self.submission, media);
            }
            self
        }

        fn judge(&self) -> Judgement {
            let case = Case {
                submission: &self.submission,
                media: self.media.as_ref(),
                duplicate: self.duplicate.as_ref().map(|of| Repeated {
                    of,
                    original: "西南民族大学《爱我中华》（成都第一片区）",
                    confirmed: self.confirmed.as_ref(),
                }),
                version: self.version.as_ref().map(|version| Replacement {
                    version,
                    other: "成都第一片区/补交/西南民族大学《爱我中华》.mp4",
                }),
                others: &[],
                waivers: &self.waivers,
                overrules: &self.overrules,
                dates: Dates::default(),
            };
            judge(&case, &sample::rules())
        }

        /// `verdict: rule rule …`, with `!` at what is still open.
        fn outcome(&self) -> String {
            let judgement = self.judge();
            let findings = judgement.findings.iter().map(|finding| {
                let open = if finding.is_open() { "!" } else { "" };
                format!(" {}{open}", finding.rule)
            });
            format!("{:?}:{}", judgement.verdict, findings.collect::<String>())
        }
    }

    fn too_long(_: &mut Submission, media: &mut MediaInfo) {
        media.duration_ms = Millis(300_001);
    }

    fn silent(_: &mut Submission, media: &mut MediaInfo) {
        media.audio = None;
    }

    #[test]
    fn a_good_video_is_accepted_without_a_word() {
        assert_eq!(Scene::good().outcome(), "Accepted:");
    }

    #[test]
    fn advice_warns_and_a_requirement_returns() {
        assert_eq!(
            Scene::good().with(silent).outcome(),
            "AcceptedWithWarnings: sound!"
        );
        assert_eq!(
            Scene::good().with(too_long).outcome(),
            "Returned: max-duration!"
        );
    }

    #[test]
    fn requirements_come_first_and_then_the_order_of_the_registry() {
        let scene = Scene::good()
            .with(silent)
            .with(too_long)
            .with(|submission, media| {
                submission.introduction = None;
                submission.original_name = "a.mov".to_owned();
                media.bytes = Bytes((1 << 30) + 1);
            });
        assert_eq!(
            scene.outcome(),
            "Returned: max-duration! max-size! introduction! extension! sound!"
        );
    }

    #[test]
    fn a_waiver_keeps_the_finding_and_lets_the_video_pass() {
        let scene = Scene::good().with(too_long).waives("max-duration");
        assert_eq!(scene.outcome(), "Accepted: max-duration");
        let waived = scene.judge().findings.remove(0).waived.unwrap();
        assert_eq!(waived.by, "秘书处");
        assert_eq!(
            Scene::good().with(too_long).waives("sound").outcome(),
            "Returned: max-duration!"
        );
        let mut other = Scene::good().with(too_long).waives("max-duration");
        other.waivers[0].source = Some("b.mp4".to_owned());
        assert_eq!(other.outcome(), "Returned: max-duration!");
    }

    #[test]
    fn what_is_no_video_is_returned_and_what_is_broken_is_unreadable() {
        let outcomes: Vec<_> = sample::unreadable()
            .into_iter()
            .map(|why| {
                let verdict = Scene::unreadable(why.clone()).judge().verdict;
                let kind = serde_json::to_value(&why).unwrap()["kind"].clone();
                format!("{} {verdict:?}", kind.as_str().unwrap())
            })
            .collect();
        insta::assert_snapshot!(outcomes.join("\n"), @r"
        empty Unreadable
        not_a_file Unreadable
        playlist Returned
        not_a_video Unreadable
        incomplete Unreadable
        no_picture Returned
        unsupported_container Returned
        unsupported_codec Returned
        unsupported_sound Returned
        beyond_limit Returned
        damaged Unreadable
        worker_failed Unreadable
        ");
    }

    #[test]
    fn the_unit_hears_everything_at_once_even_about_a_file_that_can_not_be_read() {
        let mut scene = Scene::unreadable(Unreadable::Empty).repeats(DuplicateKind::Exact);
        scene.submission.introduction = None;
        scene.submission.name.unit = None;
        assert_eq!(
            scene.outcome(),
            "Unreadable: readable! naming! introduction!"
        );
    }

    #[test]
    fn no_waiver_makes_a_file_readable() {
        for (why, verdict) in [
            (Unreadable::Empty, "Unreadable"),
            (Unreadable::NoPicture, "Returned"),
        ] {
            let scene = Scene::unreadable(why).waives("readable");
            assert_eq!(scene.outcome(), format!("{verdict}: readable!"));
        }
    }

    #[test]
    fn a_file_that_breaks_off_is_unreadable_until_the_secretary_takes_what_is_there() {
        let cut = |_: &mut Submission, media: &mut MediaInfo| {
            media.cut_off_at_ms = Some(Millis(61_500));
        };
        let scene = Scene::good().with(cut);
        assert_eq!(scene.outcome(), "Unreadable: readable!");
        assert_eq!(scene.waives("readable").outcome(), "Accepted: readable");
    }

    #[test]
    fn the_same_video_twice_is_a_duplicate_only_if_it_is_fine_otherwise() {
        use DuplicateKind::{Essence, Exact, Near};
        for kind in [Exact, Essence] {
            assert_eq!(
                Scene::good().repeats(kind).outcome(),
                "Duplicate: duplicate!"
            );
            assert_eq!(
                Scene::good().with(silent).repeats(kind).outcome(),
                "Duplicate: sound! duplicate!"
            );
            assert_eq!(
                Scene::good().with(too_long).repeats(kind).outcome(),
                "Returned: max-duration! duplicate!"
            );
            assert_eq!(
                Scene::good().repeats(kind).waives("duplicate").outcome(),
                "Accepted: duplicate"
            );
        }
        assert_eq!(
            Scene::good().repeats(Near).outcome(),
            "AcceptedWithWarnings: duplicate!"
        );
    }

    #[test]
    fn what_looks_the_same_waits_for_a_person_who_says_so_or_not() {
        use DuplicateKind::Near;
        let near = || Scene::good().repeats(Near);
        assert_eq!(near().compared(true).outcome(), "Duplicate: duplicate!");
        assert_eq!(near().compared(false).outcome(), "Accepted: duplicate");
        let waived = near()
            .compared(false)
            .judge()
            .findings
            .remove(0)
            .waived
            .unwrap();
        assert_eq!(
            (waived.by.as_str(), waived.reason.as_str()),
            ("秘书处", "对照看过")
        );
        assert_eq!(
            near().with(too_long).compared(true).outcome(),
            "Returned: max-duration! duplicate!"
        );
    }

    #[test]
    fn a_verdict_of_the_secretarys_own_keeps_the_judged_one_on_record() {
        let accepted = Scene::good()
            .with(too_long)
            .with(silent)
            .overruled(Ruling::Accepted);
        assert_eq!(
            accepted.outcome(),
            "AcceptedWithWarnings: max-duration sound!"
        );
        let record = accepted.judge().overridden.unwrap();
        assert_eq!(record.was, Verdict::Returned);
        assert_eq!(
            (record.by.as_str(), record.reason.as_str()),
            ("秘书处", "会上定的")
        );

        let copy = Scene::good()
            .repeats(DuplicateKind::Exact)
            .overruled(Ruling::Accepted);
        assert_eq!(copy.outcome(), "Accepted: duplicate");

        let returned = Scene::good().with(silent).overruled(Ruling::Returned);
        assert_eq!(returned.outcome(), "Returned: override! sound!");
        assert_eq!(
            returned.judge().overridden.unwrap().was,
            Verdict::AcceptedWithWarnings
        );
    }

    #[test]
    fn an_override_that_changes_nothing_leaves_no_trace() {
        for (scene, ruling) in [
            (Scene::good(), Ruling::Accepted),
            (Scene::good().with(silent), Ruling::Accepted),
            (Scene::good().with(too_long), Ruling::Returned),
            (Scene::unreadable(Unreadable::Empty), Ruling::Returned),
        ] {
            let before = scene.judge();
            assert_eq!(scene.overruled(ruling).judge(), before);
        }
    }

    #[test]
    fn what_can_not_be_read_can_not_be_accepted() {
        for why in [Unreadable::Empty, Unreadable::NoPicture] {
            let mut scene = Scene::unreadable(why);
            scene.submission.introduction = None;
            let before = scene.judge();
            assert_eq!(scene.overruled(Ruling::Accepted).judge(), before);
        }
    }

    #[test]
    fn a_name_that_we_put_right_does_not_lower_the_verdict() {
        let named = |name: &str| {
            let read = Grammar::default().read(name);
            Scene::good().with(|submission, _| submission.name = read)
        };
        assert_eq!(
            named("西南民族大学+爱我中华.mp4").outcome(),
            "Accepted: naming"
        );
        assert_eq!(
            named("西南民族大学《爱我中华》合唱团.mp4").outcome(),
            "AcceptedWithWarnings: naming!"
        );
    }

    #[test]
    fn a_version_that_was_replaced_is_on_record_only_whatever_is_wrong_with_it() {
        let by = SubmissionId::of("later");
        let replaced = |mut scene: Scene| {
            scene.version = Some(Version::Superseded {
                by: by.clone(),
                decided: DecidedBy::Name,
            });
            scene
        };
        assert_eq!(replaced(Scene::good()).outcome(), "Duplicate: superseded!");
        assert_eq!(
            replaced(Scene::good().with(too_long)).outcome(),
            "Duplicate: max-duration! superseded!"
        );
        assert_eq!(
            replaced(Scene::unreadable(Unreadable::Empty)).outcome(),
            "Duplicate: readable! superseded!"
        );
        assert_eq!(
            replaced(Scene::good()).waives("superseded").outcome(),
            "Accepted: superseded"
        );
        let mut stays = Scene::good();
        stays.version = Some(Version::StandsIn {
            later: by.clone(),
            decided: DecidedBy::Time,
        });
        assert_eq!(stays.outcome(), "AcceptedWithWarnings: superseded!");
    }

    #[test]
    fn no_rules_no_findings() {
        let scene = Scene::good().with(silent).with(too_long);
        let mut rules = sample::rules();
        rules.rules = Rules::default();
        let case = sample::case(&scene.submission, scene.media.as_ref().unwrap());
        assert_eq!(judge(&case, &rules).verdict, Verdict::Accepted);
    }

    #[test]
    fn every_table_of_a_rule_set_is_a_rule_with_a_manual_in_both_languages() {
        let schema = serde_json::to_value(schemars::schema_for!(Rules)).unwrap();
        for table in schema["properties"].as_object().unwrap().keys() {
            assert!(rule_names().contains(&table.as_str()), "{table}");
        }
        for name in rule_names() {
            let zh = manual(name, Lang::Zh).unwrap();
            let en = manual(name, Lang::En).unwrap();
            for heading in ["## 检查什么\n", "## 为什么\n", "## 选项\n"] {
                assert!(zh.contains(heading), "{name}: {heading}");
            }
            for heading in ["## What it checks\n", "## Why\n", "## Option\n"] {
                assert!(en.contains(heading), "{name}: {heading}");
            }
        }
        assert_eq!(manual("nothing", Lang::Zh), None);
    }

    #[test]
    fn a_manual_page_reads_like_one() {
        insta::assert_snapshot!(manual("max-duration", Lang::Zh).unwrap(), @r#"
        # max-duration

        ## 检查什么

        视频有多长。长度按文件里实际的画面和声音计算，不看文件头；文件头写的和实际相差 1 秒以上时会说明。
        “不超过 5 分钟”包括正好 5 分钟：5:00.000 通过，5:00.001 不通过。

        ## 为什么

        会场的时间是排好的，一个超长的节目会让后面的都推迟。

        ## 选项

        `limit`：最长多少，如 `"5m"`、`"4m30s"`、`"90s"`。必须写。
        "#);
        insta::assert_snapshot!(manual("max-duration", Lang::En).unwrap(), @r#"
        # max-duration

        ## What it checks

        How long the video is, measured on the picture and sound that are there and not taken from the header; where the
        header is wrong by more than a second, the finding says so. "Not more than 5 minutes" includes five minutes: 5:00.000
        passes, 5:00.001 does not.

        ## Why

        The hall runs by the clock: one item that is too long delays all that follow.

        ## Option

        `limit`: the longest that passes, as `"5m"`, `"4m30s"`, `"90s"`. It must be given.
        "#);
    }
}
