//! Which filters bring a picture into shape. In: a [`Recipe`]. Out: chains of filters as data. Never runs them.

use super::colour::{self, Table};
use super::ladder::{Matrix, OwnPicture, Treatment, WholeFrames};
use crate::av::{Chain, upright};
use crate::preset::Rung;
use crate::probe::{CleanAperture, Scan};

/// What happens to a picture between the decoder and the top rung.
#[derive(Debug)]
pub struct ToTop {
    /// Up to red, green and blue where there is a table, else up to the end.
    pub chain: Chain,
    /// Where colours are looked up, and what happens then.
    pub table: Option<(Table, Chain)>,
}

/// From the source to the top rung: whole frames, upright, square pixels, bt709 limited, 8-bit 4:2:0.
pub fn to_top(treatment: &Treatment, top: &Rung) -> ToTop {
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
    let bt709 = options(&[("out_color_matrix", "bt709"), ("out_range", "limited")]);
    let table = colour::table(treatment).map(|table| {
        let mut from_rgb = options(&[("in_range", "full"), ("flags", "bicubic")]);
        from_rgb.extend(bt709.clone());
        let mut behind = vec![("scale", from_rgb)];
        behind.extend(finished());
        (table, behind)
    });
    if table.is_some() {
        scale.extend(options(&[("out_range", "full")]));
        chain.push(("scale", scale));
        chain.push(("format", options(&[("pix_fmts", "gbrpf32le")])));
    } else {
        scale.extend(bt709);
        chain.push(("scale", scale));
        chain.extend(finished());
    }
    ToTop { chain, table }
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
pub fn to_lower(rung: &Rung) -> Chain {
    let mut chain = vec![("scale", size(rung.width, rung.height, "bicubic"))];
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
    vec![
        ("format", options(&[("pix_fmts", "yuv420p")])),
        ("setsar", options(&[("sar", "1")])),
    ]
}

/// What the numbers of the source mean, as swscale is told.
fn meaning_of(treatment: &Treatment) -> Vec<(&'static str, String)> {
    // swscale ignores the input matrix where there is none, but refuses a name that it does not know.
    let matrix = match treatment.matrix {
        Matrix::Bt709 => "bt709",
        Matrix::Bt601 => "bt601",
        Matrix::Bt2020 => "bt2020",
        Matrix::Smpte240m => "smpte240m",
        Matrix::Fcc => "fcc",
        Matrix::Rgb => "auto",
    };
    let range = if treatment.full_range || treatment.matrix == Matrix::Rgb {
        "full"
    } else {
        "limited"
    };
    options(&[("in_color_matrix", matrix), ("in_range", range)])
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

    fn names(treatment: &Treatment) -> String {
        let rate = BitRate::from_kbps(1);
        let top = Rung {
            name: "x".into(),
            width: 64,
            height: 36,
            crf: 23.0,
            max_bit_rate: rate,
            buffer: rate,
        };
        let to_top = to_top(treatment, &top);
        let names = |chain: &Chain| chain.iter().map(|(name, _)| *name).collect::<Vec<_>>();
        let mut all = names(&to_top.chain);
        if let Some((_, behind)) = &to_top.table {
            all.push("TABLE");
            all.extend(names(behind));
        }
        all.join(" ")
    }

    #[test]
    fn a_plain_picture_is_only_scaled() {
        assert_eq!(names(&Treatment::NONE), "scale format setsar");
    }

    #[test]
    fn fields_edges_alpha_turns_and_hdr_are_undone_in_that_order() {
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
            names(&everything),
            "bwdif crop premultiply hflip hflip vflip scale format TABLE scale format setsar"
        );
        let film = Treatment {
            scan: Scan::BottomFirst,
            whole_frames: WholeFrames::OfFilm,
            ..Treatment::NONE
        };
        assert_eq!(
            names(&film),
            "fps fieldmatch bwdif decimate scale format setsar"
        );
    }
}
