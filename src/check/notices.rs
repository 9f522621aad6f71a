//! Each built-in rule set against videos that just pass and just fail: the notices as they are written, limit by limit.

use super::{Case, Dates, judge, sample};
use crate::intake::Submission;
use crate::intake::name::Grammar;
use crate::preset::{NamePattern, RuleSet, rule_set};
use crate::probe::{Container, EmbeddedSubtitle, MediaInfo};
use crate::units::{Bytes, FrameRate, Millis};

const GIB: u64 = 1 << 30;

/// What becomes of a video under a rule set: `Verdict: rule rule …`.
fn outcome(
    rules: &RuleSet,
    received: Option<&str>,
    turn: impl FnOnce(&mut Submission, &mut MediaInfo),
) -> String {
    let (mut submission, mut media) = (sample::submission(), sample::media());
    turn(&mut submission, &mut media);
    let received = received.map(|day| day.parse().unwrap());
    let case = Case {
        dates: Dates {
            window: rules.window.as_ref(),
            received: received.as_ref(),
        },
        ..sample::case(&submission, &media)
    };
    let judgement = judge(&case, rules);
    let found: Vec<_> = judgement.findings.iter().map(|f| f.rule.as_str()).collect();
    format!("{:?}: {}", judgement.verdict, found.join(" "))
        .trim_end()
        .to_owned()
}

fn minutes(minutes: u64) -> Millis {
    Millis(minutes * 60_000)
}

#[test]
fn the_showcase_of_2021() {
    let rules = rule_set("sichuan-2021-showcase").unwrap();
    let judged =
        |turn: fn(&mut Submission, &mut MediaInfo)| outcome(&rules, Some("2021-07-12"), turn);
    assert_eq!(judged(|_, _| {}), "Accepted:");
    assert_eq!(judged(|_, m| m.duration_ms = minutes(5)), "Accepted:");
    assert_eq!(
        judged(|_, m| m.duration_ms = Millis(300_001)),
        "Returned: max-duration"
    );
    assert_eq!(judged(|_, m| m.bytes = Bytes(GIB)), "Accepted:");
    assert_eq!(
        judged(|_, m| m.bytes = Bytes(GIB + 1)),
        "Returned: max-size"
    );
    assert_eq!(
        judged(|_, m| *m = sample::media_showing((1080, 1920), 0, (1, 1))),
        "Returned: orientation"
    );
    assert_eq!(
        judged(|_, m| *m = sample::media_showing((1080, 1920), 90, (1, 1))),
        "Accepted:"
    );
    assert_eq!(
        judged(|_, m| *m = sample::media_showing((1080, 1080), 0, (1, 1))),
        "Returned: orientation"
    );
    assert_eq!(
        judged(|_, m| m.container = Container::Avi),
        "Returned: container"
    );
    assert_eq!(
        judged(|s, _| s.introduction = None),
        "Returned: introduction"
    );
    assert_eq!(judged(|s, _| s.name.unit = None), "Returned: naming");
    let by_day = |day| outcome(&rules, Some(day), |_, _| {});
    assert_eq!(by_day("2021-06-23"), "Accepted:");
    assert_eq!(by_day("2021-07-13"), "AcceptedWithWarnings: late");
}

#[test]
fn the_relay_of_2024() {
    let rules = rule_set("sichuan-2024-relay").unwrap();
    assert_eq!(
        rules.regions,
        rule_set("sichuan-2021-showcase").unwrap().regions
    );
    let by_day = |day| outcome(&rules, Some(day), |_, _| {});
    assert_eq!(by_day("2024-10-01"), "Accepted:");
    assert_eq!(by_day("2024-10-02"), "AcceptedWithWarnings: late");
    // The call demands nothing of a video: an hour in any format, upright and without an introduction.
    let anything = outcome(&rules, None, |submission, media| {
        *media = sample::media_showing((1080, 1920), 0, (1, 1));
        (media.duration_ms, media.bytes, media.container) =
            (minutes(60), Bytes(8 * GIB), Container::Matroska);
        submission.introduction = None;
        submission.original_name = "a.mkv".to_owned();
    });
    assert_eq!(anything, "Accepted:");
    let silent = outcome(&rules, None, |_, media| media.audio = None);
    assert_eq!(silent, "AcceptedWithWarnings: sound");
}

fn a_lecture(submission: &mut Submission, media: &mut MediaInfo) {
    submission.papers.script = submission.introduction.clone();
    media.duration_ms = minutes(18);
    media.subtitles.push(EmbeddedSubtitle {
        codec: "mov_text".to_owned(),
        language: None,
    });
}

