//! Pages. In: films. Out: HTML that loads nothing from anywhere else, says so in its policy, and shows no name as anything
//! but text. One template a kind of page, all in one frame.

use std::fmt::Write as _;

use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, Output, State, UndefinedBehavior, Value, context};
use rayon::prelude::*;

use super::film::{Film, next, related};
use super::{File, address, player, structured, words};
use crate::layout::{HLS, MULTIVARIANT, POSTER, POSTER_WEBP, POSTER_WIDTH, WEB_MP4};
use crate::report::model::Report;
use crate::report::wording::{self, clean, clock};
use crate::text::{Lang, plural};
use crate::units::Millis;

/// Only from the website itself. `blob:` is how hls.js hands a film to the browser; it needs no worker, as our segments are
/// what browsers take.
const POLICY: &str = "default-src 'self'; media-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'none'";

const TEMPLATES: [(&str, &str); 5] = [
    ("frame.html", include_str!("frame.html")),
    ("card.html", include_str!("card.html")),
    (HOME, include_str!("home.html")),
    (FILM, include_str!("film.html")),
    (REGION, include_str!("region.html")),
];
/// A card, in pixels of a common screen; on a fine one it has twice as many.
const CARD: u32 = 480;
const HOME: &str = "home.html";
const FILM: &str = "film.html";
const REGION: &str = "region.html";

/// A page that could not be rendered: a fault of the template, never of a report.
#[derive(Debug, thiserror::Error)]
#[error("the website's page {page} could not be rendered")]
pub struct GalleryError {
    /// Which template.
    page: &'static str,
    /// What is wrong with it.
    source: minijinja::Error,
}

/// A region with its films.
struct RegionLink {
    name: String,
    page: String,
    films: usize,
}

impl RegionLink {
    fn value(&self) -> Value {
        context! { name => &self.name, page => &self.page, films => self.films }
    }
}

/// Everything that all pages share.
struct Website<'a> {
    report: &'a Report,
    films: &'a [Film<'a>],
    assets: player::Addresses<'a>,
    lang: Lang,
    /// Names as in the report, in its order.
    names: Vec<&'a str>,
    regions: Vec<RegionLink>,
}

/// What a card may show of one kind of picture, narrowest first. The whole poster is for kinds that have nothing wide enough,
/// and where an older program made no smaller ones.
fn pictures(film: &Film<'_>, kind: &str) -> Vec<Value> {
    let name = |path: &String| path.rsplit('/').next().map(str::to_owned);
    let width = |name: &str| {
        let number = name.strip_prefix('p')?.strip_suffix(kind)?;
        number.strip_suffix('.')?.parse::<u32>().ok()
    };
    let small = film.outputs.posters.iter().filter_map(name);
    let mut found: Vec<_> = small
        .filter_map(|name| width(&name).map(|width| (format!("{}/{name}", film.folder()), width)))
        .collect();
    found.sort_by_key(|(_, width)| *width);
    let whole = match kind {
        "webp" => film.outputs.poster_webp.as_ref().map(|_| POSTER_WEBP),
        _ => Some(POSTER),
    };
    if let Some(whole) = whole.filter(|_| found.last().is_none_or(|(_, width)| *width < 2 * CARD)) {
        let width = film.size().0.min(POSTER_WIDTH);
        found.push((format!("{}/{whole}", film.folder()), width));
    }
    let found = found.into_iter();
    found
        .map(|(file, width)| context! { file, width })
        .collect()
}

