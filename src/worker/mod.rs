//! Worker processes: an upload is read and made only in a child that is our own binary started again. In: descriptors
//! and one message. Out: messages, checked like any other input. The parent never parses an upload through C, and a
//! child that crashes, hangs or talks nonsense costs one answer.

pub mod child;
mod fork;
pub mod fork_server;
pub mod parent;
pub mod process;
pub mod protocol;
