//! The summary at the end of a run. In: a [`Report`], the reader's language and the terminal's width. Out: lines, in
//! which no name from outside can move the cursor, change a colour or turn the writing round.

use std::fmt::Write as _;
use std::iter::Peekable;
use std::str::Chars;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::model::Report;
use super::wording::{
    Standing, by_id, clean, clock, date, headline, name, needing_action, region, superseded,
};
use crate::text::{Lang, Text};

/// Longer lists than this are for the page.
const MAX_LINES: usize = 12;
/// A wider name than this is cut, so that the reason beside it can still be read.
const MAX_NAME_WIDTH: usize = 40;
/// Narrower than this nothing can be aligned; lines are then left to wrap.
const MIN_WIDTH: usize = 40;

/// Whether the terminal understands colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Color {
    /// No escape sequence at all.
    Plain,
    /// ANSI (ECMA-48) colours.
    Ansi,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ink {
    Bold,
    Dim,
    Red,
    Yellow,
    Green,
}

impl Color {
    /// The only place that writes an escape sequence.
    fn paint(self, ink: Ink, text: &str) -> String {
        let code = match ink {
            Ink::Bold => "1",
            Ink::Dim => "2",
            Ink::Red => "31",
            Ink::Yellow => "33",
            Ink::Green => "32",
        };
        match self {
            Color::Plain => text.to_owned(),
            Color::Ansi => format!("\x1b[{code}m{text}\x1b[0m"),
        }
    }
}

/// Whether there are pages to look at for more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pages {
    /// The report was written: the summary may be short.
    Written,
    /// This text is all there is.
    None,
}

/// What the operator reads when a run is over: sums, what needs action, where to look.
pub fn summary(report: &Report, lang: Lang, color: Color, width: usize, pages: Pages) -> String {
    let screen = Screen {
        lang,
        color,
        width: width.max(MIN_WIDTH),
        pages,
    };
    [
        screen.heading(report),
        screen.changes(report),
        screen.submissions(report),
        screen.regions(report),
        screen.remarks(report),
        screen.where_to_look(report),
    ]
    .into_iter()
    .filter(|part| !part.is_empty())
    .collect::<Vec<_>>()
    .join("\n")
}

/// A name from outside as one harmless line: no control characters, escape sequences or bidirectional controls.
pub fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\x1b' => skip_escape(&mut rest),
            '\u{9b}' => skip_control_sequence(&mut rest),
            '\u{90}' | '\u{98}' | '\u{9d}'..='\u{9f}' => skip_string(&mut rest),
            '\t' | '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => shown.push(' '),
            c if c.is_control() || is_invisible(c) => {}
            c => shown.push(c),
        }
    }
    shown
}

// Marks that turn the writing round (Unicode Annex 9), the byte order mark, and the two that no XML file may hold
// (XML 1.0 §2.2).
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{fffe}' | '\u{ffff}' | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

// ECMA-48 §5.3: what follows ESC decides how far the sequence reaches.
fn skip_escape(rest: &mut Peekable<Chars<'_>>) {
    match rest.peek() {
        Some('[') => {
            rest.next();
            skip_control_sequence(rest);
        }
        Some('P' | 'X' | ']' | '^' | '_') => {
            rest.next();
            skip_string(rest);
        }
        _ => {
            while rest.next_if(|c| matches!(c, ' '..='/')).is_some() {}
            rest.next_if(|c| matches!(c, '0'..='~'));
        }
    }
}

// ECMA-48 §5.4: parameters, intermediates, one final byte.
fn skip_control_sequence(rest: &mut Peekable<Chars<'_>>) {
    while rest.next_if(|c| matches!(c, ' '..='?')).is_some() {}
    rest.next_if(|c| matches!(c, '@'..='~'));
}

// ECMA-48 §5.6: up to ST; terminals take BEL as well. One that never ends must not swallow the rest of the name.
fn skip_string(rest: &mut Peekable<Chars<'_>>) {
    let mut ahead = rest.clone();
    while let Some(c) = ahead.next() {
        let ends =
            matches!(c, '\x07' | '\u{9c}') || (c == '\x1b' && ahead.next_if_eq(&'\\').is_some());
        if ends {
            *rest = ahead;
            return;
        }
    }
}

