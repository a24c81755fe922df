//! Attributes into plain values: evaluated, known, of the type that their place expects.

use std::ops::RangeInclusive;

use super::shape::{Decoded, Reported, attribute};
use crate::expression::{Number, Scope, Type, Value, convert, found};
use crate::model::{Sourced, Text};
use crate::source::{Diagnostic, Diagnostics, Severity, Span, did_you_mean, similar_word};
use crate::syntax::tree::{Attribute, Block, Body, Expression};

/// Evaluates attributes in a scope and gathers what is wrong with them.
pub(crate) struct Decoder<'d, 'a> {
    scope: &'d Scope<'a>,
    /// What was found so far.
    pub(crate) diagnostics: Diagnostics,
}

impl<'d, 'a> Decoder<'d, 'a> {
    /// Nothing found yet.
    pub(crate) fn new(scope: &'d Scope<'a>) -> Self {
        Self { scope, diagnostics: Diagnostics::new() }
    }

    /// What names mean here.
    pub(crate) fn scope(&self) -> &'d Scope<'a> {
        self.scope
    }

    /// Takes over what evaluation found.
    pub(crate) fn gather(&mut self) {
        self.diagnostics.extend(self.scope.take_diagnostics().into_iter().map(with_way_out));
    }

    /// How many errors were found so far.
    pub(crate) fn errors(&self) -> usize {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count()
    }

    /// Adds a complaint.
    pub(crate) fn report(&mut self, diagnostic: Diagnostic) -> Reported {
        self.diagnostics.push(diagnostic);
        Reported
    }

    /// The value of an expression, whatever it is; `Err` if its evaluation failed.
    pub(crate) fn evaluate(&mut self, expression: &Expression) -> Decoded<Value> {
        let value = self.scope.evaluate(expression);
        self.gather();
        if value.is_failed() { Err(Reported) } else { Ok(value) }
    }

    /// The value of an attribute, known throughout and not `null`, with its place.
    pub(crate) fn known(&mut self, body: &Body, name: &str) -> Decoded<Option<Field>> {
        let Some(attribute) = attribute(body, name) else { return Ok(None) };
        let value = self.evaluate(&attribute.value)?;
        let field = Field::new(attribute, value);
        if field.value.contains_failed() {
            return Err(Reported);
        }
        if field.value.contains_unknown() {
            return Err(self.report(field.unknown()));
        }
        Ok((!field.value.is_null()).then_some(field))
    }

    /// Like [`Decoder::known`], and of a type; not secret.
    fn open(&mut self, body: &Body, name: &str, of: &Type, expected: &str) -> Decoded<Option<Field>> {
        let Some(field) = self.known(body, name)? else { return Ok(None) };
        if field.value.contains_secret() {
            return Err(self.report(field.secret()));
        }
        match convert(&field.value, of) {
            Ok(value) => Ok(Some(Field { value, ..field })),
            Err(_) => Err(self.report(field.expects(expected))),
        }
    }

    /// A text that everybody may see.
    pub(crate) fn text(&mut self, body: &Body, name: &str) -> Decoded<Option<Sourced<String>>> {
        let Some(field) = self.open(body, name, &Type::String, "a text")? else { return Ok(None) };
        let text = field.value.as_str().unwrap_or_default().to_owned();
        if text.trim().is_empty() {
            return Err(self.report(
                Diagnostic::error("disco::empty_text", format!("`{name}` is empty"))
                    .at(field.span, "nothing in it")
                    .help(format!("give `{name}` a value, or leave it out")),
            ));
        }
        Ok(Some(field.sourced(text)))
    }

    /// A text that must be there.
    pub(crate) fn required_text(&mut self, block: &Block, name: &str, example: &str) -> Decoded<Sourced<String>> {
        let text = self.text(&block.body, name)?;
        self.required(text, block, name, example)
    }

    /// Reports an attribute that must be there and is not.
    pub(crate) fn required<T>(&mut self, value: Option<T>, block: &Block, name: &str, example: &str) -> Decoded<T> {
        value.ok_or_else(|| self.missing(block, name, example))
    }

