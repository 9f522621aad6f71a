//! Pictures of our own: slates, countdown, end card, stills, pauses. In: words, fonts and perhaps a picture as bytes. Out:
//! frame after frame for the encoder. Words stay inside the safe area (5 %, EBU R 95), grow smaller step by step where they
//! are long, and fade from black and back. Draws in the worker; opens nothing.

use serde::{Deserialize, Serialize};

use crate::av::{
    AvError, Decoded, Frame, GraphBuilder, Source, StillKind, Timestamps, decode_still,
};
use crate::transcode::hall::HallFormat;
use crate::typeset::canvas::{Canvas, Colour};
use crate::typeset::letters::{Letters, Style};
use crate::typeset::wrap;
use crate::units::FrameRate;

/// Counts up when the same words give another picture.
pub const LOOK_VERSION: u32 = 2;
/// Name of what is made, inside the staging folder.
pub const CLIP: &str = "clip.mp4";
/// Most bytes of a picture's file.
pub const MAX_PICTURE: u64 = 64 << 20;
/// Pictures are drawn for this height and scaled.
const BASE_HEIGHT: f32 = 1080.0;
/// Words keep this part of the width free on either side: more than the safe area's 5 %.
const MARGIN: f32 = 0.08;
/// Sizes of a title, largest first, each with the lines it may take.
const TITLE_SIZES: [(f32, usize); 6] = [
    (132.0, 1),
    (112.0, 2),
    (96.0, 2),
    (84.0, 2),
    (72.0, 3),
    (60.0, 3),
];
/// Sizes of a unit's name.
const UNIT_SIZES: [(f32, usize); 3] = [(60.0, 1), (50.0, 2), (42.0, 2)];
/// Sizes of the event's title and of a region's name.
const SMALL_SIZES: [(f32, usize); 2] = [(38.0, 1), (32.0, 1)];
/// How much of a background picture's light is left behind words.
const BEHIND_WORDS: f32 = 0.42;

/// A short film of our own, as the worker is asked for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClipOrder {
    /// What all items have in common.
    pub format: HallFormat,
    /// The programme's frame rate.
    pub frame_rate: FrameRate,
    /// How many frames it has.
    pub frames: u64,
    /// Frames of the fade from black, and of the fade to black.
    pub fade: u64,
    /// What it shows.
    pub card: Card,
    /// A picture's file comes with the order: the background of words, or what is shown.
    pub picture: bool,
    /// The fonts' family; their files come with the order.
    pub family: String,
}

/// What a film of our own shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Card {
    /// Nothing.
    Black,
    /// The picture, whole and on black.
    Picture,
    /// Words.
    Words(Words),
    /// Seconds down to one, under the event's title.
    Countdown {
        /// The event's title.
        event: String,
    },
}

/// Words on a slate; what is empty is left out.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Words {
    /// The event's title.
    pub event: String,
    /// Above the title: the place in the programme.
    pub number: String,
    /// The largest.
    pub title: String,
    /// Below it.
    pub unit: String,
    /// Below that.
    pub region: String,
}

impl Card {
    /// Everything that is to be written.
    pub fn words(&self) -> String {
        match self {
            Card::Black | Card::Picture => String::new(),
            Card::Words(words) => [
                &words.event,
                &words.number,
                &words.title,
                &words.unit,
                &words.region,
            ]
            .map(String::as_str)
            .concat(),
            Card::Countdown { event } => format!("{event}0123456789"),
        }
    }
}

/// A film of our own on its way to the encoder.
pub struct Painter {
    frames: u64,
    fade: u64,
    frame_rate: FrameRate,
    scene: Scene,
}

impl std::fmt::Debug for Painter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Painter")
            .field("frames", &self.frames)
            .finish_non_exhaustive()
    }
}

enum Scene {
    Still(Canvas),
    Countdown {
        behind: Canvas,
        letters: Box<Letters>,
        shown: Option<(u64, Canvas)>,
    },
}

