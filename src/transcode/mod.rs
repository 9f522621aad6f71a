//! Making one submission. In: what was measured, a ladder, and (in the worker) the open file. Out: rungs, variants,
//! playlists, files in a staging folder. The arithmetic (`ladder`, `copy`, `clock`, `colour`, `recolour`, `sound`, `loudness`, `limiter`, `h264`, `mp4`,
//! `hls`) is pure; only `make` with `quality`, `reader`, `watch`, `soundtrack`, `spool`, `track`, `stills` and `captions`, and `verify` read and write,
//! and never outside the descriptors they were given.

mod captions;
pub mod clip;
pub mod clock;
pub mod colour;
pub mod conform;
pub mod copy;
pub mod coverage;
pub mod h264;
pub mod hall;
pub mod hls;
pub mod join;
pub mod ladder;
mod limiter;
pub mod loudness;
pub mod make;
pub mod mp4;
pub mod picture;
mod quality;
mod reader;
mod recolour;
pub mod sound;
mod soundtrack;
mod spool;
mod stills;
mod track;
pub mod trial;
pub mod verify;
mod watch;
