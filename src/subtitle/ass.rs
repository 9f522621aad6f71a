//! Advanced `SubStation` Alpha and its forebear SSA. In: text. Out: a draft of cues. Never shows a drawing, a comment or
//! a style: only what `Dialogue` lines say, and when.

use super::{Draft, DraftCue, plain, timing};

/// Reads all `Dialogue` lines.
pub(super) fn read(text: &str) -> Draft {
    let mut draft = Draft::default();
    let mut columns = Columns::default();
    for (n, line) in text.split('\n').enumerate() {
        if let Some(names) = field(line, "Format") {
            columns = Columns::named(names).unwrap_or(columns);
        } else if let Some(event) = field(line, "Dialogue") {
            match columns.cue(event) {
                Some(cue) => draft.cues.push(cue),
                None => draft.unreadable.push(n + 1),
            }
        }
    }
    draft
}

/// Whether a section's heading, or an event, says that this is a script.
pub(super) fn looks_like(text: &str) -> bool {
    text.split('\n').any(|line| {
        let line = line.trim().to_ascii_lowercase();
        // "Dialogue: a film by …" may be spoken; an event has columns.
        let is_event = line.starts_with("dialogue:") && line.matches(',').count() >= 3;
        is_event || line == "[script info]" || line == "[events]"
    })
}

/// What follows `name:`.
fn field<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let (key, value) = line.split_once(':')?;
    key.trim().eq_ignore_ascii_case(name).then_some(value)
}

/// Where an event's parts stand.
#[derive(Clone, Copy)]
struct Columns {
    start: usize,
    end: usize,
    text: usize,
    count: usize,
}

/// As nearly every file has them.
impl Default for Columns {
    fn default() -> Self {
        Columns {
            start: 1,
            end: 2,
            text: 9,
            count: 10,
        }
    }
}

impl Columns {
    /// From a Format line of events; that of styles has no such columns.
    fn named(names: &str) -> Option<Columns> {
        let names: Vec<_> = names.split(',').map(str::trim).collect();
        let at = |wanted| names.iter().position(|n| n.eq_ignore_ascii_case(wanted));
        Some(Columns {
            start: at("Start")?,
            end: at("End")?,
            text: at("Text")?,
            count: names.len(),
        })
    }

    fn cue(&self, event: &str) -> Option<DraftCue> {
        // The last column may hold commas.
        let parts: Vec<_> = event.splitn(self.count, ',').collect();
        Some(DraftCue {
            start: timing::time(parts.get(self.start)?)?,
            end: timing::time(parts.get(self.end)?)?,
            text: plain::tidy(&spoken(parts.get(self.text)?)),
        })
    }
}

/// The text without override blocks and drawings.
pub(super) fn spoken(text: &str) -> String {
    let mut spoken = String::with_capacity(text.len());
    let mut drawing = false;
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        let Some(len) = rest[open..].find('}') else {
            break;
        };
        if !drawing {
            spoken.push_str(&rest[..open]);
        }
        drawing = drawing_after(&rest[open..open + len]).unwrap_or(drawing);
        rest = &rest[open + len + 1..];
    }
    if !drawing {
        spoken.push_str(rest);
    }
    spoken
        .replace("\\N", "\n")
        .replace("\\n", "\n")
        .replace("\\h", " ")
}

/// Whether `\p1` or `\p0` in a block turns drawing on or off; `\pos` and `\pbo` do neither.
fn drawing_after(block: &str) -> Option<bool> {
    let scale = |tag: &str| tag.trim().strip_prefix('p')?.parse::<u32>().ok();
    block
        .split('\\')
        .filter_map(scale)
        .next_back()
        .map(|scale| scale > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_come_from_the_format_line_and_text_keeps_its_commas() {
        let script = "[V4 Styles]\nFormat: Name, Fontname\n[Events]\nFormat: Start, Text, End\n\
                      Format: Marked, Start, End, Text\nComment: 0,0:00:00.00,0:00:01.00,不显示\n\
                      Dialogue: Marked=0,0:00:01.26,0:00:02.79,甲，乙,丙\\N丁\\h戊\nDialogue: 0,x,y,坏";
        let draft = read(script);
        let cue = DraftCue {
            start: 1260,
            end: 2790,
            text: "甲，乙,丙\n丁 戊".to_owned(),
        };
        assert_eq!(draft.cues, [cue]);
        assert_eq!(draft.unreadable, [8]);
    }

    #[test]
    fn without_a_format_line_the_usual_columns_hold() {
        let draft = read("dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,好");
        assert_eq!(draft.cues[0].text, "好");
    }

    #[test]
    fn drawings_and_overrides_are_not_spoken() {
        assert_eq!(
            spoken("{\\pos(1,2)}甲{\\p1}m 0 0 l 1 1{\\p0}乙{\\an8\\b1}丙"),
            "甲乙丙"
        );
        assert_eq!(spoken("{\\an7\\p2}m 0 0 l 9 9"), "");
        assert_eq!(spoken("甲{没有结束"), "甲{没有结束");
    }

    #[test]
    fn scripts_are_known_by_their_headings() {
        assert!(looks_like("; x\n [Script Info] \n"));
        assert!(looks_like("Dialogue: 0,0:00:01.00,0:00:02.00,好"));
        assert!(!looks_like(
            "1\n00:00:01,000 --> 00:00:02,000\nDialogue: 甲"
        ));
    }
}
