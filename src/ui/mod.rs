//! Who listens to a run. In: [`Event`]s. Out: bars on a terminal, plain lines elsewhere, JSON lines for programs. The
//! only place that writes to standard output and standard error.

mod bars;
mod jsonl;
mod plain;
pub mod text;

use std::io::{self, IsTerminal, Write};

use crate::event::{Event, Listener};
use crate::report::terminal::Color;
use crate::text::Lang;

pub use bars::Bars;
pub use jsonl::JsonLines;
pub use plain::PlainLines;

/// Nobody listens.
#[derive(Debug)]
pub struct Silence;

impl Listener for Silence {
    fn on_event(&self, _: &Event) {}
}

/// How much is said, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Voice {
    /// Bars where standard error is a terminal, else plain lines.
    Normal,
    /// Results only.
    Quiet,
    /// One JSON object a line on standard output.
    Json,
}

/// The listener for this terminal.
pub fn listener(voice: Voice, lang: Lang) -> Box<dyn Listener> {
    match voice {
        Voice::Json => Box::new(JsonLines),
        Voice::Quiet => Box::new(Silence),
        Voice::Normal if io::stderr().is_terminal() => Box::new(Bars::new(lang)),
        Voice::Normal => Box::new(PlainLines::new(lang)),
    }
}

/// Whether standard output wants colours.
pub fn color(forbidden: bool) -> Color {
    if !forbidden && io::stdout().is_terminal() {
        Color::Ansi
    } else {
        Color::Plain
    }
}

/// Columns of the terminal; 100 where there is none.
pub fn width() -> usize {
    let size = rustix::termios::tcgetwinsize(io::stdout());
    size.ok()
        .map(|size| usize::from(size.ws_col))
        .filter(|columns| *columns >= 40)
        .unwrap_or(100)
}

/// Writes a result to standard output. A reader that went away (`| head`) is no error.
pub fn say(text: &str) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Writes a remark to standard error.
pub fn remark(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}
