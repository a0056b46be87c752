//! HTML as a browser would lay it out, without running anything: a page with scripts is refused.

use crate::Refusal;
use iambilly_policy::{Block, Content, Document};
use scraper::node::Node;
use scraper::{ElementRef, Html};

/// How deep elements may nest.
const DEPTH: u16 = 200;

/// Reads a page.
///
/// # Errors
/// [`Refusal::Scripted`].
pub fn read(text: &str) -> Result<Document, Refusal> {
    let html = Html::parse_document(text);
    let runs = |element: ElementRef<'_>| {
        matches!(element.value().name(), "script" | "iframe" | "object" | "embed" | "applet")
            || element.value().attrs().any(|(name, value)| {
                name.starts_with("on") || value.trim_start().to_ascii_lowercase().starts_with("javascript:")
            })
    };
    if html.root_element().descendants().filter_map(ElementRef::wrap).any(runs) {
        return Err(Refusal::Scripted);
    }
    let mut walk = Walk::default();
    walk.element(html.root_element(), DEPTH);
    walk.close();
    Ok(Document { pages: 1, blocks: walk.blocks, ..Document::default() })
}

#[derive(Default)]
struct Walk {
    blocks: Vec<Block>,
    text: String,
    marker: Option<(String, u8)>,
    lists: Vec<Option<u32>>,
}

impl Walk {
    fn push(&mut self, content: Content) {
        self.blocks.push(Block { page: 1, content });
    }

    /// Ends the paragraph or item that is open.
    fn close(&mut self) {
        let text = squeeze(&std::mem::take(&mut self.text));
        if text.is_empty() {
            return;
        }
        match self.marker.take() {
            Some((marker, depth)) => self.push(Content::Item { marker, text, depth }),
            None => self.push(Content::Paragraph { text }),
        }
    }

    fn element(&mut self, element: ElementRef<'_>, depth: u16) {
        let Some(deeper) = depth.checked_sub(1) else { return };
        let name = element.value().name();
        match name {
            "head" | "style" | "noscript" | "template" | "nav" | "svg" => {}
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.close();
                let level = name.trim_start_matches('h').parse().unwrap_or(6);
                let text = squeeze(&words(element));
                if !text.is_empty() {
                    self.push(Content::Heading { level, text });
                }
            }
            "table" => {
                self.close();
                self.table(element);
            }
            "ul" | "ol" => {
                self.close();
                self.lists.push((name == "ol").then_some(0));
                self.children(element, deeper);
                self.close();
                self.lists.pop();
            }
            "li" => {
                self.close();
                let marker = match self.lists.last_mut() {
                    Some(Some(number)) => {
                        *number += 1;
                        format!("{number}.")
                    }
                    _ => "•".to_owned(),
                };
                let depth = u8::try_from(self.lists.len().saturating_sub(1)).unwrap_or(u8::MAX);
                self.marker = Some((marker, depth));
                self.children(element, deeper);
                self.close();
                self.marker = None;
            }
            "br" => self.text.push(' '),
            "p" | "div" | "section" | "article" | "header" | "footer" | "main" | "body" | "blockquote"
            | "pre" | "dt" | "dd" | "dl" | "form" | "address" => {
                self.close();
                self.children(element, deeper);
                self.close();
            }
            _ => self.children(element, deeper),
        }
    }

    fn children(&mut self, element: ElementRef<'_>, depth: u16) {
        for child in element.children() {
            match child.value() {
                Node::Text(text) => self.text.push_str(text),
                Node::Element(_) => {
                    if let Some(inner) = ElementRef::wrap(child) {
                        self.element(inner, depth);
                    }
                }
                _ => {}
            }
        }
    }

    fn table(&mut self, table: ElementRef<'_>) {
        let mut header: Vec<String> = vec![];
        for row in table.descendants().filter_map(ElementRef::wrap).filter(|e| e.value().name() == "tr") {
            let cells: Vec<ElementRef<'_>> = (row.children().filter_map(ElementRef::wrap))
                .filter(|c| matches!(c.value().name(), "td" | "th"))
                .collect();
            let texts: Vec<String> = cells.iter().map(|c| squeeze(&words(*c))).collect();
            if header.is_empty() && !cells.is_empty() && cells.iter().all(|c| c.value().name() == "th") {
                header = texts;
            } else if texts.iter().any(|t| !t.is_empty()) {
                self.push(Content::Row { header: header.clone(), cells: texts });
            }
        }
    }
}

fn words(element: ElementRef<'_>) -> String {
    element.text().collect::<Vec<_>>().join(" ")
}

fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
