//! `zhanbo` from outside: the real binary over small real films, judged by other people's tools. One test binary, so that
//! it is linked once.
//!
//! ```text
//! media_maker   films of a few seconds, made once, and inboxes built from them
//! program       runs the binary, reads its report
//! facts         what ffprobe and MediaInfo say of a file
//! cli/          one file a subcommand
//! media/        what was made: files, playlists
//! packer        archives byte by byte, right and hostile
//! archives/     packed deliveries
//! faults/       killed, stopped, changed, lied to
//! documents     Word and Excel beside the films
//! real_inbox    a real delivery, where there is one
//! ```
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test stops at the first surprise, and makes files to be found"
)]

mod archives;
mod cli;
mod document_maker;
mod documents;
mod facts;
mod faults;
mod media;
mod media_maker;
mod packer;
mod program;
mod real_inbox;
