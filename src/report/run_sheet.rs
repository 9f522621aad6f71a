//! `run-sheet.html`, to be printed and lie beside the player. In: a [`RunSheet`]. Out: one page for A4.

use minijinja::{Value, context};

use super::page::{self, RenderError, text};
use super::terminal::printable;
use super::wording::clock;
use crate::programme::run_sheet::{Row, RunSheet};
use crate::text::{Lang, Text};

/// The page in both languages; the reader's is shown first.
pub fn to_html(sheet: &RunSheet, lang: Lang) -> Result<String, RenderError> {
    let rows: Vec<Value> = sheet.rows.iter().map(|row| values(sheet, row)).collect();
    let title = Text::new(
        format!("{} 节目单", sheet.title.zh),
        format!("{}: run sheet", sheet.title.en),
    );
    let values = context! {
        title => text(&title),
        event => text(&sheet.title),
        rows,
        length => clock(sheet.length),
        begins => sheet.begins.map(|begins| begins.to_string()),
    };
    page::render(
        "run-sheet.html",
        include_str!("run_sheet.html"),
        lang,
        values,
    )
}

fn values(sheet: &RunSheet, row: &Row) -> Value {
    context! {
        order => row.order,
        region => printable(&row.region),
        unit => printable(&row.unit),
        title => text(&row.title),
        start => sheet.start(row),
        length => clock(row.length),
        subtitles => text(&row.subtitles),
        note => printable(&row.note),
        plan_b => text(&row.plan_b),
    }
}
