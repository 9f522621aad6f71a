//! One region, one recommendation. In: what regions wrote and what was accepted. Out: who plays in the hall, and what
//! is to be said to the regions.
//!
//! The order of precedence, region by region: `[[recommend]]` in showcase.toml; else the region's own list; of several
//! the first that was accepted. A region without a usable recommendation has no place in the programme, and is told so.
//! Where nobody recommends anything, every accepted video is in it.

use unicode_normalization::UnicodeNormalization;

use crate::check::{Finding, Level, Verdict};
use crate::id::SubmissionId;
use crate::text::Text;

/// One line of a region's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// The unit, if it was written.
    pub unit: Option<String>,
    /// The title.
    pub title: String,
}

/// A submission that may be recommended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice<'a> {
    /// Which.
    pub id: &'a SubmissionId,
    /// The unit from its name.
    pub unit: Option<&'a str>,
    /// The title from its name.
    pub title: Option<&'a str>,
    /// What became of it.
    pub verdict: Verdict,
}

/// What is settled for one region.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Settled {
    /// Who plays in the hall.
    pub recommended: Option<SubmissionId>,
    /// What the region must hear.
    pub findings: Vec<Finding>,
}

/// Settles one region that delivered `choices` and wishes for `wishes`.
pub fn settle(wishes: &[Wish], choices: &[Choice<'_>]) -> Settled {
    let mut settled = Settled::default();
    match wishes {
        [] => settled.findings.push(none_recommended()),
        [_] => {}
        several => settled.findings.push(several_recommended(several)),
    }
    for wish in wishes {
        let matching: Vec<_> = choices
            .iter()
            .filter(|choice| is_meant(wish, choice))
            .collect();
        let accepted = matching.iter().find(|choice| choice.verdict.is_accepted());
        match (accepted, matching.first()) {
            (Some(choice), _) => {
                settled.recommended.get_or_insert_with(|| choice.id.clone());
            }
            (None, Some(choice)) => settled.findings.push(not_accepted(wish, choice.verdict)),
            (None, None) => settled.findings.push(not_received(wish)),
        }
    }
    settled
}

fn is_meant(wish: &Wish, choice: &Choice<'_>) -> bool {
    let same = |a: &str, b: &str| plain(a) == plain(b);
    let unit = wish
        .unit
        .as_ref()
        .is_none_or(|unit| choice.unit.is_some_and(|other| same(unit, other)));
    unit && choice.title.is_some_and(|title| same(&wish.title, title))
}

// Widths, blanks and case are no difference between a list in Excel and the name of a file.
fn plain(text: &str) -> String {
    text.nfkc()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect()
}

impl Wish {
    fn label(&self) -> String {
        format!(
            "{}《{}》",
            self.unit.as_deref().unwrap_or_default(),
            self.title
        )
    }
}

fn finding(rule: &str, measured: Text, message: Text, remedy: Text) -> Finding {
    Finding {
        rule: rule.into(),
        level: Level::Requirement,
        clause: None,
        measured,
        allowed: Text::new("恰好 1 个", "exactly one"),
        message,
        remedy,
        repaired: None,
        waived: None,
    }
}

fn none_recommended() -> Finding {
    finding(
        "recommendation-missing",
        Text::new("0 个", "none"),
        Text::new(
            "本片区还没有推荐年会播放的视频",
            "this region has not recommended a video for the annual meeting",
        ),
        Text::new(
            "请片区负责人把推荐结果（单位、视频名称）写进“推荐结果.csv”放到片区文件夹，或由秘书处写进 showcase.toml 的 [[recommend]]",
            "put the recommendation (unit, title) into 推荐结果.csv in the region's folder, or into [[recommend]] in showcase.toml",
        ),
    )
}

fn several_recommended(wishes: &[Wish]) -> Finding {
    let labels: Vec<String> = wishes.iter().map(Wish::label).collect();
    finding(
        "recommendation-one",
        Text::new(
            format!("{} 个：{}", wishes.len(), labels.join("、")),
            format!("{}: {}", wishes.len(), labels.join(", ")),
        ),
        Text::new(
            format!("本片区推荐了 {} 个视频，只能推荐 1 个", wishes.len()),
            format!(
                "this region recommended {} videos, only one is allowed",
                wishes.len()
            ),
        ),
        Text::new(
            "请片区负责人确定其中一个；在此之前节目单暂用排在最前的一个",
            "let the region choose one; until then the programme plays the first of them that was accepted",
        ),
    )
}

fn not_accepted(wish: &Wish, verdict: Verdict) -> Finding {
    let (label, verdict) = (wish.label(), verdict.text());
    finding(
        "recommendation-not-accepted",
        Text {
            zh: verdict.zh.clone(),
            en: verdict.en.clone(),
        },
        Text::new(
            format!(
                "推荐的 {label} 没有通过检查（{}），暂不能进入节目单",
                verdict.zh
            ),
            format!(
                "the recommended {label} was not accepted ({}), it cannot be in the programme yet",
                verdict.en
            ),
        ),
        Text::new(
            "请按退回意见修改后重新发送，或改推荐另一个",
            "send it again after mending it, or recommend another one",
        ),
    )
}

fn not_received(wish: &Wish) -> Finding {
    let label = wish.label();
    finding(
        "recommendation-not-received",
        Text::new("没有收到", "not received"),
        Text::new(
            format!("推荐的 {label} 不在本片区收到的视频中"),
            format!("the recommended {label} is not among the videos received from this region"),
        ),
        Text::new(
            "请核对单位和视频名称，或补交这个视频",
            "check unit and title, or hand the video in",
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(
        wishes: &[(&str, &str)],
        received: &[(&str, &str, Verdict)],
    ) -> (Option<usize>, Vec<String>) {
        let ids: Vec<_> = (0..received.len())
            .map(|i| SubmissionId::of(&i.to_string()))
            .collect();
        let choices: Vec<_> = received
            .iter()
            .zip(&ids)
            .map(|((unit, title, verdict), id)| Choice {
                id,
                unit: Some(unit),
                title: Some(title),
                verdict: *verdict,
            })
            .collect();
        let wishes: Vec<_> = wishes
            .iter()
            .map(|(unit, title)| Wish {
                unit: (!unit.is_empty()).then(|| (*unit).to_owned()),
                title: (*title).to_owned(),
            })
            .collect();
        let settled = settle(&wishes, &choices);
        let at = settled
            .recommended
            .and_then(|id| ids.iter().position(|other| *other == id));
        (at, settled.findings.into_iter().map(|f| f.rule).collect())
    }

    const GOOD: Verdict = Verdict::Accepted;

    #[test]
    fn one_recommendation_is_as_it_should_be() {
        assert_eq!(
            rules(&[("甲", "一")], &[("乙", "一", GOOD), ("甲", "一", GOOD)]),
            (Some(1), vec![])
        );
        assert_eq!(
            rules(&[("", "Ａ 一")], &[("甲", "a一", GOOD)]),
            (Some(0), vec![])
        );
    }

    #[test]
    fn none_or_two_is_told_and_the_first_plays() {
        assert_eq!(
            rules(&[], &[("甲", "一", GOOD)]),
            (None, vec!["recommendation-missing".into()])
        );
        let two = rules(
            &[("甲", "一"), ("乙", "二")],
            &[("甲", "一", GOOD), ("乙", "二", GOOD)],
        );
        assert_eq!(two, (Some(0), vec!["recommendation-one".into()]));
    }

    #[test]
    fn a_returned_or_unknown_one_does_not_play() {
        let returned = rules(&[("甲", "一")], &[("甲", "一", Verdict::Returned)]);
        assert_eq!(returned, (None, vec!["recommendation-not-accepted".into()]));
        assert_eq!(
            rules(&[("丙", "三")], &[]),
            (None, vec!["recommendation-not-received".into()])
        );
    }
}