impl Painter {
    /// Draws what does not move. `missing` are the characters that no font has.
    pub fn new(
        order: &ClipOrder,
        picture: Option<&[u8]>,
        fonts: Vec<Vec<u8>>,
    ) -> Result<(Painter, String), AvError> {
        let size = (order.format.width, order.format.height);
        let mut missing = String::new();
        let scene = match &order.card {
            Card::Black => Scene::Still(Canvas::black(size.0, size.1)),
            Card::Picture => {
                let bytes = picture.unwrap_or_default();
                Scene::Still(fitted(bytes, size, Fit::Whole)?)
            }
            Card::Words(words) => {
                let mut letters = Letters::new(&order.family, fonts);
                let mut canvas = background(picture, size)?;
                Layout::new(&mut canvas, &mut letters).words(words);
                missing = letters.missing();
                Scene::Still(canvas)
            }
            Card::Countdown { event } => {
                let mut letters = Letters::new(&order.family, fonts);
                let mut behind = background(picture, size)?;
                Layout::new(&mut behind, &mut letters).event(event);
                missing = letters.missing();
                Scene::Countdown {
                    behind,
                    letters: Box::new(letters),
                    shown: None,
                }
            }
        };
        let painter = Painter {
            frames: order.frames,
            fade: order.fade,
            frame_rate: order.frame_rate,
            scene,
        };
        Ok((painter, missing))
    }

    /// Frame number `index`.
    pub fn frame(&mut self, index: u64) -> Result<Frame, AvError> {
        let light = light(index, self.frames, self.fade);
        let (frames, rate) = (self.frames, self.frame_rate);
        let canvas = match &mut self.scene {
            Scene::Still(canvas) => canvas,
            Scene::Countdown {
                behind,
                letters,
                shown,
            } => {
                let left = seconds_left(index, frames, rate);
                if shown.as_ref().is_none_or(|(seconds, _)| *seconds != left) {
                    let mut canvas = behind.clone();
                    Layout::new(&mut canvas, letters).seconds(left);
                    *shown = Some((left, canvas));
                }
                match shown {
                    Some((_, canvas)) => canvas,
                    None => behind,
                }
            }
        };
        if light < 1.0 {
            canvas.dimmed(light).to_frame()
        } else {
            canvas.to_frame()
        }
    }
}

/// How light frame `index` of `frames` is: from nearly black up, and down again to nearly black. Neither end is black, so that
/// no black frame stands at a border without being asked for.
fn light(index: u64, frames: u64, fade: u64) -> f32 {
    let fade = fade.min(frames / 2);
    let from_start = index + 1;
    let from_end = frames.saturating_sub(index);
    let nearest = from_start.min(from_end);
    if nearest > fade {
        1.0
    } else {
        nearest as f32 / (fade + 1) as f32
    }
}

