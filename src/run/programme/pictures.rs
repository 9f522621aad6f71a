//! Pictures of the inbox that the programme shows, kept in OUT. In: what showcase.toml names. Out: copies by content, and
//! remarks on what is not there. Never looks at the pixels: that is for the worker.

use std::io::{self, Read as _};
use std::path::Path;

use super::state::State;
use crate::layout::{Layout, open_regular};
use crate::likeness;
use crate::preset::ProgrammeFile;
use crate::programme::slate::MAX_PICTURE;
use crate::text::Text;

/// Copies the pictures into OUT. `listed` are the paths of the inbox, for the nearest names.
pub(in crate::run) fn take_in(
    layout: &Layout,
    inbox: &Path,
    wishes: &ProgrammeFile,
    listed: &[String],
) -> io::Result<Vec<Text>> {
    let mut remarks = Vec::new();
    let stills = wishes.item.iter().filter_map(|item| {
        let source = item.still.as_ref()?;
        Some((source, item.line))
    });
    let background = wishes.background.iter().map(|source| (source, 0));
    let mut state = State::load(layout);
    let mut wanted = false;
    for (source, line) in background.chain(stills) {
        wanted = true;
        match read(&inbox.join(source)) {
            Ok(bytes) => {
                let hash = blake3::hash(&bytes).into();
                layout.publish_file(&layout.hall_picture(&hash), &bytes)?;
                state.pictures.insert(source.clone(), hash);
            }
            Err(error) => {
                state.pictures.remove(source);
                remarks.push(missing(source, line, &error, listed));
            }
        }
    }
    if wanted {
        state.save(layout)?;
    }
    Ok(remarks)
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open_regular(path)?
        .take(MAX_PICTURE + 1)
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_PICTURE {
        return Err(io::Error::other(format!("more than {MAX_PICTURE} bytes")));
    }
    Ok(bytes)
}

fn missing(source: &str, line: usize, error: &io::Error, listed: &[String]) -> Text {
    let (zh_line, en_line) = match line {
        0 => (String::new(), String::new()),
        line => (format!("第 {line} 行"), format!(" line {line}")),
    };
    let near = likeness::closest(source, listed.iter().map(String::as_str));
    let (zh_near, en_near) = match near.first() {
        Some(near) => (
            format!("；最接近的是 {near}"),
            format!("; the nearest is {near}"),
        ),
        None => (String::new(), String::new()),
    };
    Text::new(
        format!("showcase.toml {zh_line}的图片 {source} 用不了（{error}）{zh_near}"),
        format!("showcase.toml{en_line}: the picture {source} can not be used ({error}){en_near}"),
    )
}