/// All pages: home, one a film, one a region.
pub(super) fn pages(
    report: &Report,
    films: &[Film<'_>],
    assets: &[File],
    lang: Lang,
) -> Result<Vec<File>, GalleryError> {
    let templates = templates(lang).map_err(|source| GalleryError {
        page: "frame.html",
        source,
    })?;
    let website = Website::new(report, films, assets, lang);
    let mut pages = vec![website.home(&templates)?];
    let of_films = films.par_iter().map(|film| website.film(&templates, film));
    pages.extend(of_films.collect::<Result<Vec<_>, _>>()?);
    for at in 0..website.regions.len() {
        pages.push(website.region(&templates, at)?);
    }
    Ok(pages)
}

fn templates(lang: Lang) -> Result<Environment<'static>, minijinja::Error> {
    let mut templates = Environment::new();
    // `l("中文", "English")`: the website speaks one language, and a template always knows both.
    templates.add_function("l", move |zh: String, en: String| match lang {
        Lang::Zh => zh,
        Lang::En => en,
    });
    templates.add_function("plural", |number: i64, one: &str| plural(number, one));
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build()?;
    templates.set_syntax(syntax);
    templates.set_undefined_behavior(UndefinedBehavior::Strict);
    templates.set_auto_escape_callback(|_| AutoEscape::Html);
    templates.set_formatter(write_escaped);
    for (name, text) in TEMPLATES {
        templates.add_template(name, text)?;
    }
    Ok(templates)
}

/// Minijinja's own escaping writes every slash as six characters, which makes a list of 233 films a third longer. In our
/// templates a value stands in text or in a quoted attribute; there these five suffice (HTML, "Serializing HTML fragments").
fn write_escaped(
    out: &mut Output,
    _: &mut State<'_, '_>,
    value: &Value,
) -> Result<(), minijinja::Error> {
    let text = value.to_string();
    if value.is_safe() {
        return Ok(out.write_str(&text)?);
    }
    for c in text.chars() {
        match c {
            '&' => out.write_str("&amp;")?,
            '<' => out.write_str("&lt;")?,
            '>' => out.write_str("&gt;")?,
            '"' => out.write_str("&quot;")?,
            '\'' => out.write_str("&#39;")?,
            c => out.write_char(c)?,
        }
    }
    Ok(())
}

