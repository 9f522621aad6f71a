//! What goes back to a region: the notice of what must be put right (退回补正通知). In: a [`Report`] and a region. Out: a
//! Word document and the same words as Markdown, or nothing where the region has nothing to do. Pure: the same report
//! gives the same bytes. Names units, never a person; says nothing about failures of our own.

mod markdown;
mod word;

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan as _;

use super::model::{DuplicateKind, LinkSubmission, Report, RosterUnit, SubmissionReport};
use super::terminal::printable;
use super::wording::{ById, Standing, by_id, clean, duplicate, name, region, region_names};
use crate::check::{Finding, Level, Verdict};
use crate::text::{self, Lang, Text};

pub use word::NoticeError;

/// Longest stem of a file's name in characters; with the ending it fits into 255 bytes of any writing.
const MAX_STEM: usize = 60;
/// A notice is dated where the regions are; China has one time, without summer time.
const HOURS_EAST_OF_UTC: i64 = 8;

/// The notice to a region as a Word document; none where the region has nothing to do.
pub fn to_docx(report: &Report, region: &str, lang: Lang) -> Option<Result<Vec<u8>, NoticeError>> {
    notice(report, region, lang).map(|notice| word::to_docx(&notice, lang))
}

/// The notice to a region as Markdown; none where the region has nothing to do.
pub fn to_markdown(report: &Report, region: &str, lang: Lang) -> Option<String> {
    notice(report, region, lang).map(|notice| markdown::to_markdown(&notice))
}

/// The regions that get a notice, with the stems of its files: names that Windows takes, each only once.
pub fn stems(report: &Report, lang: Lang) -> BTreeMap<&str, String> {
    let mut taken = BTreeSet::new();
    let addressed = region_names(report)
        .into_iter()
        .filter(|region| notice(report, region, lang).is_some());
    addressed
        .map(|name| (name, free_stem(name, lang, &mut taken)))
        .collect()
}

fn free_stem(name: &str, lang: Lang, taken: &mut BTreeSet<String>) -> String {
    let stem = stem(region(name).in_lang(lang));
    let mut free = stem.clone();
    // There are no more names taken than this, so one of these is free.
    for number in 2..=taken.len() + 1 {
        if !taken.contains(&free.to_lowercase()) {
            break;
        }
        free = format!("{stem}-{number}");
    }
    taken.insert(free.to_lowercase());
    free
}

