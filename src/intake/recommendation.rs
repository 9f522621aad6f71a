//! A region's recommendation as a file. In: its bytes, or an office document as read. Out: one [`Line`] for each video it
//! names, in order. Never decides which submission is meant.
//!
//! A table is read by its heading, wherever in the first rows that stands; a column `推荐` or `是否推荐` chooses among its
//! rows (`√`, `是`, `1`). Prose is read sentence by sentence: `我片区推荐西南民族大学《爱我中华》参加年会展播`.

use encoding_rs::{BIG5, Encoding, GB18030, UTF_16BE, UTF_16LE};
use unicode_normalization::UnicodeNormalization;

use super::Recommendation;
use super::kind::{ListFormat, is_video_extension};
use super::name::{Parts, match_key, split_extension, tidy};
use crate::document::{Document, DocumentFault};
use crate::text::Text;
use crate::units::Bytes;

/// Largest list that is read.
pub(super) const MAX_BYTES: u64 = 1 << 20;
/// Longest list that is read.
pub(super) const MAX_LINES: usize = 10_000;
/// Longest title that is taken for one, in bytes; names of files end at 255.
const MAX_TITLE_BYTES: usize = 1_000;
/// Rows above the heading that are taken for a title.
const MAX_ROWS_ABOVE: usize = 10;

/// One video that is recommended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// The region as it is written, if it is.
    pub(super) region: Option<String>,
    pub(super) unit: Option<String>,
    pub(super) title: String,
}

/// A list as read.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct List {
    pub(super) lines: Vec<Line>,
    /// Lines that name no video.
    pub(super) skipped: usize,
}

/// Why a list was not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NotRead {
    Document(DocumentFault),
    NoneMarked,
    TooLarge,
    TooManyLines,
    Encoding,
    Empty,
    Closed(String),
}

impl NotRead {
    pub(super) fn reason(&self) -> Text {
        match self {
            NotRead::Document(fault) => {
                let why = fault.text();
                Text::new(format!("{}。", why.zh), format!("{}.", why.en))
            }
            NotRead::NoneMarked => Text::new(
                "有“推荐”一栏，但没有一行打了勾（√、是、1）。",
                "it has a column 推荐, but no row is marked (√, 是, 1).",
            ),
            NotRead::TooLarge => Text::new(
                format!("文件超过 {}。", Bytes(MAX_BYTES)),
                format!("it is larger than {}.", Bytes(MAX_BYTES)),
            ),
            NotRead::TooManyLines => Text::new(
                format!("超过 {MAX_LINES} 行。"),
                format!("it has more than {MAX_LINES} lines."),
            ),
            NotRead::Encoding => Text::new(
                "认不出它的文字编码。",
                "its text encoding is not recognised.",
            ),
            NotRead::Empty => Text::new(
                "里面没有写明单位和视频名称。",
                "it names no unit and title.",
            ),
            NotRead::Closed(cause) => Text::new(
                format!("文件打不开（{cause}）。"),
                format!("it cannot be opened ({cause})."),
            ),
        }
    }
}

/// Reads a list that is text.
pub(super) fn read(bytes: &[u8], format: ListFormat) -> Result<List, NotRead> {
    if bytes.len() as u64 > MAX_BYTES {
        return Err(NotRead::TooLarge);
    }
    let text = decode(bytes).ok_or(NotRead::Encoding)?;
    if text.lines().count() > MAX_LINES {
        return Err(NotRead::TooManyLines);
    }
    let rows = rows_of(&text);
    if let Some(list) = by_heading(&rows)? {
        return filled(list);
    }
    if format == ListFormat::Table {
        return filled(collect(rows.iter().map(|row| bare_row(row))));
    }
    let lines: Vec<&str> = text.lines().collect();
    filled(in_prose(&lines))
}

/// Reads a list that an office program wrote: its tables, and where they name nothing, its sentences.
pub(super) fn read_document(document: &Document) -> Result<List, NotRead> {
    if document.rows().count() > MAX_LINES {
        return Err(NotRead::TooManyLines);
    }
    let tables = document.tables.iter().map(|table| {
        let rows = table.rows.iter();
        rows.map(|row| row.iter().map(|cell| tidy(cell)).collect::<Vec<_>>())
            .collect::<Vec<_>>()
    });
    let tables: Vec<Vec<Vec<String>>> = tables.collect();
    let mut list = List::default();
    for rows in &tables {
        if let Some(found) = by_heading(rows)? {
            list.lines.extend(found.lines);
            list.skipped += found.skipped;
        }
    }
    if list.lines.is_empty() {
        let lines: Vec<&str> = document.paragraphs.iter().map(String::as_str).collect();
        list = in_prose(&lines);
    }
    if list.lines.is_empty() {
        list = collect(tables.iter().flatten().map(|row| bare_row(row)));
    }
    filled(list)
}

