//! TTML, and what is made of it: DFXP, IMSC text, EBU-TT-D. In: text. Out: a draft of cues. Never opens what a document
//! refers to, never replaces an entity that it declares, and keeps neither style nor place.

mod clock;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::{Draft, DraftCue, MAX_BYTES, MAX_CUES, OPEN_END, plain};
use clock::{Clock, Parameters};

/// A document nests body, div, p and a few spans; what nests deeper is no document of this kind.
const MAX_DEPTH: usize = 64;
/// An element has about ten attributes.
const MAX_ATTRIBUTES: usize = 64;
/// How finely a paragraph whose spans have times of their own is cut: its spans times its moments. Karaoke by the letter
/// has less; what has more is shown as a whole.
const MAX_CELLS: usize = 4096;
/// And the text of such a paragraph, counted once for each moment.
const MAX_CUT_TEXT: usize = 1 << 20;

/// Reads all paragraphs.
pub(super) fn read(text: &str) -> Draft {
    read_within(text, None)
}

/// Reads a document that is shown until `end` at the latest, as each sample of an MP4 track is: there a paragraph needs no
/// times of its own (ISO/IEC 14496-30 §5.6).
pub(super) fn read_within(text: &str, end: Option<i64>) -> Draft {
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    // What people get wrong by hand: an end tag too many, `&` for `&amp;`.
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    let mut document = Document::new(end);
    let mut lines = Lines::new(text);
    loop {
        let line = lines.at(reader.buffer_position());
        let Ok(event) = reader.read_event() else {
            document.draft.broken = Some(lines.at(reader.error_position()));
            break;
        };
        let went_on = match event {
            Event::Start(tag) => document.open(&tag, line),
            Event::Empty(tag) => {
                let opened = document.open(&tag, line);
                opened.and_then(|()| document.close(tag.local_name().as_ref()))
            }
            Event::End(tag) => document.close(tag.local_name().as_ref()),
            Event::Text(text) => {
                document.text(&text.xml10_content(), Spaces::Written);
                Ok(())
            }
            Event::CData(text) => {
                document.text(&text.xml10_content(), Spaces::Written);
                Ok(())
            }
            Event::GeneralRef(name) => {
                let reference = format!("&{};", name.xml10_content());
                document.text(&plain::decode_entities(&reference), Spaces::Meant);
                Ok(())
            }
            Event::Eof => break,
            _ => Ok(()),
        };
        if went_on.is_err() {
            document.draft.broken = Some(line);
            break;
        }
    }
    if !document.open.is_empty() {
        document.draft.broken.get_or_insert(lines.last());
    }
    document.finish()
}

/// Whether a text's root element is that of TTML, in any namespace: drafts, DFXP and the standard have each their own.
pub(super) fn looks_like(text: &str) -> bool {
    let mut reader = Reader::from_str(text);
    loop {
        match reader.read_event() {
            Ok(Event::Start(root)) => return root.local_name().as_ref() == "tt",
            Ok(Event::Decl(_) | Event::Comment(_) | Event::PI(_) | Event::DocType(_)) => {}
            Ok(Event::Text(text)) if text.trim().is_empty() => {}
            _ => return false,
        }
    }
}

/// Whether white space is the author's, or the editor's that indented the file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Spaces {
    Written,
    Meant,
}

/// Nesting too deep, or more text than subtitles have.
struct Beyond;

struct Document {
    clock: Clock,
    open: Vec<Element>,
    paragraph: Vec<Run>,
    draft: Draft,
    /// Bytes of text in all cues.
    bytes: u64,
    /// The document's last moment.
    end: Option<i64>,
}

struct Element {
    name: String,
    what: What,
    begin: i64,
    /// None while nobody says.
    end: Option<i64>,
    /// It, or what it is in, has times.
    timed: bool,
    container: Container,
    /// Where what comes next in a sequence begins.
    next: i64,
    preserves_space: bool,
    line: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    /// A `p`.
    Paragraph,
    /// Something inside a `p`.
    Inline,
    /// What holds paragraphs.
    Block,
    /// Nothing in it is shown.
    Skipped,
}

/// How times of what is inside count (§12.2.4).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Container {
    /// Each from the container's begin.
    Parallel,
    /// Each from the end of the one before.
    Sequence,
}

/// A piece of a paragraph's text and when it is shown.
struct Run {
    begin: i64,
    end: i64,
    text: String,
}

impl Document {
    fn new(end: Option<i64>) -> Self {
        Document {
            clock: Clock::default(),
            open: vec![],
            paragraph: vec![],
            draft: Draft::default(),
            bytes: 0,
            end,
        }
    }

    fn open(&mut self, tag: &BytesStart, line: usize) -> Result<(), Beyond> {
        let name = tag.local_name();
        if self.open.len() >= MAX_DEPTH {
            return Err(Beyond);
        }
        if self.open.is_empty() {
            self.take_parameters(tag);
        }
        let attributes = Attributes::of(tag);
        let mut element = self.element(name.as_ref(), &attributes, line);
        if element.what != What::Skipped {
            let times = self.times(&attributes, &mut element);
            if times.is_none() {
                self.draft.unreadable.push(line);
                element.what = What::Skipped;
            }
            if name.as_ref() == "br" {
                self.add(&element, "\n");
            }
        }
        self.open.push(element);
        Ok(())
    }

