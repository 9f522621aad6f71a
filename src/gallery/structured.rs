//! Data for machines: schema.org's `VideoObject`, and values for scripts. In: films. Out: JSON that can stand inside an
//! HTML page or a script, whatever a title says.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::json;

use super::address::absolute;
use super::film::Film;
use crate::layout::{Layout, POSTER, WEB_MP4};
use crate::units::Millis;

/// JSON in which no character could end a `script` element, or a line of a script where one may not end.
pub(super) fn script_json(value: &impl Serialize) -> String {
    let json = serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned());
    json.chars()
        .fold(String::with_capacity(json.len()), |mut text, c| {
            match c {
                '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                    let _ = write!(text, "\\u{:04x}", c as u32);
                }
                c => text.push(c),
            }
            text
        })
}

/// A film as schema.org describes one; addresses need to know where the website will be.
pub(super) fn video_object(film: &Film<'_>, base_url: Option<&str>, language: &str) -> String {
    let media = Layout::media_name(&film.submission.id);
    let media = media.trim_start_matches("site/");
    let mut object = json!({
        "@context": "https://schema.org",
        "@type": "VideoObject",
        "name": film.title,
        "description": film.description(),
        "uploadDate": film.published_at(),
        "duration": iso_duration(film.duration()),
        "inLanguage": language,
        "publisher": { "@type": "Organization", "name": film.unit },
        "isFamilyFriendly": true,
    });
    if let (Some(base), Some(object)) = (base_url, object.as_object_mut()) {
        let at = |name: &str| json!(absolute(base, &format!("{media}/{name}")));
        object.insert("thumbnailUrl".into(), at(POSTER));
        object.insert("contentUrl".into(), at(WEB_MP4));
        object.insert("url".into(), json!(absolute(base, &film.page())));
    }
    script_json(&object)
}

/// `PT3M45S` (ISO 8601), to the second.
pub(super) fn iso_duration(length: Millis) -> String {
    let seconds = length.0.saturating_add(500) / 1000;
    let (h, m, s) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if h > 0 {
        format!("PT{h}H{m}M{s}S")
    } else {
        format!("PT{m}M{s}S")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_the_script_that_it_stands_in() {
        let shown = script_json(&"</script><!--&\u{2028}\"\\");
        assert_eq!(shown, r#""\u003c/script\u003e\u003c!--\u0026\u2028\"\\""#);
        let back: String = serde_json::from_str(&shown).unwrap();
        assert_eq!(back, "</script><!--&\u{2028}\"\\");
    }

    #[test]
    fn lengths_are_written_as_the_standard_has_them() {
        assert_eq!(iso_duration(Millis(225_499)), "PT3M45S");
        assert_eq!(iso_duration(Millis(3_661_000)), "PT1H1M1S");
        assert_eq!(iso_duration(Millis(0)), "PT0M0S");
    }
}
