//! What other programs read: RSS 2.0, a sitemap, robots.txt. In: films. Out: files. Feed and sitemap name whole addresses, so
//! there are none before it is known where the website will be.

use std::fmt::Write as _;

use super::File;
use super::address::{absolute, of_regions, region_page};
use super::film::Film;
use super::words;
use crate::report::model::Report;
use crate::report::wording::clean;
use crate::text::Lang;

/// Films in the feed: the newest.
const MAX_ITEMS: usize = 50;
/// What tells our files from somebody's own.
pub(super) const MARK: &str = "written by zhanbo";

/// `robots.txt`, and feed and sitemap where there is an address.
pub(super) fn files(report: &Report, films: &[Film<'_>], lang: Lang) -> Vec<File> {
    let Some(base) = report.showcase.site.base_url.as_deref() else {
        return vec![File::new("robots.txt", robots(None))];
    };
    vec![
        File::new("robots.txt", robots(Some(base))),
        File::new("sitemap.xml", sitemap(films, base)),
        File::new("feed.xml", rss(report, films, base, lang)),
    ]
}

fn robots(base: Option<&str>) -> String {
    let mut text = format!("# {MARK}\nUser-agent: *\nAllow: /\n");
    if let Some(base) = base {
        let _ = writeln!(text, "Sitemap: {}", absolute(base, "sitemap.xml"));
    }
    text
}

fn sitemap(films: &[Film<'_>], base: &str) -> String {
    let mut text = head();
    text.push_str("<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n");
    let mut names: Vec<&str> = films
        .iter()
        .map(|film| film.submission.region.as_str())
        .collect();
    names.sort_unstable();
    names.dedup();
    let regions = of_regions(&names);
    let places = std::iter::once("index.html".to_owned())
        .chain(regions.values().map(|slug| region_page(slug)));
    for page in places {
        let _ = writeln!(
            text,
            "<url><loc>{}</loc></url>",
            escaped(&absolute(base, &page))
        );
    }
    for film in films {
        let day = film.made().strftime("%Y-%m-%d").to_string();
        let address = escaped(&absolute(base, &film.page()));
        let _ = writeln!(
            text,
            "<url><loc>{address}</loc><lastmod>{day}</lastmod></url>"
        );
    }
    text.push_str("</urlset>\n");
    text
}

fn rss(report: &Report, films: &[Film<'_>], base: &str, lang: Lang) -> String {
    let title = clean(&report.showcase.title);
    let title = escaped(title.in_lang(lang));
    let home = escaped(&absolute(base, "index.html"));
    let mut text = head();
    let _ = write!(
        text,
        "<rss version=\"2.0\" xmlns:atom=\"http://www.w3.org/2005/Atom\">\n<channel>\n<title>{title}</title>\n<link>{home}</link>\n\
         <description>{}</description>\n<language>{}</language>\n<generator>zhanbo</generator>\n\
         <atom:link href=\"{}\" rel=\"self\" type=\"application/rss+xml\"/>\n",
        escaped(&words::newest(lang)),
        words::language(lang),
        escaped(&absolute(base, "feed.xml")),
    );
    for film in films.iter().take(MAX_ITEMS) {
        let address = escaped(&absolute(base, &film.page()));
        let day = jiff::fmt::rfc2822::to_string(&film.published()).unwrap_or_default();
        let _ = write!(
            text,
            "<item>\n<title>{}</title>\n<link>{address}</link>\n<guid isPermaLink=\"true\">{address}</guid>\n\
             <pubDate>{day}</pubDate>\n<category>{}</category>\n<description>{}</description>\n</item>\n",
            escaped(&film.label()),
            escaped(&film.region),
            escaped(&film.description()),
        );
    }
    text.push_str("</channel>\n</rss>\n");
    text
}

fn head() -> String {
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- {MARK} -->\n")
}

/// A text inside XML: names are cleaned of what XML may not hold before they get here.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