    fn take_parameters(&mut self, root: &BytesStart) {
        let mut parameters = Parameters::default();
        for (name, value) in attributes(root) {
            let place = match name {
                "frameRate" => &mut parameters.frame_rate,
                "frameRateMultiplier" => &mut parameters.frame_rate_multiplier,
                "subFrameRate" => &mut parameters.sub_frame_rate,
                "tickRate" => &mut parameters.tick_rate,
                "timeBase" => &mut parameters.time_base,
                "dropMode" => &mut parameters.drop_mode,
                "lang" => &mut self.draft.tag,
                _ => continue,
            };
            *place = Some(value);
        }
        self.clock = Clock::of(&parameters);
    }

    fn element(&self, name: &str, attributes: &Attributes, line: usize) -> Element {
        let parent = self.open.last();
        let inside = parent.map_or(What::Block, |parent| parent.what);
        let is_aside = matches!(name, "head" | "metadata" | "set" | "animate")
            || matches!(
                attributes.ruby.as_deref(),
                Some("text" | "textContainer" | "delimiter")
            );
        let what = match inside {
            What::Skipped => What::Skipped,
            _ if is_aside => What::Skipped,
            What::Block if name == "p" => What::Paragraph,
            What::Block => What::Block,
            What::Paragraph | What::Inline => What::Inline,
        };
        Element {
            name: name.to_owned(),
            what,
            begin: 0,
            end: self.end,
            timed: self.end.is_some(),
            container: match attributes.container.as_deref() {
                Some("seq") => Container::Sequence,
                _ => Container::Parallel,
            },
            next: 0,
            preserves_space: match attributes.space.as_deref() {
                Some(space) => space == "preserve",
                None => parent.is_some_and(|parent| parent.preserves_space),
            },
            line,
        }
    }

    /// Sets an element's times; none where they cannot be read.
    fn times(&self, attributes: &Attributes, element: &mut Element) -> Option<()> {
        let read = |text: &Option<String>| match text {
            None => Some(None),
            Some(text) => self.clock.millis(text).map(Some),
        };
        let (begin, end) = (read(&attributes.begin)?, read(&attributes.end)?);
        let duration = read(&attributes.duration)?;
        let mut base = 0;
        if let Some(parent) = self.open.last() {
            base = match parent.container {
                Container::Parallel => parent.begin,
                Container::Sequence => parent.next,
            };
            element.end = parent.end;
            element.timed = parent.timed;
        }
        element.begin = base.saturating_add(begin.unwrap_or(0));
        let ends = [
            element.end,
            end.map(|end| base.saturating_add(end)),
            duration.map(|duration| element.begin.saturating_add(duration)),
        ];
        element.end = ends.into_iter().flatten().min();
        element.timed |= begin.is_some() || end.is_some() || duration.is_some();
        element.next = element.begin;
        Some(())
    }

    /// Closes the innermost element of this name, with all inside it that was not closed.
    fn close(&mut self, name: &str) -> Result<(), Beyond> {
        let Some(depth) = self.open.iter().rposition(|element| element.name == name) else {
            return Ok(());
        };
        while self.open.len() > depth {
            self.close_last()?;
        }
        Ok(())
    }

    fn close_last(&mut self) -> Result<(), Beyond> {
        let Some(element) = self.open.pop() else {
            return Ok(());
        };
        if element.what == What::Paragraph {
            self.finish_paragraph()?;
        }
        if let Some(parent) = self.open.last_mut() {
            // What says no end lasts as long as what is in it.
            let end = element.end.unwrap_or(element.next);
            parent.next = match parent.container {
                Container::Parallel => parent.next.max(end),
                Container::Sequence => end,
            };
        }
        Ok(())
    }

    fn text(&mut self, text: &str, spaces: Spaces) {
        let Some(element) = self.open.pop() else {
            return;
        };
        if matches!(element.what, What::Paragraph | What::Inline) {
            if element.preserves_space || spaces == Spaces::Meant {
                self.add(&element, text);
            } else {
                self.add(&element, &collapsed(text));
            }
        }
        self.open.push(element);
    }

    fn add(&mut self, element: &Element, text: &str) {
        if text.is_empty() || !matches!(element.what, What::Paragraph | What::Inline) {
            return;
        }
        if !element.timed {
            // Shown for the whole film: nobody means that.
            if !text.trim().is_empty() && self.draft.unreadable.last() != Some(&element.line) {
                self.draft.unreadable.push(element.line);
            }
            return;
        }
        let (begin, end) = (element.begin, element.end.unwrap_or(OPEN_END));
        match self.paragraph.last_mut() {
            Some(last) if (last.begin, last.end) == (begin, end) => last.text.push_str(text),
            _ => self.paragraph.push(Run {
                begin,
                end,
                text: text.to_owned(),
            }),
        }
    }

