//! What pages load: style sheet, scripts, the player's engine, and for each film a script with its cues and storyboard,
//! because a page that was opened by a double click may load scripts, but neither WebVTT nor HLS. In: films. Out: files, and
//! their addresses, which change with their content, so that no cache shows yesterday's.

use std::collections::BTreeMap;

use serde::Serialize;

use super::film::Film;
use super::structured::script_json;
use super::{File, search};
use crate::units::Millis;

/// hls.js as the lock file in `player/` pins it, from the npm registry; `build.rs` says how to get it.
const HLS_JS: &[u8] = include_bytes!("player/node_modules/hls.js/dist/hls.min.js");
const HLS_LICENCE: &[u8] = include_bytes!("player/node_modules/hls.js/LICENSE");

const STYLE: &str = include_str!("site.css");
const THEME: &str = include_str!("theme.js");
const SCRIPT: &str = include_str!("site.js");
const PLAYER: &str = include_str!("player.js");
const ICON: &str = include_str!("favicon.svg");

/// All of them; the films' scripts last.
pub(super) fn assets(films: &[Film<'_>]) -> Vec<File> {
    let keys = script_json(&search::keys(films));
    let fixed = [
        File::new("assets/site.css", STYLE),
        File::new("assets/theme.js", THEME),
        File::new("assets/site.js", SCRIPT),
        File::new("assets/player.js", PLAYER),
        File::new("assets/favicon.svg", ICON),
        File::new("assets/hls.min.js", HLS_JS),
        File::new("assets/hls.LICENSE.txt", HLS_LICENCE),
        File::new("assets/films.js", format!("window.zhanboFilms={keys};\n")),
    ];
    let cues = films
        .iter()
        .map(|film| File::new(cues_path(film), cues(film)));
    fixed.into_iter().chain(cues).collect()
}

/// The script of one film's cues.
pub(super) fn cues_path(film: &Film<'_>) -> String {
    format!("assets/cues/{}.js", film.submission.id)
}

/// Where each file is, with a mark of its content.
pub(super) struct Addresses<'a>(BTreeMap<&'a str, String>);

impl<'a> Addresses<'a> {
    pub(super) fn new(assets: &'a [File]) -> Self {
        let address = |file: &'a File| {
            let hash = blake3::hash(&file.bytes).to_hex();
            (
                file.path.as_str(),
                format!("{}?v={}", file.path, &hash[..8]),
            )
        };
        Addresses(assets.iter().map(address).collect())
    }

    /// A file's address from the website's root; one that is not there is linked as it is.
    pub(super) fn of(&self, path: &str) -> String {
        let found = self.0.get(path);
        found.cloned().unwrap_or_else(|| path.to_owned())
    }
}

/// As `player.js` reads it: times in seconds.
#[derive(Serialize)]
struct Cues<'a> {
    tiles: Vec<(f64, f64, &'a str, [u32; 4])>,
    tracks: Vec<TrackCues<'a>>,
}

#[derive(Serialize)]
struct TrackCues<'a> {
    lang: &'a str,
    label: &'a str,
    cues: Vec<(f64, f64, &'a str)>,
}

fn cues(film: &Film<'_>) -> String {
    let seconds = Millis::as_secs_f64;
    let tiles = film.facts.tiles.iter();
    let tracks = film.facts.tracks.iter();
    let all = Cues {
        tiles: tiles
            .map(|t| (seconds(t.start), seconds(t.end), t.sheet.as_str(), t.area))
            .collect(),
        tracks: tracks
            .map(|track| TrackCues {
                lang: &track.tag,
                label: &track.label,
                cues: track
                    .cues
                    .iter()
                    .map(|c| (seconds(c.start), seconds(c.end), c.text.as_str()))
                    .collect(),
            })
            .collect(),
    };
    format!("window.zhanboCues={};\n", script_json(&all))
}
