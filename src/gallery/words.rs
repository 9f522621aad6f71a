//! What the website says in its own words. In: a language. Out: text.

use crate::report::model::Report;
use crate::report::terminal::printable;
use crate::report::wording::{self, clean};
use crate::text::{Lang, Text};

/// The language's tag.
pub(super) fn language(lang: Lang) -> &'static str {
    lang.pick("zh-CN", "en")
}

/// A region's name; one of which nothing can be shown is called as no region is.
pub(super) fn region(name: &str, lang: Lang) -> String {
    let shown = wording::region(printable(name).trim());
    shown.in_lang(lang).to_owned()
}

/// What the feed is.
pub(super) fn newest(lang: Lang) -> String {
    lang.pick("最新上线的展播视频", "The newest videos of the showcase")
        .to_owned()
}

/// The line at the foot of every page: showcase.toml's, else what the notices of the field say about rights.
pub(super) fn copyright(report: &Report, lang: Lang) -> String {
    let notice = || {
        Text::new(
            "视频由各报送单位提供，主办方有权发表、编辑和出版；未经许可，任何单位和个人不得复制、转载。",
            "The videos were handed in by the units named. The organisers may publish, edit and print them; nobody else may copy \
             them without permission.",
        )
    };
    let written = report.showcase.site.copyright.as_ref().map(clean);
    written.unwrap_or_else(notice).in_lang(lang).to_owned()
}
