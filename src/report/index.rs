//! `index.html`, the front door of the output folder. In: a [`Report`]. Out: a small page with the sums, and links to
//! what there is.

use minijinja::context;

use super::SPREADSHEET;
use super::html::totals;
use super::model::Report;
use super::page::{self, RenderError, address, text};
use super::wording::{clock, date, needing_action};
use crate::text::Lang;
use crate::units::Millis;

/// The page in both languages; the reader's is shown first.
pub fn to_index(report: &Report, lang: Lang) -> Result<String, RenderError> {
    let length = report.programme.last().map_or(Millis(0), |item| {
        Millis(item.starts_at_ms.0.saturating_add(item.duration_ms.0))
    });
    let values = context! {
        title => text(&report.showcase.title),
        date => text(&date(&report.started_at)),
        todo => needing_action(report).len(),
        programme => report.programme.len(),
        length => clock(length),
        spreadsheet => address("", &format!("report/{SPREADSHEET}")),
        ..totals(report),
    };
    page::render("index.html", include_str!("index.html"), lang, values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{sample, seen};

    fn links(report: &Report) -> Vec<String> {
        let page = seen::read(&to_index(report, Lang::Zh).unwrap(), "en");
        let to = page.elements.iter().filter_map(|e| e.attribute("href"));
        to.map(str::to_owned).collect()
    }

    #[test]
    fn the_front_door_reads_in_both_languages() {
        let html = to_index(&sample::report(), Lang::Zh).unwrap();
        insta::assert_snapshot!(seen::read(&html, "en").text, @"
        庆祝建党100周年诗歌朗诵、合唱视频展播
        展播
        English
        庆祝建党100周年诗歌朗诵、合唱视频展播
        2026年7月12日 08:30（UTC）
        收到 | 11
        通过 | 3
        通过（有提醒） | 2
        退回 | 3
        无法读取 | 1
        重复 | 2
        本次制作 | 3
        已是最新 | 1
        制作失败 | 1
        | 验收报告 7 项需要处理
        | 汇总表 每个片区一张表，用 Excel 或 WPS 打开
        | 会场节目单 3 个视频，共 7:37，可以打印
        | 播放列表 用播放器打开；整场一个文件是 programme/programme.mp4
        ");
        insta::assert_snapshot!(seen::read(&html, "zh").text, @"
        庆祝建党100周年诗歌朗诵、合唱视频展播
        Showcase
        中文
        Showcase of poetry recitals and choirs for the centenary
        2026-07-12 08:30 (UTC)
        received | 11
        accepted | 3
        accepted with warnings | 2
        returned | 3
        unreadable | 1
        duplicate | 2
        made | 3
        up to date | 1
        failed | 1
        | Acceptance report 7 to do
        | Spreadsheet a sheet for each region; open with Excel or LibreOffice
        | Run sheet for the hall 3 videos, 7:37 in all; to be printed
        | Playlist open with a media player; all in one file is programme/programme.mp4
        ");
    }

    const SHEETS: &str = "report/%E6%B1%87%E6%80%BB%E8%A1%A8.xlsx";

    #[test]
    fn only_what_is_there_is_linked() {
        assert_eq!(
            links(&sample::report()),
            [
                "report/report.html",
                SHEETS,
                "programme/run-sheet.html",
                "programme/programme.m3u8"
            ]
        );
        assert_eq!(links(&sample::empty()), ["report/report.html", SHEETS]);
    }
}
