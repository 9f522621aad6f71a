//! `roster.csv` or `roster.xlsx`: region, unit, aliases, former names. In: the file's bytes. Out: a [`Roster`], and what is
//! wrong with single rows. It is the secretary's own file, so a mistake in it is told by its row and stops nothing.

use std::collections::BTreeMap;
use std::io::Cursor;

use calamine::{Data, DataRef, Reader, Xlsx, XlsxError};
use unicode_normalization::UnicodeNormalization;

use super::name::tidy;
use super::recommendation::decode;
use super::region::RegionBook;
use super::unit::{Roster, Unit, UnitMatch, unit_key};
use super::{Submission, finding};
use crate::check::Finding;
use crate::report::model::{LinkSubmission, RosterUnit};
use crate::text::Text;
use crate::units::Bytes;

/// Largest roster that is read.
pub(super) const MAX_BYTES: u64 = 4 << 20;
/// Rows that are read, empty ones included.
const MAX_ROWS: usize = 5_000;
/// Columns that are read.
const MAX_COLUMNS: usize = 50;
/// Longest cell in bytes; a list of all aliases is shorter.
const MAX_CELL_BYTES: usize = 2_000;
/// Rows above the heading that are taken for a title.
const MAX_ROWS_ABOVE: usize = 5;
/// Names of one unit that are kept.
const MAX_NAMES: usize = 50;

/// Why there is no roster.
#[derive(Debug, thiserror::Error)]
pub(super) enum RosterError {
    #[error("it is larger than {}", Bytes(MAX_BYTES))]
    TooLarge,
    #[error("it has more than {MAX_ROWS} rows")]
    TooManyRows,
    #[error("its text encoding is not recognised")]
    Encoding,
    #[error("it is neither CSV nor .xlsx")]
    Format,
    #[error("it cannot be read as .xlsx")]
    Workbook(#[source] XlsxError),
    #[error("no row names a column for the unit")]
    NoHeading,
    #[error("no row names a unit")]
    Empty,
    #[error("it cannot be opened")]
    Closed(#[source] std::io::Error),
}

impl RosterError {
    pub(super) fn reason(&self) -> Text {
        let english = match self {
            RosterError::Workbook(source) => format!("{self} ({source})."),
            RosterError::Closed(source) => format!("{self} ({source})."),
            _ => format!("{self}."),
        };
        let chinese = match self {
            RosterError::TooLarge => format!("文件超过 {}。", Bytes(MAX_BYTES)),
            RosterError::TooManyRows => format!("超过 {MAX_ROWS} 行。"),
            RosterError::Encoding => "认不出它的文字编码。".to_owned(),
            RosterError::Format => "不是 CSV，也不是 .xlsx。".to_owned(),
            RosterError::Workbook(source) => format!("当作 .xlsx 打不开（{source}）。"),
            RosterError::NoHeading => "前几行里没有写明哪一列是单位的表头。".to_owned(),
            RosterError::Empty => "里面没有单位。".to_owned(),
            RosterError::Closed(source) => format!("文件打不开（{source}）。"),
        };
        Text::new(chinese, english)
    }
}

/// A roster as read: what counts, and what somebody should look at.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) roster: Roster,
    /// Mistakes in single rows, in their order.
    pub(super) problems: Vec<Text>,
}

/// Reads a roster; `extension` says how it is written, `book` how regions are called.
pub(super) fn read(bytes: &[u8], extension: &str, book: &RegionBook) -> Result<Read, RosterError> {
    if bytes.len() as u64 > MAX_BYTES {
        return Err(RosterError::TooLarge);
    }
    let rows = match extension {
        "csv" | "tsv" | "txt" => rows_of_text(bytes)?,
        "xlsx" => rows_of_workbook(bytes)?,
        _ => return Err(RosterError::Format),
    };
    from_rows(&rows, book)
}

/// Every unit of the roster with what it handed in, in the roster's order.
pub(super) fn ledger<'a>(
    roster: &Roster,
    submissions: impl Iterator<Item = &'a Submission>,
    links: &[LinkSubmission],
) -> Vec<RosterUnit> {
    let mut ledger: Vec<RosterUnit> = roster
        .units()
        .iter()
        .map(|unit| RosterUnit {
            region: unit.region.clone(),
            unit: unit.name.clone(),
            submissions: vec![],
            to_be_confirmed: vec![],
            by_link: false,
        })
        .collect();
    let places: BTreeMap<(String, String), usize> = ledger
        .iter()
        .enumerate()
        .rev()
        .map(|(at, unit)| ((unit.unit.clone(), unit.region.clone()), at))
        .collect();
    let place = |unit: &str, region: &str| places.get(&(unit.to_owned(), region.to_owned()));
    for submission in submissions {
        match &submission.roster {
            Some(UnitMatch::Known { unit, region, .. }) => {
                if let Some(at) = place(unit, region) {
                    ledger[*at].submissions.push(submission.id.clone());
                }
            }
            Some(UnitMatch::Near(alternatives)) => {
                let best = alternatives.first();
                if let Some(at) = best.and_then(|best| place(&best.unit, &best.region)) {
                    ledger[*at].to_be_confirmed.push(submission.id.clone());
                }
            }
            Some(UnitMatch::Unknown) | None => {}
        }
    }
    for link in links {
        let of = link
            .unit
            .as_ref()
            .map(|unit| roster.find(unit, &link.region));
        if let Some(UnitMatch::Known { unit, region, .. }) = of
            && let Some(at) = place(&unit, &region)
        {
            ledger[*at].by_link = true;
        }
    }
    ledger
}

