//! What all our pages share: one style sheet, one script, one way to render. In: a template and its values. Out: a page
//! that loads nothing from anywhere, says so in its policy, and shows no value from outside as anything but text.

use std::fmt::Write as _;

use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, context};

use super::wording::clean;
use crate::text::{Lang, Text, plural};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");
const PARTS: &str = include_str!("parts.html");
const FRAME: &str = include_str!("frame.html");

// The policy lets exactly these two run: a script that slipped in through a name would not. A test says what to write
// here when either has changed.
const STYLE_HASH: &str = "sha256-4/bfGjTeX1g2N6qRUwGN9mX8PWlRxlKniDAszM6SUS4=";
const SCRIPT_HASH: &str = "sha256-22tvnWHouvC3wY91//t4vAa1wWFbfN94xC6snDo2pbc=";

/// A page that could not be rendered: a fault of the template, never of a report.
#[derive(Debug, thiserror::Error)]
#[error("the page {page} could not be rendered")]
pub struct RenderError {
    /// Which template.
    page: &'static str,
    /// What is wrong with it.
    source: minijinja::Error,
}

pub(crate) fn render(
    page: &'static str,
    template: &'static str,
    lang: Lang,
    values: Value,
) -> Result<String, RenderError> {
    try_render(page, template, lang, values).map_err(|source| RenderError { page, source })
}

fn try_render(
    page: &'static str,
    template: &'static str,
    lang: Lang,
    values: Value,
) -> Result<String, minijinja::Error> {
    let mut templates = Environment::new();
    templates.add_function("plural", |number: i64, one: &str| plural(number, one));
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build()?;
    templates.set_syntax(syntax);
    templates.set_undefined_behavior(UndefinedBehavior::Strict);
    templates.set_auto_escape_callback(|_| AutoEscape::Html);
    templates.add_template("parts.html", PARTS)?;
    templates.add_template("frame.html", FRAME)?;
    templates.add_template(page, template)?;
    let shared = context! {
        lang => lang.pick("zh-CN", "en"),
        policy => policy(),
        style => Value::from_safe_string(STYLE.to_owned()),
        script => Value::from_safe_string(SCRIPT.to_owned()),
    };
    templates
        .get_template(page)?
        .render(context! { ..shared, ..values })
}

fn policy() -> String {
    format!(
        "default-src 'none'; img-src data: 'self' file:; style-src '{STYLE_HASH}'; script-src '{SCRIPT_HASH}'; \
         base-uri 'none'; form-action 'none'"
    )
}

/// A statement in both languages, cleaned, as a template's value.
pub(crate) fn text(text: &Text) -> Value {
    let Text { zh, en } = clean(text);
    context! { zh, en }
}

/// The address of a file in the output folder, `root` being the way from the page up to it; none for a path that
/// would lead anywhere else.
pub(crate) fn address(root: &str, path: &str) -> Option<String> {
    let inside = |part: &str| !matches!(part, "" | "." | "..");
    path.split('/').all(inside).then(|| {
        let parts: Vec<_> = path.split('/').map(percent_encoded).collect();
        format!("{root}{}", parts.join("/"))
    })
}

