//! Which region a name means. In: the preset's regions, and the names of folders and archives. Out: every region's
//! place in the order. Never guesses between two regions that a name fits equally well.

use std::collections::{BTreeMap, BTreeSet};

use unicode_normalization::UnicodeNormalization;

use super::clutter::{strip_end, strip_start};
use super::name::tidy;

/// What people add to a region's name when they pack for it.
const ADDED: &[&str] = &[
    "报送",
    "上报",
    "材料",
    "资料",
    "文件",
    "文件夹",
    "视频",
    "作品",
    "展播",
    "汇总",
    "全部",
    "推荐",
    "提交",
    "打包",
    "压缩包",
    "的",
    ".utf8",
    ".utf-8",
    ".gbk",
    ".gb18030",
];

/// All regions: the preset's in its order, then the others by name. The one without a name is for files in no folder.
#[derive(Debug)]
pub(super) struct RegionBook {
    names: Vec<String>,
    in_preset: usize,
    preset: Matcher,
    others: Matcher,
}

impl RegionBook {
    pub(super) fn new(preset: &[String], folders: &[String], archives: &[String]) -> Self {
        let known = Matcher::new(preset);
        let mut others: BTreeSet<String> = folders
            .iter()
            .filter(|name| known.find(name).is_none())
            .map(|name| tidy(name))
            .collect();
        let by_folder = Matcher::new(&others.iter().cloned().collect::<Vec<_>>());
        let alone = archives
            .iter()
            .filter(|name| known.find(name).or(by_folder.find(name)).is_none());
        others.extend(alone.map(|name| tidy(name)));
        others.insert(String::new());
        let others: Vec<String> = others.into_iter().collect();
        RegionBook {
            in_preset: preset.len(),
            preset: known,
            others: Matcher::new(&others),
            names: preset.iter().cloned().chain(others).collect(),
        }
    }

    /// The region that a folder's or archive's name means.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        let other = || self.others.find(name).map(|at| at + self.in_preset);
        self.preset.find(name).or_else(other)
    }

    /// The region of files that lie in no folder.
    pub(super) fn nowhere(&self) -> usize {
        self.find("").unwrap_or(self.in_preset)
    }

    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    pub(super) fn is_in_preset(&self, region: usize) -> bool {
        region < self.in_preset
    }
}

/// Finds a name among others: as it is, then without differences of width, then without what people add.
#[derive(Debug)]
struct Matcher {
    /// The place of each name, or none where several names look the same on this level.
    levels: [BTreeMap<String, Option<usize>>; LEVELS.len()],
}

const LEVELS: [fn(&str) -> String; 4] = [str::to_owned, tidy, folded, bare];

impl Matcher {
    fn new(names: &[String]) -> Self {
        let levels = LEVELS.map(|level| {
            let mut places: BTreeMap<String, Option<usize>> = BTreeMap::new();
            for (at, name) in names.iter().enumerate() {
                let place = places.entry(level(name)).or_insert(Some(at));
                if *place != Some(at) {
                    *place = None;
                }
            }
            places
        });
        Matcher { levels }
    }

    fn find(&self, name: &str) -> Option<usize> {
        LEVELS
            .iter()
            .zip(&self.levels)
            .find_map(|(level, places)| places.get(&level(name)).copied().flatten())
    }
}

/// Whether a name says "all of it" and no region: 全部, 汇总材料, 展播视频.
pub(super) fn is_everything(name: &str) -> bool {
    let bare = bare(name);
    ADDED.contains(&bare.as_str())
}

/// Full-width as half-width, without blanks; 第1 is 第一.
fn folded(name: &str) -> String {
    const NUMERALS: [char; 9] = ['一', '二', '三', '四', '五', '六', '七', '八', '九'];
    let mut last = ' ';
    let mut text = String::new();
    for c in tidy(name).nfkc().filter(|c| !c.is_whitespace()) {
        let digit = c.to_digit(10).and_then(|d| (d as usize).checked_sub(1));
        let c_out = match digit.and_then(|d| NUMERALS.get(d)) {
            Some(numeral) if last == '第' => *numeral,
            _ => c,
        };
        text.extend(c_out.to_lowercase());
        last = c;
    }
    text
}

/// The folded name without numbers in front, brackets behind, and words that people add.
fn bare(name: &str) -> String {
    let folded = folded(name);
    let mut text = strip_start(&folded);
    while let Some(shorter) = one_less(text).filter(|shorter| !shorter.is_empty()) {
        text = shorter;
    }
    text.to_owned()
}

fn one_less(text: &str) -> Option<&str> {
    let stripped = strip_end(text).trim_end_matches(|c: char| "-_.,、".contains(c));
    if stripped.len() < text.len() {
        return Some(stripped);
    }
    if let Some(inner) = text.strip_suffix([')', ']', '】']) {
        return inner.rfind(['(', '[', '【']).map(|open| &text[..open]);
    }
    ADDED.iter().find_map(|word| text.strip_suffix(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book(folders: &[&str], archives: &[&str]) -> RegionBook {
        let own = |names: &[&str]| names.iter().map(|&n| n.to_owned()).collect::<Vec<_>>();
        RegionBook::new(
            &own(&["成都第一片区", "成都第二片区", "川北片区"]),
            &own(folders),
            &own(archives),
        )
    }

    #[test]
    fn a_region_is_found_however_its_folder_is_dressed_up() {
        let book = book(&[], &[]);
        for name in [
            "成都第二片区",
            "成都第二片区（1）",
            "成都 第二片区",
            "成都第二片区报送材料",
            "成都第2片区",
            "成都第２片区",
            "成都第二片区(共5个视频)",
            "2.成都第二片区",
            "成都第二片区.utf8",
            "成都第二片区-最终版",
            "成都第二片区（2021年7月）",
        ] {
            assert_eq!(book.find(name), Some(1), "{name}");
        }
        assert_eq!(book.find("成都片区"), None);
    }

    #[test]
    fn other_names_are_regions_of_their_own_in_order() {
        let book = book(&["乙", "川北片区材料", "甲"], &["乙（1）", "丙"]);
        assert_eq!(book.names()[3..], ["", "丙", "乙", "甲"]);
        assert_eq!(book.find("乙（1）"), book.find("乙"));
        assert_eq!(book.nowhere(), 3);
        assert!(book.is_in_preset(2) && !book.is_in_preset(3));
    }

    #[test]
    fn a_name_that_fits_two_regions_fits_none() {
        let names = ["东片区(一)".to_owned(), "东片区(二)".to_owned()];
        let book = RegionBook::new(&names, &[], &[]);
        assert_eq!(book.find("东片区"), None);
        assert_eq!(book.find("东片区（二）"), Some(1));
    }
}