/// Whole seconds to the end, the last one being 1.
fn seconds_left(index: u64, frames: u64, rate: FrameRate) -> u64 {
    let left = frames
        .saturating_sub(index)
        .saturating_mul(u64::from(rate.den));
    left.div_ceil(u64::from(rate.num).max(1))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fit {
    /// All of it, on black.
    Whole,
    /// So much of it that nothing else is seen.
    Fill,
}

/// A picture's file in the size of the programme.
fn fitted(bytes: &[u8], (width, height): (u32, u32), fit: Fit) -> Result<Canvas, AvError> {
    let kind = StillKind::of(bytes).ok_or_else(|| {
        AvError::refused("cannot show a picture", "it is no JPEG, PNG or WebP file")
    })?;
    let picture = decode_still(kind, bytes)?;
    let mut builder = GraphBuilder::new(1)?;
    let time_base = Timestamps { num: 1, den: 25 };
    let source = builder.source(&Source {
        frame: &picture,
        time_base,
        sar: (1, 1),
    })?;
    let ratio = match fit {
        Fit::Whole => "decrease",
        Fit::Fill => "increase",
    };
    let scale = [
        ("w", width.to_string()),
        ("h", height.to_string()),
        ("force_original_aspect_ratio", ratio.to_owned()),
        ("flags", "bicubic+accurate_rnd+full_chroma_int".into()),
        ("out_color_matrix", "bt709".into()),
        ("out_range", "limited".into()),
    ];
    let node = builder.then(source, "scale", &scale)?;
    let node = builder.then(node, "format", &[("pix_fmts", "yuv420p".into())])?;
    let (w, h) = ("w", "h");
    let node = match fit {
        Fit::Whole => builder.then(
            node,
            "pad",
            &[
                (w, width.to_string()),
                (h, height.to_string()),
                ("x", "(ow-iw)/2".into()),
                ("y", "(oh-ih)/2".into()),
                ("color", "black".into()),
            ],
        )?,
        Fit::Fill => builder.then(
            node,
            "crop",
            &[(w, width.to_string()), (h, height.to_string())],
        )?,
    };
    builder.sink(node, false)?;
    let mut graph = builder.build()?;
    graph.push(&picture)?;
    graph.finish()?;
    let mut out = Frame::empty();
    let canvas = match graph.pull(0, &mut out)? {
        Decoded::Frame => Canvas::of(&out),
        _ => None,
    };
    canvas.ok_or_else(|| AvError::refused("cannot show a picture", "it could not be scaled"))
}

/// What is behind words: the picture, darker, or a calm gradient with two thin lines.
fn background(picture: Option<&[u8]>, size: (u32, u32)) -> Result<Canvas, AvError> {
    if let Some(bytes) = picture {
        return Ok(fitted(bytes, size, Fit::Fill)?.dimmed(BEHIND_WORDS));
    }
    let mut canvas = Canvas::black(size.0, size.1);
    let (deep, blue, glow) = (
        Colour::rgb(9, 17, 30),
        Colour::rgb(22, 46, 74),
        Colour::rgb(44, 84, 120),
    );
    canvas.fill(|x, y| {
        let (dx, dy) = (x - 0.5, y - 0.40);
        let distance = (dx * dx * 1.4 + dy * dy * 2.2).sqrt();
        let near = (1.0 - distance * 1.7).clamp(0.0, 1.0);
        deep.mix(blue, 1.0 - y * 0.75).mix(glow, near * near * 0.55)
    });
    Ok(canvas)
}

/// Words being set.
struct Layout<'a> {
    canvas: &'a mut Canvas,
    letters: &'a mut Letters,
    scale: f32,
}

/// Lines of one size.
struct Block {
    lines: Vec<String>,
    style: Style,
    /// Space above, in pixels.
    above: f32,
}

impl Block {
    fn height(&self) -> f32 {
        if self.lines.is_empty() {
            return 0.0;
        }
        self.above + self.style.line_height() * self.lines.len() as f32
    }
}

impl<'a> Layout<'a> {
    fn new(canvas: &'a mut Canvas, letters: &'a mut Letters) -> Self {
        let narrow = canvas.width as f32 / (BASE_HEIGHT * 16.0 / 9.0);
        let scale = (canvas.height as f32 / BASE_HEIGHT).min(narrow);
        Layout {
            canvas,
            letters,
            scale,
        }
    }

    fn gold() -> Colour {
        Colour::rgb(222, 186, 112)
    }

    fn white() -> Colour {
        Colour::rgb(248, 246, 240)
    }

    fn grey() -> Colour {
        Colour::rgb(190, 203, 214)
    }

    /// The largest size at which the words fit; at the smallest they are cut.
    fn block(
        &mut self,
        text: &str,
        sizes: &[(f32, usize)],
        (weight, colour): (u16, Colour),
        above: f32,
    ) -> Block {
        let text = self.letters.drawable(text);
        let width = self.canvas.width as f32 * (1.0 - 2.0 * MARGIN);
        let mut style = Style {
            size: 0.0,
            weight,
            colour,
        };
        let above = above * self.scale;
        for (size, most) in sizes {
            style.size = size * self.scale;
            let letters = &mut *self.letters;
            let mut measure = |text: &str| letters.width(text, style);
            if let Some(lines) = wrap::lines(&text, width, *most, &mut measure) {
                return Block {
                    lines,
                    style,
                    above,
                };
            }
        }
        let letters = &mut *self.letters;
        let line = wrap::cut(&text, width, &mut |text: &str| letters.width(text, style));
        Block {
            lines: vec![line],
            style,
            above,
        }
    }

