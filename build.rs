//! Before the build: is hls.js there, in the version that the lock file names? It is embedded in the program, and comes from
//! the npm registry, never from this repository.
use std::fs;

const PLAYER: &str = "src/gallery/player";

fn main() {
    for file in [
        "package.json",
        "node_modules/hls.js/package.json",
        "node_modules/hls.js/dist/hls.min.js",
    ] {
        println!("cargo::rerun-if-changed={PLAYER}/{file}");
    }
    let wanted = quoted_after(&format!("{PLAYER}/package.json"), "\"hls.js\":");
    let there = quoted_after(
        &format!("{PLAYER}/node_modules/hls.js/package.json"),
        "\"version\":",
    );
    if wanted.is_none() || wanted != there {
        println!(
            "cargo::error=the website's player needs hls.js {} in {PLAYER}/node_modules, found {}: run scripts/setup (or, with \
             node and npm there, `npm ci` in {PLAYER}), then build again",
            wanted.as_deref().unwrap_or("(package.json is missing)"),
            there.as_deref().unwrap_or("none"),
        );
    }
}

/// The quoted text behind a key in a JSON file as npm writes it.
fn quoted_after(file: &str, key: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let (_, rest) = text.split_once(key)?;
    rest.split('"').nth(1).map(str::to_owned)
}