struct Screen {
    lang: Lang,
    color: Color,
    width: usize,
    pages: Pages,
}

impl Screen {
    fn say<'a>(&self, zh: &'a str, en: &'a str) -> &'a str {
        self.lang.pick(zh, en)
    }

    fn words(&self, text: &Text) -> String {
        clean(text).in_lang(self.lang).to_owned()
    }

    fn heading(&self, report: &Report) -> String {
        let title = self.words(&report.showcase.title);
        let title = self.color.paint(Ink::Bold, &shorten(&title, self.width));
        let when = self.words(&date(&report.started_at));
        let mut lines = format!("{title}\n{}\n\n", self.color.paint(Ink::Dim, &when));
        for line in self.totals(report) {
            lines += &line;
            lines.push('\n');
        }
        lines
    }

    /// Sums as `word number`, as many to a line as fit; what is zero is left out, save what was received.
    fn totals(&self, report: &Report) -> Vec<String> {
        let t = &report.totals;
        let sums = [
            (self.say("收到", "received"), t.received, Ink::Bold),
            (self.say("通过", "accepted"), t.accepted, Ink::Green),
            (
                self.say("通过（有提醒）", "with warnings"),
                t.accepted_with_warnings,
                Ink::Yellow,
            ),
            (self.say("退回", "returned"), t.returned, Ink::Red),
            (self.say("无法读取", "unreadable"), t.unreadable, Ink::Red),
            (self.say("重复", "duplicate"), t.repeated(), Ink::Yellow),
            (self.say("已制作", "made"), t.made, Ink::Green),
            (self.say("已是最新", "up to date"), t.up_to_date, Ink::Green),
            (self.say("制作失败", "failed"), t.failed, Ink::Red),
            (self.say("已取消", "cancelled"), t.cancelled, Ink::Yellow),
            (
                self.say("未报送的单位", "missing units"),
                report.roster.iter().filter(|u| u.is_missing()).count(),
                Ink::Red,
            ),
            (self.say("链接", "links"), report.links.len(), Ink::Yellow),
            (
                self.say("已被代替", "replaced"),
                superseded(report).count(),
                Ink::Yellow,
            ),
        ];
        let mut lines = vec![String::new()];
        let mut used = 0;
        for (word, count, ink) in sums {
            if count == 0 && word != self.say("收到", "received") {
                continue;
            }
            let number = count.to_string();
            let wide = word.width() + 1 + number.width();
            if used > 0 && used + 3 + wide > self.width {
                lines.push(String::new());
                used = 0;
            }
            let line = lines.last_mut().expect("there is always a line");
            let gap = if used > 0 { "   " } else { "" };
            let _ = write!(line, "{gap}{word} {}", self.color.paint(ink, &number));
            used += gap.len() + wide;
        }
        lines
    }

    /// How it differs from the last time, in one line.
    fn changes(&self, report: &Report) -> String {
        let Some(changes) = &report.changes else {
            return String::new();
        };
        let (new, fixed) = (changes.new.len(), changes.fixed.len());
        let (open, removed) = (changes.open.len(), changes.removed.len());
        if new + fixed + removed == 0 {
            let same = self.say(
                "与上次相比没有变化",
                "no finding has changed since the last time",
            );
            return format!("{same}\n");
        }
        let line = Text::new(
            format!(
                "与上次相比：新出现 {new}，已解决 {fixed}，仍未解决 {open}，随视频撤下 {removed}"
            ),
            format!(
                "since the last time: {new} new, {fixed} fixed, {open} still open, {removed} gone"
            ),
        );
        format!("{}\n", line.in_lang(self.lang))
    }

    fn submissions(&self, report: &Report) -> String {
        let by_id = by_id(report);
        let rows: Vec<_> = needing_action(report)
            .into_iter()
            .map(|submission| Row {
                badge: Some(Standing::of(submission)),
                name: name(submission),
                message: self.words(&headline(submission, &by_id)),
            })
            .collect();
        self.list(self.say("需要处理", "To do"), &rows)
    }

