//! Renders mistakes for people: the location, the line of the text, and a pointer into it.

use annotate_snippets::{AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet};

use crate::diagnostics::{Diagnostic, Diagnostics};

/// Mistakes beyond this number are not shown, only counted.
const MOST_SHOWN: usize = 50;

/// Longer lines are not shown.
const LONGEST_LINE: usize = 2000;

impl Diagnostics {
    /// Renders the mistakes as plain text.
    pub fn render(&self) -> String {
        self.render_with(&Renderer::plain())
    }

    /// Renders the mistakes for a terminal with colours.
    pub fn render_colored(&self) -> String {
        self.render_with(&Renderer::styled())
    }

    fn render_with(&self, renderer: &Renderer) -> String {
        let drawn = self.shown().map(|diagnostic| {
            let drawing = renderer.render(&[self.group(diagnostic)]);
            format!("{}\n", drawing.trim_end())
        });
        let more = self.more().map(|more| format!("{more}\n"));
        drawn.chain(more).collect::<Vec<_>>().join("\n")
    }

    /// Returns the mistakes that are shown to people.
    pub(crate) fn shown(&self) -> impl Iterator<Item = &Diagnostic> {
        self.iter().take(MOST_SHOWN)
    }

    /// Reports how many mistakes are not shown.
    pub(crate) fn more(&self) -> Option<String> {
        match self.count().saturating_sub(MOST_SHOWN) {
            0 => None,
            1 => Some("1 more mistake is not shown".to_owned()),
            more => Some(format!("{more} more mistakes are not shown")),
        }
    }

    fn group<'a>(&'a self, diagnostic: &'a Diagnostic) -> Group<'a> {
        let hints = diagnostic.hints.iter();
        Level::ERROR
            .primary_title(diagnostic.message.as_str())
            .element(self.picture(diagnostic))
            .elements(hints.map(|hint| Level::HELP.with_name("hint").message(hint.as_str())))
    }

    /// Returns the line of the text with a pointer, or only the location if the line is too long.
    fn picture<'a>(&'a self, diagnostic: &Diagnostic) -> Element<'a> {
        let excerpt = Excerpt::of(self.source(), diagnostic);
        if excerpt.text.is_empty() || excerpt.text.len() > LONGEST_LINE {
            return Origin::path(self.file_name())
                .line(diagnostic.start.line)
                .char_column(diagnostic.start.column)
                .into();
        }
        Snippet::source(excerpt.text)
            .path(self.file_name())
            .line_start(diagnostic.start.line)
            .annotation(AnnotationKind::Primary.span(excerpt.range))
            .into()
    }
}

/// The line in which a mistake begins.
struct Excerpt<'a> {
    text: &'a str,
    /// Where the mistake is, in bytes of `text`.
    range: std::ops::Range<usize>,
}

impl<'a> Excerpt<'a> {
    fn of(source: &'a str, diagnostic: &Diagnostic) -> Self {
        let start = source[..diagnostic.range.start].rfind('\n').map_or(0, |at| at + 1);
        let line = source[start..].lines().next().unwrap_or_default();
        let clip = |byte: usize| (byte - start).min(line.len());
        Self { text: line, range: clip(diagnostic.range.start)..clip(diagnostic.range.end) }
    }
}
