//! Each subcommand through the real binary: wiring, standard output, standard error, exit codes.

mod certify;
mod check;
mod decisions;
mod doctor;
mod help;
mod hls_lint;
mod index;
mod init;
mod json;
mod language;
mod plan;
mod presets;
mod programme;
mod refusals;
mod report;
mod roster;
mod rule;
mod run;
mod serve;
mod verify;