fn filled(list: List) -> Result<List, NotRead> {
    if list.lines.is_empty() {
        return Err(NotRead::Empty);
    }
    Ok(list)
}

/// The rows below a heading, if there is one; only the marked ones where a column marks them.
fn by_heading(rows: &[Vec<String>]) -> Result<Option<List>, NotRead> {
    let mut top = rows.iter().take(MAX_ROWS_ABOVE).enumerate();
    let Some((at, columns)) = top.find_map(|(at, row)| Some((at, Columns::of(row)?))) else {
        return Ok(None);
    };
    let below = &rows[at + 1..];
    let is_chosen = |row: &&Vec<String>| columns.chosen.is_none_or(|at| is_mark(row.get(at)));
    if columns.chosen.is_some() && !below.iter().any(|row| is_chosen(&row)) {
        return Err(NotRead::NoneMarked);
    }
    // Below a merged cell the region stands once, for all the rows beside it.
    let mut region: Option<String> = None;
    let lines = below.iter().filter(is_chosen).map(|row| {
        let line = columns.line(row)?;
        region = line.region.clone().or_else(|| region.take());
        Some(Line {
            region: region.clone(),
            ..line
        })
    });
    Ok(Some(collect(lines.collect::<Vec<_>>().into_iter())))
}

/// Whether a cell says "this one".
fn is_mark(cell: Option<&String>) -> bool {
    const NO: [&str; 8] = ["否", "不", "×", "✗", "✘", "x", "0", "无"];
    let cell: String = cell
        .map(String::as_str)
        .unwrap_or_default()
        .nfkc()
        .collect();
    let cell = cell.trim().to_lowercase();
    let is_blank = !cell
        .chars()
        .any(|c| !matches!(c, '-' | '—' | '/' | '□' | '☐' | '○'));
    !is_blank && !NO.iter().any(|no| cell.starts_with(no)) && cell != "false" && cell != "no"
}

/// Line by line: what its sentences recommend; where none does, a name in the grammar of names.
fn in_prose(lines: &[&str]) -> List {
    let mut list = List::default();
    for line in lines.iter().filter(|line| !line.trim().is_empty()) {
        let before = list.lines.len();
        for sentence in line.split(['。', '；', ';', '！']) {
            recommended_in(&tidy(sentence), &mut list.lines);
        }
        if list.lines.len() > before {
            continue;
        }
        // A report of what was received names videos too; a line of a list has no commas and recommends nothing else.
        let is_item = !line.contains(['，', '。', '；']) && !is_denied(line);
        match free_line(line).filter(|_| is_item) {
            Some(line) => list.lines.push(line),
            None => list.skipped += 1,
        }
    }
    list
}

/// Whether the word 推荐 stands there to say no.
fn is_denied(text: &str) -> bool {
    ["不推荐", "不予推荐", "未推荐", "没有推荐", "无推荐"]
        .iter()
        .any(|no| text.contains(no))
}

/// The videos that a sentence names after the word 推荐, up to the next such word.
fn recommended_in(sentence: &str, lines: &mut Vec<Line>) {
    const NOT_THE_VERB: [&str; 8] = ["工作", "小组", "会", "结果", "表", "名单", "单位", "程序"];
    let mut clauses = sentence.split("推荐");
    let mut before = clauses.next().unwrap_or_default();
    for clause in clauses {
        let is_noun = NOT_THE_VERB.iter().any(|word| clause.starts_with(word));
        let is_no = ["不", "不予", "未", "没有", "无"]
            .iter()
            .any(|no| before.ends_with(no));
        let in_title = before.rfind('《') > before.rfind('》');
        if !is_noun && !is_no && !in_title {
            named_in(clause, lines);
        }
        before = clause;
    }
}