    fn regions(&self, report: &Report) -> String {
        let findings = report.regions.iter().flat_map(|r| {
            r.findings.iter().filter(|f| f.is_open()).map(|f| Row {
                badge: None,
                name: self.words(&region(&r.name)),
                message: self.words(&f.message),
            })
        });
        let others = report.other_files.iter().filter(|f| f.attention);
        let rows: Vec<_> = findings
            .chain(others.map(|file| Row {
                badge: None,
                name: printable(&file.path),
                message: self.words(&file.note),
            }))
            .collect();
        self.list(self.say("片区与其他文件", "Regions and other files"), &rows)
    }

    /// In full, since each names a line to correct.
    fn remarks(&self, report: &Report) -> String {
        if report.all_remarks().next().is_none() {
            return String::new();
        }
        let title = self.say("请留意", "Please note");
        let mut lines = format!("{}\n", self.color.paint(Ink::Bold, title));
        for remark in report.all_remarks() {
            let _ = writeln!(lines, "  {}", self.words(remark));
        }
        lines
    }

    fn list(&self, title: &str, rows: &[Row]) -> String {
        if rows.is_empty() {
            return String::new();
        }
        let count = self
            .say("（N 项）", " (N)")
            .replace('N', &rows.len().to_string());
        let title = format!("{title}{count}");
        let mut lines = format!("{}\n", self.color.paint(Ink::Bold, &title));
        let most = match self.pages {
            Pages::Written => MAX_LINES,
            Pages::None => rows.len(),
        };
        let shown = &rows[..rows.len().min(most)];
        let widest = |wide: &dyn Fn(&Row) -> usize| shown.iter().map(wide).max().unwrap_or(0);
        let badge_width = widest(&|row| self.badge(row).width());
        let name_width = widest(&|row| row.name.width())
            .min(MAX_NAME_WIDTH)
            .min(self.width / 2);
        for row in shown {
            lines += &self.line(row, badge_width, name_width);
        }
        if rows.len() > shown.len() {
            let more = self
                .say(
                    "还有 N 项，见 report/report.html",
                    "and N more, see report/report.html",
                )
                .replace('N', &(rows.len() - shown.len()).to_string());
            let _ = writeln!(lines, "  {}", self.color.paint(Ink::Dim, &more));
        }
        lines
    }

    fn badge(&self, row: &Row) -> String {
        row.badge
            .map(|standing| standing.text().in_lang(self.lang).to_owned())
            .unwrap_or_default()
    }

    fn line(&self, row: &Row, badge_width: usize, name_width: usize) -> String {
        let mut line = "  ".to_owned();
        let mut used = 2;
        if badge_width > 0 {
            let ink = match row.badge {
                Some(Standing::Judged(crate::check::Verdict::Duplicate)) => Ink::Yellow,
                _ => Ink::Red,
            };
            line += &self.color.paint(ink, &pad(&self.badge(row), badge_width));
            line += "  ";
            used += badge_width + 2;
        }
        line += &pad(&shorten(&row.name, name_width), name_width);
        line += "  ";
        used += name_width + 2;
        line += &shorten(&row.message, self.width.saturating_sub(used));
        line.push('\n');
        line
    }

    fn where_to_look(&self, report: &Report) -> String {
        let mut lines = String::new();
        if let Some(last) = report.programme.last() {
            let length = clock(crate::units::Millis(
                last.starts_at_ms.0.saturating_add(last.duration_ms.0),
            ));
            let count = report.programme.len();
            let videos = if count == 1 { "video" } else { "videos" };
            let _ = match self.lang {
                Lang::Zh => writeln!(
                    lines,
                    "节目单：{count} 个节目，共 {length}，见 programme/run-sheet.html"
                ),
                Lang::En => writeln!(
                    lines,
                    "Programme: {count} {videos}, {length} in all, see programme/run-sheet.html"
                ),
            };
        }
        if self.pages == Pages::Written {
            let place = self.say("报告：report/report.html", "Report: report/report.html");
            let _ = writeln!(lines, "{place}");
        }
        lines
    }
}

struct Row {
    badge: Option<Standing>,
    name: String,
    message: String,
}

fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

