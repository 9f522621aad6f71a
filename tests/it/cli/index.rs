use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::media_maker::{Place, film, from_sources, needs};
use crate::program::{ended, report, submission, zhanbo};

/// Eight seconds of a picture that changes altogether every second, with sound.
fn scenes(seed: u32) -> std::path::PathBuf {
    let picture = format!(
        "nullsrc=s=320x180:r=25:d=8,geq=lum='128+100*sin((X*(3+mod(floor(T)*{seed}\\,7))+Y*(2+mod(floor(T)*5+{seed}\\,11)))/40+floor(T)*{seed})':cb=128:cr=128"
    );
    from_sources(
        "scenes.mp4",
        &picture,
        Some("sine=f=440:d=8"),
        &["-shortest"],
    )
}

/// The same packets in another container.
fn rewrapped(film_to_wrap: &Path, name: &str) -> std::path::PathBuf {
    let path = film_to_wrap.display().to_string();
    film(
        name,
        &["-i", &path, "-c", "copy", "-metadata", "title=another"],
    )
}

/// Smaller, worse, with bars and a card of two seconds.
fn encoded_again(of: &Path) -> std::path::PathBuf {
    let path = of.display().to_string();
    let picture = "scale=240:136,pad=240:180:0:22,tpad=start_duration=2:color=0x305070";
    film(
        "again.mp4",
        &[
            "-i",
            &path,
            "-vf",
            picture,
            "-an",
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            "-crf",
            "34",
        ],
    )
}

fn check(place: &Place, library: Option<&Path>) -> Value {
    let mut check = zhanbo();
    check
        .arg("check")
        .arg(place.inbox())
        .arg("-o")
        .arg(place.out());
    if let Some(library) = library {
        check.arg("--library").arg(library);
    }
    let _ = ended(&mut check);
    report(&place.out())
}

#[test]
fn one_film_in_four_containers_is_one_film_and_a_new_encoding_is_near() {
    needs!("ffmpeg");
    let place = Place::new();
    let original = scenes(1);
    place.film("一", "a.mp4", &original);
    for name in ["b.mov", "c.mkv", "d.ts"] {
        place.film("一", name, &rewrapped(&original, name));
    }
    place.film("一", "e.mp4", &encoded_again(&original));
    place.film("一", "f.mp4", &scenes(3));
    let report = check(&place, None);
    let first = &submission(&report, "a.mp4")["id"];
    for name in ["b.mov", "c.mkv", "d.ts"] {
        let copy = submission(&report, name);
        assert_eq!(copy["verdict"], "duplicate", "{name}");
        assert_eq!(copy["duplicate_of"]["kind"], "essence", "{name}");
        assert_eq!(&copy["duplicate_of"]["id"], first, "{name}");
    }
    let near = submission(&report, "e.mp4");
    assert_eq!(near["verdict"], "accepted_with_warnings", "{near}");
    assert_eq!(near["duplicate_of"]["kind"], "near");
    let offset = near["duplicate_of"]["offset_ms"].as_i64().unwrap();
    assert!((offset + 2000).abs() <= 500, "{offset}");
    let pair = place
        .out()
        .join(near["evidence"]["side_by_side"].as_str().unwrap());
    assert!(fs::read(pair).unwrap().starts_with(&[0xff, 0xd8, 0xff]));
    assert!(submission(&report, "f.mp4")["duplicate_of"].is_null());
}

#[test]
fn a_work_of_an_earlier_year_is_named_with_year_unit_and_title() {
    needs!("ffmpeg");
    let (then, now) = (Place::new(), Place::new());
    let library = then.root().join("library");
    then.film("一", "甲大学《山》.mp4", &scenes(1));
    check(&then, None);
    let add = || {
        let mut add = zhanbo();
        add.args(["index", "add"])
            .arg(then.out())
            .args(["--year", "2020", "--library"])
            .arg(&library);
        ended(&mut add).with(0).stdout
    };
    assert!(add().contains("1 works of 2020"));
    let files = || -> Vec<_> {
        let entries = fs::read_dir(&library).unwrap();
        entries
            .map(|e| fs::read(e.unwrap().path()).unwrap())
            .collect()
    };
    let before = files();
    assert!(add().contains("0 of them new"));
    assert_eq!(
        files(),
        before,
        "adding the same folder twice changed the library"
    );
    let listed = ended(zhanbo().args(["index", "list", "--library"]).arg(&library)).with(0);
    assert!(
        listed.stdout.contains("2020  甲大学《山》"),
        "{}",
        listed.stdout
    );

    now.film("二", "乙大学《海》.mp4", &scenes(1));
    now.film("二", "丙大学《河》.mp4", &encoded_again(&scenes(1)));
    let report = check(&now, Some(&library));
    let same = submission(&report, "乙大学《海》.mp4");
    assert_eq!(same["verdict"], "duplicate");
    assert_eq!(same["duplicate_of"]["earlier"]["year"], 2020);
    assert_eq!(same["duplicate_of"]["earlier"]["unit"], "甲大学");
    let finding = same["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|f| f["rule"] == "duplicate")
        .unwrap();
    assert!(
        finding["message"]["zh"]
            .as_str()
            .unwrap()
            .contains("甲大学《山》（2020"),
        "{finding}"
    );
    let near = submission(&report, "丙大学《河》.mp4");
    assert_eq!(near["duplicate_of"]["kind"], "near", "{near}");
    assert_eq!(near["duplicate_of"]["earlier"]["title"], "山");
}

#[test]
fn a_library_that_is_not_there_or_not_one_is_refused_by_name() {
    needs!("ffmpeg");
    let place = Place::new();
    place.film("一", "a.mp4", &scenes(1));
    let library = place.root().join("library");
    let refused = ended(
        zhanbo()
            .arg("check")
            .arg(place.inbox())
            .arg("--library")
            .arg(&library),
    )
    .with(2);
    assert!(refused.stderr.contains("library"), "{}", refused.stderr);
    fs::create_dir(&library).unwrap();
    fs::write(library.join("2020-x.json"), "{}").unwrap();
    let refused = ended(
        zhanbo()
            .arg("check")
            .arg(place.inbox())
            .arg("--library")
            .arg(&library),
    )
    .with(2);
    assert!(
        refused
            .stderr
            .contains("2020-x.json is no zhanbo.library/1"),
        "{}",
        refused.stderr
    );
    let nothing = ended(
        zhanbo()
            .args(["index", "add"])
            .arg(place.out())
            .arg("--library")
            .arg(&library),
    )
    .with(2);
    assert!(nothing.stderr.contains("report.json"), "{}", nothing.stderr);
}