fn named_in(clause: &str, lines: &mut Vec<Line>) {
    let mut rest = clause;
    while let Some((before, after)) = rest.split_once('《') {
        let Some((title, next)) = after.split_once('》') else {
            return;
        };
        let is_paper = ["通知", "办法", "方案", "意见", "的函"]
            .iter()
            .any(|end| title.ends_with(end));
        if !is_paper && !title.is_empty() && title.len() <= MAX_TITLE_BYTES {
            let unit = unit_before(before);
            let line = Line {
                region: None,
                unit,
                title: tidy(title),
            };
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
        rest = next;
    }
}

/// The unit that stands before a title: `由西南民族大学报送的`, `：1.西华大学的作品`.
fn unit_before(text: &str) -> Option<String> {
    const BEFORE: [&str; 5] = ["由", "和", "及", "与", "以及"];
    const BEHIND: [&str; 14] = [
        "的", "报送", "选送", "推荐", "制作", "创作", "录制", "作品", "视频", "节目", "短片",
        "朗诵", "合唱", "为",
    ];
    let is_break = |c: char| "，,、：:（）()“”\"".contains(c) || c.is_whitespace();
    let mut unit = text.rsplit(is_break).find(|part| !part.is_empty())?;
    unit = unit.trim_start_matches(|c: char| c.is_ascii_digit() || ".．)）".contains(c));
    while let Some(shorter) = BEFORE.iter().find_map(|word| unit.strip_prefix(word)) {
        unit = shorter;
    }
    while let Some(shorter) = BEHIND.iter().find_map(|word| unit.strip_suffix(word)) {
        unit = shorter;
    }
    let is_name = (2..=30).contains(&unit.chars().count());
    is_name.then(|| unit.to_owned())
}

/// What one file recommends for one region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ListFile {
    pub(super) source: String,
    /// It lies beside the regions' folders and speaks for several.
    is_common: bool,
    pub(super) recommendations: Vec<Recommendation>,
}

impl ListFile {
    /// Which file counts first: the region's own before a common one; Excel, Word, CSV, text.
    pub(super) fn precedence(&self) -> (bool, usize, String) {
        let extension = split_extension(&self.source).1.unwrap_or_default();
        let order = ["xlsx", "xls", "docx", "doc", "csv"];
        let rank = order
            .iter()
            .position(|known| extension.eq_ignore_ascii_case(known));
        (
            self.is_common,
            rank.unwrap_or(order.len()),
            self.source.clone(),
        )
    }

    /// Whether both name the same videos, in whatever order.
    pub(super) fn agrees_with(&self, other: &ListFile) -> bool {
        let has = |list: &ListFile, wanted: &Recommendation| {
            list.recommendations.iter().any(|one| is_same(one, wanted))
        };
        self.recommendations.iter().all(|one| has(other, one))
            && other.recommendations.iter().all(|one| has(self, one))
    }
}

/// Puts a recommendation into its file's list, once.
pub(super) fn add(
    lists: &mut Vec<ListFile>,
    is_common: bool,
    source: &str,
    unit: Option<String>,
    title: String,
) {
    let at = lists.iter().position(|list| list.source == source);
    let at = at.unwrap_or_else(|| {
        lists.push(ListFile {
            source: source.to_owned(),
            is_common,
            recommendations: Vec::new(),
        });
        lists.len() - 1
    });
    let new = Recommendation {
        unit,
        title,
        source: source.to_owned(),
    };
    let list = &mut lists[at].recommendations;
    if !list.iter().any(|one| is_same(one, &new)) {
        list.push(new);
    }
}

fn is_same(one: &Recommendation, other: &Recommendation) -> bool {
    let units = match (&one.unit, &other.unit) {
        (Some(one), Some(other)) => match_key(one) == match_key(other),
        _ => true,
    };
    units && match_key(&one.title) == match_key(&other.title)
}

/// `西南民族大学《爱我中华》`.
pub(super) fn label(recommendation: &Recommendation) -> String {
    let unit = recommendation.unit.as_deref().unwrap_or_default();
    format!("{unit}《{}》", recommendation.title)
}

fn collect(lines: impl Iterator<Item = Option<Line>>) -> List {
    let mut list = List::default();
    for line in lines {
        match line {
            Some(line) => list.lines.push(line),
            None => list.skipped += 1,
        }
    }
    list
}

