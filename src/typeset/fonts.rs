//! Which fonts this computer has for Chinese. In: the words that are to be written. Out: a family and its files, or what to
//! install. Reads the system's own fonts only, and only where something is to be drawn.

use std::collections::BTreeSet;
use std::path::PathBuf;

use cosmic_text::FontSystem;
use cosmic_text::fontdb::{Database, FaceInfo, ID, Source, Weight};

use super::MAX_FONTS;
use crate::text::Text;

/// Families for simplified Chinese, best first: free ones, then those of Windows and of a Mac.
const FAMILIES: [&str; 10] = [
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Microsoft YaHei",
    "PingFang SC",
    "HarmonyOS Sans SC",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "SimHei",
];
/// A font without these is none for Chinese.
const PROBE: &str = "展播学院";

/// Fonts to draw with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fonts {
    /// The family that words are set in.
    pub family: String,
    /// Its files, and those of characters that it has not.
    pub files: Vec<PathBuf>,
}

/// There is no font for Chinese on this computer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no font for Chinese was found on this computer")]
pub struct NoFont;

impl NoFont {
    /// What to do about it.
    pub fn remedy(self) -> Text {
        Text::new(
            "请安装一种中文字体：Debian 和 Ubuntu 上运行 sudo apt install fonts-noto-cjk，再运行一次；或在 showcase.toml 的 \
             [programme] 里写 slates = false，不做片头",
            "install a font for Chinese: on Debian and Ubuntu `sudo apt install fonts-noto-cjk`, and run again; or write \
             slates = false under [programme] in showcase.toml to have no slates",
        )
    }
}

/// Fonts that have these words.
pub fn find(words: &str) -> Result<Fonts, NoFont> {
    let mut all = Database::new();
    all.load_system_fonts();
    find_among(
        FontSystem::new_with_locale_and_db("zh-CN".into(), all),
        words,
    )
}

fn find_among(mut system: FontSystem, words: &str) -> Result<Fonts, NoFont> {
    let known = FAMILIES.iter().find_map(|family| {
        let faces: Vec<_> = of_family(system.db(), family);
        (!faces.is_empty()).then(|| ((*family).to_owned(), faces))
    });
    let found = known.or_else(|| any_chinese(&mut system));
    let (family, faces) = found.ok_or(NoFont)?;
    let mut files: Vec<PathBuf> = Vec::new();
    let wanted: BTreeSet<char> = words.chars().filter(|c| !c.is_whitespace()).collect();
    let mut lacking = wanted;
    for weight in [400, 700] {
        let nearest = faces.iter().min_by_key(|face| face.2.abs_diff(weight));
        if let Some((id, path, _)) = nearest {
            add(&mut files, path);
            lacking.retain(|c| !has(&mut system, *id, *c));
        }
    }
    let others: Vec<(ID, PathBuf)> = system
        .db()
        .faces()
        .filter_map(|face| Some((face.id, path_of(face)?)))
        .collect();
    for c in lacking {
        let helps = others.iter().find(|(id, _)| has(&mut system, *id, c));
        if let Some((_, path)) = helps.filter(|_| files.len() < MAX_FONTS) {
            add(&mut files, path);
        }
    }
    Ok(Fonts { family, files })
}

fn add(files: &mut Vec<PathBuf>, path: &PathBuf) {
    if !files.contains(path) {
        files.push(path.clone());
    }
}

type Face = (ID, PathBuf, u16);

fn of_family(fonts: &Database, family: &str) -> Vec<Face> {
    let named = |face: &&FaceInfo| face.families.iter().any(|(name, _)| name == family);
    fonts
        .faces()
        .filter(named)
        .filter_map(|face| Some((face.id, path_of(face)?, face.weight.0)))
        .collect()
}

fn any_chinese(system: &mut FontSystem) -> Option<(String, Vec<Face>)> {
    let ids: Vec<ID> = system.db().faces().map(|face| face.id).collect();
    let chinese = ids
        .into_iter()
        .find(|id| PROBE.chars().all(|c| has(system, *id, c)))?;
    let family = system.db().face(chinese)?.families.first()?.0.clone();
    let faces = of_family(system.db(), &family);
    Some((family, faces))
}

fn path_of(face: &FaceInfo) -> Option<PathBuf> {
    match &face.source {
        Source::File(path) | Source::SharedFile(path, _) => Some(path.clone()),
        Source::Binary(_) => None,
    }
}

fn has(system: &mut FontSystem, face: ID, c: char) -> bool {
    let font = system.get_font(face, Weight::NORMAL);
    font.is_some_and(|font| font.as_swash().charmap().map(c) != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_computer_without_fonts_is_told_what_to_install() {
        let none = FontSystem::new_with_locale_and_db("zh-CN".into(), Database::new());
        let error = find_among(none, "展播").unwrap_err();
        assert!(error.remedy().zh.contains("fonts-noto-cjk"));
    }
}