/// The findings on units that handed in nothing, by region; one that may be meant by a similar name is not missing yet.
pub(super) fn missing(ledger: &[RosterUnit]) -> BTreeMap<String, Finding> {
    let mut silent: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for unit in ledger {
        if unit.submissions.is_empty() && unit.to_be_confirmed.is_empty() && !unit.by_link {
            let region = silent.entry(unit.region.clone()).or_default();
            region.push(&unit.unit);
        }
    }
    let of = |region: &str| ledger.iter().filter(|unit| unit.region == region).count();
    silent
        .into_iter()
        .map(|(region, units)| {
            let finding = finding::units_missing(&region, &units, of(&region));
            (region, finding)
        })
        .collect()
}

fn rows_of_text(bytes: &[u8]) -> Result<Vec<Vec<String>>, RosterError> {
    let text = decode(bytes).ok_or(RosterError::Encoding)?;
    let heading = text.lines().find(|l| !l.trim().is_empty()).unwrap_or("");
    let delimiter = ['\t', ',', ';', '，']
        .into_iter()
        .find(|mark| heading.contains(*mark))
        .unwrap_or(',');
    // The reader takes ASCII only; a full-width comma becomes a tab, which cells do not hold.
    let (text, delimiter) = match u8::try_from(delimiter) {
        Ok(ascii) => (text, ascii),
        Err(_) => (text.replace(delimiter, "\t"), b'\t'),
    };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for record in reader.records().filter_map(Result::ok) {
        let line = record.position().map_or(0, csv::Position::line);
        let line = usize::try_from(line).unwrap_or(usize::MAX);
        if line > MAX_ROWS {
            return Err(RosterError::TooManyRows);
        }
        // The reader leaves empty lines out; a row keeps the number that an editor shows.
        let empty = line.saturating_sub(rows.len() + 1);
        rows.extend(std::iter::repeat_n(Vec::new(), empty));
        rows.push(record.iter().take(MAX_COLUMNS).map(cell).collect());
    }
    Ok(rows)
}

/// The first sheet that has a heading, else the first: cell by cell, because a table's own claim of its size may be any.
fn rows_of_workbook(bytes: &[u8]) -> Result<Vec<Vec<String>>, RosterError> {
    let mut workbook = Xlsx::new(Cursor::new(bytes)).map_err(RosterError::Workbook)?;
    let mut first = None;
    for name in workbook.sheet_names() {
        let rows = rows_of_sheet(&mut workbook, &name)?;
        if heading(&rows).is_some() {
            return Ok(rows);
        }
        first.get_or_insert(rows);
    }
    Ok(first.unwrap_or_default())
}

fn rows_of_sheet(
    workbook: &mut Xlsx<Cursor<&[u8]>>,
    name: &str,
) -> Result<Vec<Vec<String>>, RosterError> {
    let mut reader = workbook
        .worksheet_cells_reader(name)
        .map_err(RosterError::Workbook)?;
    let mut rows: Vec<Vec<String>> = Vec::new();
    while let Some(found) = reader.next_cell().map_err(RosterError::Workbook)? {
        let (row, column) = found.get_position();
        let (row, column) = (row as usize, column as usize);
        if matches!(found.get_value(), DataRef::Empty) || column >= MAX_COLUMNS {
            continue;
        }
        if row >= MAX_ROWS {
            return Err(RosterError::TooManyRows);
        }
        if rows.len() <= row {
            rows.resize(row + 1, Vec::new());
        }
        if rows[row].len() <= column {
            rows[row].resize(column + 1, String::new());
        }
        let value: Data = found.get_value().clone().into();
        rows[row][column] = cell(&value.to_string());
    }
    Ok(rows)
}

