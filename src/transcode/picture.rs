//! Which filters bring a picture into shape. In: a [`Recipe`]. Out: chains of filters as data. Never runs them.

use super::ladder::{Matrix, OwnPicture, Treatment, WholeFrames};
use super::recolour;
use crate::av::{Chain, Frame, upright};
use crate::preset::{Rung, Scaler};
use crate::probe::{CleanAperture, Scan};

/// How frames come out of the decoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decoded {
    /// Width and height in pixels.
    pub size: (u32, u32),
    /// More than 8 bits.
    pub deep: bool,
    /// Depth in bits where they are 4:2:0 in three planes.
    pub depth_of_420: Option<u32>,
}

impl Decoded {
    /// As this one.
    pub fn of(frame: &Frame) -> Self {
        Decoded {
            size: (frame.width(), frame.height()),
            deep: frame.is_deep(),
            depth_of_420: frame.depth_of_420(),
        }
    }
}

/// From the source to the top rung: whole frames, upright, square pixels, bt709 limited, 8-bit 4:2:0. Where
/// [`recolour::is_needed`] they keep their colours, and 10 bits if they have more than 8.
pub fn to_top(treatment: &Treatment, top: &Rung, decoded: Decoded) -> Chain {
    let has_size = decoded.size == (top.width, top.height);
    if *treatment == Treatment::NONE && has_size {
        return as_it_is();
    }
    let mut chain = whole_frames(treatment);
    if let Some(clean) = treatment.clean {
        chain.push(("crop", cut(clean)));
    }
    if treatment.alpha {
        // What is transparent lets black through.
        chain.push(("premultiply", options(&[("inplace", "1")])));
    }
    chain.extend(upright(treatment.orientation));
    let mut scale = size(top.width, top.height, "bicubic");
    scale.extend(meaning_of(treatment));
    if !recolour::is_needed(treatment) {
        scale.extend(meaning(
            "out_color_matrix",
            "out_range",
            (Matrix::Bt709, false),
        ));
        chain.push(("scale", scale));
        chain.extend(finished());
        return chain;
    }
    let upright_size =
        has_size && treatment.clean.is_none() && treatment.orientation.rotation.is_multiple_of(180);
    if upright_size && decoded.depth_of_420.is_some() {
        chain.push(("setsar", options(&[("sar", "1")])));
        return chain;
    }
    let arrives_as = recolour::arrives_as(treatment);
    scale.extend(meaning("out_color_matrix", "out_range", arrives_as));
    chain.push(("scale", scale));
    chain.extend(finished_in(if decoded.deep {
        "yuv420p10le"
    } else {
        "yuv420p"
    }));
    chain
}

/// No pixel changes, and none is copied: the encoder sees the decoder's own frames.
fn as_it_is() -> Chain {
    let mut chain = vec![(
        "setparams",
        options(&[
            ("range", "limited"),
            ("color_primaries", "bt709"),
            ("color_trc", "bt709"),
            ("colorspace", "bt709"),
        ]),
    )];
    chain.extend(finished());
    chain
}

/// Whole frames from fields.
fn whole_frames(treatment: &Treatment) -> Chain {
    let order = match treatment.scan {
        Scan::Progressive => return Chain::new(),
        Scan::TopFirst => "tff",
        Scan::BottomFirst => "bff",
    };
    let deinterlaced = |mode, which| {
        let settings = options(&[("mode", mode), ("parity", order), ("deint", which)]);
        ("bwdif", settings)
    };
    match treatment.whole_frames {
        WholeFrames::OneAFrame => vec![deinterlaced("send_frame", "all")],
        WholeFrames::OneAField => vec![deinterlaced("send_field", "all")],
        // Fields of one moment are put together again, what does not fit is deinterlaced, and the fifth frame, which is there
        // twice, goes. It is found by counting, so there must be no gaps.
        WholeFrames::OfFilm => vec![
            ("fps", options(&[("fps", "30000/1001")])),
            (
                "fieldmatch",
                options(&[("order", order), ("combmatch", "full")]),
            ),
            deinterlaced("send_frame", "interlaced"),
            ("decimate", vec![]),
        ],
    }
}

fn cut(clean: CleanAperture) -> Vec<(&'static str, String)> {
    vec![
        ("w", clean.width.to_string()),
        ("h", clean.height.to_string()),
        ("x", clean.left.to_string()),
        ("y", clean.top.to_string()),
    ]
}

/// From a larger rung to a smaller one.
pub fn to_lower(rung: &Rung, scaler: Scaler) -> Chain {
    let flags = match scaler {
        Scaler::Bicubic => "bicubic",
        Scaler::Lanczos => "lanczos",
    };
    let mut chain = vec![("scale", size(rung.width, rung.height, flags))];
    chain.extend(finished());
    chain
}

/// From the top rung to the hall's picture.
pub fn to_hall(hall: &OwnPicture) -> Chain {
    let mut chain = vec![("scale", size(hall.film_width, hall.film_height, "bicubic"))];
    chain.push((
        "pad",
        vec![
            ("w", hall.rung.width.to_string()),
            ("h", hall.rung.height.to_string()),
            ("x", "(ow-iw)/2".into()),
            ("y", "(oh-ih)/2".into()),
            ("color", "black".into()),
        ],
    ));
    chain.extend(finished());
    chain
}

fn finished() -> Chain {
    finished_in("yuv420p")
}

