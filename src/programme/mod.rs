//! What the hall plays. In: regions' recommendations and accepted submissions. Out: the running order, names that any
//! player takes, a playlist. Pure but for [`publish`], which links finished masters.

pub mod fonts;
pub mod manifest;
pub mod selection;
pub mod slate;
pub mod slug;

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;
use std::{fs, io};

use crate::id::SubmissionId;
use crate::layout::{Layout, link_or_copy};
use crate::report::model::ProgrammeItem;
use crate::units::Millis;

/// Name of the playlist in `programme/`.
pub const PLAYLIST: &str = "programme.m3u8";

/// One film on its way into the programme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Film {
    /// Which submission.
    pub id: SubmissionId,
    /// `单位《视频名称》`.
    pub label: String,
    /// The unit, for the file's name.
    pub unit: String,
    /// The title, for the file's name.
    pub title: String,
    /// How long it is.
    pub duration: Millis,
}

/// The running order: films one after the other.
pub fn running_order(films: &[Film]) -> Vec<ProgrammeItem> {
    let mut starts_at = 0;
    films
        .iter()
        .enumerate()
        .map(|(index, film)| {
            let item = ProgrammeItem {
                order: index + 1,
                submission: film.id.clone(),
                file: file_name(index + 1, film),
                starts_at_ms: Millis(starts_at),
                duration_ms: film.duration,
            };
            starts_at = u64::saturating_add(starts_at, film.duration.0);
            item
        })
        .collect()
}

/// `01-xinanminzudaxue-aiwozhonghua.mp4`: ASCII, because playout tools fail on other names.
fn file_name(order: usize, film: &Film) -> String {
    let words = slug::film(&film.unit, &film.title, &film.id);
    format!("{order:02}-{words}.mp4")
}

/// An extended M3U playlist, as VLC, mpv and `PotPlayer` read it.
pub fn playlist(items: &[ProgrammeItem], films: &[Film]) -> String {
    let mut text = String::from("#EXTM3U\n");
    for (item, film) in items.iter().zip(films) {
        // A line break in a title would become a line of the playlist.
        let label: String = film
            .label
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        let _ = writeln!(
            text,
            "#EXTINF:{},{label}\n{}",
            (item.duration_ms.0 + 500) / 1000,
            item.file
        );
    }
    text
}

/// Puts the masters and the playlist into `programme/`, and takes away what an earlier programme left there.
pub fn publish(layout: &Layout, items: &[ProgrammeItem], films: &[Film]) -> io::Result<()> {
    let folder = layout.programme();
    fs::create_dir_all(&folder)?;
    let wanted: BTreeSet<&str> = items.iter().map(|item| item.file.as_str()).collect();
    for name in earlier_files(&folder.join(PLAYLIST)) {
        if !wanted.contains(name.as_str()) {
            remove_file(&folder.join(name))?;
        }
    }
    for item in items {
        let (master, target) = (layout.master(&item.submission), folder.join(&item.file));
        if !same_file(&master, &target)? {
            let beside = folder.join(format!(".{}.partial", item.file));
            remove_file(&beside)?;
            link_or_copy(&master, &beside)?;
            fs::rename(&beside, &target)?;
        }
    }
    layout.publish_file(&folder.join(PLAYLIST), playlist(items, films).as_bytes())
}

/// The films that the playlist of an earlier run names: what else lies in the folder is somebody's own.
fn earlier_files(playlist: &Path) -> Vec<String> {
    let text = fs::read_to_string(playlist).unwrap_or_default();
    let films = text.lines().filter(|line| !line.starts_with('#'));
    films
        .filter(|line| line.strip_suffix(".mp4").is_some() && !line.contains('/'))
        .map(str::to_owned)
        .collect()
}

fn remove_file(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

// The same inode, or a copy of the same age or younger and the same size where there are no hard links.
fn same_file(master: &Path, target: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let there = match fs::symlink_metadata(target) {
        Ok(meta) => meta,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    let master = fs::metadata(master)?;
    let linked = (master.dev(), master.ino()) == (there.dev(), there.ino());
    Ok(linked
        || (there.is_file()
            && master.len() == there.len()
            && there.modified()? > master.modified()?))
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests make files to be found")]
mod tests {
    use super::*;

    fn film(unit: &str, title: &str, seconds: u64) -> Film {
        Film {
            id: SubmissionId::of(title),
            label: format!("{unit}《{title}》"),
            unit: unit.into(),
            title: title.into(),
            duration: Millis::from_secs(seconds),
        }
    }

    #[test]
    fn the_playlist_names_films_in_chinese_and_files_in_ascii() {
        let films = [
            film("西南民族大学", "爱我中华", 10),
            film("四川音乐学院", "𠮷\n!", 95),
        ];
        let items = running_order(&films);
        insta::assert_snapshot!(playlist(&items, &films), @r"
        #EXTM3U
        #EXTINF:10,西南民族大学《爱我中华》
        01-xinanminzudaxue-aiwozhonghua.mp4
        #EXTINF:95,四川音乐学院《𠮷 !》
        02-sichuanyinyuexueyuan.mp4
        ");
        assert_eq!(items[1].starts_at_ms, Millis(10_000));
    }

    #[test]
    fn a_programme_that_changed_leaves_nothing_behind() {
        let root = tempfile::tempdir().unwrap();
        let layout = Layout::new(root.path());
        fs::create_dir_all(root.path().join("masters")).unwrap();
        let films = [film("甲大学", "一", 1), film("乙大学", "二", 1)];
        for film in &films {
            fs::write(layout.master(&film.id), &film.title).unwrap();
        }
        publish(&layout, &running_order(&films), &films).unwrap();
        for own in ["说明.txt", "2021-opening.mp4"] {
            fs::write(layout.programme().join(own), "somebody's own file").unwrap();
        }
        let second = [films[1].clone()];
        publish(&layout, &running_order(&second), &second).unwrap();
        let mut names: Vec<_> = fs::read_dir(layout.programme())
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(
            names,
            [
                "01-yidaxue-er.mp4",
                "2021-opening.mp4",
                "programme.m3u8",
                "说明.txt"
            ]
        );
        assert_eq!(
            fs::read_to_string(layout.programme().join("01-yidaxue-er.mp4")).unwrap(),
            "二"
        );
    }
}
