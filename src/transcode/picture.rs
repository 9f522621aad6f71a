//! Which filters bring a picture into shape. In: a [`Recipe`]. Out: chains of filters as data. Never runs them.

use super::ladder::{Matrix, OwnPicture, Treatment};
use crate::av::{Chain, upright};
use crate::preset::Rung;
use crate::probe::{Hdr, Scan};

/// Peak luminance that counts as white when HDR becomes SDR: 203 cd/m² would be BT.2408's, 100 keeps faces bright in a
/// hall. In cd/m².
const NOMINAL_PEAK: &str = "100";

/// From the source to the top rung: whole frames, upright, square pixels, bt709 limited, 8-bit 4:2:0.
pub fn to_top(treatment: &Treatment, top: &Rung) -> Chain {
    let mut chain = Chain::new();
    if treatment.scan != Scan::Progressive {
        let parity = if treatment.scan == Scan::TopFirst {
            "tff"
        } else {
            "bff"
        };
        chain.push((
            "bwdif",
            options(&[("mode", "send_frame"), ("parity", parity), ("deint", "all")]),
        ));
    }
    chain.extend(upright(treatment.orientation));
    if treatment.hdr.is_some() || treatment.wide_gamut {
        chain.extend(to_sdr(treatment, top));
    } else {
        chain.push(("scale", scale_from(treatment, top)));
    }
    chain.extend(finished());
    chain
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

fn scale_from(treatment: &Treatment, top: &Rung) -> Vec<(&'static str, String)> {
    let mut scale = size(top.width, top.height, "bicubic");
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
    scale.extend(options(&[
        ("in_color_matrix", matrix),
        ("in_range", range),
        ("out_color_matrix", "bt709"),
        ("out_range", "limited"),
    ]));
    scale
}

// Linear light at the size that is wanted, colours to bt709, highlights rolled off, then bt709's own curve.
fn to_sdr(treatment: &Treatment, top: &Rung) -> Chain {
    let transfer = match treatment.hdr {
        Some(Hdr::Pq) => "smpte2084",
        Some(Hdr::Hlg) => "arib-std-b67",
        None => "2020_10",
    };
    let range = if treatment.full_range {
        "full"
    } else {
        "limited"
    };
    let mut linear = vec![("w", top.width.to_string()), ("h", top.height.to_string())];
    linear.extend(options(&[
        ("filter", "bicubic"),
        ("transferin", transfer),
        ("matrixin", "2020_ncl"),
        ("primariesin", "2020"),
        ("rangein", range),
        ("transfer", "linear"),
        ("npl", NOMINAL_PEAK),
    ]));
    let mut chain = vec![
        ("zscale", linear),
        ("format", options(&[("pix_fmts", "gbrpf32le")])),
        ("zscale", options(&[("primaries", "709")])),
    ];
    if treatment.hdr.is_some() {
        chain.push(("tonemap", options(&[("tonemap", "hable"), ("desat", "0")])));
    }
    chain.push((
        "zscale",
        options(&[("transfer", "709"), ("matrix", "709"), ("range", "limited")]),
    ));
    chain
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
    use crate::probe::Orientation;
    use crate::units::BitRate;

    fn names(treatment: &Treatment) -> Vec<&'static str> {
        let rate = BitRate::from_kbps(1);
        let top = Rung {
            name: "x".into(),
            width: 64,
            height: 36,
            crf: 23.0,
            max_bit_rate: rate,
            buffer: rate,
        };
        to_top(treatment, &top)
            .into_iter()
            .map(|(name, _)| name)
            .collect()
    }

    fn plain() -> Treatment {
        Treatment {
            scan: Scan::Progressive,
            orientation: Orientation::default(),
            hdr: None,
            wide_gamut: false,
            matrix: Matrix::Bt709,
            full_range: false,
        }
    }

    #[test]
    fn a_plain_picture_is_only_scaled() {
        assert_eq!(names(&plain()), ["scale", "format", "setsar"]);
    }

    #[test]
    fn fields_turns_and_hdr_are_undone_in_that_order() {
        let phone = Treatment {
            scan: Scan::TopFirst,
            orientation: Orientation {
                rotation: 180,
                mirrored: true,
            },
            hdr: Some(Hdr::Hlg),
            ..plain()
        };
        let expected = [
            "bwdif", "hflip", "hflip", "vflip", "zscale", "format", "zscale", "tonemap", "zscale",
        ];
        assert_eq!(names(&phone)[..9], expected);
        let wide = Treatment {
            wide_gamut: true,
            ..plain()
        };
        assert!(!names(&wide).contains(&"tonemap"));
    }
}
