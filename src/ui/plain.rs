//! Plain lines on standard error, for logs and pipes.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::{remark, text};
use crate::event::{Event, Listener};
use crate::text::Lang;

/// One line for each thing worth one, jobs counted.
#[derive(Debug)]
pub struct PlainLines {
    lang: Lang,
    finished: AtomicUsize,
    planned: AtomicUsize,
}

impl PlainLines {
    /// Lines in this language.
    pub fn new(lang: Lang) -> Self {
        PlainLines {
            lang,
            finished: AtomicUsize::new(0),
            planned: AtomicUsize::new(0),
        }
    }
}

impl Listener for PlainLines {
    fn on_event(&self, event: &Event) {
        let Some(line) = text::line(event, self.lang) else {
            return;
        };
        match event {
            Event::Planned { to_make, .. } => {
                self.planned.fetch_add(*to_make, Ordering::Relaxed);
                remark(&line);
            }
            Event::JobFinished { .. } => {
                let number = self.finished.fetch_add(1, Ordering::Relaxed) + 1;
                remark(&format!(
                    "[{number}/{}] {line}",
                    self.planned.load(Ordering::Relaxed)
                ));
            }
            _ => remark(&line),
        }
    }
}
