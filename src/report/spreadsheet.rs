//! `汇总表.xlsx`, for people who sort and print. In: a [`Report`]. Out: a workbook as bytes, the same bytes for the same
//! report. Whatever comes from outside is a string, never a formula, and whatever a cell cannot hold is left out.

pub mod run_sheet;
mod sheets;

use std::collections::BTreeSet;

use rust_xlsxwriter::{
    Color, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet,
    XlsxError,
};
use unicode_width::UnicodeWidthStr;

use super::model::Report;
use super::terminal::printable;
use super::wording::{Standing, clean};
use crate::check::Verdict;
use crate::text::{Lang, Text};

/// Most UTF-16 units in a cell (Excel's specification).
const MAX_CELL: usize = 32_767;
/// Most characters in a sheet's name (Excel's specification).
const MAX_SHEET_NAME: usize = 31;
/// Characters of a row's height, in points.
const LINE_HEIGHT: f64 = 15.0;
/// A row is at most this high, so that one long cell does not fill a page.
const MAX_ROW_HEIGHT: f64 = 300.0;
/// Characters that stand side by side on A4 landscape, at the widest of the typefaces that stand in for the workbook's
/// where it is missing.
const PAGE_WIDTH: usize = 112;
/// A column's width never gets beyond this.
const MAX_WIDTH: usize = 60;

/// The workbook could not be built: a fault of ours, never of a report.
#[derive(Debug, thiserror::Error)]
#[error("the spreadsheet could not be built")]
pub struct SpreadsheetError {
    #[from]
    source: XlsxError,
}

/// The whole workbook in one language.
pub fn to_xlsx(report: &Report, lang: Lang) -> Result<Vec<u8>, SpreadsheetError> {
    let mut workbook = Workbook::new();
    let title = clean(&report.showcase.title);
    workbook.set_properties(
        &DocProperties::new()
            .set_title(title.in_lang(lang))
            .set_creation_datetime(&ExcelDateTime::from_ymd(2021, 1, 1)?),
    );
    let mut names = SheetNames::default();
    for sheet in sheets::all(report) {
        let name = names.take(sheet.name.in_lang(lang));
        let worksheet = workbook.add_worksheet().set_name(&name)?;
        Page {
            sheet: &sheet,
            lang,
            title: title.in_lang(lang),
        }
        .write(worksheet)?;
    }
    Ok(workbook.save_to_buffer()?)
}

/// One sheet as a value.
struct Sheet {
    name: Text,
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
    second_page: Option<SecondPage>,
}

/// A sheet that is too wide for one page.
struct SecondPage {
    /// Its first column.
    from: u16,
    /// First and last of the columns that stand on it again.
    repeated: (u16, u16),
}

struct Column {
    title: Text,
    /// Never wider than this; longer text is wrapped.
    widest: usize,
}

fn column(zh: &str, en: &str, widest: usize) -> Column {
    Column {
        title: Text::new(zh, en),
        widest,
    }
}

/// What a cell holds.
#[derive(Debug, Clone, PartialEq)]
enum Cell {
    Empty,
    /// Text; lines are broken where it says so.
    Text(Text),
    Count(usize),
    /// Length in milliseconds, shown as minutes and seconds.
    Length(u64),
    /// A number with one digit behind the point.
    Decimal(f64),
    Standing(Standing),
    /// Something is not there that should be.
    Missing(Text),
}

impl Cell {
    fn name(text: &str) -> Self {
        Cell::Text(Text::same(printable(text)))
    }

    fn optional(text: Option<&str>) -> Self {
        text.map_or(Cell::Empty, Cell::name)
    }

    /// Several statements, one below the other.
    fn lines(lines: &[Text]) -> Self {
        let join = |pick: fn(&Text) -> &str| lines.iter().map(pick).collect::<Vec<_>>().join("\n");
        if lines.is_empty() {
            return Cell::Empty;
        }
        Cell::Text(Text::new(join(|t| &t.zh), join(|t| &t.en)))
    }

    /// As it is shown, to find out how much room it needs.
    fn shown(&self, lang: Lang) -> String {
        match self {
            Cell::Empty => String::new(),
            Cell::Text(text) | Cell::Missing(text) => text.in_lang(lang).to_owned(),
            Cell::Count(count) => count.to_string(),
            Cell::Length(_) => "100:00".to_owned(),
            Cell::Decimal(number) => format!("{number:.1}"),
            Cell::Standing(standing) => standing.text().in_lang(lang).to_owned(),
        }
    }
}

struct Page<'a> {
    sheet: &'a Sheet,
    lang: Lang,
    title: &'a str,
}

