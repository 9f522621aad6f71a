//! `verify`: files spoilt on purpose, in an output folder and on a stick.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::media_maker::{Place, needs, plain};
use crate::program::{Ended, ended, run, zhanbo};

fn verify(path: &Path, arguments: &[&str]) -> Ended {
    ended(zhanbo().arg("verify").arg(path).args(arguments))
}

/// What is wrong, as `kind path`.
fn problems(path: &Path, code: i32) -> Vec<String> {
    let said = verify(path, &["--json"]).with(code).stdout;
    let done: Value = serde_json::from_str(said.lines().last().unwrap()).unwrap();
    assert_eq!(done["schema"], "zhanbo.verify/1");
    let told = done["problems"].as_array().unwrap().iter().map(|problem| {
        for words in ["expected", "found", "remedy"] {
            for lang in ["zh", "en"] {
                let text = problem[words][lang].as_str().unwrap();
                assert!(!text.is_empty(), "{problem}");
            }
        }
        let text = |name: &str| problem[name].as_str().unwrap().to_owned();
        format!("{} {}", text("kind"), text("path"))
    });
    told.collect()
}

fn flip_a_bit(file: &Path) {
    let mut bytes = fs::read(file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(file, bytes).unwrap();
}

fn cut(file: &Path) {
    let bytes = fs::read(file).unwrap();
    fs::write(file, &bytes[..bytes.len() - 1]).unwrap();
}

#[test]
fn an_output_folder_proves_itself_and_what_is_damaged_is_made_again() {
    needs!("ffmpeg");
    let place = Place::new();
    place.introduced("成都第一片区", "甲大学《一》.mp4", &plain(1, 1));
    ended(&mut run(&place)).with(0);
    let out = place.out();
    assert_eq!(problems(&out, 0), Vec::<String>::new());
    let said = verify(&out, &["--lang", "zh"]).with(0).stdout;
    assert!(said.contains("全部正确"), "{said}");

    let media = fs::read_dir(out.join("site/media")).unwrap().next();
    let media = media.unwrap().unwrap().path();
    let id = media.file_name().unwrap().to_str().unwrap().to_owned();
    let of_film = |name: &str| format!("site/media/{id}/{name}");
    for (folder, list) in [
        (media.clone(), "checksums.b3".to_owned()),
        (out.join("masters"), format!("{id}.mp4.b3")),
    ] {
        if let Ok(checked) = Command::new("b3sum")
            .args(["--check", &list])
            .current_dir(folder)
            .output()
        {
            let said = String::from_utf8_lossy(&checked.stderr).into_owned();
            assert!(checked.status.success(), "{said}");
        }
    }

    // A file beside, then a copy in its place: hard links would spoil both of a film's names.
    let spoil = |name: &str, how: fn(&Path)| {
        let file = out.join(of_film(name));
        let bytes = fs::read(&file).unwrap();
        fs::remove_file(&file).unwrap();
        fs::write(&file, bytes).unwrap();
        how(&file);
    };
    spoil("hls/master.m3u8", flip_a_bit);
    spoil("poster.jpg", cut);
    spoil("storyboard.vtt", |file| fs::remove_file(file).unwrap());
    spoil("web.mp4", |file| {
        fs::rename(file, file.with_extension("moved")).unwrap();
        symlink(file.with_extension("moved"), file).unwrap();
    });
    let wrong = [
        format!("content {}", of_film("hls/master.m3u8")),
        format!("size {}", of_film("poster.jpg")),
        format!("missing {}", of_film("storyboard.vtt")),
        format!("no_file {}", of_film("web.mp4")),
        format!("extra {}", of_film("web.moved")),
    ];
    let mut found = problems(&out, 1);
    found.sort();
    let mut expected = wrong.to_vec();
    expected.sort();
    assert_eq!(found, expected);

    // The lists beside the files say the same once the memory is gone, but for sizes.
    let memory = out.join("work");
    let aside = place.out().with_extension("work");
    fs::rename(&memory, &aside).unwrap();
    let mut found = problems(&out, 1);
    found.sort();
    expected.retain(|line| !line.starts_with("size"));
    expected.push(format!("content {}", of_film("poster.jpg")));
    expected.sort();
    assert_eq!(found, expected);
    fs::rename(&aside, &memory).unwrap();

    let (inbox, ladder) = (place.inbox(), place.ladder());
    let repair = |more: &[&str]| {
        let mut command = zhanbo();
        command
            .arg("verify")
            .arg(&out)
            .args(["--repair", "--inbox"]);
        command.arg(&inbox).arg("--ladder").arg(&ladder).args(more);
        ended(&mut command)
    };
    let said = repair(&[]).with(0);
    assert!(
        said.stderr.contains("noted as damaged: 1 film, "),
        "{}",
        said.stderr
    );
    assert_eq!(problems(&out, 0), Vec::<String>::new());

    let other = zhanbo()
        .arg("verify")
        .arg(&out)
        .args(["--repair", "--inbox"])
        .arg(&inbox)
        .output()
        .unwrap();
    assert_eq!(
        other.status.code(),
        Some(0),
        "nothing is wrong, so nothing is made"
    );
}

/// A stick with two films, their list, and what Windows puts there.
fn stick() -> TempDir {
    let stick = TempDir::new().unwrap();
    let programme = stick.path().join("programme");
    fs::create_dir(&programme).unwrap();
    let mut list = String::new();
    for (name, bytes) in [("01-rain.mp4", b"rain"), ("02-snow.mp4", b"snow")] {
        fs::write(programme.join(name), bytes).unwrap();
        let _ = writeln!(list, "{}  {name}", blake3::hash(bytes));
    }
    fs::write(programme.join("checksums.b3"), list).unwrap();
    fs::create_dir(stick.path().join("System Volume Information")).unwrap();
    fs::write(programme.join("Thumbs.db"), "pictures").unwrap();
    stick
}

#[test]
fn a_stick_proves_itself_from_its_root_and_from_its_folder() {
    let stick = stick();
    let programme = stick.path().join("programme");
    for path in [stick.path(), &programme] {
        assert_eq!(problems(path, 0), Vec::<String>::new());
    }
    flip_a_bit(&programme.join("01-rain.mp4"));
    fs::remove_file(programme.join("02-snow.mp4")).unwrap();
    fs::write(programme.join("holiday.mp4"), "family").unwrap();
    assert_eq!(
        problems(&programme, 1),
        [
            "content 01-rain.mp4",
            "missing 02-snow.mp4",
            "extra holiday.mp4"
        ]
    );
    let said = verify(stick.path(), &[]).with(1).stdout;
    assert!(said.contains("CHANGED   programme/01-rain.mp4"), "{said}");
    assert!(
        said.contains("copy the whole folder `programme` again"),
        "{said}"
    );
}

#[test]
fn nothing_is_taken_away_from_a_stick_by_repairing_it() {
    let stick = stick();
    let film = stick.path().join("programme/01-rain.mp4");
    flip_a_bit(&film);
    let said = verify(stick.path(), &["--repair"]).with(2).stderr;
    assert!(said.contains("is no output folder"), "{said}");
    assert!(film.exists() && !stick.path().join("work").exists());
}

#[test]
fn a_hostile_list_reads_nothing_outside() {
    let stick = stick();
    let list = stick.path().join("programme/checksums.b3");
    let hash = blake3::hash(b"x");
    for path in ["../../etc/passwd", "/etc/passwd", "C:/Windows/win.ini"] {
        fs::write(&list, format!("{hash}  {path}\n")).unwrap();
        let found = problems(stick.path(), 1);
        assert_eq!(found[0], "manifest programme/checksums.b3", "{path}");
        assert!(
            !found.iter().any(|line| line.contains("passwd")),
            "{found:?}"
        );
    }
}

#[test]
fn a_folder_without_any_list_is_told_so() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("a.mp4"), "film").unwrap();
    let said = verify(folder.path(), &[]).with(2).stderr;
    assert!(said.contains("says what its files must contain"), "{said}");
    assert!(said.contains("hint: there is no checksums.b3"), "{said}");
    let said = verify(&folder.path().join("none"), &[]).with(2).stderr;
    assert!(said.contains("cannot be opened"), "{said}");
}