fn finished_in(format: &str) -> Chain {
    vec![
        ("format", options(&[("pix_fmts", format)])),
        ("setsar", options(&[("sar", "1")])),
    ]
}

/// What the numbers of the source mean, as swscale is told.
fn meaning_of(treatment: &Treatment) -> Vec<(&'static str, String)> {
    let full_range = treatment.full_range || treatment.matrix == Matrix::Rgb;
    meaning(
        "in_color_matrix",
        "in_range",
        (treatment.matrix, full_range),
    )
}

fn meaning(
    matrix_key: &'static str,
    range_key: &'static str,
    (matrix, full_range): (Matrix, bool),
) -> Vec<(&'static str, String)> {
    // swscale ignores the matrix where there is none, but refuses a name that it does not know.
    let matrix = match matrix {
        Matrix::Bt709 => "bt709",
        Matrix::Bt601 => "bt601",
        Matrix::Bt2020 => "bt2020",
        Matrix::Smpte240m => "smpte240m",
        Matrix::Fcc => "fcc",
        Matrix::Rgb => "auto",
    };
    let range = if full_range { "full" } else { "limited" };
    options(&[(matrix_key, matrix), (range_key, range)])
}

fn size(width: u32, height: u32, flags: &str) -> Vec<(&'static str, String)> {
    vec![
        ("w", width.to_string()),
        ("h", height.to_string()),
        ("flags", flags.into()),
    ]
}

fn options(pairs: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    pairs
        .iter()
        .map(|(key, value)| (*key, (*value).to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::{Hdr, Orientation};
    use crate::units::BitRate;

    const PLAIN: Decoded = Decoded {
        size: (128, 72),
        deep: false,
        depth_of_420: Some(8),
    };
    /// As large as the rung.
    const FITTING: Decoded = Decoded {
        size: (64, 36),
        ..PLAIN
    };

    fn rung() -> Rung {
        let rate = BitRate::from_kbps(1);
        Rung {
            name: "x".into(),
            width: 64,
            height: 36,
            crf: 23.0,
            max_bit_rate: rate,
            buffer: rate,
        }
    }

    fn names(decoded: Decoded, treatment: &Treatment) -> String {
        let names = chain(decoded, treatment).into_iter().map(|(name, _)| name);
        names.collect::<Vec<_>>().join(" ")
    }

    fn chain(decoded: Decoded, treatment: &Treatment) -> Chain {
        to_top(treatment, &rung(), decoded)
    }

    fn says(chain: &Chain, key: &str) -> Vec<String> {
        let options = chain.iter().flat_map(|(_, options)| options);
        let values = options.filter(|(name, _)| *name == key);
        values.map(|(_, value)| value.clone()).collect()
    }

    #[test]
    fn a_plain_picture_is_only_scaled_and_not_even_that_where_it_has_the_rungs_size() {
        assert_eq!(names(PLAIN, &Treatment::NONE), "scale format setsar");
        assert_eq!(names(FITTING, &Treatment::NONE), "setparams format setsar");
    }

    #[test]
    fn lower_rungs_are_scaled_as_the_ladder_says() {
        let flags = |scaler| says(&to_lower(&rung(), scaler), "flags");
        assert_eq!(flags(Scaler::Bicubic), ["bicubic"]);
        assert_eq!(flags(Scaler::Lanczos), ["lanczos"]);
    }

    #[test]
    fn what_will_be_recoloured_keeps_its_colours_and_its_depth() {
        let full = Treatment {
            full_range: true,
            matrix: Matrix::Bt601,
            ..Treatment::NONE
        };
        assert_eq!(names(FITTING, &full), "setsar");
        let scaled = chain(PLAIN, &full);
        assert_eq!(says(&scaled, "out_color_matrix"), ["bt601"]);
        assert_eq!(says(&scaled, "out_range"), ["full"]);
        assert_eq!(says(&scaled, "pix_fmts"), ["yuv420p"]);
        let deep = Decoded {
            deep: true,
            depth_of_420: None,
            ..FITTING
        };
        assert_eq!(says(&chain(deep, &full), "pix_fmts"), ["yuv420p10le"]);
        let turned = Treatment {
            orientation: Orientation {
                rotation: 90,
                mirrored: false,
            },
            ..full
        };
        assert_eq!(names(FITTING, &turned), "transpose scale format setsar");
        let rgb = Treatment {
            matrix: Matrix::Rgb,
            ..Treatment::NONE
        };
        assert_eq!(says(&chain(PLAIN, &rgb), "out_color_matrix"), ["bt709"]);
    }

    #[test]
    fn fields_edges_alpha_and_turns_are_undone_in_that_order() {
        let clean = CleanAperture {
            left: 8,
            top: 0,
            width: 704,
            height: 576,
        };
        let everything = Treatment {
            scan: Scan::TopFirst,
            clean: Some(clean),
            alpha: true,
            orientation: Orientation {
                rotation: 180,
                mirrored: true,
            },
            hdr: Some(Hdr::Hlg),
            ..Treatment::NONE
        };
        assert_eq!(
            names(PLAIN, &everything),
            "bwdif crop premultiply hflip hflip vflip scale format setsar"
        );
        let film = Treatment {
            scan: Scan::BottomFirst,
            whole_frames: WholeFrames::OfFilm,
            ..Treatment::NONE
        };
        assert_eq!(
            names(PLAIN, &film),
            "fps fieldmatch bwdif decimate scale format setsar"
        );
    }
}
