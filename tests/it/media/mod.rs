//! What was made, by facts and not by bytes.

mod copy;
mod every_frame;
mod fields;
mod hdr;
mod hls;
mod outputs;
mod programme;
mod quality;
mod rate_factor;
mod several;
mod sound;
mod sources;
mod stills;
mod subtitles;
