//! # 中文
//!
//! ## 检查什么
//!
//! 同一个视频是不是交了两次，今年的，或者往年作品库里的（`zhanbo index add`）。分三种：
//!
//! - 同一个文件：逐字节相同。结论是“重复”，只留排在前面的一个。
//! - 同一份数据：只是换了封装或改了标题等信息，画面和声音数据一样。结论也是“重复”。
//! - 看起来是同一部：重新编码、缩小、加了黑边、台标或片头、剪掉一点，也认得出来。这只是提醒，不改变结论：报告里有两部片子
//!   同一时刻的对照图，请人看了再定。两部片子只有片头相同、只有配乐相同，都不算；左右翻转的认不出来，全黑的片子也无从比较。
//!
//! ## 为什么
//!
//! 同一部作品由两个单位报送，或者新旧版本都在，不应当播两次；往年播过的，秘书处也应当知道。
//!
//! ## 选项
//!
//! 没有，总是检查。看起来像、要人确认的，请秘书处对照看一遍，在 showcase.toml 里写 `[[confirm]]`：`same = true` 按重复
//! 处理，`same = false` 就不再提。确认不是重复的，也可以放行（`rule = "duplicate"`）。往年作品库用
//! `--library` 指定。
//!
//! # English
//!
//! ## What it checks
//!
//! Whether the same video was handed in twice, this year or in an earlier one of the library (`zhanbo index add`). Three kinds:
//!
//! - The same file: equal byte for byte. The verdict is "duplicate", and only the first one is kept.
//! - The same data: in another wrapping or with other metadata, but with equal picture and sound data. Also "duplicate".
//! - The same film to the eye: encoded again, made smaller, with black bars, a logo or a title card, a little cut off. This
//!   is a remark and changes no verdict: the report shows both films at the same moments, and a person decides. Films that share
//!   only an opening card or only their music are not the same. A mirrored copy is not recognised, and there is nothing
//!   to compare in a black film.
//!
//! ## Why
//!
//! A work that two units hand in, or an old version beside a new one, should not be shown twice; and the secretariat should
//! know what was shown in an earlier year.
//!
//! ## Option
//!
//! None; it is always checked. `--library` names the library of earlier years. Where two only look the same, watch both and
//! write `[[confirm]]` in showcase.toml:
//! `same = true` makes it a duplicate, `same = false` settles the finding. Any finding of this rule can also be waived
//! (`rule = "duplicate"`).

use super::{Case, Finding, Level, Said};
use crate::preset::Rules;
use crate::report::model::{DuplicateKind, EarlierWork};
use crate::text::Text;

pub(super) const NAME: &str = "duplicate";

pub(super) fn find(case: &Case, _: &Rules) -> Option<Finding> {
    // What can not be read has more urgent news for its unit.
    case.media.ok()?;
    let repeated = case.duplicate?;
    let first = repeated.original;
    let confirmed = repeated.confirmed.is_some_and(|confirm| confirm.same);
    let percent = format!("{:.0} %", repeated.of.score * 100.0);
    let (measured, message) = match repeated.of.kind {
        DuplicateKind::Exact => (
            Text::new("逐字节相同", "equal byte for byte"),
            Text::new(
                format!("与“{first}”是同一个文件，逐字节相同。"),
                format!("This is the same file as \"{first}\", byte for byte."),
            ),
        ),
        DuplicateKind::Essence => (
            Text::new("画面和声音数据相同", "equal picture and sound data"),
            Text::new(
                format!("与“{first}”是同一个视频，只是换了封装。"),
                format!("This is the same video as \"{first}\" in another wrapping."),
            ),
        ),
        DuplicateKind::Near if confirmed => (
            Text::new(
                format!("相似度 {percent}，已由人确认"),
                format!("{percent} alike, confirmed by a person"),
            ),
            Text::new(
                format!("与“{first}”是同一部片子（相似度 {percent}，秘书处已对照确认）。"),
                format!(
                    "This is the same film as \"{first}\" ({percent} alike, confirmed by the secretariat)."
                ),
            ),
        ),
        DuplicateKind::Near => (
            Text::new(format!("相似度 {percent}"), format!("{percent} alike")),
            Text::new(
                format!("看起来与“{first}”是同一部片子（相似度 {percent}），需要人来确认。"),
                format!(
                    "This looks like the same film as \"{first}\" ({percent} alike); a person has to confirm it."
                ),
            ),
        ),
    };
    let remedy = match &repeated.of.earlier {
        Some(work) => earlier_remedy(work, repeated.of.kind),
        None => remedy(repeated.of.kind, confirmed),
    };
    let said = Said {
        measured,
        allowed: Text::new("每部作品交一次", "each work once"),
        message,
        remedy,
    };
    // Not a requirement of any notice: the verdict for a repetition is its own.
    Some(said.by(NAME, Level::Advice, None))
}

fn earlier_remedy(work: &EarlierWork, kind: DuplicateKind) -> Text {
    let year = work.year;
    if kind == DuplicateKind::Near {
        return Text::new(
            format!(
                "请秘书处找出 {year} 年的成片对照看一遍：确是同一部的，请单位换一部；不是的，在 showcase.toml 里放行。"
            ),
            format!(
                "For the secretariat: watch it beside the film of {year}. If they are the same, ask the unit for another \
                 one; if not, waive this in showcase.toml."
            ),
        );
    }
    Text::new(
        format!(
            "这部作品 {year} 年已经报送过。请单位换一部新作品；如果秘书处同意再播，在 showcase.toml 里放行。"
        ),
        format!(
            "This work was handed in in {year}. Please send a new one; if the secretariat agrees to show it again, waive \
             this in showcase.toml."
        ),
    )
}