// RFC 3986 §2.3: these mean themselves everywhere in an address. All else is written as its UTF-8 bytes, so that a
// colon can not make a scheme nor a number sign cut the address short.
fn percent_encoded(part: &str) -> String {
    part.bytes().fold(String::new(), |mut address, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            address.push(char::from(byte));
        } else {
            let _ = write!(address, "%{byte:02X}");
        }
        address
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_stays_inside_the_output_folder() {
        for (path, address_of_it) in [
            ("site/media/a1/web.mp4", Some("../site/media/a1/web.mp4")),
            ("javascript:alert(1)", Some("../javascript%3Aalert%281%29")),
            ("a b/爱?#.mp4", Some("../a%20b/%E7%88%B1%3F%23.mp4")),
            ("/etc/passwd", None),
            ("site//x", None),
            ("masters/../../x", None),
            ("./x", None),
            ("", None),
        ] {
            assert_eq!(address("../", path).as_deref(), address_of_it, "{path}");
        }
    }

    #[test]
    fn the_policy_names_the_style_sheet_and_the_script_as_they_are() {
        assert_eq!(STYLE_HASH, csp_hash(STYLE), "write this as STYLE_HASH");
        assert_eq!(SCRIPT_HASH, csp_hash(SCRIPT), "write this as SCRIPT_HASH");
        let nothing = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
        assert_eq!(csp_hash(""), nothing);
    }

    #[test]
    fn neither_style_nor_script_ends_its_element_or_loads_anything() {
        for part in [STYLE, SCRIPT] {
            for forbidden in ["</", "http:", "https:", "@import", "url("] {
                assert!(!part.contains(forbidden), "{forbidden}");
            }
        }
    }

    #[test]
    fn a_fault_in_a_template_says_which_page() {
        let fault = render("odd.html", "{{ nothing }}", Lang::Zh, context! {}).unwrap_err();
        assert_eq!(fault.to_string(), "the page odd.html could not be rendered");
        assert!(std::error::Error::source(&fault).is_some());
    }

    fn csp_hash(text: &str) -> String {
        const DIGITS: &[u8; 64] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let encoded = sha256(text.as_bytes()).chunks(3).fold(
            String::from("sha256-"),
            |mut encoded, chunk| {
                let [a, b, c] = [0, 1, 2].map(|i| u32::from(*chunk.get(i).unwrap_or(&0)));
                let bits = a << 16 | b << 8 | c;
                for i in 0..=chunk.len() {
                    let digit = bits >> (18 - 6 * i) & 63;
                    encoded.push(char::from(DIGITS[digit as usize]));
                }
                encoded
            },
        );
        encoded + "="
    }

    /// FIPS 180-4 §6.2, for the test above only; its constants are worked out from the primes they come from.
    fn sha256(message: &[u8]) -> Vec<u8> {
        let primes: Vec<u64> = (2..312).filter(|n| (2..*n).all(|d| n % d != 0)).collect();
        let fraction = |prime: u64, root: u32| {
            // The first 32 bits behind the point of a root: the whole root of prime * 2^(32 * root), cut to 32 bits.
            let wanted = u128::from(prime) << (32 * root);
            let (mut low, mut high) = (0_u128, 1 << 40);
            while high - low > 1 {
                let middle = u128::midpoint(low, high);
                if middle.pow(root) <= wanted {
                    low = middle;
                } else {
                    high = middle;
                }
            }
            u32::try_from(low & 0xffff_ffff).unwrap()
        };
        let k: Vec<_> = primes.iter().map(|p| fraction(*p, 3)).collect();
        let mut state: Vec<_> = primes[..8].iter().map(|p| fraction(*p, 2)).collect();
        let mut padded = message.to_vec();
        padded.push(0x80);
        padded.resize(padded.len().next_multiple_of(64), 0);
        if padded.len() - message.len() < 9 {
            padded.resize(padded.len() + 64, 0);
        }
        let end = padded.len() - 8;
        padded[end..].copy_from_slice(&(message.len() as u64 * 8).to_be_bytes());
        for block in padded.chunks(64) {
            compress(&mut state, block, &k);
        }
        state.into_iter().flat_map(u32::to_be_bytes).collect()
    }

    fn compress(state: &mut [u32], block: &[u8], k: &[u32]) {
        let turn = |x: u32, by: [u32; 3]| {
            by.map(|n| x.rotate_right(n))
                .into_iter()
                .fold(0, |a, b| a ^ b)
        };
        let mut w: Vec<_> = block
            .chunks(4)
            .map(|b| u32::from_be_bytes(b.try_into().unwrap()))
            .collect();
        for t in 16..64 {
            let (x, y) = (w[t - 2], w[t - 15]);
            let s1 = x.rotate_right(17) ^ x.rotate_right(19) ^ x >> 10;
            let s0 = y.rotate_right(7) ^ y.rotate_right(18) ^ y >> 3;
            w.push(
                s1.wrapping_add(w[t - 7])
                    .wrapping_add(s0)
                    .wrapping_add(w[t - 16]),
            );
        }
        let mut v = state.to_vec();
        for t in 0..64 {
            let choice = v[4] & v[5] ^ !v[4] & v[6];
            let majority = v[0] & v[1] ^ v[0] & v[2] ^ v[1] & v[2];
            let one = [turn(v[4], [6, 11, 25]), choice, k[t], w[t]]
                .into_iter()
                .fold(v[7], u32::wrapping_add);
            let two = turn(v[0], [2, 13, 22]).wrapping_add(majority);
            v.rotate_right(1);
            v[4] = v[4].wrapping_add(one);
            v[0] = one.wrapping_add(two);
        }
        for (sum, part) in state.iter_mut().zip(v) {
            *sum = sum.wrapping_add(part);
        }
    }
}
