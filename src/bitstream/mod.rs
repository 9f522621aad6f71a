//! Headers of encoded streams, read bit by bit. In: bytes that nobody vouches for. Out: what they say, or nothing. Pure; who
//! judges it is elsewhere: `lint` for packages, `probe` for uploads.

pub(crate) mod bits;
pub(crate) mod sps;
