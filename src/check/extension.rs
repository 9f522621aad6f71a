//! # 中文
//!
//! ## 检查什么
//!
//! 名字的结尾和内容是不是一致：内容是 QuickTime（MOV），名字却以 `.mp4` 结尾。格式本身不被接受的，由 `container` 说明，
//! 这里不再重复。
//!
//! ## 为什么
//!
//! 有的播放器按名字决定怎么打开，名字不对就可能放不出来。
//!
//! ## 选项
//!
//! 没有。
//!
//! # English
//!
//! ## What it checks
//!
//! Whether the name ends as its content wants: a QuickTime movie whose name ends in `.mp4` does not. Where the format
//! itself is not accepted, `container` says so, and this rule is silent.
//!
//! ## Why
//!
//! Some players decide by the name how to open a file, and fail where it misleads.
//!
//! ## Option
//!
//! None.

use super::container::{ending, spoken};
use super::{Case, Finding, Said};
use crate::preset::Rules;
use crate::text::Text;

pub(super) const NAME: &str = "extension";

pub(super) fn find(case: &Case, rules: &Rules) -> Option<Finding> {
    let rule = rules.extension.as_ref()?;
    let is = case.media.ok()?.container;
    let is_accepted = rules
        .container
        .as_ref()
        .is_none_or(|rule| rule.allowed.contains(&is));
    let ending = ending(&case.submission.original_name);
    let agrees = ending
        .as_ref()
        .is_some_and(|ending| is.extensions().contains(&ending.as_str()));
    if agrees || !is_accepted {
        return None;
    }
    let name = spoken(is);
    let usual = is.extensions()[0];
    let ends = match &ending {
        Some(ending) => Text::new(
            format!("名字以 .{ending} 结尾"),
            format!("its name ends in .{ending}"),
        ),
        None => Text::new("名字没有后缀", "its name has no ending"),
    };
    let said = Said {
        message: Text::new(
            format!("内容是 {name}，{}。", ends.zh),
            format!("The content is {name}, but {}.", ends.en),
        ),
        remedy: Text::new(
            format!(
                "请把后缀改成 .{usual}，内容不用动；或者重新导出为真正的 mp4（剪映：格式选 mp4；\
                 Premiere：格式选 H.264；格式工厂：选“→MP4”）。"
            ),
            format!(
                "Please change the ending to .{usual} and leave the content alone; or export a real mp4 (CapCut: format \
                 mp4; Premiere: format H.264; Format Factory: MP4)."
            ),
        ),
        measured: ending.map_or_else(
            || Text::new("没有后缀", "no ending"),
            |ending| Text::same(format!(".{ending}")),
        ),
        allowed: Text::same(format!(".{usual}")),
    };
    Some(said.by(NAME, rule.level, rule.clause.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::sample;
    use crate::probe::Container;

    fn judged(container: Container, name: &str) -> Option<Finding> {
        let (submission, media) = sample::file(container, name);
        find(&sample::case(&submission, &media), &sample::rules().rules)
    }

    #[test]
    fn any_usual_ending_will_do_in_any_case() {
        for (container, name, passes) in [
            (Container::Mp4, "a.mp4", true),
            (Container::Mp4, "a.M4V", true),
            (Container::Mov, "a.MOV", true),
            (Container::Mov, "a.mp4", false),
            (Container::Mpg, "a.mpeg", true),
            (Container::Mp4, "a", false),
        ] {
            assert_eq!(
                judged(container, name).is_none(),
                passes,
                "{container:?} {name}"
            );
        }
    }

    #[test]
    fn a_format_that_is_not_accepted_is_not_told_twice() {
        assert_eq!(judged(Container::Webm, "a.mp4"), None);
    }

    #[test]
    fn the_message_says_what_the_name_should_end_in() {
        insta::assert_snapshot!(sample::shown(judged(Container::Mov, "演示视频.mp4")), @r"
        extension Advice None
        .mp4
        .mov
        内容是 QuickTime (MOV)，名字以 .mp4 结尾。
        The content is QuickTime (MOV), but its name ends in .mp4.
        请把后缀改成 .mov，内容不用动；或者重新导出为真正的 mp4（剪映：格式选 mp4；Premiere：格式选 H.264；格式工厂：选“→MP4”）。
        Please change the ending to .mov and leave the content alone; or export a real mp4 (CapCut: format mp4; Premiere: format H.264; Format Factory: MP4).
        ");
        insta::assert_snapshot!(judged(Container::Mp4, "演示视频").unwrap().message.zh, @"内容是 MP4，名字没有后缀。");
    }
}