    /// The complaint about a missing attribute, at the block's head.
    pub(crate) fn missing(&mut self, block: &Block, name: &str, example: &str) -> Reported {
        let kind = &block.kind.text;
        let misspelt = block.body.attributes.iter().any(|attribute| {
            let word = &*attribute.name.text;
            similar_word(word, [name]).is_some()
                && self.diagnostics.iter().any(|found| found.span() == Some(attribute.name.span))
        });
        if misspelt {
            return Reported;
        }
        self.report(
            Diagnostic::error("disco::missing_attribute", format!("`{kind}` needs the attribute `{name}`"))
                .at(block.head, format!("`{name}` is missing in this block"))
                .help(format!("add `{name} = {example}`")),
        )
    }

    /// `true` or `false`.
    pub(crate) fn boolean(&mut self, body: &Body, name: &str) -> Decoded<Option<Sourced<bool>>> {
        let Some(field) = self.open(body, name, &Type::Bool, "`true` or `false`")? else { return Ok(None) };
        let value = field.value.as_bool().unwrap_or_default();
        Ok(Some(field.sourced(value)))
    }

    /// A whole number within `range`; `unit` is what is counted (`nodes`, `GiB`).
    pub(crate) fn integer(
        &mut self,
        body: &Body,
        name: &str,
        range: RangeInclusive<i64>,
        unit: &str,
    ) -> Decoded<Option<Sourced<i64>>> {
        let Some(field) = self.open(body, name, &Type::Number, "a whole number")? else { return Ok(None) };
        let number = field.value.as_number().and_then(Number::to_i64);
        let Some(number) = number.filter(|number| range.contains(number)) else {
            return Err(self.report(field.not_within(range, unit)));
        };
        Ok(Some(field.sourced(number)))
    }

    /// One of some words.
    pub(crate) fn one_of<T: Copy>(
        &mut self,
        body: &Body,
        name: &str,
        words: &[(&str, T)],
    ) -> Decoded<Option<Sourced<T>>> {
        let Some(text) = self.text(body, name)? else { return Ok(None) };
        if let Some((_, meaning)) = words.iter().find(|(word, _)| *word == text.value) {
            return Ok(Some(Sourced::new(*meaning, text.origin)));
        }
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let list = known.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", ");
        let diagnostic = Diagnostic::error("disco::unknown_word", format!("`{name}` cannot be \"{}\"", text.value))
            .at_maybe(text.origin, format!("expected one of {list}"))
            .help(format!("one of {list}"))
            .help_maybe(did_you_mean(&text.value, known).filter(|help| help.starts_with("did")));
        Err(self.report(diagnostic))
    }

    /// A list of texts, each with its own place.
    pub(crate) fn texts(&mut self, body: &Body, name: &str) -> Decoded<Option<Listed>> {
        let of = Type::List(Box::new(Type::String));
        let Some(field) = self.open(body, name, &of, "a list of texts")? else { return Ok(None) };
        let mut elements = Vec::new();
        for element in field.value.elements().unwrap_or_default() {
            let Some(text) = element.as_str() else {
                return Err(self.report(field.expects("a list of texts")));
            };
            elements.push(Sourced::new(text.to_owned(), Some(field.place_of(element))));
        }
        Ok(Some(Listed { elements, span: field.span }))
    }
}

/// Adds what can be done, where evaluation did not say it.
fn with_way_out(diagnostic: Diagnostic) -> Diagnostic {
    if diagnostic.help.is_some() {
        return diagnostic;
    }
    let help = match diagnostic.code {
        "disco::division_by_zero" => "divide by something else, or choose: `n == 0 ? 0 : total / n`",
        "disco::wrong_type" => "convert it, or use a value of the type that is expected here",
        "disco::index_out_of_range" => "use an index that is there, or `try(…, null)` where it may be missing",
        "disco::null_value" => "give it a value, or choose another one for it: `coalesce(…, OTHERWISE)`",
        "disco::function_arguments" => "give the function what it takes",
        "disco::function_failed" if diagnostic.message.contains("file") => {
            "paths are relative to the project's folder, and `~` is your home"
        }
        _ => "change this expression, or wrap it in `try(…, OTHERWISE)` where it may fail",
    };
    diagnostic.help(help)
}

