//! A notice as Markdown, to paste into a message. In: its words. Out: `CommonMark`, in which no name is anything but text.

use std::fmt::Write as _;

use super::{Block, Notice};

pub(super) fn to_markdown(notice: &Notice) -> String {
    let mut text = format!(
        "# {}\n\n**{}**\n\n{}\n",
        plain(&notice.title),
        plain(&notice.event),
        plain(&notice.to)
    );
    for block in &notice.blocks {
        text.push('\n');
        write_block(&mut text, block);
    }
    let _ = write!(
        text,
        "\n{}\n\n{}\n",
        plain(&notice.from),
        plain(&notice.date)
    );
    text
}

fn write_block(text: &mut String, block: &Block) {
    let _ = match block {
        Block::Paragraph(words) => writeln!(text, "{}", plain(words)),
        Block::Heading(words) => writeln!(text, "## {}", plain(words)),
        Block::Video { name, detail } => {
            writeln!(text, "### {}\n\n{}", plain(name), plain(detail))
        }
        Block::List(items) => items
            .iter()
            .try_for_each(|item| writeln!(text, "- {}", plain(item))),
        Block::Table { columns, rows } => rows
            .iter()
            .try_for_each(|row| write_row(text, columns, row)),
    };
}

/// A row as a list: tables of long sentences cannot be read in a message.
fn write_row(
    text: &mut String,
    columns: &[(String, usize)],
    row: &[Vec<String>],
) -> std::fmt::Result {
    let cells = columns.iter().zip(row).filter(|(_, cell)| !cell.is_empty());
    for (at, ((column, _), cell)) in cells.enumerate() {
        let bullet = if at == 0 { "-" } else { "  -" };
        let words: Vec<_> = cell.iter().map(|words| plain(words)).collect();
        writeln!(text, "{bullet} {}: {}", plain(column), words.join(" "))?;
    }
    Ok(())
}

/// Text that means only itself: `CommonMark` §2.4 takes a backslash before any ASCII punctuation.
fn plain(words: &str) -> String {
    let mut plain = String::with_capacity(words.len());
    for c in words.chars() {
        if c.is_ascii_punctuation() && !",'/%:;()\"?".contains(c) {
            plain.push('\\');
        }
        plain.push(c);
    }
    plain
}
