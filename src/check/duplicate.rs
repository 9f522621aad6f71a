//! # 中文
//!
//! ## 检查什么
//!
//! 同一个视频是不是交了两次：逐字节相同的算重复，只留排在前面的一个。换了封装的、重新编码过的同一部片子，本版本还
//! 认不出来。
//!
//! ## 为什么
//!
//! 同一部作品由两个单位报送，或者新旧版本都在，不应当播两次。
//!
//! ## 选项
//!
//! 没有，总是检查。看起来像、要人确认的，请秘书处对照看一遍，在 showcase.toml 里写 `[[confirm]]`：`same = true` 按重复
//! 处理，`same = false` 就不再提。确认不是重复的，也可以放行（`rule = "duplicate"`）。
//!
//! # English
//!
//! ## What it checks
//!
//! Whether the same video was handed in twice: equal byte for byte is a duplicate, and only the first one is kept. The
//! same film in another wrapping or encoded again is not recognised yet in this version.
//!
//! ## Why
//!
//! A work that two units hand in, or an old version beside a new one, should not be shown twice.
//!
//! ## Option
//!
//! None; it is always checked. Where two only look the same, watch both and write `[[confirm]]` in showcase.toml:
//! `same = true` makes it a duplicate, `same = false` settles the finding. Any finding of this rule can also be waived
//! (`rule = "duplicate"`).

use super::{Case, Finding, Level, Said};
use crate::preset::Rules;
use crate::report::model::DuplicateKind;
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
    let said = Said {
        measured,
        allowed: Text::new("每部作品交一次", "each work once"),
        message,
        remedy: remedy(repeated.of.kind, confirmed),
    };
    // Not a requirement of any notice: the verdict for a repetition is its own.
    Some(said.by(NAME, Level::Advice, None))
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
