//! Words set in type on pictures: for slates, and for subtitles that are burnt in. In: font files as bytes, words. Out: ink on
//! planes of a picture. Chinese is broken into lines by its own rules; a character that no font has is left out and told.

pub(crate) mod canvas;
pub mod fonts;
pub(crate) mod letters;
pub mod subtitles;
pub(crate) mod wrap;

/// Most bytes of a font's file: the largest collections of Chinese fonts have some 120 MB.
pub const MAX_FONT: u64 = 256 << 20;
/// Most font files for one picture.
pub const MAX_FONTS: usize = 16;