/// Texts of a list, and where the list stands.
#[derive(Clone, Debug)]
pub(crate) struct Listed {
    /// In the order written.
    pub(crate) elements: Vec<Sourced<String>>,
    /// The attribute's value.
    pub(crate) span: Span,
}

/// An attribute and its value.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    /// The attribute's name.
    pub(crate) name: String,
    /// Right of `=`.
    pub(crate) span: Span,
    /// What it evaluates to.
    pub(crate) value: Value,
}

impl Field {
    /// An attribute that was evaluated to `value`.
    pub(crate) fn new(attribute: &Attribute, value: Value) -> Self {
        Self { name: attribute.name.text.to_string(), span: attribute.value.span, value }
    }

    /// Something of it, said here.
    pub(crate) fn sourced<T>(&self, value: T) -> Sourced<T> {
        Sourced::new(value, Some(self.span))
    }

    /// Where an element stands: in the attribute itself, or else the attribute.
    pub(crate) fn place_of(&self, element: &Value) -> Span {
        match element.origin() {
            Some(origin) if self.holds(origin) => origin,
            _ => self.span,
        }
    }

    fn holds(&self, span: Span) -> bool {
        span.source == self.span.source && span.start >= self.span.start && span.end <= self.span.end
    }

    /// Where the value comes from, if that is somewhere else.
    pub(crate) fn given_elsewhere(&self) -> Option<Span> {
        self.value.origin().filter(|origin| !self.holds(*origin))
    }

    /// The complaint about a number that is not whole, or not within `range`.
    fn not_within(&self, range: RangeInclusive<i64>, unit: &str) -> Diagnostic {
        let (least, most) = range.into_inner();
        let number = self.value.as_number().map(ToString::to_string).unwrap_or_default();
        if number.contains('.') {
            return self.expects("a whole number");
        }
        Diagnostic::error("disco::out_of_range", format!("`{}` cannot be {number}", self.name))
            .at(self.span, format!("not from {least} to {most} {unit}"))
            .at_maybe(self.given_elsewhere(), "the value comes from here")
            .help(format!("from {least} to {most} {unit} are possible"))
    }

    /// The complaint about a wrong type.
    pub(crate) fn expects(&self, expected: &str) -> Diagnostic {
        let found = found(&self.value);
        Diagnostic::error("disco::wrong_type", format!("`{}` expects {expected}, found {found}", self.name))
            .at(self.span, format!("this is {found}"))
            .at_maybe(self.given_elsewhere(), "the value comes from here")
            .help(format!("give `{}` {expected}", self.name))
    }

    /// The complaint about a value that comes too late.
    pub(crate) fn unknown(&self) -> Diagnostic {
        Diagnostic::error("disco::unknown_before_apply", format!("`{}` must be known before apply", self.name))
            .at(self.span, "this is known only after apply")
            .at_maybe(self.given_elsewhere(), "the value comes from here")
            .help("use what the definition itself says: names, variables, locals; not what the cloud answers")
    }

    /// The complaint about a secret in a place that everybody sees.
    pub(crate) fn secret(&self) -> Diagnostic {
        Diagnostic::error("disco::secret_shown", format!("`{}` cannot be sensitive", self.name))
            .at(self.span, "this value is sensitive, and plans and state show it")
            .help("take another value, or say `nonsensitive(…)` if everybody may see this one")
    }
}

/// A number, truth value or text as text; `None` for anything else.
pub(crate) fn scalar(value: &Value) -> Option<Text> {
    if let Some(truth) = value.as_bool() {
        return Some(Text { value: truth.to_string(), secret: value.is_secret() });
    }
    let text = convert(value, &Type::String).ok()?;
    Some(Text { value: text.as_str()?.to_owned(), secret: value.is_secret() })
}
