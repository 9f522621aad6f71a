//! What the search field looks in beside the Chinese names: pinyin. In: names. Out: syllables, from which the page finds
//! whole readings (`xinan`), initials (`xnmzdx`) and mixtures (`xnminzu`).

use super::film::Film;
use crate::programme::slug;

/// Syllables of unit and title, as one text a film, in the order of the home page: `xi nan,yu`.
pub(super) fn keys(films: &[Film<'_>]) -> Vec<String> {
    let key = |film: &Film<'_>| {
        let parts = [&film.unit, &film.title];
        parts.map(|text| slug::syllables(text).join(" ")).join(",")
    };
    films.iter().map(key).collect()
}
