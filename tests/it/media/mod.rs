//! What was made, by facts and not by bytes.

mod copy;
mod every_frame;
mod hls;
mod outputs;
mod programme;
mod quality;
mod sound;
mod stills;
