//! `zhanbo` (展播): from a pile of uploaded videos to a programme for the hall and HLS for the web.
//!
//! ```text
//!            intake        probe         check, dedup       plan           transcode        programme, gallery, report
//!   inbox ─▶ Submission ─▶ MediaInfo ─▶ Verdict ────────▶ Plan ─────────▶ variants ──────▶ what people open
//!            (names)       (in a worker) (pure)            (pure)         (in a worker)     (pure, then published)
//! ```
//!
//! Every stage is a function between typed values; `run` is the one place where they meet. An upload is opened by
//! FFmpeg in worker processes only.
#![warn(missing_docs)]

pub mod archive;
pub mod av;
pub mod bitstream;
pub mod catalogue;
pub mod certify;
pub mod check;
pub mod cli;
pub mod command;
pub mod config;
pub mod dedup;
pub mod doctor;
pub mod document;
pub mod error;
pub mod event;
pub mod gallery;
pub mod id;
pub mod init;
pub mod intake;
pub mod layout;
pub mod ledger;
pub mod libarchive;
pub mod library;
pub mod likeness;
pub mod lint;
pub mod plan;
pub mod preset;
pub mod probe;
pub mod programme;
pub mod report;
pub mod run;
pub mod serve;
pub mod subtitle;
pub mod text;
pub mod thumbnail;
pub mod transcode;
pub mod typeset;
pub mod ui;
pub mod units;
pub mod verify;
pub mod worker;
