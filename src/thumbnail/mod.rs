//! Pictures of a film. In: frames. Out: which of them to show. Never encodes: that is `av`'s.

pub mod poster;