/// The text, if it is in any encoding that Chinese systems write.
fn decode(bytes: &[u8]) -> Option<String> {
    let whole = |encoding: &'static Encoding, bytes| {
        encoding
            .decode_without_bom_handling_and_without_replacement(bytes)
            .map(std::borrow::Cow::into_owned)
    };
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        return whole(encoding, &bytes[length..]);
    }
    if bytes.contains(&0) {
        // Text of Chinese and commas holds zeros only as the high half of ASCII in UTF-16.
        let high_first = bytes.iter().step_by(2).filter(|b| **b == 0).count();
        let high_last = bytes.iter().skip(1).step_by(2).filter(|b| **b == 0).count();
        let encoding = if high_first > high_last {
            UTF_16BE
        } else {
            UTF_16LE
        };
        return whole(encoding, bytes).filter(|text| !text.contains('\0'));
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Some(text.to_owned());
    }
    whole(GB18030, bytes).or_else(|| whole(BIG5, bytes))
}

/// The cells of a table, without empty rows.
fn rows_of(text: &str) -> Vec<Vec<String>> {
    let first = text
        .lines()
        .find(|l| !l.trim().is_empty())
        .unwrap_or_default();
    let delimiter = ['\t', ',', ';', '，', '；']
        .into_iter()
        .find(|mark| first.contains(*mark))
        .unwrap_or(',');
    // The reader takes ASCII only, and full-width commas come from hands, not from programs.
    let plain;
    let (text, delimiter) = if let Ok(ascii) = u8::try_from(delimiter) {
        (text, ascii)
    } else {
        plain = text.replace(delimiter, ",");
        (plain.as_str(), b',')
    };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let rows = reader.records().filter_map(Result::ok);
    rows.map(|row| row.iter().map(tidy).collect::<Vec<_>>())
        .filter(|row| row.iter().any(|cell| !cell.is_empty()))
        .collect()
}

/// Where a table's columns are.
#[derive(Debug, PartialEq, Eq)]
struct Columns {
    region: Option<usize>,
    unit: Option<usize>,
    title: usize,
    /// Marks the rows that are recommended among all that were handed in.
    chosen: Option<usize>,
}

impl Columns {
    /// The columns that a row names, if it is a heading.
    fn of(row: &[String]) -> Option<Self> {
        let names: Vec<_> = row.iter().map(|cell| column_name(cell)).collect();
        let find = |words: &[&str]| names.iter().position(|n| words.contains(&n.as_str()));
        let columns = Columns {
            chosen: row.iter().position(|cell| is_choice(cell)),
            region: find(&["片区", "所属片区", "地区", "区域", "分区", "region"]),
            unit: find(&[
                "单位",
                "单位名称",
                "学校",
                "学校名称",
                "院校",
                "高校",
                "会员单位",
                "所属单位",
                "unit",
                "school",
            ]),
            title: find(&[
                "视频名称",
                "作品名称",
                "标题",
                "视频标题",
                "名称",
                "题目",
                "视频",
                "作品",
                "作品名",
                "视频名",
                "片名",
                "节目名称",
                "title",
            ])?,
        };
        (columns.unit.is_some() || columns.region.is_some() || row.len() == 1).then_some(columns)
    }

    fn line(&self, row: &[String]) -> Option<Line> {
        let cell = |at: usize| row.get(at).map_or("", String::as_str);
        let optional = |at: Option<usize>| at.map(cell).filter(|cell| !cell.is_empty());
        line_of(optional(self.region), optional(self.unit), cell(self.title))
    }
}

/// Whether a column's heading asks for a mark: `推荐`, `是否推荐`, `年会推荐（√）`.
fn is_choice(cell: &str) -> bool {
    let folded: String = cell.nfkc().filter(|c| !c.is_whitespace()).collect();
    let name = folded.split('(').next().unwrap_or_default();
    let words = [
        "推荐",
        "推荐年会",
        "年会推荐",
        "推荐情况",
        "推荐结果",
        "推荐年会播放",
        "推荐年会展播",
        "推荐参加年会",
    ];
    words.contains(&name)
        || (name.contains("是否") && (name.contains("推荐") || name.contains("年会")))
}

/// A heading as it is looked up: half-width, without blanks, brackets and `推荐` or `报送` in front.
fn column_name(cell: &str) -> String {
    let folded: String = cell.nfkc().filter(|c| !c.is_whitespace()).collect();
    let folded = folded.to_lowercase();
    let name = folded.split('(').next().unwrap_or_default();
    let name = ["推荐", "报送", "参赛", "选送"]
        .iter()
        .find_map(|word| name.strip_prefix(word))
        .unwrap_or(name);
    name.to_owned()
}

