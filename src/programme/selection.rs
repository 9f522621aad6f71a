//! # 中文
//!
//! ## 检查什么
//!
//! 每个片区推荐、而且只推荐 1 个视频在年会上播放。没有推荐、推荐了两个以上、推荐的没有收到、被退回或者和别的重复，都写成
//! 片区的问题；节目单照样做出来，先用下面的办法定一个：
//!
//! 1. 秘书处在 `showcase.toml` 里写的 `[[recommend]]`；写了就不再看片区的文件。
//! 2. 片区自己的推荐文件（名称里有“推荐”）：表格按表头读，有“推荐”“是否推荐”一栏的只算打了勾（√、是、1）的行；Word 和
//!    文本里的一句话（“我片区推荐西南民族大学《爱我中华》参加年会展播”）也认。有几个文件时，片区文件夹里的优先于收件夹
//!    最上层的总表，再按 Excel、Word、CSV、文本的顺序取第一个；几个文件不一致也是片区的问题。
//! 3. 推荐了几个的，取排在最前、已通过检查的一个。
//! 4. 一个也没有推荐、而片区只有 1 个视频通过检查的，暂用这一个。
//! 5. 其余的片区，节目单里暂时没有。
//!
//! 整个收件夹里谁都没有推荐时，节目单放全部通过检查的视频。
//!
//! ## 为什么
//!
//! 通知：各片区推荐 1 个视频在年会上展播，其余在网站展播。
//!
//! ## 选项
//!
//! 没有。预设里列出了片区（`regions`）时，每个交了视频的片区都检查；没有列出时，只在有人推荐时检查。
//!
//! # English
//!
//! ## What it checks
//!
//! Each region recommends one video, and only one, for the annual meeting. None, two or more, one that was not received,
//! was returned or repeats another is a finding against the region; the programme is made all the same, and plays:
//!
//! 1. what the secretariat wrote as `[[recommend]]` in `showcase.toml`; then the region's files do not count;
//! 2. else what the region's own file says (its name holds 推荐): a table by its heading, only the marked rows (√, 是, 1) where
//!    it has a column 推荐 or 是否推荐; in Word and text also a sentence (我片区推荐西南民族大学《爱我中华》参加年会展播). Of several
//!    files the one in the region's folder comes before a common one at the top of the inbox, then Excel, Word, CSV, text;
//!    that they differ is a finding too;
//! 3. of several, the first that was accepted;
//! 4. the only accepted video of a region that recommended none;
//! 5. else nothing for this region, for now.
//!
//! Where nobody recommends anything at all, the programme plays every accepted video.
//!
//! ## Why
//!
//! The notice: each region recommends one video for the annual meeting, all others are shown on the website.
//!
//! ## Option
//!
//! None. With `regions` in the preset every region that handed in videos is checked, without only where somebody recommends.

// In: what regions wrote and what was accepted. Out: who plays in the hall, and what is to be said to the regions. Pure.

use unicode_normalization::UnicodeNormalization;

use crate::check::{Finding, Level, Verdict};
use crate::id::SubmissionId;
use crate::likeness;
use crate::report::model::Plays;
use crate::text::Text;

/// One line of a region's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// The unit, if it was written.
    pub unit: Option<String>,
    /// The title.
    pub title: String,
    /// File in which it was written, inside the inbox.
    pub source: String,
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
    /// The submission that it repeats, in words.
    pub repeats: Option<String>,
}

/// What is settled for one region.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Settled {
    /// Who plays in the hall.
    pub recommended: Option<SubmissionId>,
    /// What the region must hear.
    pub findings: Vec<Finding>,
}

/// Settles one region that delivered `choices` and wishes for `wishes`; `plays` is what the programme plays all in all.
pub fn settle(wishes: &[Wish], choices: &[Choice<'_>], plays: Plays) -> Settled {
    let mut settled = Settled::default();
    match wishes {
        [] => return without_a_wish(choices, plays),
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
            (None, Some(choice)) => settled.findings.push(not_accepted(wish, choice)),
            (None, None) => settled.findings.push(not_received(wish, choices)),
        }
    }
    settled
}

