//! What was made, by facts and not by bytes.

mod copy;
mod hls;
mod outputs;
mod quality;