/// A row without a heading: region, unit, title; or unit, title; or a name as a file has it.
fn bare_row(row: &[String]) -> Option<Line> {
    let is_number = |cell: &String| !cell.is_empty() && cell.bytes().all(|b| b.is_ascii_digit());
    let row = if row.len() > 1 && is_number(&row[0]) {
        &row[1..]
    } else {
        row
    };
    let filled = row
        .iter()
        .rposition(|cell| !cell.is_empty())
        .map_or(0, |at| at + 1);
    match &row[..filled] {
        [name] => free_line(name),
        [unit, title] => line_of(None, Some(unit), title),
        [region, unit, title, ..] => {
            let some = |cell: &'_ String| !cell.is_empty();
            line_of(
                Some(region).filter(|c| some(c)).map(String::as_str),
                Some(unit).filter(|c| some(c)).map(String::as_str),
                title,
            )
        }
        [] => None,
    }
}

fn line_of(region: Option<&str>, unit: Option<&str>, title: &str) -> Option<Line> {
    let stem = without_film_extension(title);
    if stem.len() > MAX_TITLE_BYTES {
        return None;
    }
    let parts = Parts::of(stem);
    // A title may hold a plus or marks of its own; the cell beside it already says whose it is.
    let is_wrapped = stem.starts_with(['《', '<', '〈', '「', '＜']);
    let said_twice = unit.is_some() && parts.unit.as_deref() == unit;
    let title = match parts.title {
        Some(title) if unit.is_none() || said_twice || is_wrapped => title,
        _ => stem.to_owned(),
    };
    (!title.is_empty()).then(|| Line {
        region: region.map(str::to_owned),
        unit: unit.map(str::to_owned).or(parts.unit),
        title,
    })
}

/// A line in the grammar of names, perhaps after `推荐：`.
fn free_line(line: &str) -> Option<Line> {
    let tidy = tidy(line);
    let line = tidy
        .split_once(['：', ':'])
        .filter(|(head, _)| head.contains("推荐"))
        .map_or(tidy.as_str(), |(_, rest)| rest.trim());
    if line.len() > MAX_TITLE_BYTES {
        return None;
    }
    let parts = Parts::of(without_film_extension(line));
    Some(Line {
        region: None,
        unit: parts.unit,
        title: parts.title?,
    })
}