    /// Makes cues of a paragraph: one, or one for each moment at which one of its spans comes or goes.
    fn finish_paragraph(&mut self) -> Result<(), Beyond> {
        let runs = std::mem::take(&mut self.paragraph);
        let in_sequence = self
            .open
            .last()
            .is_some_and(|parent| parent.container == Container::Sequence);
        let mut moments: Vec<i64> = runs.iter().flat_map(|run| [run.begin, run.end]).collect();
        moments.sort_unstable();
        moments.dedup();
        let text: usize = runs.iter().map(|run| run.text.len()).sum();
        if moments.len() * runs.len() > MAX_CELLS || moments.len() * text > MAX_CUT_TEXT {
            let inner = 1..moments.len() - 1;
            moments.drain(inner);
        }
        let mut cues: Vec<DraftCue> = Vec::new();
        if let [only] = &runs[..] {
            // As written, be it reversed or of no duration.
            let (start, end) = (only.begin, only.end);
            let text = plain::tidy(&only.text);
            cues.push(DraftCue { start, end, text });
            moments.clear();
        }
        for moment in moments.windows(2) {
            let (start, end) = (moment[0], moment[1]);
            let shown = runs.iter().filter(|run| run.begin < end && run.end > start);
            let text = plain::tidy(&joined(shown.map(|run| run.text.as_str())));
            match cues.last_mut() {
                _ if text.is_empty() => {}
                Some(last) if last.text == text && last.end == start => last.end = end,
                _ => cues.push(DraftCue { start, end, text }),
            }
        }
        for mut cue in cues {
            // §12.4: in a sequence, what says no duration has none.
            if cue.end == OPEN_END && in_sequence {
                cue.end = cue.start;
            }
            self.bytes += cue.text.len() as u64;
            self.draft.cues.push(cue);
        }
        if self.draft.cues.len() > MAX_CUES || self.bytes > MAX_BYTES.0 {
            return Err(Beyond);
        }
        Ok(())
    }

    fn finish(mut self) -> Draft {
        while !self.open.is_empty() {
            if self.close_last().is_err() {
                break;
            }
        }
        self.draft
    }
}

/// What an element says of itself.
#[derive(Default)]
struct Attributes {
    begin: Option<String>,
    end: Option<String>,
    duration: Option<String>,
    container: Option<String>,
    space: Option<String>,
    ruby: Option<String>,
}

impl Attributes {
    fn of(tag: &BytesStart) -> Self {
        let mut found = Attributes::default();
        for (name, value) in attributes(tag) {
            let place = match name {
                "begin" => &mut found.begin,
                "end" => &mut found.end,
                "dur" => &mut found.duration,
                "timeContainer" => &mut found.container,
                "space" => &mut found.space,
                "ruby" => &mut found.ruby,
                _ => continue,
            };
            *place = Some(value);
        }
        found
    }
}

/// Local names and values, trimmed; what is no attribute is left out.
fn attributes<'a>(tag: &'a BytesStart) -> impl Iterator<Item = (&'a str, String)> {
    let mut attributes = tag.attributes();
    attributes.with_checks(false);
    attributes
        .take(MAX_ATTRIBUTES)
        .filter_map(Result::ok)
        .map(|attribute| {
            let name = attribute.key.local_name().into_inner();
            (name, attribute.value.trim().to_owned())
        })
}

/// White space as one blank; a line break between two Chinese characters as nothing.
fn collapsed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let is_space = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r');
    let mut rest = text;
    while let Some(at) = rest.find(is_space) {
        out.push_str(&rest[..at]);
        let after = rest[at..].trim_start_matches(is_space);
        let blank = &rest[at..rest.len() - after.len()];
        let is_wrapped = blank.contains('\n')
            && out.chars().next_back().is_some_and(is_wide)
            && after.chars().next().is_some_and(is_wide);
        if !is_wrapped {
            out.push(' ');
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Written without blanks between words.
fn is_wide(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{a4cf}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..='\u{3ffff}')
}

/// Pieces behind each other, with one blank where both sides of a seam have one.
fn joined<'a>(pieces: impl Iterator<Item = &'a str>) -> String {
    let mut out = String::new();
    for piece in pieces {
        let seam = out.ends_with([' ', '\n']) && piece.starts_with(' ');
        out.push_str(if seam { &piece[1..] } else { piece });
    }
    out
}

/// Numbers of lines, asked for in order.
struct Lines<'a> {
    text: &'a str,
    position: usize,
    line: usize,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        Lines {
            text,
            position: 0,
            line: 1,
        }
    }

    /// The line of this byte, from 1; never before one asked for earlier.
    fn at(&mut self, position: u64) -> usize {
        let position = usize::try_from(position).unwrap_or(usize::MAX);
        let position = position.min(self.text.len());
        if let Some(passed) = self.text.as_bytes().get(self.position..position) {
            self.line += passed.split(|byte| *byte == b'\n').count() - 1;
            self.position = position;
        }
        self.line
    }

    fn last(&mut self) -> usize {
        self.at(u64::MAX)
    }
}

#[cfg(test)]
mod tests;