    fn draw(&mut self, block: &Block, mut y: f32) -> f32 {
        y += if block.lines.is_empty() {
            0.0
        } else {
            block.above
        };
        let middle = self.canvas.width as f32 / 2.0;
        for line in &block.lines {
            self.letters
                .draw(self.canvas, line, block.style, (middle, y));
            y += block.style.line_height();
        }
        y
    }

    /// The event's title at the top, with a line below it.
    fn event(&mut self, event: &str) {
        let block = self.block(event, &SMALL_SIZES, (400, Self::grey()), 0.0);
        if block.lines.is_empty() {
            return;
        }
        let y = self.canvas.height as f32 * 0.085;
        let y = self.draw(&block, y) + 18.0 * self.scale;
        self.rule(y, 150.0);
    }

    /// A thin line in the middle.
    fn rule(&mut self, y: f32, width: f32) {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "places on a canvas are small"
        )]
        let whole = |length: f32| length.round() as i32;
        let (w, h) = (whole(width * self.scale), whole(3.0 * self.scale).max(1));
        let x = whole(self.canvas.width as f32 / 2.0) - w / 2;
        self.canvas.rectangle((x, whole(y)), (w, h), Self::gold());
    }

    fn words(&mut self, words: &Words) {
        self.event(&words.event);
        let title = match &words.title {
            title if title.is_empty() || words.unit.is_empty() => title.clone(),
            title => format!("《{title}》"),
        };
        let blocks = [
            self.block(&words.number, &[(44.0, 1)], (700, Self::gold()), 0.0),
            self.block(&title, &TITLE_SIZES, (700, Self::white()), 10.0),
            self.block(&words.unit, &UNIT_SIZES, (400, Self::white()), 34.0),
            self.block(&words.region, &SMALL_SIZES, (400, Self::grey()), 14.0),
        ];
        let height: f32 = blocks.iter().map(Block::height).sum();
        // A little below the middle: the event's title stands above.
        let room = self.canvas.height as f32;
        let lift = if words.event.is_empty() { 0.0 } else { 0.045 };
        let mut y = (room - height) / 2.0 + room * lift;
        for block in &blocks {
            y = self.draw(block, y);
        }
    }

    fn seconds(&mut self, left: u64) {
        let block = self.block(&left.to_string(), &[(340.0, 1)], (700, Self::white()), 0.0);
        let y = (self.canvas.height as f32 - block.height()) / 2.0;
        self.draw(&block, y);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::av::{Decoder, Demuxed, Input, Packet};
    use crate::layout::Staging;
    use crate::transcode::clip::clip;

    #[test]
    fn a_fade_is_never_quite_black_and_the_middle_is_as_it_is() {
        let lights: Vec<_> = (0..8).map(|index| light(index, 8, 3)).collect();
        assert_eq!(lights, [0.25, 0.5, 0.75, 1.0, 1.0, 0.75, 0.5, 0.25]);
        assert!((light(0, 8, 0) - 1.0).abs() < f32::EPSILON);
        assert!((light(0, 1, 9) - 1.0).abs() < f32::EPSILON);
    }

    #[test]
    fn a_countdown_ends_with_one() {
        let rate = FrameRate { num: 25, den: 1 };
        let left: Vec<_> = [0, 24, 25, 49, 50, 74]
            .map(|index| seconds_left(index, 75, rate))
            .to_vec();
        assert_eq!(left, [3, 3, 2, 2, 1, 1]);
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        let error = fitted(b"%PDF-1.4", (64, 36), Fit::Whole).unwrap_err();
        assert!(error.to_string().contains("JPEG, PNG or WebP"), "{error}");
    }

    /// The first frame of a file of ours.
    fn decoded(file: std::fs::File) -> Canvas {
        let mut input = Input::open(file).unwrap();
        let mut decoder = Decoder::open(&input, 0, 1).unwrap();
        let (mut packet, mut frame) = (Packet::empty(), Frame::empty());
        while matches!(input.read(&mut packet), Demuxed::Packet) {
            if packet.stream() == 0 {
                decoder.send(&packet).unwrap();
            }
        }
        decoder.finish().unwrap();
        assert!(matches!(
            decoder.receive(&mut frame).unwrap(),
            Decoded::Frame
        ));
        Canvas::of(&frame).unwrap()
    }

    #[test]
    fn an_encoded_slates_gradient_has_no_bands() {
        let mut format = HallFormat::of(&crate::preset::ladder("balanced").unwrap());
        (format.width, format.height) = (960, 540);
        let drawn = background(None, (960, 540)).unwrap();
        let root = tempfile::tempdir().unwrap();
        let staging = Staging::new(std::fs::File::open(root.path()).unwrap().into());
        let length = (FrameRate { num: 25, den: 1 }, 3);
        clip(&staging, CLIP, &format, length, &mut |_| {
            Ok(drawn.to_frame()?)
        })
        .unwrap();
        let encoded = decoded(std::fs::File::open(root.path().join(CLIP)).unwrap());
        let (mut flat, mut blocks) = (0, 0);
        for y in (0..528).step_by(16) {
            for x in (0..960).step_by(16) {
                let block: Vec<u8> = (y..y + 16)
                    .flat_map(|row| encoded.row(row)[x..x + 16].to_vec())
                    .collect();
                blocks += 1;
                flat += usize::from(block.iter().all(|luma| *luma == block[0]));
            }
        }
        assert!(
            flat * 50 < blocks,
            "{flat} of {blocks} blocks are of one colour"
        );
    }

    /// The first and last column with ink on a canvas that was black.
    fn inked(canvas: &Canvas) -> Option<(usize, usize, usize, usize)> {
        let mut found: Option<(usize, usize, usize, usize)> = None;
        for y in 0..canvas.height {
            for (x, luma) in canvas.row(y).iter().enumerate() {
                if *luma > 60 {
                    let (left, right, top, bottom) = found.unwrap_or((x, x, y, y));
                    found = Some((left.min(x), right.max(x), top.min(y), bottom.max(y)));
                }
            }
        }
        found
    }

    #[test]
    fn titles_of_every_length_stay_inside_the_safe_area_without_an_empty_box() {
        let Ok(fonts) = crate::typeset::fonts::find("展播示例") else {
            // Nothing to draw with: said aloud by `zhanbo doctor`, and `scripts/setup` installs one.
            return;
        };
        let files: Vec<Vec<u8>> = fonts
            .files
            .iter()
            .map(|path| std::fs::read(path).unwrap())
            .collect();
        let mut letters = Letters::new(&fonts.family, files);
        let titles = [
            "雨".to_owned(),
            "春晓".to_owned(),
            "在灿烂阳光下我们一起走过的那些青春岁月与理想之歌永远向前".to_owned(),
            "诗".repeat(200),
            "W".repeat(120),
        ];
        for title in titles {
            let words = Words {
                event: "庆祝建党100周年诗歌朗诵、合唱视频展播".into(),
                number: "01".into(),
                title: title.clone(),
                unit: "四川长江职业学院马克思主义学院与音乐舞蹈学院联合艺术团".into(),
                region: "成都第一片区".into(),
            };
            let mut canvas = Canvas::black(960, 540);
            Layout::new(&mut canvas, &mut letters).words(&words);
            let (left, right, top, bottom) = inked(&canvas).unwrap();
            assert!(left >= 48 && right < 912, "{title}: {left} to {right}");
            assert!(top >= 27 && bottom < 513, "{title}: {top} to {bottom}");
        }
        assert_eq!(letters.missing(), "");
        assert_eq!(letters.drawable("雨\u{e123}"), "雨");
        assert_eq!(letters.missing(), "\u{e123}");
    }
}