fn cell(text: &str) -> String {
    let mut end = text.len().min(MAX_CELL_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    tidy(&text[..end])
}

/// Where the columns are.
#[derive(Debug, PartialEq, Eq)]
struct Columns {
    region: Option<usize>,
    unit: usize,
    aliases: Vec<usize>,
    former: Vec<usize>,
}

impl Columns {
    fn of(row: &[String]) -> Option<Self> {
        let names: Vec<String> = row.iter().map(|cell| column_name(cell)).collect();
        let all = |words: &[&str]| -> Vec<usize> {
            let places = names.iter().enumerate();
            places
                .filter(|(_, name)| words.contains(&name.as_str()))
                .map(|(at, _)| at)
                .collect()
        };
        let first = |words: &[&str]| all(words).first().copied();
        Some(Columns {
            region: first(&["片区", "所属片区", "地区", "区域", "分区", "region", "area"]),
            unit: first(&[
                "单位",
                "单位名称",
                "单位全称",
                "全称",
                "学校",
                "学校名称",
                "院校",
                "院校名称",
                "高校",
                "会员单位",
                "所属单位",
                "二级党组织",
                "unit",
                "school",
                "name",
                "organisation",
                "organization",
            ])?,
            aliases: all(&[
                "别名",
                "简称",
                "学校简称",
                "单位简称",
                "常用简称",
                "alias",
                "aliases",
                "shortname",
                "abbreviation",
            ]),
            former: all(&[
                "曾用名",
                "原名",
                "旧称",
                "曾用名称",
                "更名前",
                "former",
                "formername",
                "formernames",
            ]),
        })
    }
}

/// A heading as it is looked up: half-width, without blanks and brackets.
fn column_name(cell: &str) -> String {
    let folded: String = cell
        .nfkc()
        .filter(|c| !c.is_whitespace() && !matches!(c, '_' | '-' | '*'))
        .flat_map(char::to_lowercase)
        .collect();
    let name = folded.split('(').next().unwrap_or_default();
    name.to_owned()
}

fn heading(rows: &[Vec<String>]) -> Option<(usize, Columns)> {
    let filled = rows.iter().enumerate().filter(|(_, row)| !is_blank(row));
    filled
        .take(MAX_ROWS_ABOVE + 1)
        .find_map(|(at, row)| Some((at, Columns::of(row)?)))
}

fn is_blank(row: &[String]) -> bool {
    row.iter().all(String::is_empty)
}

fn from_rows(rows: &[Vec<String>], book: &RegionBook) -> Result<Read, RosterError> {
    let (at, columns) = heading(rows).ok_or(RosterError::NoHeading)?;
    let mut problems = Vec::new();
    let mut units: Vec<Unit> = Vec::new();
    let mut region = String::new();
    for (index, row) in rows.iter().enumerate().skip(at + 1) {
        if is_blank(row) {
            continue;
        }
        let number = index + 1;
        let cell = |column: usize| row.get(column).map_or("", String::as_str);
        // Cells that were merged over several rows are empty in all but the first.
        let written = columns.region.map(cell).filter(|name| !name.is_empty());
        if let Some(written) = written {
            region = if let Some(place) = book.find(written) {
                book.names()[place].clone()
            } else {
                problems.push(region_unknown(number, written));
                written.to_owned()
            };
        }
        let name = cell(columns.unit);
        if unit_key(name).is_empty() {
            problems.push(no_unit(number));
            continue;
        }
        let unit = Unit {
            region: region.clone(),
            name: name.to_owned(),
            aliases: columns
                .aliases
                .iter()
                .flat_map(|c| names_in(cell(*c)))
                .take(MAX_NAMES)
                .collect(),
            former: columns
                .former
                .iter()
                .flat_map(|c| names_in(cell(*c)))
                .take(MAX_NAMES)
                .collect(),
            row: number,
        };
        let twin = units.iter().find(|other| {
            (unit_key(&other.name), &other.region) == (unit_key(&unit.name), &unit.region)
        });
        if let Some(twin) = twin {
            problems.push(unit_twice(twin, number));
        } else {
            units.push(unit);
        }
    }
    if units.is_empty() {
        return Err(RosterError::Empty);
    }
    let roster = Roster::new(units);
    let shared = roster.shared_names();
    problems.extend(shared.iter().map(|(name, units)| name_shared(name, units)));
    Ok(Read { roster, problems })
}

/// The names in a cell, which people part by all kinds of commas.
fn names_in(cell: &str) -> impl Iterator<Item = String> {
    cell.split(['、', ';', '；', ',', '，', '/', '／', '|'])
        .map(str::trim)
        .filter(|name| !unit_key(name).is_empty())
        .map(str::to_owned)
}

fn no_unit(row: usize) -> Text {
    Text::new(
        format!("第 {row} 行没有单位名称，这一行没有采用。"),
        format!("row {row} names no unit, so it is not used"),
    )
}

fn region_unknown(row: usize, region: &str) -> Text {
    Text::new(
        format!(
            "第 {row} 行的片区“{region}”不是通知所列的片区，也没有这个名字的文件夹；请核对写法。"
        ),
        format!(
            "the region \"{region}\" in row {row} is none of the notice and has no folder; check how it is written"
        ),
    )
}

fn unit_twice(first: &Unit, row: usize) -> Text {
    let (name, earlier) = (&first.name, first.row);
    Text::new(
        format!("第 {row} 行的“{name}”与第 {earlier} 行重复，只采用第 {earlier} 行。"),
        format!("\"{name}\" in row {row} stands in row {earlier} already; row {earlier} counts"),
    )
}

fn name_shared(name: &str, units: &[&Unit]) -> Text {
    let list = |mark: &str, row: fn(&Unit) -> String| -> String {
        let all: Vec<String> = units.iter().map(|unit| row(unit)).collect();
        all.join(mark)
    };
    Text::new(
        format!(
            "“{name}”同时指 {}：只写这个名字的视频分不清是谁的，请把别名改成各不相同。",
            list("和", |unit| format!("{}（第 {} 行）", unit.name, unit.row))
        ),
        format!(
            "\"{name}\" means {}: a video with this name alone could be either's; give each its own alias",
            list(" and ", |unit| format!("{} (row {})", unit.name, unit.row))
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book() -> RegionBook {
        RegionBook::new(&["川北片区".to_owned(), "川东片区".to_owned()], &[], &[])
    }

    fn shown(read: Result<Read, RosterError>) -> String {
        let read = match read {
            Ok(read) => read,
            Err(error) => return format!("{}\n{}", error.reason().zh, error.reason().en),
        };
        let units = read.roster.units().iter().map(|unit| {
            format!(
                "{} {} {} [{}] [{}]",
                unit.row,
                unit.region,
                unit.name,
                unit.aliases.join(" "),
                unit.former.join(" ")
            )
        });
        let problems = read
            .problems
            .iter()
            .map(|problem| format!("! {}", problem.zh));
        units.chain(problems).collect::<Vec<_>>().join("\n")
    }

    fn csv(text: &str) -> String {
        shown(read(text.as_bytes(), "csv", &book()))
    }

    #[test]
    fn columns_are_found_by_their_heading_in_any_order_and_language() {
        insta::assert_snapshot!(csv("单位名册\n\n曾用名,单位（全称）,片区,简称\n\"西南民族学院，中央民院分院\",西南民族大学,川北,西南民大、民大/SWUN\n"), @r"
        4 川北 西南民族大学 [西南民大 民大 SWUN] [西南民族学院 中央民院分院]
        ! 第 4 行的片区“川北”不是通知所列的片区，也没有这个名字的文件夹；请核对写法。
        ");
        insta::assert_snapshot!(csv("Unit;Region;Aliases\n西华大学;川东片区;西华\n"), @"2 川东片区 西华大学 [西华] []");
        insta::assert_snapshot!(csv("片区，单位\n川东片区，西华大学\n，成都大学\n"), @r"
        2 川东片区 西华大学 [] []
        3 川东片区 成都大学 [] []
        ");
    }

    #[test]
    fn a_roster_may_be_in_any_encoding_that_offices_write() {
        let text = "片区,单位\n川东片区,西华大学\n";
        let (gbk, _, _) = encoding_rs::GB18030.encode(text);
        assert_eq!(shown(read(&gbk, "csv", &book())), csv(text));
        let utf16: Vec<u8> = [0xFEFF]
            .into_iter()
            .chain(text.encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(shown(read(&utf16, "csv", &book())), csv(text));
    }

    #[test]
    fn mistakes_in_rows_are_told_by_their_rows_and_stop_nothing() {
        insta::assert_snapshot!(csv("片区,单位,别名\n川北片区,甲大学,大学\n川北片区,,空\n川北片区,甲 大学,\n川中片区,乙大学,大学\n"), @r"
        2 川北片区 甲大学 [大学] []
        5 川中片区 乙大学 [大学] []
        ! 第 3 行没有单位名称，这一行没有采用。
        ! 第 4 行的“甲大学”与第 2 行重复，只采用第 2 行。
        ! 第 5 行的片区“川中片区”不是通知所列的片区，也没有这个名字的文件夹；请核对写法。
        ! “大学”同时指 甲大学（第 2 行）和乙大学（第 5 行）：只写这个名字的视频分不清是谁的，请把别名改成各不相同。
        ");
    }

    #[test]
    fn a_file_that_is_no_roster_says_why() {
        insta::assert_snapshot!(csv("甲大学,乙大学\n"), @r"
        前几行里没有写明哪一列是单位的表头。
        no row names a column for the unit.
        ");
        insta::assert_snapshot!(csv("片区,单位\n"), @r"
        里面没有单位。
        no row names a unit.
        ");
        let long = format!("单位\n{}", "甲\n".repeat(MAX_ROWS));
        insta::assert_snapshot!(csv(&long), @r"
        超过 5000 行。
        it has more than 5000 rows.
        ");
        insta::assert_snapshot!(shown(read(b"x", "xls", &book())), @r"
        不是 CSV，也不是 .xlsx。
        it is neither CSV nor .xlsx.
        ");
        insta::assert_snapshot!(shown(read(b"no zip", "xlsx", &book())), @r"
        当作 .xlsx 打不开（Zip error: invalid Zip archive: Could not find EOCD）。
        it cannot be read as .xlsx (Zip error: invalid Zip archive: Could not find EOCD).
        ");
        let large = vec![b'x'; usize::try_from(MAX_BYTES).unwrap() + 1];
        insta::assert_snapshot!(shown(read(&large, "csv", &book())), @r"
        文件超过 4.00 MiB。
        it is larger than 4.00 MiB.
        ");
    }

    /// A workbook of one sheet, as small as the format allows; cells are `A1=text`.
    fn workbook(cells: &[(&str, &str)]) -> Vec<u8> {
        use std::io::Write;
        let cells: Vec<String> = cells
            .iter()
            .map(|(at, text)| {
                let row: String = at.chars().filter(char::is_ascii_digit).collect();
                format!("<row r=\"{row}\"><c r=\"{at}\" t=\"inlineStr\"><is><t>{text}</t></is></c></row>")
            })
            .collect();
        let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
        let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
        let package = "http://schemas.openxmlformats.org/package/2006";
        let parts = [
            (
                "[Content_Types].xml",
                format!("<Types xmlns=\"{package}/content-types\"/>"),
            ),
            (
                "_rels/.rels",
                format!(
                    "<Relationships xmlns=\"{package}/relationships\"><Relationship Id=\"a\" Type=\"{office}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
                ),
            ),
            (
                "xl/workbook.xml",
                format!(
                    "<workbook xmlns=\"{main}\" xmlns:r=\"{office}\"><sheets><sheet name=\"名册\" sheetId=\"1\" r:id=\"s\"/></sheets></workbook>"
                ),
            ),
            (
                "xl/_rels/workbook.xml.rels",
                format!(
                    "<Relationships xmlns=\"{package}/relationships\"><Relationship Id=\"s\" Type=\"{office}/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"
                ),
            ),
            (
                "xl/worksheets/sheet1.xml",
                format!(
                    "<worksheet xmlns=\"{main}\"><sheetData>{}</sheetData></worksheet>",
                    cells.concat()
                ),
            ),
        ];
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in parts {
            zip.start_file(name, zip::write::SimpleFileOptions::default())
                .unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    #[test]
    fn a_workbook_is_read_like_a_table_of_text() {
        let bytes = workbook(&[
            ("A1", "单位名册"),
            ("A2", "片区"),
            ("B2", "单位"),
            ("C2", "别名"),
            ("A3", "川北片区"),
            ("B3", "西华大学"),
            ("C3", "西华；XHU"),
            ("B5", "成都大学"),
        ]);
        insta::assert_snapshot!(shown(read(&bytes, "xlsx", &book())), @r"
        3 川北片区 西华大学 [西华 XHU] []
        5 川北片区 成都大学 [] []
        ");
    }

    #[test]
    fn a_workbook_that_claims_a_million_rows_costs_nothing() {
        let bytes = workbook(&[("A1", "单位"), ("A1048576", "甲大学")]);
        assert!(matches!(
            read(&bytes, "xlsx", &book()),
            Err(RosterError::TooManyRows)
        ));
        let wide = workbook(&[("A1", "单位"), ("A2", "甲大学"), ("XFD2", "远处")]);
        assert_eq!(
            read(&wide, "xlsx", &book()).unwrap().roster.units().len(),
            1
        );
    }
}