/// A file's name that Windows takes: none of `<>:"/\|?*`, no dot or space at its end, no device's name.
fn stem(name: &str) -> String {
    let legal: String = printable(name)
        .chars()
        .map(|c| if r#"<>:"/\|?*"#.contains(c) { '_' } else { c })
        .take(MAX_STEM)
        .collect();
    let legal = legal
        .trim()
        .trim_end_matches(['.', ' '])
        .trim_start_matches('.');
    let device = legal
        .split('.')
        .next()
        .unwrap_or_default()
        .trim_end()
        .to_ascii_uppercase();
    let numbered = |word: &str| {
        device
            .strip_prefix(word)
            .is_some_and(|rest| rest.len() == 1 && rest.bytes().all(|b| b.is_ascii_digit()))
    };
    let is_device = ["CON", "PRN", "AUX", "NUL"].contains(&device.as_str())
        || numbered("COM")
        || numbered("LPT");
    if legal.is_empty() || is_device {
        format!("_{legal}")
    } else {
        legal.to_owned()
    }
}

/// A notice as words, before it has a form.
struct Notice {
    /// The event.
    event: String,
    title: String,
    to: String,
    blocks: Vec<Block>,
    from: String,
    date: String,
}

enum Block {
    Paragraph(String),
    /// What the paragraphs below are about.
    Heading(String),
    /// A video with what is to be said about it.
    Video {
        name: String,
        detail: String,
    },
    /// Name and share of the width of each column, and rows of cells of paragraphs.
    Table {
        columns: Vec<(String, usize)>,
        rows: Vec<Vec<Vec<String>>>,
    },
    List(Vec<String>),
}

fn notice(report: &Report, region_name: &str, lang: Lang) -> Option<Notice> {
    let writer = Writer {
        report,
        by_id: by_id(report),
        region: region_name,
        lang,
    };
    let back = writer.going_back();
    let advised = writer.with_advice();
    let delivery = writer.about_the_delivery();
    let missing = writer.missing();
    if back.is_empty() && advised.is_empty() && delivery.is_empty() && missing.is_empty() {
        return None;
    }
    let to_act = !(back.is_empty() && delivery.is_empty() && missing.is_empty());
    let mut blocks = vec![Block::Paragraph(writer.opening())];
    blocks.extend(writer.videos_going_back(&back));
    blocks.extend(writer.advice(&advised));
    blocks.extend(writer.delivery(&delivery, &missing));
    blocks.extend(writer.links());
    blocks.extend(writer.what_now(to_act));
    number_headings(&mut blocks, lang);
    let title = if to_act {
        Text::new("退回补正通知", "Notice: please put right and hand in again")
    } else {
        Text::new("报送情况提示", "Notice: received, with advice")
    };
    Some(Notice {
        event: writer.say(&report.showcase.title),
        title: writer.say(&title),
        to: writer.addressee(),
        blocks,
        from: lang.pick("秘书处", "The secretariat").to_owned(),
        date: writer.say(&day(&report.started_at)),
    })
}

/// `一、`, `二、`, as GB/T 9704-2012 §7.3.3 numbers the parts of a text.
fn number_headings(blocks: &mut [Block], lang: Lang) {
    const NUMBERS: [&str; 5] = ["一", "二", "三", "四", "五"];
    let headings = blocks.iter_mut().filter_map(|block| match block {
        Block::Heading(words) => Some(words),
        _ => None,
    });
    for (at, words) in headings.enumerate() {
        let number = match lang {
            Lang::Zh => format!("{}、", NUMBERS.get(at).unwrap_or(&"")),
            Lang::En => format!("{}. ", at + 1),
        };
        words.insert_str(0, &number);
    }
}

struct Writer<'a> {
    report: &'a Report,
    by_id: ById<'a>,
    region: &'a str,
    lang: Lang,
}

impl<'a> Writer<'a> {
    fn say(&self, text: &Text) -> String {
        clean(text).in_lang(self.lang).to_owned()
    }