impl<'a> Website<'a> {
    fn new(report: &'a Report, films: &'a [Film<'a>], assets: &'a [File], lang: Lang) -> Self {
        let count = |name: &str| {
            films
                .iter()
                .filter(|film| film.submission.region == name)
                .count()
        };
        let mut names = wording::region_names(report);
        names.retain(|name| count(name) > 0);
        let slugs = address::of_regions(&names);
        let link = |name: &&str| RegionLink {
            name: words::region(name, lang),
            page: address::region_page(&slugs[*name]),
            films: count(name),
        };
        let regions = names.iter().map(link).collect();
        Website {
            report,
            films,
            assets: player::Addresses::new(assets),
            lang,
            names,
            regions,
        }
    }

    fn home(&self, templates: &Environment<'_>) -> Result<File, GalleryError> {
        let mut units: Vec<_> = self
            .films
            .iter()
            .map(|film| film.unit.as_str())
            .filter(|u| !u.is_empty())
            .collect();
        units.sort_unstable();
        units.dedup();
        let length = self.films.iter().map(|film| film.duration().0).sum();
        let values = context! {
            page_title => self.event(),
            description => self.event(),
            cards => self.films.iter().map(|film| self.card(film)).collect::<Vec<_>>(),
            units => units.len(),
            length => clock(Millis(length)),
            search_data => self.assets.of("assets/films.js"),
        };
        self.render(templates, HOME, "index.html", values)
    }

    fn region(&self, templates: &Environment<'_>, at: usize) -> Result<File, GalleryError> {
        let region = &self.regions[at];
        let own = self
            .films
            .iter()
            .filter(|film| film.submission.region == self.names[at]);
        let values = context! {
            page_title => format!("{} · {}", region.name, self.event()),
            description => format!("{} · {}", region.name, self.event()),
            region => region.value(),
            cards => own.map(|film| self.card(film)).collect::<Vec<_>>(),
        };
        self.render(templates, REGION, &region.page, values)
    }

    fn film(&self, templates: &Environment<'_>, film: &Film<'_>) -> Result<File, GalleryError> {
        let next = next(self.films, film);
        let related = related(self.films, film, next);
        let (width, height) = film.size();
        let base_url = self.base_url();
        let language = words::language(self.lang);
        let heights: Vec<String> = film
            .outputs
            .variants
            .iter()
            .map(|v| v.height.to_string())
            .collect();
        let tracks = film.facts.tracks.iter();
        let values = context! {
            page_title => format!("{} · {}", film.label(), self.event()),
            description => film.description(),
            film => self.card(film),
            region => self.region_of(film).map(RegionLink::value),
            region_name => &film.region,
            width, height,
            seconds => format!("{:.3}", film.duration().as_secs_f64()),
            mp4 => format!("{}/{WEB_MP4}", film.folder()),
            hls => format!("{}/{HLS}/{MULTIVARIANT}", film.folder()),
            poster => format!("{}/{POSTER}", film.folder()),
            heights => heights.join(","),
            tracks => tracks.map(|t| context! { file => &t.file, tag => &t.tag, label => &t.label }).collect::<Vec<_>>(),
            introduction => &film.introduction,
            published_at => film.published_at(),
            day => film.published().strftime("%Y-%m-%d").to_string(),
            next => next.map(|film| self.card(film)),
            related => related.into_iter().map(|film| self.card(film)).collect::<Vec<_>>(),
            cues => self.assets.of(&player::cues_path(film)),
            engine => self.assets.of("assets/hls.min.js"),
            player => self.assets.of("assets/player.js"),
            structured => Value::from_safe_string(structured::video_object(film, base_url, language)),
            image => base_url.map(|base| address::absolute(base, &format!("{}/{POSTER}", film.folder()))),
            video => base_url.map(|base| address::absolute(base, &format!("{}/{WEB_MP4}", film.folder()))),
        };
        self.render(templates, FILM, &film.page(), values)
    }

    /// A film in a list.
    fn card(&self, film: &Film<'_>) -> Value {
        // As large as the smaller picture: only the proportion counts, the style sheet says how large it is shown.
        let (width, height) = film.size();
        let (width, height) = (
            CARD,
            u64::from(height) * u64::from(CARD) / u64::from(width.max(1)),
        );
        let is_own = |name: &&str| *name == film.submission.region;
        context! {
            page => film.page(),
            folder => film.folder(),
            title => &film.title,
            unit => &film.unit,
            length => clock(film.duration()),
            region => self.names.iter().position(is_own).unwrap_or(0),
            width, height,
            jpeg => pictures(film, "jpg"),
            webp => pictures(film, "webp"),
        }
    }

    fn region_of(&self, film: &Film<'_>) -> Option<&RegionLink> {
        let at = self
            .names
            .iter()
            .position(|name| *name == film.submission.region)?;
        self.regions.get(at)
    }

    fn event(&self) -> String {
        clean(&self.report.showcase.title)
            .in_lang(self.lang)
            .to_owned()
    }

    fn base_url(&self) -> Option<&'a str> {
        self.report.showcase.site.base_url.as_deref()
    }

    fn render(
        &self,
        templates: &Environment<'_>,
        template: &'static str,
        path: &str,
        values: Value,
    ) -> Result<File, GalleryError> {
        let asset = |name: &str| self.assets.of(&format!("assets/{name}"));
        let depth = path.matches('/').count();
        let shared = context! {
            lang => words::language(self.lang),
            is_home => template == HOME,
            policy => POLICY,
            root => "../".repeat(depth),
            event => self.event(),
            regions => self.regions.iter().map(RegionLink::value).collect::<Vec<_>>(),
            total => self.films.len(),
            copyright => words::copyright(self.report, self.lang),
            canonical => self.base_url().map(|base| address::absolute(base, path)),
            feed => self.base_url().map(|_| "feed.xml"),
            style => asset("site.css"),
            theme => asset("theme.js"),
            script => asset("site.js"),
            icon => asset("favicon.svg"),
        };
        let html = templates
            .get_template(template)
            .and_then(|page| page.render(context! { ..values, ..shared }))
            .map_err(|source| GalleryError {
                page: template,
                source,
            })?;
        Ok(File::new(path, html))
    }
}
