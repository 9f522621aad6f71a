//! `zhanbo`: from a pile of uploaded videos to a programme for the hall and HLS for the web.
#![warn(missing_docs)]

pub mod check;
pub mod id;
pub mod intake;
pub mod preset;
pub mod probe;
pub mod report;
pub mod subtitle;
pub mod text;
pub mod units;