    fn own(&self) -> impl Iterator<Item = &'a SubmissionReport> {
        let region = self.region;
        let own = self.report.submissions.iter();
        own.filter(move |s| s.region == region && s.superseded_by.is_none())
    }

    /// What the region must hand in again; a failure of ours is not its business.
    fn going_back(&self) -> Vec<&'a SubmissionReport> {
        self.own()
            .filter(|s| {
                let standing = Standing::of(s);
                standing.needs_action() && standing != Standing::Failed
            })
            .collect()
    }

    fn with_advice(&self) -> Vec<&'a SubmissionReport> {
        self.own()
            .filter(|s| s.verdict.is_accepted() && to_be_told(s).next().is_some())
            .collect()
    }

    fn about_the_delivery(&self) -> Vec<&'a Finding> {
        let regions = self.report.regions.iter().filter(|r| r.name == self.region);
        regions
            .flat_map(|r| &r.findings)
            .filter(|f| f.is_open())
            .collect()
    }

    fn missing(&self) -> Vec<&'a RosterUnit> {
        let roster = self.report.roster.iter();
        roster
            .filter(|unit| unit.region == self.region && unit.is_missing())
            .collect()
    }

    fn addressee(&self) -> String {
        let region = if self.region.is_empty() {
            Text::new("各报送单位", "the units concerned")
        } else {
            region(self.region)
        };
        match self.lang {
            Lang::Zh => format!("{}：", region.zh),
            Lang::En => format!("To {}:", region.en),
        }
    }

    fn opening(&self) -> String {
        let count = |verdict| self.own().filter(|s| s.verdict == verdict).count();
        let event = self.say(&self.report.showcase.title);
        let received = self.own().count();
        let (good, warned) = (
            count(Verdict::Accepted),
            count(Verdict::AcceptedWithWarnings),
        );
        let accepted = good + warned;
        let (returned, unreadable, duplicate) = (
            count(Verdict::Returned),
            count(Verdict::Unreadable),
            count(Verdict::Duplicate),
        );
        let (videos, were) = (
            text::count(received, "video"),
            if received == 1 { "was" } else { "were" },
        );
        let text = if received == 0 {
            Text::new(
                format!("截至目前，没有收到你片区报送“{event}”的视频。现将有关事项通知如下。"),
                format!(
                    "No video from your region for “{event}” has been received so far. Please note the following."
                ),
            )
        } else {
            Text::new(
                format!(
                    "你片区报送“{event}”的 {received} 个视频，已按展播通知的要求逐个检查：通过 {accepted} 个（其中有提醒的 {warned} 个），\
                     退回 {returned} 个，无法读取 {unreadable} 个，重复 {duplicate} 个。现将有关事项通知如下。"
                ),
                format!(
                    "Your region's {videos} for “{event}” {were} checked one by one against the call: {accepted} accepted \
                     ({warned} of them with advice), {returned} returned, {unreadable} unreadable, {duplicate} duplicate. Please note the following."
                ),
            )
        };
        text.in_lang(self.lang).to_owned()
    }

    fn videos_going_back(&self, videos: &[&SubmissionReport]) -> Vec<Block> {
        if videos.is_empty() {
            return Vec::new();
        }
        let count = videos.len();
        let mut blocks = vec![self.heading(&Text::new(
            format!("需要补正后重新报送的视频（{count} 个）"),
            format!("Videos to be put right and handed in again ({count})"),
        ))];
        for (at, video) in videos.iter().enumerate() {
            blocks.push(self.video(at + 1, video));
            blocks.push(self.points(video));
        }
        blocks
    }

    fn heading(&self, text: &Text) -> Block {
        Block::Heading(text.in_lang(self.lang).to_owned())
    }

    fn video(&self, number: usize, video: &SubmissionReport) -> Block {
        let verdict = Standing::of(video).text();
        let file = printable(&video.original_name);
        Block::Video {
            name: format!("{}{}", self.numbered(number), name(video)),
            detail: match self.lang {
                Lang::Zh => format!("结论：{}　文件名：{file}", verdict.zh),
                Lang::En => format!("Verdict: {}. File: {file}", verdict.en),
            },
        }
    }

    fn numbered(&self, number: usize) -> String {
        match self.lang {
            Lang::Zh => format!("（{number}）"),
            Lang::En => format!("({number}) "),
        }
    }

    fn points(&self, video: &SubmissionReport) -> Block {
        let mut open: Vec<_> = to_be_told(video).collect();
        open.sort_by_key(|f| f.level);
        let said = open.iter().any(|f| f.rule == "duplicate");
        let settled = !looks_like_another(video);
        let repeats = duplicate(video, &self.by_id).filter(|_| settled && !said);
        let repeats = repeats.map(|same| {
            let settle = Text::new(
                "同一视频只展播一次。请商定由哪个单位报送；如果是两部不同的视频，请回复说明。",
                "A video is shown once. Please settle which unit hands it in, or tell us if these are two different videos.",
            );
            vec![vec![self.say(&same)], vec![], vec![], vec![self.say(&settle)]]
        });
        Block::Table {
            columns: self.finding_columns(),
            rows: repeats
                .into_iter()
                .chain(open.into_iter().map(|f| self.finding(f)))
                .collect(),
        }
    }

    fn finding_columns(&self) -> Vec<(String, usize)> {
        let pick = |zh: &str, en: &str| self.lang.pick(zh, en).to_owned();
        vec![
            (pick("问题和依据", "What, and the clause"), 27),
            (pick("实测", "Measured"), 17),
            (pick("要求", "Allowed"), 18),
            (pick("怎样处理", "What to do"), 38),
        ]
    }

    fn finding(&self, finding: &Finding) -> Vec<Vec<String>> {
        let mut what = self.say(&finding.message);
        if finding.level == Level::Advice {
            what = format!("{}{what}", self.lang.pick("（建议）", "(advice) "));
        }
        let clause = finding.clause.as_deref().map(|clause| {
            let clause = printable(clause);
            match self.lang {
                Lang::Zh => format!("依据：“{clause}”"),
                Lang::En => format!("Clause: “{clause}”"),
            }
        });
        let cell = |text: &Text| {
            let said = self.say(text);
            if said.is_empty() { vec![] } else { vec![said] }
        };
        vec![
            [what].into_iter().chain(clause).collect(),
            cell(&finding.measured),
            cell(&finding.allowed),
            cell(&finding.remedy),
        ]
    }

    fn advice(&self, videos: &[&SubmissionReport]) -> Vec<Block> {
        if videos.is_empty() {
            return Vec::new();
        }
        let pick = |zh: &str, en: &str| self.lang.pick(zh, en).to_owned();
        let rows = videos.iter().flat_map(|video| {
            to_be_told(video).enumerate().map(|(at, finding)| {
                let name = if at == 0 { vec![name(video)] } else { vec![] };
                let mut what = vec![self.say(&finding.message)];
                let measured = self.say(&finding.measured);
                if !measured.is_empty() {
                    what.push(format!("{}{measured}", pick("实测：", "Measured: ")));
                }
                let remedy = self.say(&finding.remedy);
                let remedy = if remedy.is_empty() {
                    vec![]
                } else {
                    vec![remedy]
                };
                vec![name, what, remedy]
            })
        });
        vec![
            self.heading(&Text::new(
                format!(
                    "已通过、但请注意的视频（{} 个，不必重新报送）",
                    videos.len()
                ),
                format!(
                    "Accepted videos with advice ({}; nothing has to be handed in again)",
                    videos.len()
                ),
            )),
            Block::Table {
                columns: vec![
                    (pick("单位《视频名称》", "Unit and title"), 30),
                    (pick("提醒", "Advice"), 30),
                    (pick("可以怎样改进", "What would make it better"), 40),
                ],
                rows: rows.collect(),
            },
        ]
    }

    fn delivery(&self, findings: &[&Finding], missing: &[&RosterUnit]) -> Vec<Block> {
        let mut blocks = Vec::new();
        if findings.is_empty() && missing.is_empty() {
            return blocks;
        }
        blocks.push(self.heading(&Text::new("片区报送的事项", "About the region's delivery")));
        if !findings.is_empty() {
            blocks.push(Block::Table {
                columns: self.finding_columns(),
                rows: findings.iter().map(|f| self.finding(f)).collect(),
            });
        }
        if !missing.is_empty() {
            let count = missing.len();
            let said = Text::new(
                format!("名册中的下列 {count} 个单位还没有报送。请联系这些单位，或告知不参加："),
                if count == 1 {
                    "This unit of the roster has handed in nothing yet. Please ask it, or tell us that it does not take part:".to_owned()
                } else {
                    format!(
                        "These {count} units of the roster have handed in nothing yet. Please ask them, or tell us that they do not take part:"
                    )
                },
            );
            blocks.push(Block::Paragraph(said.in_lang(self.lang).to_owned()));
            let units = missing.iter().map(|unit| printable(&unit.unit));
            blocks.push(Block::List(units.collect()));
        }
        blocks
    }

    fn links(&self) -> Vec<Block> {
        let links = self.report.links.iter().filter(|l| l.region == self.region);
        let recorded: Vec<_> = links.map(|link| self.link(link)).collect();
        if recorded.is_empty() {
            return Vec::new();
        }
        let said = Text::new(
            "以链接报送的作品只作登记，没有下载，也没有检查：",
            "Works handed in as links are recorded; they were neither fetched nor checked:",
        );
        vec![
            self.heading(&Text::new("以链接报送的作品", "Works handed in as links")),
            Block::Paragraph(said.in_lang(self.lang).to_owned()),
            Block::List(recorded),
        ]
    }

    fn link(&self, link: &LinkSubmission) -> String {
        let unit = link.unit.as_deref().map(printable).unwrap_or_default();
        let title = link
            .title
            .as_deref()
            .map(|t| format!("《{}》", printable(t)));
        let who = format!("{unit}{}", title.unwrap_or_default());
        let colon = if who.is_empty() {
            ""
        } else {
            self.lang.pick("：", ": ")
        };
        format!("{who}{colon}{}", printable(&link.url))
    }

    fn what_now(&self, to_act: bool) -> Vec<Block> {
        let until = self
            .report
            .showcase
            .resubmit_by
            .as_deref()
            .map(calendar_day);
        let text = match (to_act, until) {
            (false, _) => Text::new(
                "以上视频均已通过，不必重新报送；愿意改进的，可以在展播前补交更好的版本。",
                "All of these are accepted and nothing has to be handed in again; a better version is welcome before the showcase.",
            ),
            (true, Some(day)) => Text::new(
                format!(
                    "补正截止日期：{}。请按上面的办法处理，只重新报送需要补正的视频和材料，文件按“单位《视频名称》”命名；对结论有疑问的，请在此之前回复说明。",
                    day.zh
                ),
                format!(
                    "Hand in again by {}. Please put right what is listed above and hand in those videos and papers only, named 单位《视频名称》 (unit and \
                     title). If you do not agree with a finding, tell us by then.",
                    day.en
                ),
            ),
            (true, None) => Text::new(
                "请尽快按上面的办法处理，只重新报送需要补正的视频和材料，文件按“单位《视频名称》”命名；对结论有疑问的，请回复说明。",
                "Please put right what is listed above as soon as you can and hand in those videos and papers only, named 单位《视频名称》 (unit and \
                 title). If you do not agree with a finding, tell us.",
            ),
        };
        vec![
            self.heading(&Text::new("补正时间和办法", "When and how")),
            Block::Paragraph(self.say(&text)),
        ]
    }
}