impl Page<'_> {
    fn write(&self, worksheet: &mut Worksheet) -> Result<(), XlsxError> {
        let widths = self.widths();
        let heading = heading();
        for (at, column) in (0_u16..).zip(&self.sheet.columns) {
            let title = column.title.in_lang(self.lang);
            worksheet.write_string_with_format(0, at, title, &heading)?;
            worksheet.set_column_width(at, widths[usize::from(at)] as f64 + 2.0)?;
        }
        worksheet.set_row_height(0, 24)?;
        for (row, cells) in (1_u32..).zip(&self.sheet.rows) {
            worksheet.set_row_height(row, self.height(cells, &widths))?;
            for (at, cell) in (0_u16..).zip(cells) {
                self.cell(worksheet, row, at, cell)?;
            }
        }
        self.set_up(worksheet, &widths)
    }

    /// Hanzi take two columns each, which the library's own fitting does not know.
    fn widths(&self) -> Vec<usize> {
        let columns = self.sheet.columns.iter().enumerate();
        columns
            .map(|(at, column)| {
                let title = column.title.in_lang(self.lang).width() + 2;
                let cells = self
                    .sheet
                    .rows
                    .iter()
                    .map(|row| widest_line(&row[at].shown(self.lang)));
                let wanted = cells.max().unwrap_or(0).min(column.widest);
                wanted.max(title).min(MAX_WIDTH)
            })
            .collect()
    }

    fn height(&self, cells: &[Cell], widths: &[usize]) -> f64 {
        let lines = cells.iter().zip(widths).map(|(cell, width)| {
            let shown = cell.shown(self.lang);
            let wrapped = shown
                .lines()
                .map(|line| line.width().div_ceil(*width).max(1));
            wrapped.sum::<usize>()
        });
        let most = lines.max().unwrap_or(1).max(1);
        (most as f64 * LINE_HEIGHT + 5.0).min(MAX_ROW_HEIGHT)
    }

    fn cell(&self, sheet: &mut Worksheet, row: u32, at: u16, cell: &Cell) -> Result<(), XlsxError> {
        let plain = body();
        match cell {
            Cell::Empty => sheet.write_blank(row, at, &plain)?,
            Cell::Text(text) => {
                let text = fitting(text.in_lang(self.lang));
                let format = if looks_like_a_formula(text) {
                    // Editing such a cell would turn it into a formula; the mark of a literal prevents that.
                    plain.set_quote_prefix()
                } else {
                    plain
                };
                sheet.write_string_with_format(row, at, text, &format)?
            }
            Cell::Count(count) => {
                let format = plain.set_num_format("0").set_align(FormatAlign::Center);
                sheet.write_number_with_format(row, at, *count as f64, &format)?
            }
            Cell::Length(milliseconds) => {
                let days = *milliseconds as f64 / 86_400_000.0;
                let format = plain
                    .set_num_format("[m]:ss")
                    .set_align(FormatAlign::Center);
                sheet.write_number_with_format(row, at, days, &format)?
            }
            Cell::Decimal(number) => {
                let format = plain.set_num_format("0.0").set_align(FormatAlign::Center);
                sheet.write_number_with_format(row, at, *number, &format)?
            }
            Cell::Standing(standing) => {
                let (ink, paper) = colors(*standing);
                let format = plain
                    .set_bold()
                    .set_font_color(ink)
                    .set_background_color(paper);
                let word = standing.text();
                sheet.write_string_with_format(row, at, word.in_lang(self.lang), &format)?
            }
            Cell::Missing(text) => {
                let (ink, paper) = colors(Standing::Judged(Verdict::Returned));
                let format = plain
                    .set_bold()
                    .set_font_color(ink)
                    .set_background_color(paper);
                sheet.write_string_with_format(row, at, text.in_lang(self.lang), &format)?
            }
        };
        Ok(())
    }

    /// How it is scrolled, filtered and printed.
    fn set_up(&self, sheet: &mut Worksheet, widths: &[usize]) -> Result<(), XlsxError> {
        let last_row = u32::try_from(self.sheet.rows.len()).unwrap_or(u32::MAX);
        let last_column = u16::try_from(self.sheet.columns.len().saturating_sub(1)).unwrap_or(0);
        sheet.autofilter(0, 0, last_row, last_column)?;
        sheet.set_freeze_panes(1, 0)?;
        sheet.set_repeat_rows(0, 0)?;
        sheet.set_landscape();
        sheet.set_paper_size(9);
        if let Some(second) = &self.sheet.second_page {
            sheet.set_vertical_page_breaks(&[u32::from(second.from)])?;
            sheet.set_repeat_columns(second.repeated.0, second.repeated.1)?;
            sheet.set_print_scale(scale(widths, second));
        } else {
            sheet.set_print_fit_to_pages(1, 0);
        }
        sheet.set_margins(0.4, 0.4, 0.6, 0.6, 0.3, 0.3);
        // In a header `&` begins an instruction; doubled it is itself.
        let title: String = self.title.chars().take(80).collect();
        let name = self.sheet.name.in_lang(self.lang).replace('&', "&&");
        let name: String = name.chars().take(60).collect();
        sheet.set_header(format!("&L{}&R{name}", title.replace('&', "&&")));
        sheet.set_footer(self.lang.pick("&C第 &P 页，共 &N 页", "&CPage &P of &N"));
        Ok(())
    }
}

