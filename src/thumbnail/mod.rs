//! Pictures of a film. In: frames. Out: which of them to show, and sheets of small ones. Never reads or writes a file.

pub mod poster;
pub mod storyboard;
