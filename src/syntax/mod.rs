//! `Source -> tree`: HCL's native syntax, its expressions parsed by hcl-edit, lowered into a tree of our own.
//!
//! Nothing outside this room names the parser. See [`tree`] for what the rest of the house works on.
//! The text goes through four steps: `scan` cuts it into tokens and finds what is not closed, `structure`
//! makes attributes and blocks of the tokens, `lower` has each expression parsed, `text` resolves texts.

mod cursor;
mod explain;
mod format;
mod lower;
mod mask;
mod recognise;
mod references;
mod scan;
mod steps;
mod structure;
mod text;
pub mod tree;
mod unquoted;
mod word;
mod quoted;
mod written;

pub use cursor::{Cursor, Enclosing, Site, ValueSite, cursor};
pub use format::format;
pub(crate) use quoted::quoted;
pub use references::{ROOTS, Reference, hiding_names, references, template_references};
pub use scan::CommentKind;
pub(crate) use word::is_name;
pub(crate) use written::{Written, written};

use crate::source::{Diagnostic, Diagnostics, SourceId, Sources, Span};

use lower::Parser;
use structure::Structure;
use tree::{Body, Expression, Template};

/// Reads a file of definitions. Where something is wrong, the body lacks what could not be read and the
/// diagnostics have errors: stop there, or later rooms will miss it too.
pub fn parse(sources: &Sources, id: SourceId) -> (Body, Diagnostics) {
    let source = sources.get(id);
    let text = source.text();
    let mut parser = Parser::new(text, id, scan::code(text, id));
    let body = Structure::new(&mut parser).file();
    if parser.diagnostics.has_errors()
        && let Some(other) = recognise::other_format(text, id)
    {
        return (Body::unread(parser.span(0, text.len())), other.into());
    }
    (body, sorted(parser.diagnostics))
}

/// The comments of a file of definitions with their places, in order: what the tree does not keep.
pub fn comments(sources: &Sources, id: SourceId) -> Vec<(CommentKind, Span)> {
    let source = sources.get(id);
    let comments = scan::code(source.text(), id).comments;
    comments.into_iter().map(|comment| (comment.kind, Span::new(id, comment.start, comment.end))).collect()
}

/// Reads a text that is one expression, for example the value of an option.
pub fn parse_expression(sources: &Sources, id: SourceId) -> (Option<Expression>, Diagnostics) {
    let source = sources.get(id);
    let text = source.text();
    let mut parser = Parser::new(text, id, scan::code(text, id));
    let mut tokens = parser.scan.tokens.iter().filter(|token| token.kind != scan::TokenKind::Newline);
    let range = tokens.next().map(|first| (first.start, tokens.next_back().unwrap_or(first).end));
    if range.is_none() && parser.diagnostics.is_empty() {
        let span = parser.span(0, text.len());
        parser.push(Diagnostic::error("disco::syntax", "expected an expression, found nothing").at(span, ""));
    }
    let expression = range.and_then(|(start, end)| parser.expression(start, end, 0));
    (expression, sorted(parser.diagnostics))
}

/// Whether a text that is an expression goes on in its next line: a bracket, a `${` or a heredoc in it is open.
pub fn is_unfinished(sources: &Sources, id: SourceId) -> bool {
    let source = sources.get(id);
    scan::everything(source.text(), id).open_at_end
}

/// Reads a text that is a template as a whole: literal but for `${…}` and `%{…}`.
pub fn parse_template(sources: &Sources, id: SourceId) -> (Option<Template>, Diagnostics) {
    let source = sources.get(id);
    let text = source.text();
    let mut parser = Parser::new(text, id, scan::template(text, id));
    let template = if parser.scan.is_poisoned(0, text.len()) { None } else { parser.template(0, 0) };
    (template, up_to_what_is_open(text, sorted(parser.diagnostics)))
}

/// What stands after something that is not closed is taken for a part of it: what is wrong there nobody can say. A `${` in
/// an expression means that the one before it goes on too far.
fn up_to_what_is_open(text: &str, diagnostics: Diagnostics) -> Diagnostics {
    let mut told = Diagnostics::new();
    for found in diagnostics {
        let place = found.span();
        let at = place.map_or(0, |place| place.range().start);
        let within = found.code == "disco::syntax" && text[at..].starts_with("${");
        let before = text[..at].rfind("${").filter(|_| within);
        if let (Some(before), Some(place)) = (before, place) {
            let open = Span::new(place.source, before, before + 2);
            let message = "this `${` is never closed";
            told.push(
                Diagnostic::error("disco::not_closed", message)
                    .at(open, "needs a `}`")
                    .help("write `}` at its end; write `${` itself as `$${`"),
            );
            return told;
        }
        let ends = found.code == "disco::not_closed";
        told.push(found);
        if ends {
            return told;
        }
    }
    told
}

/// In the order of their places.
fn sorted(diagnostics: Diagnostics) -> Diagnostics {
    let mut all: Vec<Diagnostic> = diagnostics.into_iter().collect();
    all.sort_by_key(|diagnostic| diagnostic.span().map(|span| span.start));
    let mut sorted = Diagnostics::new();
    sorted.extend(all);
    sorted
}
