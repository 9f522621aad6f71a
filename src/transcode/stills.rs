//! The still pictures of a film: the poster, as JPEG and WebP and in smaller widths for lists, and the storyboard with the times of its tiles. In: what
//! the onlookers of the one decode took. Out: files in the staging folder, each decoded again as proof. Where libav has no
//! WebP encoder there is no WebP, and `doctor` says so.

use std::io::Read;

use super::ladder::Recipe;
use super::make::MakeError;
use super::watch::Seen;
use crate::av::{
    Frame, JpegQuality, StillKind, WebpQuality, can_encode_webp, decode_still, encode_jpeg,
    encode_webp,
};
use crate::layout::{
    MEDIA, POSTER, POSTER_WEBP, POSTER_WIDTH, SMALL_POSTERS, STORYBOARD, Staging, sheet_name,
    small_poster_name,
};
use crate::probe::Orientation;
use crate::subtitle::{self, Cue, to_webvtt};
use crate::thumbnail::storyboard::Board;

/// Quality of the poster as JPEG.
const JPEG: JpegQuality = JpegQuality(3);
/// Quality of the poster as WebP, where the two look alike.
const WEBP: WebpQuality = WebpQuality(82);
/// Bytes of a picture that are read back: far more than any of ours has.
const MAX_STILL: u64 = 64 << 20;

/// The storyboard that a recipe gives.
pub(super) fn board(recipe: &Recipe) -> Board {
    let rung = recipe.rungs.get(recipe.preview_rung());
    let size = rung.map_or((0, 0), |rung| (rung.width, rung.height));
    Board::new(recipe.duration(), size)
}

/// Writes all of them.
pub(super) fn write(staging: &Staging, recipe: &Recipe, seen: &Seen) -> Result<(), MakeError> {
    if let Some(poster) = &seen.poster {
        write_poster(staging, recipe, poster)?;
    }
    for (index, sheet) in seen.sheets.iter().enumerate() {
        put(staging, &sheet_name(index + 1), sheet)?;
    }
    let text = to_webvtt(&cues(&board(recipe)));
    put(staging, STORYBOARD, text.as_bytes())
}

fn write_poster(staging: &Staging, recipe: &Recipe, poster: &Frame) -> Result<(), MakeError> {
    let upright = Orientation::default();
    for Poster { name, kind, size } in posters(recipe) {
        let picture = match kind {
            StillKind::Webp => encode_webp(poster, upright, size, WEBP)?,
            _ => encode_jpeg(poster, upright, size, JPEG)?,
        };
        put(staging, &name, &picture)?;
    }
    Ok(())
}

/// A file of the poster.
struct Poster {
    name: String,
    kind: StillKind,
    size: (u32, u32),
}

/// The poster in all its forms; what would be no smaller than the poster itself is left out.
fn posters(recipe: &Recipe) -> Vec<Poster> {
    let whole = poster_size(recipe, POSTER_WIDTH);
    let (jpeg, webp) = SMALL_POSTERS;
    let form = |name: &str, kind, size| Poster {
        name: name.to_owned(),
        kind,
        size,
    };
    let small = |width: u32, ending, kind| {
        let name = small_poster_name(width, ending);
        (width < whole.0).then(|| form(&name, kind, poster_size(recipe, width)))
    };
    let mut all = vec![form(POSTER, StillKind::Jpeg, whole)];
    all.extend(
        jpeg.iter()
            .filter_map(|width| small(*width, "jpg", StillKind::Jpeg)),
    );
    if can_encode_webp() {
        all.push(form(POSTER_WEBP, StillKind::Webp, whole));
        all.extend(
            webp.iter()
                .filter_map(|width| small(*width, "webp", StillKind::Webp)),
        );
    }
    all
}

fn put(staging: &Staging, name: &str, bytes: &[u8]) -> Result<(), MakeError> {
    let name = format!("{MEDIA}/{name}");
    staging
        .write(&name, bytes)
        .map_err(|source| MakeError::Write { name, source })
}

// As large as the top rung, but no wider than this.
fn poster_size(recipe: &Recipe, widest: u32) -> (u32, u32) {
    let top = recipe.rungs.first().map_or((2, 2), |r| (r.width, r.height));
    let (width, height) = (u64::from(top.0.max(1)), u64::from(top.1));
    let fitted = width.min(u64::from(widest));
    let side = |pixels: u64| u32::try_from(pixels).unwrap_or(widest).max(2) & !1;
    (side(fitted), side(height * fitted / width))
}

/// One cue a tile, `storyboard-1.jpg#xywh=320,0,320,180`: the address is relative to the WebVTT file.
fn cues(board: &Board) -> Vec<Cue> {
    let tiles = (0..board.tiles()).map(|index| board.tile(index));
    tiles
        .map(|tile| {
            let (sheet, (x, y), (w, h)) = (sheet_name(tile.sheet + 1), tile.at, tile.size);
            Cue {
                start: tile.from,
                end: tile.to,
                text: format!("{sheet}#xywh={x},{y},{w},{h}"),
            }
        })
        .collect()
}

/// Decodes every picture again and reads the cues: sizes and numbers are as promised.
pub(super) fn prove(staging: &Staging, recipe: &Recipe) -> Result<(), MakeError> {
    for Poster { name, kind, size } in posters(recipe) {
        prove_picture(staging, &name, kind, size)?;
    }
    let board = board(recipe);
    for sheet in 0..board.sheets() {
        let name = sheet_name(sheet + 1);
        prove_picture(staging, &name, StillKind::Jpeg, board.sheet_size(sheet))?;
    }
    let (name, bytes) = read(staging, STORYBOARD)?;
    let found = subtitle::read(STORYBOARD, &bytes).map_or(vec![], |read| read.cues);
    let promised = cues(&board);
    let right = found.iter().zip(&promised).filter(|(a, b)| a == b).count();
    exactly(&name, "cues", found.len(), promised.len())?;
    exactly(&name, "right cues", right, promised.len())
}

fn prove_picture(
    staging: &Staging,
    name: &str,
    kind: StillKind,
    (width, height): (u32, u32),
) -> Result<(), MakeError> {
    let (name, bytes) = read(staging, name)?;
    let picture = decode_still(kind, &bytes)?;
    exactly(
        &name,
        "damaged pictures",
        usize::from(picture.is_damaged()),
        0,
    )?;
    exactly(
        &name,
        "columns of pixels",
        picture.width() as usize,
        width as usize,
    )?;
    exactly(
        &name,
        "rows of pixels",
        picture.height() as usize,
        height as usize,
    )
}

fn read(staging: &Staging, name: &str) -> Result<(String, Vec<u8>), MakeError> {
    let name = format!("{MEDIA}/{name}");
    let mut bytes = Vec::new();
    let opened = staging.open(&name);
    let read = opened.and_then(|file| file.take(MAX_STILL).read_to_end(&mut bytes));
    match read {
        Ok(_) => Ok((name, bytes)),
        Err(source) => Err(MakeError::Write { name, source }),
    }
}

fn exactly(
    name: &str,
    what: &'static str,
    actual: usize,
    promised: usize,
) -> Result<(), MakeError> {
    if actual == promised {
        return Ok(());
    }
    Err(MakeError::Wrong {
        name: name.to_owned(),
        what,
        actual: actual as u64,
        promised: promised as u64,
    })
}
