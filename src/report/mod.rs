//! The report. In: a [`model::Report`]. Out: JSON, HTML and the terminal's summary, as text. Pure functions: never
//! touches a file, never asks the clock.

pub mod model;