/// The scale in percent at which the wider of two pages fits on paper.
fn scale(widths: &[usize], second: &SecondPage) -> u16 {
    let wide = |columns: &[usize]| columns.iter().map(|width| width + 3).sum::<usize>();
    let (left, right) = widths.split_at(usize::from(second.from));
    let (first, last) = second.repeated;
    let repeated = wide(&widths[usize::from(first)..=usize::from(last)]);
    let widest = wide(left).max(wide(right) + repeated).max(1);
    u16::try_from(100 * PAGE_WIDTH / widest)
        .unwrap_or(100)
        .clamp(10, 100)
}

fn widest_line(text: &str) -> usize {
    text.lines().map(UnicodeWidthStr::width).max().unwrap_or(0)
}

/// As much of a text as a cell may hold.
fn fitting(text: &str) -> &str {
    let mut units = 0;
    let end = text.char_indices().find_map(|(at, c)| {
        units += c.len_utf16();
        (units > MAX_CELL).then_some(at)
    });
    end.map_or(text, |end| &text[..end])
}

fn looks_like_a_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
}

fn heading() -> Format {
    Format::new()
        .set_font_name("微软雅黑")
        .set_font_size(10)
        .set_bold()
        .set_font_color(Color::White)
        .set_background_color(Color::RGB(0x8E_2F_2A))
        .set_border(FormatBorder::Thin)
        .set_border_color(Color::RGB(0xC9_C4_B8))
        .set_align(FormatAlign::VerticalCenter)
}

fn body() -> Format {
    Format::new()
        .set_font_name("微软雅黑")
        .set_font_size(10)
        .set_text_wrap()
        .set_border(FormatBorder::Thin)
        .set_border_color(Color::RGB(0xC9_C4_B8))
        .set_align(FormatAlign::VerticalCenter)
}

/// Ink and paper of a standing, as on the page.
fn colors(standing: Standing) -> (Color, Color) {
    let (ink, paper) = match standing {
        Standing::Failed => (0xA0_1F_3C, 0xFB_E4_EA),
        Standing::Judged(Verdict::Unreadable) => (0x7A_3F_8F, 0xF3_E6_F8),
        Standing::Judged(Verdict::Returned) => (0xB2_47_1D, 0xFC_E8_DE),
        Standing::Judged(Verdict::Duplicate) => (0x4A_5F_96, 0xE6_EB_F8),
        Standing::Judged(Verdict::AcceptedWithWarnings) => (0x8A_65_08, 0xFB_F2_D5),
        Standing::Judged(Verdict::Accepted) => (0x2F_6F_51, 0xE1_F3_EA),
        Standing::Superseded => (0x5F_5B_52, 0xEF_EC_E5),
    };
    (Color::RGB(ink), Color::RGB(paper))
}

/// Names that Excel takes: at most 31 characters, none of `[]:*?/\`, no apostrophe at either end, each only once
/// whatever the case, and not the one that Excel keeps for itself.
#[derive(Debug, Default)]
struct SheetNames {
    taken: BTreeSet<String>,
}

impl SheetNames {
    fn take(&mut self, wanted: &str) -> String {
        let legal: String = printable(wanted)
            .chars()
            .map(|c| if r"[]:*?/\".contains(c) { '_' } else { c })
            .collect();
        let legal = legal.trim().trim_matches('\'');
        let legal = match legal {
            "" => "_",
            name if name.eq_ignore_ascii_case("history") => "_history",
            name => name,
        };
        let mut free = cut(legal, "");
        // There are no more names taken than this, so one of these is free.
        for number in 2..=self.taken.len() + 1 {
            if !self.taken.contains(&free.to_lowercase()) {
                break;
            }
            free = cut(legal, &format!(" ({number})"));
        }
        self.taken.insert(free.to_lowercase());
        free
    }
}

/// The beginning of a name that leaves room for its ending.
fn cut(name: &str, ending: &str) -> String {
    let room = MAX_SHEET_NAME - ending.encode_utf16().count();
    let mut used = 0;
    let kept: String = name
        .chars()
        .take_while(|c| {
            used += c.len_utf16();
            used <= room
        })
        .collect();
    format!("{}{ending}", kept.trim_end_matches('\''))
}

#[cfg(test)]
mod tests;