/// The day of an RFC 3339 time, where the regions are; anything else as it stands.
fn day(rfc3339: &str) -> Text {
    let local = rfc3339
        .parse::<jiff::Timestamp>()
        .and_then(|time| time.checked_add(HOURS_EAST_OF_UTC.hours()));
    match local {
        Ok(time) => calendar_day(&time.to_string()[..10]),
        Err(_) => Text::same(printable(rfc3339)),
    }
}

/// `2021-07-12` as people write it; anything else as it stands.
fn calendar_day(day: &str) -> Text {
    match day.parse::<jiff::civil::Date>() {
        Ok(date) => Text::new(
            format!("{}年{}月{}日", date.year(), date.month(), date.day()),
            format!("{} {} {}", date.day(), month(date.month()), date.year()),
        ),
        Err(_) => Text::same(printable(day)),
    }
}

fn month(number: i8) -> &'static str {
    const NAMES: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let at = usize::try_from(number - 1).unwrap_or(0);
    NAMES.get(at).copied().unwrap_or_default()
}

/// What a region has to hear about a video.
fn to_be_told(video: &SubmissionReport) -> impl Iterator<Item = &Finding> {
    let waits = looks_like_another(video);
    let open = video.findings.iter().filter(|finding| finding.is_open());
    open.filter(move |finding| !(waits && finding.rule == "duplicate"))
}

/// It looks like another film, and the secretariat has not compared the two yet: nobody else's business so far.
fn looks_like_another(video: &SubmissionReport) -> bool {
    let near = video
        .duplicate_of
        .as_ref()
        .is_some_and(|of| of.kind == DuplicateKind::Near);
    near && video.confirmed.is_none()
}

#[cfg(test)]
mod tests;