fn without_film_extension(name: &str) -> &str {
    match split_extension(name) {
        (stem, Some(extension)) if is_video_extension(extension) => stem,
        _ => name.trim(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(bytes: &[u8], format: ListFormat) -> String {
        let list = match read(bytes, format) {
            Ok(list) => list,
            Err(reason) => return format!("{reason:?}"),
        };
        let word = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".into());
        let lines = list
            .lines
            .iter()
            .map(|l| format!("{} {} {}", word(&l.region), word(&l.unit), l.title));
        let mut lines: Vec<_> = lines.collect();
        if list.skipped > 0 {
            lines.push(format!("skipped {}", list.skipped));
        }
        lines.join("; ")
    }

    fn table(text: &str) -> String {
        shown(text.as_bytes(), ListFormat::Table)
    }

    #[test]
    fn a_table_is_read_by_its_heading_in_any_order() {
        let wanted = "川北片区 西华大学 雨";
        assert_eq!(table("片区,单位,视频名称\n川北片区,西华大学,雨\n"), wanted);
        assert_eq!(
            table("序号,作品名称,推荐学校,片区\n1,《雨》,西华大学,川北片区"),
            wanted
        );
        assert_eq!(
            table("片 区\t单位（全称）\t名称\n川北片区\t西华大学\t西华大学《雨》.mp4"),
            wanted
        );
        assert_eq!(
            table("川北片区推荐结果,,\n\n片区,单位,名称\n川北片区,西华大学,雨"),
            wanted
        );
        assert_eq!(table("片区，单位，标题\n川北片区，西华大学，雨"), wanted);
        assert_eq!(table("Region;Unit;Title\n川北片区;西华大学;雨"), wanted);
        assert_eq!(table("标题\n西华大学《雨》"), "- 西华大学 雨");
    }

    #[test]
    fn a_table_without_heading_is_region_unit_title() {
        assert_eq!(table("川北片区,西华大学,雨"), "川北片区 西华大学 雨");
        assert_eq!(table("1,西华大学,雨"), "- 西华大学 雨");
        assert_eq!(table("西华大学,雨+雪,"), "- 西华大学 雨+雪");
        assert_eq!(
            table("西华大学《雨》\n没有书名号"),
            "- 西华大学 雨; skipped 1"
        );
        assert_eq!(table(",,雨"), "- - 雨");
    }

    #[test]
    fn lines_are_read_as_names() {
        let text = "川北片区推荐结果\n推荐：西华大学《雨》\n2. 四川大学+雪.mp4\n\n";
        assert_eq!(
            shown(text.as_bytes(), ListFormat::Lines),
            "- 西华大学 雨; - 四川大学 雪; skipped 1"
        );
        let table = "单位,标题\n西华大学,雨";
        assert_eq!(shown(table.as_bytes(), ListFormat::Lines), "- 西华大学 雨");
    }

    fn prose(text: &str) -> String {
        shown(text.as_bytes(), ListFormat::Lines)
    }

    #[test]
    fn a_sentence_recommends_what_it_names_after_the_word() {
        let wanted = "- 西南民族大学 爱我中华";
        for text in [
            "我片区推荐西南民族大学《爱我中华》参加年会展播。",
            "经研究，推荐由西南民族大学报送的《爱我中华》为年会展播视频",
            "根据《关于举办展播的通知》，共收到西华大学《雨》、四川大学《雪》。经评议，推荐：西南民族大学 《爱我中华》。",
            "推荐以下视频：1.西南民族大学的作品《爱我中华》",
            "川北片区推荐结果\n西南民族大学《爱我中华》",
        ] {
            let found = prose(text);
            assert_eq!(found.split("; skipped").next().unwrap(), wanted, "{text}");
        }
        assert_eq!(
            prose("推荐西华大学《雨》和四川大学《雪》"),
            "- 西华大学 雨; - 四川大学 雪"
        );
        assert_eq!(prose("推荐《雨》参加"), "- - 雨");
        assert_eq!(
            prose("推荐西华大学《雨》，不推荐四川大学《雪》"),
            "- 西华大学 雨"
        );
        assert_eq!(prose("本片区暂不推荐《雨》"), "Empty");
    }

    #[test]
    fn a_column_of_marks_chooses_among_the_rows() {
        let rows = "单位,名称,推荐\n甲,一,\n乙,二,√\n丙,三,否\n";
        assert_eq!(table(rows), "- 乙 二");
        assert_eq!(table(&rows.replace('√', "是")), "- 乙 二");
        assert_eq!(table(&rows.replace('√', "1")), "- 乙 二");
        assert_eq!(table(&rows.replace('√', "不推荐")), "NoneMarked");
        assert_eq!(
            table("片区,单位,名称\n北,甲,一\n,乙,二"),
            "北 甲 一; 北 乙 二"
        );
    }

    #[test]
    fn every_chinese_encoding_is_understood() {
        let text = "片区,单位,视频名称\n川北片区,西华大学,雨\n";
        let utf16 =
            |order: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(order).collect::<Vec<_>>();
        let wanted = "川北片区 西华大学 雨";
        for bytes in [
            GB18030.encode(text).0.into_owned(),
            [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
            [b"\xFF\xFE".to_vec(), utf16(u16::to_le_bytes)].concat(),
            [b"\xFE\xFF".to_vec(), utf16(u16::to_be_bytes)].concat(),
            utf16(u16::to_le_bytes),
            utf16(u16::to_be_bytes),
        ] {
            assert_eq!(shown(&bytes, ListFormat::Table), wanted, "{bytes:x?}");
        }
        assert_eq!(shown(&[0xFF, 0xFF, 0x80], ListFormat::Table), "Encoding");
    }

    #[test]
    fn what_is_too_much_or_nothing_is_refused_with_the_limit() {
        let long = "西华大学,雨\n".repeat(MAX_LINES + 1);
        assert_eq!(table(&long), "TooManyLines");
        let large = vec![b'a'; usize::try_from(MAX_BYTES).unwrap() + 1];
        assert_eq!(shown(&large, ListFormat::Lines), "TooLarge");
        let title = "1".repeat(MAX_TITLE_BYTES + 1);
        assert_eq!(
            table(&format!("甲,{title}\n甲+{title}\n甲,雨")),
            "- 甲 雨; skipped 2"
        );
        assert_eq!(table(""), "Empty");
        for reason in [
            NotRead::Document(DocumentFault::Empty),
            NotRead::NoneMarked,
            NotRead::TooLarge,
            NotRead::TooManyLines,
            NotRead::Encoding,
            NotRead::Empty,
            NotRead::Closed("x".into()),
        ] {
            assert!(reason.reason().zh.ends_with('。') && reason.reason().en.ends_with('.'));
        }
    }
}
