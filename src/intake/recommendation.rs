//! A region's recommendation as a file. In: its bytes. Out: one [`Line`] for each video it names, in order. Never
//! decides which submission is meant.

use encoding_rs::{BIG5, Encoding, GB18030, UTF_16BE, UTF_16LE};
use unicode_normalization::UnicodeNormalization;

use super::kind::{ListFormat, is_video_extension};
use super::name::{Parts, split_extension, tidy};
use crate::text::Text;
use crate::units::Bytes;

/// Largest list that is read.
pub(super) const MAX_BYTES: u64 = 1 << 20;
/// Longest list that is read.
pub(super) const MAX_LINES: usize = 10_000;
/// Longest title that is taken for one, in bytes; names of files end at 255.
const MAX_TITLE_BYTES: usize = 1_000;
/// Rows above the heading that are taken for a title.
const MAX_ROWS_ABOVE: usize = 5;

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
    Office,
    TooLarge,
    TooManyLines,
    Encoding,
    Empty,
    Closed(String),
}

impl NotRead {
    pub(super) fn reason(&self) -> Text {
        match self {
            NotRead::Office => Text::new(
                "本版本还不能读取 Word 和 Excel 文件。",
                "this version cannot read Word and Excel files yet.",
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

/// Reads a list.
pub(super) fn read(bytes: &[u8], format: ListFormat) -> Result<List, NotRead> {
    if format == ListFormat::Office {
        return Err(NotRead::Office);
    }
    if bytes.len() as u64 > MAX_BYTES {
        return Err(NotRead::TooLarge);
    }
    let text = decode(bytes).ok_or(NotRead::Encoding)?;
    if text.lines().count() > MAX_LINES {
        return Err(NotRead::TooManyLines);
    }
    let rows = rows_of(&text);
    let heading = rows
        .iter()
        .take(MAX_ROWS_ABOVE)
        .enumerate()
        .find_map(|(at, row)| Some((at, Columns::of(row)?)));
    let list = match (heading, format) {
        (Some((at, columns)), _) => collect(rows[at + 1..].iter().map(|row| columns.line(row))),
        (None, ListFormat::Table) => collect(rows.iter().map(|row| bare_row(row))),
        (None, _) => collect(text.lines().filter(|l| !l.trim().is_empty()).map(free_line)),
    };
    if list.lines.is_empty() {
        return Err(NotRead::Empty);
    }
    Ok(list)
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
pub(super) fn decode(bytes: &[u8]) -> Option<String> {
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
}

impl Columns {
    /// The columns that a row names, if it is a heading.
    fn of(row: &[String]) -> Option<Self> {
        let names: Vec<_> = row.iter().map(|cell| column_name(cell)).collect();
        let find = |words: &[&str]| names.iter().position(|n| words.contains(&n.as_str()));
        let columns = Columns {
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
        assert_eq!(shown(b"PK", ListFormat::Office), "Office");
        for reason in [
            NotRead::Office,
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