/// At most so many columns; what is cut off is told by an ellipsis.
fn shorten(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let room = width.saturating_sub(1);
    let mut used = 0;
    let kept: String = text
        .chars()
        .take_while(|c| {
            used += c.width().unwrap_or(0);
            used <= room
        })
        .collect();
    kept + "…"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::{self, empty, hostile, report};

    #[test]
    fn escapes_controls_and_bidi_marks_are_gone_and_the_rest_stays() {
        for (hostile, shown) in [
            ("西南民族大学《爱我中华》", "西南民族大学《爱我中华》"),
            ("red \x1b[31;1mname\x1b[0m", "red name"),
            ("title \x1b]0;owned\x07bar", "title bar"),
            ("link \x1b]8;;http://x\x1b\\here\x1b]8;;\x1b\\", "link here"),
            ("c1 \u{9b}2Jclear \u{9d}0;x\u{9c}end", "c1 clear end"),
            ("never \x1b]0;ends", "never 0;ends"),
            ("charset \x1b(0abc", "charset abc"),
            ("reset \x1bcx", "reset x"),
            ("half \x1b", "half "),
            ("half \x1b[", "half "),
            ("gpj\u{202e}4pm.exe", "gpj4pm.exe"),
            (
                "\u{200e}\u{200f}\u{202a}\u{2066}\u{2069}\u{61c}\u{feff}a",
                "a",
            ),
            ("two\r\nlines\tand\u{2028}more", "two  lines and more"),
            ("\0\x08\x7f\u{80}bell\x07", "bell"),
        ] {
            assert_eq!(printable(hostile), shown, "{hostile:?}");
        }
    }

    #[test]
    fn chinese_summary() {
        insta::assert_snapshot!(summary(&report(), Lang::Zh, Color::Plain, 100, Pages::Written), @"
        庆祝建党100周年诗歌朗诵、合唱视频展播
        2026年7月12日 08:30（UTC）

        收到 11   通过 3   通过（有提醒） 2   退回 3   无法读取 1   重复 2   已制作 3   已是最新 1
        制作失败 1

        需要处理（7 项）
          制作失败  四川农业大学《稻花香》      磁盘已满，还差 1.20 GiB
          无法读取  四川音乐学院《合唱》        这不是视频，而是一个压缩包
          退回      西南交通大学《竖屏的校园》  画面是竖的
          退回      成都信息工程大学《雨巷》    视频超过 5 分钟
          退回      演示视频.mp4                文件名里看不出单位和视频名称
          重复      绵阳师范学院《爱我中华》    与西南民族大学《爱我中华》（成都第一片区）是同一个文件
          重复      四川文理学院《小猫》        与西南科技大学《猫》（川北片区）看起来是同一部片子（相似度 …

        片区与其他文件（2 项）
          川西片区                            推荐了两个视频
          成都第二片区/成都第二片区/说明.exe  可执行文件，未打开

        节目单：3 个节目，共 7:37，见 programme/run-sheet.html
        报告：report/report.html
        ");
    }

    #[test]
    fn english_summary() {
        insta::assert_snapshot!(summary(&report(), Lang::En, Color::Plain, 100, Pages::Written), @"
        Showcase of poetry recitals and choirs for the centenary
        2026-07-12 08:30 (UTC)

        received 11   accepted 3   with warnings 2   returned 3   unreadable 1   duplicate 2   made 3
        up to date 1   failed 1

        To do (7)
          failed      四川农业大学《稻花香》      the disk is full, 1.20 GiB are missing
          unreadable  四川音乐学院《合唱》        this is not a video but an archive
          returned    西南交通大学《竖屏的校园》  the picture is upright
          returned    成都信息工程大学《雨巷》    the video is longer than 5 minutes
          returned    演示视频.mp4                the file name tells neither the unit nor the title
          duplicate   绵阳师范学院《爱我中华》    the same file as 西南民族大学《爱我中华》 (成都第一片区)
          duplicate   四川文理学院《小猫》        looks the same as 西南科技大学《猫》 (川北片区) (likeness…

        Regions and other files (2)
          川西片区                            two videos are recommended
          成都第二片区/成都第二片区/说明.exe  a program; it was not opened

        Programme: 3 videos, 7:37 in all, see programme/run-sheet.html
        Report: report/report.html
        ");
    }

    #[test]
    fn a_run_without_trouble_says_so_in_few_words() {
        insta::assert_snapshot!(summary(&empty(), Lang::En, Color::Plain, 80, Pages::Written), @"
        Showcase of poetry recitals and choirs for the centenary
        2026-07-12 08:30 (UTC)

        received 0

        Report: report/report.html
        ");
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        for width in [40, 60, 80, 132] {
            for lang in [Lang::Zh, Lang::En] {
                let text = summary(&report(), lang, Color::Plain, width, Pages::Written);
                for line in text.lines().filter(|l| l.starts_with("  ")) {
                    assert!(line.width() <= width, "{width}: {line}");
                }
            }
        }
    }

    #[test]
    fn columns_stand_under_one_another_though_hanzi_are_two_wide() {
        let text = summary(&report(), Lang::Zh, Color::Plain, 120, Pages::Written);
        let starts: Vec<_> = text
            .lines()
            .filter(|l| l.contains("《竖屏的校园》") || l.contains("《雨巷》"))
            .map(|l| {
                let (before, _) = l.split_once('》').unwrap();
                let gap = l[before.len() + 3..].chars().take_while(|c| *c == ' ');
                before.width() + 2 + gap.count()
            })
            .collect();
        assert_eq!(starts.len(), 2, "{text}");
        assert_eq!(starts[0], starts[1], "{text}");
    }

    #[test]
    fn a_long_list_ends_with_how_many_more_there_are() {
        let mut report = report();
        let returned = report.submissions[1].clone();
        report.submissions.extend(std::iter::repeat_n(returned, 20));
        let text = summary(&report, Lang::En, Color::Plain, 80, Pages::Written);
        assert!(text.contains("To do (27)"), "{text}");
        assert!(
            text.contains("and 15 more, see report/report.html"),
            "{text}"
        );
        let text = summary(&report, Lang::Zh, Color::Plain, 80, Pages::Written);
        assert!(text.contains("还有 15 项，见 report/report.html"), "{text}");
    }

    #[test]
    fn three_hundred_hostile_names_leave_no_control_character() {
        let report = sample::named(&sample::hostile_names());
        for pages in [Pages::None, Pages::Written] {
            let text = summary(&report, Lang::Zh, Color::Plain, 100, pages);
            let odd = text.chars().find(|c| *c != '\n' && c.is_control());
            assert_eq!(odd, None);
        }
    }

    #[test]
    fn what_is_missing_and_what_changed_is_counted() {
        let text = summary(&sample::full(), Lang::En, Color::Plain, 200, Pages::Written);
        let lines: Vec<_> = text.lines().skip(3).take(3).collect();
        insta::assert_snapshot!(lines.join("\n"), @"
        received 11   accepted 3   with warnings 2   returned 3   unreadable 1   duplicate 2   made 3   up to date 1   failed 1   missing units 2   links 1   replaced 1

        since the last time: 1 new, 1 fixed, 2 still open, 0 gone
        ");
    }

    #[test]
    fn without_colour_there_is_no_escape_and_with_it_only_ours() {
        let plain = summary(&hostile(), Lang::Zh, Color::Plain, 100, Pages::Written);
        assert!(!plain.contains(|c: char| c != '\n' && c.is_control()));
        let coloured = summary(&hostile(), Lang::Zh, Color::Ansi, 100, Pages::Written);
        assert_eq!(printable(&coloured), plain.replace('\n', " "));
        assert!(coloured.contains("\x1b[31m"));
    }

    #[test]
    fn remarks_are_read_in_full_on_any_screen() {
        let mut report = crate::report::sample::report();
        report.remarks.push(Text::new(
            "第 3 行没有生效。",
            "Line 3 had no effect.\x1b[2J",
        ));
        let screen = Screen {
            lang: Lang::En,
            color: Color::Plain,
            width: MIN_WIDTH,
            pages: Pages::Written,
        };
        assert_eq!(
            screen.remarks(&report),
            "Please note\n  Line 3 had no effect.\n"
        );
        assert_eq!(screen.remarks(&crate::report::sample::report()), "");
    }
}
