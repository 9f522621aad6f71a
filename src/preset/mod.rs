//! What a preset can say: rule sets and ladders are TOML, data a user may copy and edit. In: TOML text. Out: typed
//! values, or an error with line, column and the valid keys.
