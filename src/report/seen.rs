//! What a reader sees of a page, for tests: a reader of our own pages that refuses whatever a browser would have to
//! guess at.

use html5ever::tendril::TendrilSink as _;
use markup5ever_rcdom::{Handle, NodeData, RcDom};

/// An opening tag: its name, and its attributes in order.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) attributes: Vec<(String, String)>,
}

impl Element {
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        let (_, value) = self.attributes.iter().find(|(n, _)| n == name)?;
        Some(value)
    }

    fn has_class(&self, class: &str) -> bool {
        self.attribute("class")
            .is_some_and(|all| all.split_ascii_whitespace().any(|one| one == class))
    }
}

/// Every element of any HTML, in order, as a browser's parser sees it.
pub(crate) fn parsed(html: &str) -> Vec<Element> {
    fn walk(node: &Handle, found: &mut Vec<Element>) {
        if let NodeData::Element { name, attrs, .. } = &node.data {
            let attributes = attrs.borrow();
            let attributes = attributes
                .iter()
                .map(|a| (a.name.local.to_string(), a.value.to_string()));
            found.push(Element {
                name: name.local.to_string(),
                attributes: attributes.collect(),
            });
        }
        for child in node.children.borrow().iter() {
            walk(child, found);
        }
    }
    let page = html5ever::parse_document(RcDom::default(), html5ever::ParseOpts::default());
    let page: RcDom = page.one(html);
    let mut found = Vec::new();
    walk(&page.document, &mut found);
    found
}

/// Elements in order, and the text outside style, script and the language in `hidden`.
pub(crate) struct Page {
    pub(crate) elements: Vec<Element>,
    pub(crate) text: String,
}

const VOID: [&str; 8] = [
    "meta", "img", "br", "input", "rect", "path", "circle", "line",
];
const BREAKS: [&str; 14] = [
    "p", "div", "section", "article", "tr", "li", "h1", "h2", "h3", "dt", "header", "summary",
    "table", "button",
];

/// Reads a page; panics on tags that do not match.
pub(crate) fn read(html: &str, hidden: &str) -> Page {
    let (mut elements, mut text, mut open) = (Vec::new(), String::new(), Vec::<Element>::new());
    let mut rest = html.strip_prefix("<!doctype html>").expect("a doctype");
    while let Some(at) = rest.find('<') {
        let unseen = |e: &Element| e.name == "style" || e.name == "script" || e.has_class(hidden);
        if !open.iter().any(unseen) {
            text += &unescape(&rest[..at]);
        }
        rest = &rest[at + 1..];
        if let Some(closing) = rest.strip_prefix('/') {
            let (name, after) = closing.split_once('>').expect("a whole tag");
            let opened = open.pop().expect("an open element");
            assert_eq!(opened.name, name, "closed in the wrong order");
            if opened.has_class("label") {
                text.push(' ');
            }
            rest = after;
        } else {
            let (element, after) = opening(rest);
            if BREAKS.contains(&element.name.as_str()) {
                text.push('\n');
            } else if matches!(element.name.as_str(), "td" | "th" | "dd" | "a") {
                text += " | ";
            } else if ["badge", "quiet", "dot"]
                .iter()
                .any(|c| element.has_class(c))
            {
                text.push(' ');
            }
            rest = after;
            elements.push(element.clone());
            if matches!(element.name.as_str(), "style" | "script") {
                let end = rest.find(&format!("</{}>", element.name)).expect("its end");
                rest = &rest[end..];
            }
            if !VOID.contains(&element.name.as_str()) {
                open.push(element);
            }
        }
    }
    assert!(open.is_empty(), "left open: {open:?}");
    let lines = text
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|line| !line.is_empty());
    Page {
        text: lines.collect::<Vec<_>>().join("\n"),
        elements,
    }
}

fn opening(rest: &str) -> (Element, &str) {
    let end = rest
        .find(|c: char| c.is_whitespace() || c == '>' || c == '/')
        .expect("a whole tag");
    let name = rest[..end].to_owned();
    assert!(
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric()),
        "<{name} is no tag"
    );
    let (mut rest, mut attributes) = (&rest[end..], Vec::new());
    loop {
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix('>').or_else(|| rest.strip_prefix("/>")) {
            return (Element { name, attributes }, after);
        }
        let end = rest
            .find(|c: char| c.is_whitespace() || "=>/".contains(c))
            .expect("a whole tag");
        let attribute = rest[..end].to_owned();
        rest = &rest[end..];
        let mut value = String::new();
        if let Some(quoted) = rest.strip_prefix("=\"") {
            let (inside, after) = quoted.split_once('"').expect("a closing quote");
            value = unescape(inside);
            rest = after;
        }
        attributes.push((attribute, value));
    }
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#x27;", "'")
        .replace("&#x2f;", "/")
        .replace("&amp;", "&")
}
