//! # 中文
//!
//! ## 检查什么
//!
//! 文件是什么格式，按内容判断，不看名字结尾。把 `.mkv` 改名成 `.mp4`，它还是 Matroska。
//!
//! ## 为什么
//!
//! 通知规定了格式；别的格式在会场的播放机上可能放不出来，其他单位也可能打不开。
//!
//! ## 选项
//!
//! `allowed`：接受的格式，如 `["mp4", "mpg", "mov"]`。必须写。可以用的有
//! `mp4`、`mov`、`mpg`、`mpeg-ts`、`matroska`、`webm`、`avi`、`asf`、`flv`。
//!
//! # English
//!
//! ## What it checks
//!
//! Which format the file has, by its content and not by its name. A Matroska file that was renamed to `.mp4` is still
//! a Matroska file.
//!
//! ## Why
//!
//! The notice names the formats; others may not play in the hall, or at another unit.
//!
//! ## Option
//!
//! `allowed`: the formats that are taken, as `["mp4", "mpg", "mov"]`. It must be given. There are `mp4`, `mov`, `mpg`,
//! `mpeg-ts`, `matroska`, `webm`, `avi`, `asf` and `flv`.

use super::{Case, Finding, Said};
use crate::preset::Rules;
use crate::probe::Container;
use crate::text::Text;

pub(super) const NAME: &str = "container";

pub(super) fn find(case: &Case, rules: &Rules) -> Option<Finding> {
    let rule = rules.container.as_ref()?;
    let is = case.media.ok()?.container;
    if rule.allowed.contains(&is) {
        return None;
    }
    let name = spoken(is);
    let list = |mark: &str| {
        let names: Vec<_> = rule.allowed.iter().map(|c| c.name()).collect();
        names.join(mark)
    };
    let but = match ending(&case.submission.original_name) {
        Some(ending) if !is.extensions().contains(&ending.as_str()) => Text::new(
            format!("，虽然名字以 .{ending} 结尾"),
            format!(", although its name ends in .{ending}"),
        ),
        _ => Text::default(),
    };
    let said = Said {
        message: Text::new(
            format!("文件的格式是 {name}{}；接受的是 {}。", but.zh, list("、")),
            format!(
                "The file is in the format {name}{}; accepted are {}.",
                but.en,
                list(", ")
            ),
        ),
        remedy: remedy(),
        measured: Text::same(name),
        allowed: Text::new(list("、"), list(", ")),
    };
    Some(said.by(NAME, rule.level, rule.clause.as_ref()))
}

/// The format as people call it.
pub(super) fn spoken(container: Container) -> &'static str {
    match container {
        Container::Mp4 => "MP4",
        Container::Mov => "QuickTime (MOV)",
        Container::Mpg => "MPEG (MPG)",
        Container::MpegTs => "MPEG-TS (TS)",
        Container::Matroska => "Matroska (MKV)",
        Container::Webm => "WebM",
        Container::Avi => "AVI",
        Container::Asf => "Windows Media (WMV)",
        Container::Flv => "Flash Video (FLV)",
    }
}

/// What a name ends in, in lower case.
pub(super) fn ending(name: &str) -> Option<String> {
    let (stem, ending) = name.rsplit_once('.')?;
    (!stem.is_empty() && !ending.is_empty()).then(|| ending.trim_end().to_lowercase())
}

fn remedy() -> Text {
    Text::new(
        "请重新导出为 mp4，只改名字没有用。剪映：导出时格式选 mp4，编码选 H.264；\
         Premiere：文件 → 导出 → 媒体，格式选 H.264；格式工厂：选“→MP4”，把文件加进去转换。",
        "Please export it again as mp4; renaming does not help. CapCut: choose the format mp4 and the codec H.264 \
         when exporting; Premiere: File, Export, Media, format H.264; Format Factory: choose MP4, add the file, convert.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::sample;

    fn judged(container: Container, name: &str) -> Option<Finding> {
        let (submission, media) = sample::file(container, name);
        find(&sample::case(&submission, &media), &sample::rules().rules)
    }

    #[test]
    fn the_content_decides_and_the_name_does_not() {
        use Container::{Asf, Avi, Flv, Matroska, Mov, Mp4, MpegTs, Mpg, Webm};
        for container in [Mp4, Mov, Mpg] {
            assert_eq!(judged(container, "a.mkv"), None, "{container:?}");
        }
        for container in [MpegTs, Matroska, Webm, Avi, Asf, Flv] {
            assert!(judged(container, "a.mp4").is_some(), "{container:?}");
        }
    }

    #[test]
    fn the_message_says_what_it_is_and_what_the_name_says() {
        insta::assert_snapshot!(sample::shown(judged(Container::Webm, "本草.MP4")), @r#"
        container Requirement Some("支持格式为mp4、mpg、mov")
        WebM
        mp4、mpg、mov
        mp4, mpg, mov
        文件的格式是 WebM，虽然名字以 .mp4 结尾；接受的是 mp4、mpg、mov。
        The file is in the format WebM, although its name ends in .mp4; accepted are mp4, mpg, mov.
        请重新导出为 mp4，只改名字没有用。剪映：导出时格式选 mp4，编码选 H.264；Premiere：文件 → 导出 → 媒体，格式选 H.264；格式工厂：选“→MP4”，把文件加进去转换。
        Please export it again as mp4; renaming does not help. CapCut: choose the format mp4 and the codec H.264 when exporting; Premiere: File, Export, Media, format H.264; Format Factory: choose MP4, add the file, convert.
        "#);
        insta::assert_snapshot!(judged(Container::Matroska, "本草.mkv").unwrap().message.zh, @"文件的格式是 Matroska (MKV)；接受的是 mp4、mpg、mov。");
    }

    #[test]
    fn a_name_ends_after_its_last_dot() {
        assert_eq!(ending("a.b.MP4").as_deref(), Some("mp4"));
        assert_eq!(ending("a"), None);
        assert_eq!(ending(".mp4"), None);
        assert_eq!(ending("a."), None);
    }
}
