//! Each subcommand through the real binary: wiring, standard output, standard error, exit codes.

mod check;
mod doctor;
mod help;
mod index;
mod json;
mod language;
mod plan;
mod presets;
mod refusals;
mod rule;
mod run;
