//! What was made, by facts and not by bytes.

mod hls;
mod outputs;
mod quality;
mod sound;
