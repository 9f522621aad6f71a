//! The report. In: a [`model::Report`]. Out: JSON, HTML, a spreadsheet, notices to the regions and the terminal's
//! summary, as text or bytes. Pure functions: never touches a file, never asks the clock.

pub mod changes;
mod graph;
pub mod html;
pub mod index;
pub mod json;
pub mod model;
pub mod notice;
pub mod page;
mod return_letter;
pub mod run_sheet;
pub mod spreadsheet;
pub mod terminal;
pub(crate) mod wording;

/// Name of the spreadsheet in `report/`, in every language.
pub const SPREADSHEET: &str = "汇总表.xlsx";

#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
pub(crate) mod seen;
