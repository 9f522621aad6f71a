//! What the hall plays. In: a report, settings, what a person changed in the run sheet. Out: the running order (`selection`,
//! `order`, `sheet`), files with slates and their names (`lineup`, `slug`), what they look like (`slate`, drawn in the worker
//! with `fonts`), lists for players (`playlist`), the run sheet's rows (`run_sheet`), the manifest. Pure but for [`publish`],
//! which links finished files.

pub mod fonts;
pub mod lineup;
pub mod manifest;
pub mod order;
pub mod playlist;
pub mod run_sheet;
pub mod selection;
pub mod sheet;
pub mod slate;
pub mod slug;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::layout::{Layout, link_or_copy};
use manifest::{MANIFEST, MAX_BYTES, Manifest};

/// Puts the items' files, lists and start scripts into `programme/`, and takes away what an earlier programme left there.
/// `sources` are the items' files in the manifest's order. The joined file is in its place already.
pub fn publish(layout: &Layout, manifest: &Manifest, sources: &[PathBuf]) -> io::Result<()> {
    let folder = layout.programme();
    fs::create_dir_all(&folder)?;
    let wanted: BTreeSet<&str> = manifest.files().collect();
    for name in earlier_files(&folder) {
        if !wanted.contains(name.as_str()) {
            remove_file(&folder.join(name))?;
        }
    }
    for (item, source) in manifest.items.iter().zip(sources) {
        let target = folder.join(&item.file);
        if !same_file(source, &target)? {
            let beside = folder.join(format!(".{}.partial", item.file));
            remove_file(&beside)?;
            link_or_copy(source, &beside)?;
            fs::rename(&beside, &target)?;
        }
    }
    for (name, text) in [
        (playlist::M3U, playlist::m3u(manifest)),
        (playlist::XSPF, playlist::xspf(manifest)),
        (playlist::DPL, playlist::dpl(manifest)),
    ] {
        layout.publish_file(&folder.join(name), text.as_bytes())?;
    }
    for script in playlist::scripts() {
        let path = folder.join(script.name);
        layout.publish_file(&path, script.text.as_bytes())?;
        if script.is_shell {
            make_executable(&path)?;
        }
    }
    layout.publish_file(&folder.join(MANIFEST), manifest.to_json().as_bytes())
}

/// The manifest of the programme that is there; none where there is none that can be read.
pub fn earlier(layout: &Layout) -> Option<Manifest> {
    let path = layout.programme().join(MANIFEST);
    let meta = fs::symlink_metadata(&path).ok()?;
    if !meta.is_file() || meta.len() > MAX_BYTES {
        return None;
    }
    Manifest::parse(&fs::read_to_string(path).ok()?).ok()
}

fn make_executable(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
}

/// The films that an earlier manifest or playlist names: what else lies in the folder is somebody's own.
fn earlier_files(folder: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(folder.join(playlist::M3U)).unwrap_or_default();
    let listed = text.lines().filter(|line| !line.starts_with('#'));
    let listed = listed.map(str::to_owned);
    let manifest = fs::read_to_string(folder.join(MANIFEST)).ok();
    let manifest = manifest.and_then(|text| Manifest::parse(&text).ok());
    let named: Vec<String> = manifest
        .iter()
        .flat_map(Manifest::files)
        .map(str::to_owned)
        .collect();
    listed
        .chain(named)
        .filter(|name| name.strip_suffix(".mp4").is_some() && !name.contains('/'))
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
    use crate::programme::playlist::tests::manifest;

    #[test]
    fn a_programme_that_changed_leaves_nothing_behind() {
        let root = tempfile::tempdir().unwrap();
        let layout = Layout::new(root.path());
        let master = |title: &str| {
            let path = root.path().join(format!("{title}.mp4"));
            fs::write(&path, title).unwrap();
            path
        };
        let (one, two) = (master("一"), master("二"));
        let first = manifest(&[("甲大学", "一"), ("乙大学", "二")]);
        publish(&layout, &first, &[one, two.clone()]).unwrap();
        for own in ["说明.txt", "2021-opening.mp4"] {
            fs::write(layout.programme().join(own), "somebody's own file").unwrap();
        }
        publish(&layout, &manifest(&[("乙大学", "二")]), &[two]).unwrap();
        let mut names: Vec<_> = fs::read_dir(layout.programme())
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(
            names,
            [
                "01-film.mp4",
                "2021-opening.mp4",
                "play-mpv.bat",
                "play-mpv.sh",
                "play-vlc.bat",
                "play-vlc.sh",
                "programme.dpl",
                "programme.json",
                "programme.m3u8",
                "programme.xspf",
                "说明.txt"
            ]
        );
        let film = layout.programme().join("01-film.mp4");
        assert_eq!(fs::read_to_string(film).unwrap(), "二");
        assert_eq!(earlier(&layout).unwrap().items.len(), 1);
    }
}