/// Nobody recommended: the only accepted video stands in, if there is just one.
fn without_a_wish(choices: &[Choice<'_>], plays: Plays) -> Settled {
    let accepted = choices.iter().filter(|choice| choice.verdict.is_accepted());
    let everything = (plays == Plays::Accepted).then(|| accepted.count());
    let mut accepted = choices.iter().filter(|choice| choice.verdict.is_accepted());
    let only = match (accepted.next(), accepted.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    };
    Settled {
        recommended: only.map(|choice| choice.id.clone()),
        findings: vec![none_recommended(only, everything)],
    }
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
pub(super) fn plain(text: &str) -> String {
    text.nfkc()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect()
}

fn label(unit: Option<&str>, title: &str) -> String {
    format!("{}《{title}》", unit.unwrap_or_default())
}

impl Wish {
    fn label(&self) -> String {
        label(self.unit.as_deref(), &self.title)
    }
}

impl Choice<'_> {
    fn label(&self) -> String {
        label(self.unit, self.title.unwrap_or("?"))
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

fn none_recommended(stand_in: Option<&Choice<'_>>, everything: Option<usize>) -> Finding {
    let (for_now_zh, for_now_en) = match (everything, stand_in) {
        (Some(0), _) => (
            "节目单暂放全部通过的视频，本片区还没有通过的".to_owned(),
            "the programme plays every accepted video for now, and there is none of this region"
                .to_owned(),
        ),
        (Some(count), _) => (
            format!("节目单暂放全部通过的视频，本片区有 {count} 个"),
            format!("the programme plays every accepted video for now, of this region: {count}"),
        ),
        (None, Some(choice)) => (
            format!("只有 {} 通过检查，节目单暂用它", choice.label()),
            format!(
                "only {} was accepted, so the programme plays it for now",
                choice.label()
            ),
        ),
        (None, None) => (
            "节目单里暂时没有本片区".to_owned(),
            "it has no place in the programme for now".to_owned(),
        ),
    };
    finding(
        "recommendation-missing",
        Text::new("0 个", "none"),
        Text::new(
            format!("没有找到本片区推荐年会播放的视频；{for_now_zh}。"),
            format!(
                "This region has not recommended a video for the annual meeting; {for_now_en}."
            ),
        ),
        Text::new(
            "请片区负责人把推荐结果（单位、视频名称）写成“推荐结果.xlsx”（Word、CSV、文本也可以）报送秘书处。",
            "Please send the recommendation (unit, title) to the secretariat as 推荐结果.xlsx; Word, CSV or text will do.",
        ),
    )
}

fn several_recommended(wishes: &[Wish]) -> Finding {
    let sources: std::collections::BTreeSet<_> = wishes.iter().map(|w| w.source.as_str()).collect();
    let sources = sources.into_iter().collect::<Vec<_>>();
    let labels: Vec<String> = wishes.iter().map(Wish::label).collect();
    finding(
        "recommendation-one",
        Text::new(
            format!("{} 个：{}", wishes.len(), labels.join("、")),
            format!("{}: {}", wishes.len(), labels.join(", ")),
        ),
        Text::new(
            format!(
                "本片区在 {} 里推荐了 {} 个视频（{}），只能推荐 1 个",
                sources.join("、"),
                wishes.len(),
                labels.join("、")
            ),
            format!(
                "this region recommended {} videos in {} ({}), only one is allowed",
                wishes.len(),
                sources.join(", "),
                labels.join(", ")
            ),
        ),
        Text::new(
            "请片区负责人确定其中一个，改好文件再运行一次；在此之前节目单暂用排在最前、已通过检查的一个",
            "let the region choose one, correct the file and run again; until then the programme plays the first of them that was accepted",
        ),
    )
}

fn not_accepted(wish: &Wish, choice: &Choice<'_>) -> Finding {
    let (label, source, mut verdict) = (wish.label(), &wish.source, choice.verdict.text());
    if let Some(original) = &choice.repeats {
        verdict = Text::new(
            format!("和 {original} 重复"),
            format!("it repeats {original}"),
        );
    }
    finding(
        "recommendation-not-accepted",
        verdict.clone(),
        Text::new(
            format!(
                "{source} 推荐的 {label} 没有通过检查（{}），暂不能进入节目单",
                verdict.zh
            ),
            format!(
                "{label}, recommended in {source}, was not accepted ({}), it cannot be in the programme yet",
                verdict.en
            ),
        ),
        Text::new(
            "请按这个视频的退回意见修改后重新发送，或改推荐另一个",
            "send it again after mending what its findings say, or recommend another one",
        ),
    )
}

fn not_received(wish: &Wish, choices: &[Choice<'_>]) -> Finding {
    let (label, source) = (wish.label(), &wish.source);
    let names: Vec<String> = choices.iter().map(Choice::label).collect();
    let closest = likeness::closest(&label, names.iter().map(String::as_str));
    let (near_zh, near_en) = if closest.is_empty() {
        (
            "没有名称相近的".to_owned(),
            "none has a name like it".to_owned(),
        )
    } else {
        (
            format!("名称最接近的是 {}", closest.join("、")),
            format!("the nearest names are {}", closest.join(", ")),
        )
    };
    finding(
        "recommendation-not-received",
        Text::new("没有收到", "not received"),
        Text::new(
            format!("{source} 推荐的 {label} 不在本片区收到的视频中；{near_zh}"),
            format!(
                "{label}, recommended in {source}, is not among the videos received from this region; {near_en}"
            ),
        ),
        Text::new(
            "请核对推荐文件里的单位和视频名称，改成和视频文件名一样，或补交这个视频，再运行一次",
            "correct unit and title in that file to those in the video's name, or hand the video in, and run again",
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
        let (at, findings) = settled(wishes, received);
        (at, findings.into_iter().map(|f| f.rule).collect())
    }

    fn messages(wishes: &[(&str, &str)], received: &[(&str, &str, Verdict)]) -> String {
        let (_, findings) = settled(wishes, received);
        let texts = findings
            .iter()
            .map(|f| format!("{}\n{}", f.message.zh, f.message.en));
        texts.collect::<Vec<_>>().join("\n")
    }

    fn settled(
        wishes: &[(&str, &str)],
        received: &[(&str, &str, Verdict)],
    ) -> (Option<usize>, Vec<Finding>) {
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
                repeats: (*verdict == Verdict::Duplicate).then(|| "丁《四》".to_owned()),
            })
            .collect();
        let wishes: Vec<_> = wishes
            .iter()
            .map(|(unit, title)| Wish {
                unit: (!unit.is_empty()).then(|| (*unit).to_owned()),
                title: (*title).to_owned(),
                source: "推荐.xlsx".to_owned(),
            })
            .collect();
        let settled = settle(&wishes, &choices, Plays::Recommended);
        let at = settled
            .recommended
            .and_then(|id| ids.iter().position(|other| *other == id));
        (at, settled.findings)
    }

    const GOOD: Verdict = Verdict::Accepted;

    #[test]
    fn where_everything_plays_no_region_is_told_that_it_does_not() {
        let id = SubmissionId::of("0");
        let choice = Choice {
            id: &id,
            unit: Some("甲"),
            title: Some("一"),
            verdict: GOOD,
            repeats: None,
        };
        let message = |choices: &[Choice<'_>]| {
            let settled = settle(&[], choices, Plays::Accepted);
            settled.findings[0].message.zh.clone()
        };
        insta::assert_snapshot!(message(&[choice.clone(), choice]), @"没有找到本片区推荐年会播放的视频；节目单暂放全部通过的视频，本片区有 2 个。");
        insta::assert_snapshot!(message(&[]), @"没有找到本片区推荐年会播放的视频；节目单暂放全部通过的视频，本片区还没有通过的。");
    }

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
        let missing = vec!["recommendation-missing".to_owned()];
        let one = &[("甲", "一", GOOD), ("乙", "二", Verdict::Returned)];
        assert_eq!(rules(&[], one), (Some(0), missing.clone()));
        assert_eq!(
            rules(&[], &[("甲", "一", GOOD), ("乙", "二", GOOD)]),
            (None, missing.clone())
        );
        assert_eq!(rules(&[], &[]), (None, missing));
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

    #[test]
    fn the_region_hears_what_was_found_where_and_what_is_near_it() {
        insta::assert_snapshot!(messages(&[("西华大学", "雨港")], &[("西华大学", "雨巷", GOOD)]), @r"
        推荐.xlsx 推荐的 西华大学《雨港》 不在本片区收到的视频中；名称最接近的是 西华大学《雨巷》
        西华大学《雨港》, recommended in 推荐.xlsx, is not among the videos received from this region; the nearest names are 西华大学《雨巷》
        ");
        insta::assert_snapshot!(messages(&[("甲", "一")], &[("甲", "一", Verdict::Duplicate)]), @r"
        推荐.xlsx 推荐的 甲《一》 没有通过检查（和 丁《四》 重复），暂不能进入节目单
        甲《一》, recommended in 推荐.xlsx, was not accepted (it repeats 丁《四》), it cannot be in the programme yet
        ");
        insta::assert_snapshot!(messages(&[], &[("甲", "一", GOOD)]), @"
        没有找到本片区推荐年会播放的视频；只有 甲《一》 通过检查，节目单暂用它。
        This region has not recommended a video for the annual meeting; only 甲《一》 was accepted, so the programme plays it for now.
        ");
        insta::assert_snapshot!(messages(&[("甲", "一"), ("乙", "二")], &[("甲", "一", GOOD), ("乙", "二", GOOD)]), @r"
        本片区在 推荐.xlsx 里推荐了 2 个视频（甲《一》、乙《二》），只能推荐 1 个
        this region recommended 2 videos in 推荐.xlsx (甲《一》, 乙《二》), only one is allowed
        ");
    }
}
