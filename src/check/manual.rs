//! A rule's manual page is the first lines of its file. In: the file's text. Out: one language's half of it.

use crate::text::Lang;

/// The lines below `//! # 中文` or `//! # English`, up to the next such heading.
pub(super) fn page(source: &str, lang: Lang) -> String {
    let heading = lang.pick("# 中文", "# English");
    let lines: Vec<&str> = source
        .lines()
        .map_while(|line| line.strip_prefix("//!"))
        .map(|line| line.strip_prefix(' ').unwrap_or(line))
        .skip_while(|line| *line != heading)
        .skip(1)
        .take_while(|line| !line.starts_with("# "))
        .collect();
    lines.join("\n").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_one_language_and_stops_at_the_code() {
        let source = "//! # 中文\n//!\n//! ## 甲\n//! 乙\n//!\n//! # English\n//! ## A\n//!\n//! b\n\nuse x;\n//! # c\n";
        assert_eq!(page(source, Lang::Zh), "## 甲\n乙");
        assert_eq!(page(source, Lang::En), "## A\n\nb");
        assert_eq!(page("use x;", Lang::En), "");
    }
}