fn remedy(kind: DuplicateKind, confirmed: bool) -> Text {
    match kind {
        DuplicateKind::Near if !confirmed => Text::new(
            "请秘书处对照看一遍，在 showcase.toml 里写 [[confirm]]：确是同一部的写 same = true，不是的写 same = false。",
            "For the secretariat: watch both and write [[confirm]] in showcase.toml: same = true if they are the same film, \
             same = false if not.",
        ),
        _ => Text::new(
            "如果传错了文件，请重新发送正确的视频；如果两个单位合作，请由一个单位报送并告诉秘书处。",
            "If the wrong file was sent, please send the right one; if two units made it together, let one of them \
             hand it in and tell the secretariat.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Repeated, sample};
    use crate::preset::Confirm;

    fn judged(kind: DuplicateKind) -> Option<Finding> {
        confirmed(kind, None)
    }

    fn confirmed(kind: DuplicateKind, confirmed: Option<&Confirm>) -> Option<Finding> {
        let (submission, media, of) = (
            sample::submission(),
            sample::media(),
            sample::duplicate(kind),
        );
        let case = Case {
            duplicate: Some(Repeated {
                of: &of,
                original: "西南科技大学《猫》（川北片区）",
                confirmed,
            }),
            ..sample::case(&submission, &media)
        };
        find(&case, &Rules::default())
    }

    #[test]
    fn the_message_names_the_first_one_and_how_the_two_are_alike() {
        insta::assert_snapshot!(sample::shown(judged(DuplicateKind::Exact)), @r#"
        duplicate Advice None
        逐字节相同
        equal byte for byte
        每部作品交一次
        each work once
        与“西南科技大学《猫》（川北片区）”是同一个文件，逐字节相同。
        This is the same file as "西南科技大学《猫》（川北片区）", byte for byte.
        如果传错了文件，请重新发送正确的视频；如果两个单位合作，请由一个单位报送并告诉秘书处。
        If the wrong file was sent, please send the right one; if two units made it together, let one of them hand it in and tell the secretariat.
        "#);
        insta::assert_snapshot!(sample::shown(judged(DuplicateKind::Essence)), @r#"
        duplicate Advice None
        画面和声音数据相同
        equal picture and sound data
        每部作品交一次
        each work once
        与“西南科技大学《猫》（川北片区）”是同一个视频，只是换了封装。
        This is the same video as "西南科技大学《猫》（川北片区）" in another wrapping.
        如果传错了文件，请重新发送正确的视频；如果两个单位合作，请由一个单位报送并告诉秘书处。
        If the wrong file was sent, please send the right one; if two units made it together, let one of them hand it in and tell the secretariat.
        "#);
        insta::assert_snapshot!(sample::shown(judged(DuplicateKind::Near)), @r#"
        duplicate Advice None
        相似度 90 %
        90 % alike
        每部作品交一次
        each work once
        看起来与“西南科技大学《猫》（川北片区）”是同一部片子（相似度 90 %），需要人来确认。
        This looks like the same film as "西南科技大学《猫》（川北片区）" (90 % alike); a person has to confirm it.
        请秘书处对照看一遍，在 showcase.toml 里写 [[confirm]]：确是同一部的写 same = true，不是的写 same = false。
        For the secretariat: watch both and write [[confirm]] in showcase.toml: same = true if they are the same film, same = false if not.
        "#);
    }

    #[test]
    fn a_work_of_an_earlier_year_is_named_with_its_year() {
        let (submission, media) = (sample::submission(), sample::media());
        let work = EarlierWork {
            year: 2020,
            unit: "西南科技大学".into(),
            title: "猫".into(),
            showcase: "展播".into(),
        };
        let original = work.label();
        let of = crate::report::model::DuplicateOf {
            earlier: Some(work),
            ..sample::duplicate(DuplicateKind::Essence)
        };
        let case = Case {
            duplicate: Some(Repeated {
                of: &of,
                original: &original,
                confirmed: None,
            }),
            ..sample::case(&submission, &media)
        };
        insta::assert_snapshot!(sample::shown(find(&case, &Rules::default())), @r#"
        duplicate Advice None
        画面和声音数据相同
        equal picture and sound data
        每部作品交一次
        each work once
        与“西南科技大学《猫》（2020，展播）”是同一个视频，只是换了封装。
        This is the same video as "西南科技大学《猫》（2020，展播）" in another wrapping.
        这部作品 2020 年已经报送过。请单位换一部新作品；如果秘书处同意再播，在 showcase.toml 里放行。
        This work was handed in in 2020. Please send a new one; if the secretariat agrees to show it again, waive this in showcase.toml.
        "#);
    }

    #[test]
    fn once_a_person_has_looked_nobody_is_asked_to_look() {
        let confirm = sample::confirm(&sample::submission(), true);
        let found = confirmed(DuplicateKind::Near, Some(&confirm)).unwrap();
        insta::assert_snapshot!(format!("{}\n{}\n{}", found.measured.zh, found.message.zh, found.message.en), @r#"
        相似度 90 %，已由人确认
        与“西南科技大学《猫》（川北片区）”是同一部片子（相似度 90 %，秘书处已对照确认）。
        This is the same film as "西南科技大学《猫》（川北片区）" (90 % alike, confirmed by the secretariat).
        "#);
    }
}
