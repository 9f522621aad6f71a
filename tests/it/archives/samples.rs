//! Real and broken archives from other projects' tests, where they lie beside the repository.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::{checked, manifests, places};
use crate::media_maker::{Place, skipped};

#[test]
fn every_archive_of_the_collection_is_accounted_for() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/media/archives");
    let Ok(files) = fs::read_dir(&samples) else {
        return skipped(&format!("there is no {}", samples.display()));
    };
    let place = Place::new();
    let mut names = Vec::new();
    for file in files {
        let file = file.unwrap();
        let name = file.file_name().into_string().unwrap();
        place.file("样本", &name, &fs::read(file.path()).unwrap());
        names.push(name);
    }
    assert!(names.len() > 300, "only {} samples", names.len());
    let (_, report) = checked(&place);
    let places = places(&report);
    let lost: Vec<_> = names
        .iter()
        .filter(|name| !places.contains(&format!("样本/{name}").as_str()))
        .collect();
    assert!(lost.is_empty(), "{lost:?} are not in the report");
    // Entries in = extracted + reported, for every one that was opened.
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for manifest in manifests(&place.out()) {
        for entry in manifest["entries"].as_array().unwrap() {
            let fate = &entry["fate"];
            let fate = fate.as_str().map_or_else(
                || match fate.get("refused") {
                    Some(why) => {
                        let plain = why.as_str().map(str::to_owned);
                        plain.unwrap_or_else(|| {
                            why.as_object().unwrap().keys().next().unwrap().clone()
                        })
                    }
                    None => "extracted".to_owned(),
                },
                str::to_owned,
            );
            *counts.entry(fate).or_default() += 1;
        }
    }
    assert!(counts["extracted"] > 500, "{counts:?}");
    assert!(tree_is_numbers(&place.out().join("work/unpacked")));
}

fn tree_is_numbers(folder: &Path) -> bool {
    crate::program::tree(folder).keys().all(|path| {
        let name = path.split('/').nth(2).unwrap_or("manifest.json");
        name == "manifest.json" || name.bytes().all(|b| b.is_ascii_digit())
    })
}
