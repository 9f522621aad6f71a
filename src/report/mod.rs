//! The report. In: a [`model::Report`]. Out: JSON, HTML and the terminal's summary, as text. Pure functions: never
//! touches a file, never asks the clock.

pub mod html;
pub mod index;
pub mod json;
pub mod model;
pub mod page;
mod return_letter;
pub mod terminal;
mod wording;

#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
mod seen;
