//! Letters on a canvas. In: font files as bytes, words. Out: widths, and ink. A character that no font has is left out and
//! told, so that no empty box is ever seen in the hall.

use std::collections::BTreeSet;

use cosmic_text::{
    Attrs, Buffer, Color, Family, FontSystem, Metrics, Shaping, SwashCache, Weight, Wrap, fontdb,
};

use super::canvas::{Canvas, Colour};

/// How words look.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Style {
    /// Height of a character in pixels.
    pub(crate) size: f32,
    /// 400 is regular, 700 bold.
    pub(crate) weight: u16,
    /// Their ink.
    pub(crate) colour: Colour,
}

impl Style {
    /// From one line to the next, in pixels.
    pub(crate) fn line_height(self) -> f32 {
        self.size * 1.35
    }
}

/// Fonts, ready to draw.
pub(crate) struct Letters {
    system: FontSystem,
    cache: SwashCache,
    family: String,
    missing: BTreeSet<char>,
}

impl Letters {
    pub(crate) fn new(family: &str, files: Vec<Vec<u8>>) -> Self {
        let mut fonts = fontdb::Database::new();
        for file in files {
            fonts.load_font_data(file);
        }
        fonts.set_sans_serif_family(family);
        Letters {
            system: FontSystem::new_with_locale_and_db("zh-CN".into(), fonts),
            cache: SwashCache::new(),
            family: family.to_owned(),
            missing: BTreeSet::new(),
        }
    }

    /// Characters that no font had.
    pub(crate) fn missing(&self) -> String {
        self.missing.iter().collect()
    }

    /// The words without characters that no font has, or that are no characters.
    pub(crate) fn drawable(&mut self, text: &str) -> String {
        let plain: String = text
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        let style = Style {
            size: 16.0,
            weight: 400,
            colour: Colour::rgb(0, 0, 0),
        };
        let buffer = self.shaped(&plain, style);
        let unknown: BTreeSet<usize> = buffer
            .layout_runs()
            .flat_map(|run| run.glyphs)
            .filter(|glyph| glyph.glyph_id == 0)
            .flat_map(|glyph| glyph.start..glyph.end)
            .collect();
        let gone = |at: usize| unknown.contains(&at);
        self.missing.extend(
            plain
                .char_indices()
                .filter(|(at, c)| gone(*at) && !c.is_whitespace())
                .map(|(_, c)| c),
        );
        let kept = plain.char_indices().filter(|(at, _)| !gone(*at));
        kept.map(|(_, c)| c).collect::<String>().trim().to_owned()
    }

    pub(crate) fn width(&mut self, text: &str, style: Style) -> f32 {
        let buffer = self.shaped(text, style);
        let widths = buffer.layout_runs().map(|run| run.line_w);
        widths.fold(0.0, f32::max)
    }

    /// Draws one line with its middle at `x`; `y` is the line's upper edge.
    pub(crate) fn draw(
        &mut self,
        canvas: &mut Canvas,
        text: &str,
        style: Style,
        (x, y): (f32, f32),
    ) {
        let mut buffer = self.shaped(text, style);
        let widths = buffer.layout_runs().map(|run| run.line_w);
        let left = whole(x - widths.fold(0.0, f32::max) / 2.0);
        let top = whole(y);
        let ink = Color::rgb(255, 255, 255);
        buffer.draw(
            &mut self.system,
            &mut self.cache,
            ink,
            |x, y, width, height, colour| {
                for row in 0..i32::try_from(height).unwrap_or(0) {
                    for column in 0..i32::try_from(width).unwrap_or(0) {
                        let cover = f32::from(colour.a()) / 255.0;
                        canvas.blend(left + x + column, top + y + row, style.colour, cover);
                    }
                }
            },
        );
    }

    fn shaped(&mut self, text: &str, style: Style) -> Buffer {
        let metrics = Metrics::new(style.size, style.line_height());
        let mut buffer = Buffer::new(&mut self.system, metrics);
        let attributes = Attrs::new()
            .family(Family::Name(&self.family))
            .weight(Weight(style.weight));
        buffer.set_wrap(Wrap::None);
        buffer.set_size(None, None);
        buffer.set_text(text, &attributes, Shaping::Advanced, None);
        buffer.shape_until_scroll(&mut self.system, false);
        buffer
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "places on a canvas are small, and what lies outside is not drawn"
)]
fn whole(place: f32) -> i32 {
    place.round() as i32
}
