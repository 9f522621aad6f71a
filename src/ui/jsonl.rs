//! Events as JSON lines on standard output: `"schema": "zhanbo.events/1"` in the first.

use super::say;
use crate::event::{Event, Listener};

/// Writes every event as one line.
#[derive(Debug)]
pub struct JsonLines;

impl Listener for JsonLines {
    fn on_event(&self, event: &Event) {
        if let Ok(mut line) = serde_json::to_string(event) {
            line.push('\n');
            say(&line);
        }
    }
}