#[test]
fn the_lectures_of_2020() {
    let rules = rule_set("lecture-2020").unwrap();
    let judged = |turn: fn(&mut MediaInfo)| {
        outcome(&rules, Some("2020-09-21"), |submission, media| {
            a_lecture(submission, media);
            turn(media);
        })
    };
    assert_eq!(judged(|_| {}), "Accepted:");
    assert_eq!(judged(|m| m.subtitles.clear()), "Returned: subtitles");
    assert_eq!(judged(|m| m.duration_ms = minutes(15)), "Accepted:");
    assert_eq!(
        judged(|m| m.duration_ms = Millis(899_999)),
        "AcceptedWithWarnings: min-duration"
    );
    assert_eq!(judged(|m| m.duration_ms = minutes(20)), "Accepted:");
    assert_eq!(
        judged(|m| m.duration_ms = Millis(1_200_001)),
        "AcceptedWithWarnings: max-duration"
    );
    assert_eq!(judged(|m| m.bytes = Bytes(2 * GIB)), "Accepted:");
    assert_eq!(
        judged(|m| m.bytes = Bytes(2 * GIB + 1)),
        "AcceptedWithWarnings: max-size"
    );
    assert_eq!(
        judged(|m| m.container = Container::Mov),
        "AcceptedWithWarnings: container"
    );
    assert_eq!(
        judged(|m| m.video.as_mut().unwrap().codec = "hevc".to_owned()),
        "AcceptedWithWarnings: codec"
    );
    for (width, height) in [(1280, 720), (3840, 2160)] {
        let other = outcome(&rules, None, |submission, media| {
            *media = sample::media_showing((width, height), 0, (1, 1));
            a_lecture(submission, media);
        });
        assert_eq!(other, "AcceptedWithWarnings: picture-size", "{width}");
    }
    assert_eq!(
        outcome(&rules, Some("2020-09-22"), a_lecture),
        "AcceptedWithWarnings: late"
    );
}

#[test]
fn the_materials_of_2020() {
    let (lectures, materials) = (
        rule_set("lecture-30min-2020").unwrap(),
        rule_set("materials-2020").unwrap(),
    );
    let judged = |rules: &RuleSet, turn: fn(&mut MediaInfo)| {
        outcome(rules, Some("2020-10-15"), |submission, media| {
            let grammar = Grammar {
                pattern: NamePattern::UnitCategoryDate,
                year: Some(2020),
                roster: None,
            };
            submission.name = grammar.read("马克思主义学院+微党课+20200703.mp4");
            turn(media);
        })
    };
    for rules in [&lectures, &materials] {
        assert_eq!(
            judged(rules, |m| m.duration_ms = Millis(1_800_001)),
            "Returned: max-duration"
        );
        assert_eq!(judged(rules, |_| {}), "Accepted:");
        assert_eq!(judged(rules, |m| m.bytes = Bytes(2 * GIB)), "Accepted:");
        assert_eq!(
            judged(rules, |m| m.bytes = Bytes(2 * GIB + 1)),
            "Returned: max-size"
        );
        assert_eq!(
            judged(rules, |m| m.container = Container::Mov),
            "Returned: container"
        );
        assert_eq!(
            outcome(rules, Some("2020-10-16"), |_, _| {}),
            "AcceptedWithWarnings: naming late"
        );
    }
    assert_eq!(
        judged(&lectures, |m| m.duration_ms = minutes(30)),
        "Accepted:"
    );
    assert_eq!(
        judged(&lectures, |m| m.duration_ms = Millis(1_800_001)),
        "Returned: max-duration"
    );
    assert_eq!(
        judged(&materials, |m| m.duration_ms = minutes(30)),
        "Accepted:"
    );
}

#[test]
fn a_rule_of_ones_own_on_the_frame_rate_is_obeyed() {
    let mut rules = rule_set("plain").unwrap();
    rules.rules.frame_rate = toml::from_str("level = \"requirement\"\nmin = 24\nmax = 60").unwrap();
    let at = |num, den| {
        outcome(&rules, None, |_, media| {
            media.video.as_mut().unwrap().frame_rate = FrameRate::new(num, den).unwrap();
        })
    };
    assert_eq!(at(24_000, 1001), "Accepted:");
    assert_eq!(at(15, 1), "Returned: frame-rate");
    assert_eq!(at(120, 1), "Returned: frame-rate");
}
