//! Addresses of pages. In: names. Out: slugs of lower-case ASCII, each film's and region's own, and addresses. A film's slug
//! ends with its id, so that it never changes when another film of the same name comes.

use std::collections::BTreeMap;

use crate::programme::slug;
use crate::report::model::SubmissionReport;

/// `xinanminzudaxue-aiwozhonghua-0123456789ab`.
pub(super) fn of_film(submission: &SubmissionReport) -> String {
    let unit = submission.unit.as_deref().unwrap_or_default();
    let title = submission.title.as_deref().unwrap_or_default();
    let (id, words) = (&submission.id, slug::film(unit, title, &submission.id));
    if words == id.as_str() {
        words
    } else {
        format!("{words}-{id}")
    }
}

/// A slug for each region; those that would have the same, or none, are told apart by a hash of their names.
pub(super) fn of_regions(names: &[&str]) -> BTreeMap<String, String> {
    let plain = |name: &str| {
        if name.is_empty() {
            "other".to_owned()
        } else {
            slug::slug(name)
        }
    };
    let is_taken = |slug: &str| names.iter().filter(|name| plain(name) == *slug).count() > 1;
    let own = |name: &&str| {
        let slug = plain(name);
        let hash = &blake3::hash(name.as_bytes()).to_hex()[..8];
        match () {
            () if slug.is_empty() => format!("region-{hash}"),
            () if is_taken(&slug) => format!("{slug}-{hash}"),
            () => slug,
        }
    };
    names
        .iter()
        .map(|name| ((*name).to_owned(), own(name)))
        .collect()
}

/// Page of a film inside `site/`.
pub(super) fn film_page(slug: &str) -> String {
    format!("v/{slug}/index.html")
}

/// Page of a region inside `site/`.
pub(super) fn region_page(slug: &str) -> String {
    format!("region/{slug}/index.html")
}

/// The whole address of something inside `site/`; a folder's page is named by its folder.
pub(super) fn absolute(base_url: &str, path: &str) -> String {
    let path = path.strip_suffix("index.html").unwrap_or(path);
    format!("{base_url}/{path}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::SubmissionId;
    use crate::report::sample;

    #[test]
    fn films_and_regions_have_addresses_of_their_own() {
        let mut film = sample::find("爱我中华");
        assert_eq!(
            of_film(&film),
            format!("xinanminzudaxue-aiwozhonghua-{}", film.id)
        );
        film.id = SubmissionId::of("another");
        film.unit = None;
        film.title = Some("！".into());
        assert_eq!(of_film(&film), film.id.as_str());
        let regions = of_regions(&["川南片区", "", "穿南片区", "！", "other"]);
        let mut slugs: Vec<_> = regions.values().map(String::as_str).collect();
        insta::assert_snapshot!(slugs.join(" "), @"other-af1349b9 other-3f796163 chuannanpianqu-03d141c6 chuannanpianqu-8180d701 region-3603b6f2");
        slugs.sort_unstable();
        slugs.dedup();
        assert_eq!(slugs.len(), 5);
    }

    #[test]
    fn a_page_is_named_by_its_folder() {
        let base = "https://example.org/zhanbo";
        assert_eq!(absolute(base, "index.html"), "https://example.org/zhanbo/");
        assert_eq!(
            absolute(base, &film_page("a")),
            "https://example.org/zhanbo/v/a/"
        );
        assert_eq!(
            absolute(base, "feed.xml"),
            "https://example.org/zhanbo/feed.xml"
        );
    }
}
