//! Attributes into plain values: evaluated, known, of the type that their place expects.

use super::reported::{Decoded, Reported};
use super::schema::{Attribute, Choice, Kind, Presence};
use crate::expression::{Kind as ValueKind, Number, Scope, Type, Value, convert, found};
use crate::model::{KNOWN_AFTER_APPLY, Sourced, Text};
use crate::source::{Diagnostic, Diagnostics, Severity, Span, either, nearest, similar_word};
use crate::syntax::tree::{self, Block, Expression};
use crate::syntax::{Written, written};

/// Evaluates attributes in a scope and gathers what is wrong with them.
pub(crate) struct Decoder<'d, 'a> {
    scope: &'d Scope<'a>,
    /// Whether variables lack values, so that what is unknown may be known another time.
    lenient: bool,
    /// What was found so far.
    pub(crate) diagnostics: Diagnostics,
}

impl<'d, 'a> Decoder<'d, 'a> {
    /// Nothing found yet.
    pub(crate) fn new(scope: &'d Scope<'a>) -> Self {
        Self { scope, lenient: false, diagnostics: Diagnostics::new() }
    }

    /// The same; says nothing of what is unknown if it is `lenient`.
    pub(crate) fn lenient(self, lenient: bool) -> Self {
        Self { lenient, ..self }
    }

    /// The same with the names of another scope, for as long as something within is read: what was found goes with it.
    pub(crate) fn within<'x>(&mut self, scope: &'x Scope<'a>) -> Decoder<'x, 'a> {
        Decoder { scope, lenient: self.lenient, diagnostics: std::mem::take(&mut self.diagnostics) }
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

    /// Adds a complaint about something unknown, unless it may be known another time.
    pub(crate) fn report_unknown(&mut self, diagnostic: Diagnostic) -> Reported {
        if !self.lenient {
            self.diagnostics.push(diagnostic);
        }
        Reported
    }

    /// The value of an expression, whatever it is; `Err` if its evaluation failed.
    pub(crate) fn evaluate(&mut self, expression: &Expression) -> Decoded<Value> {
        let value = self.scope.evaluate(expression);
        self.gather();
        if value.is_failed() { Err(Reported) } else { Ok(value) }
    }

    /// The value of an attribute, known throughout and not `null`, with its place.
    pub(crate) fn known(&mut self, attribute: Option<&tree::Attribute>) -> Decoded<Option<Field>> {
        let Some(attribute) = attribute else { return Ok(None) };
        let value = self.evaluate(&attribute.value)?;
        let field = Field::new(attribute, value);
        if field.value.contains_failed() {
            return Err(Reported);
        }
        if field.value.contains_unknown() {
            return Err(self.report_unknown(field.unknown()));
        }
        Ok((!field.value.is_null()).then_some(field))
    }

    /// The same, with [`KNOWN_AFTER_APPLY`] for texts that are known only after apply, and whether there are any.
    pub(crate) fn known_or_later(&mut self, attribute: Option<&tree::Attribute>) -> Decoded<Option<(Field, bool)>> {
        let Some(attribute) = attribute else { return Ok(None) };
        let value = self.evaluate(&attribute.value)?;
        let field = Field::new(attribute, value);
        if field.value.contains_failed() {
            return Err(Reported);
        }
        let (field, later) = self.until_known(field)?;
        Ok((!field.value.is_null()).then_some((field, later)))
    }

    /// A field with [`KNOWN_AFTER_APPLY`] for what is known only after apply, and whether there is any. Where variables lack
    /// values nobody can say what is known only after apply, and nothing else can be unknown than texts, or elements of a
    /// list of texts.
    pub(crate) fn until_known(&mut self, field: Field) -> Decoded<(Field, bool)> {
        if !field.value.contains_unknown() {
            return Ok((field, false));
        }
        match text_until_known(&field.value) {
            Some(value) if !self.lenient => Ok((Field { value, ..field }, true)),
            _ => Err(self.report_unknown(field.unknown())),
        }
    }

    /// The value of an attribute, as its schema says; not secret. One that is required and missing is reported.
    pub(crate) fn read<T: FromValue>(
        &mut self,
        block: &Block,
        attribute: &Attribute<T>,
    ) -> Decoded<Option<Sourced<T>>> {
        let Some(field) = self.known(attribute.written(&block.body))? else {
            return match attribute.schema.presence {
                Presence::Required(example) => match attribute.written(&block.body) {
                    Some(written) => Err(self.report(is_null(block, written, example))),
                    None => Err(self.missing(block, attribute.schema.name, example)),
                },
                Presence::RequiredIf(..) | Presence::Optional(_) => Ok(None),
            };
        };
        if field.value.contains_secret() {
            return Err(self.report(field.secret()));
        }
        let value = T::from_value(&field, &attribute.schema.kind).map_err(|mistake| self.report(mistake))?;
        Ok(Some(field.sourced(value)))
    }

    /// Like [`Decoder::read`], and reports one that is missing where it is required in some cases, too.
    pub(crate) fn required<T: FromValue>(&mut self, block: &Block, attribute: &Attribute<T>) -> Decoded<Sourced<T>> {
        let value = self.read(block, attribute)?;
        value.ok_or_else(|| self.lacks(block, attribute))
    }

    /// Reports an attribute that is missing where it is required.
    pub(crate) fn lacks<T>(&mut self, block: &Block, attribute: &Attribute<T>) -> Reported {
        let (Presence::Required(example) | Presence::RequiredIf(example, _) | Presence::Optional(example)) =
            attribute.schema.presence;
        self.missing(block, attribute.schema.name, example)
    }

    /// The complaint about a missing attribute, at the block's head.
    pub(crate) fn missing(&mut self, block: &Block, name: &str, example: &str) -> Reported {
        if !block.body.is_whole() {
            return Reported;
        }
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
}

/// The complaint about `null` where a value is required.
fn is_null(block: &Block, written: &tree::Attribute, example: &str) -> Diagnostic {
    let (name, kind) = (&written.name.text, &block.kind.text);
    Diagnostic::error("disco::null_value", format!("`{name}` is `null`, and `{kind}` needs a value for it"))
        .at(written.value.span, "`null` counts as not set")
        .help(format!("give it a value: `{name} = {example}`"))
}

/// What an attribute's value becomes.
pub(crate) trait FromValue: Sized {
    /// The value of a field, or what is wrong with it.
    fn from_value(field: &Field, kind: &Kind) -> Result<Self, Diagnostic>;
}

impl FromValue for String {
    fn from_value(field: &Field, _: &Kind) -> Result<Self, Diagnostic> {
        let value = field.converted(&Type::String, "a string")?;
        let text = value.as_str().unwrap_or_default().to_owned();
        if text.trim().is_empty() {
            let name = &field.name;
            return Err(Diagnostic::error("disco::empty_text", format!("`{name}` is empty"))
                .at(field.span, "empty")
                .help(format!("set `{name}` to a value, or remove it")));
        }
        Ok(text)
    }
}

impl FromValue for bool {
    fn from_value(field: &Field, _: &Kind) -> Result<Self, Diagnostic> {
        let value = field.converted(&Type::Bool, "`true` or `false`")?;
        Ok(value.as_bool().unwrap_or_default())
    }
}

impl FromValue for i64 {
    fn from_value(field: &Field, kind: &Kind) -> Result<Self, Diagnostic> {
        let value = field.converted(&Type::Number, "a whole number")?;
        let (least, most, unit) = match kind {
            Kind::Whole { least, most, unit } => (*least, *most, *unit),
            _ => (Self::MIN, Self::MAX, ""),
        };
        let number = value.as_number().and_then(Number::to_i64).filter(|number| (least..=most).contains(number));
        number.ok_or_else(|| field.not_within(value.as_number(), least, most, unit))
    }
}

/// The strings of a list, each with its own place.
impl FromValue for Vec<Sourced<String>> {
    fn from_value(field: &Field, _: &Kind) -> Result<Self, Diagnostic> {
        let value = field.converted(&Type::List(Box::new(Type::String)), "a list of strings")?;
        let elements = value.elements().unwrap_or_default().into_iter();
        elements
            .enumerate()
            .map(|(index, element)| {
                let text = element.as_str().ok_or_else(|| field.expects("a list of strings"))?;
                Ok(Sourced::new(text.to_owned(), Some(field.place_of_element(index, element))))
            })
            .collect()
    }
}

impl<T: Choice> FromValue for T {
    fn from_value(field: &Field, kind: &Kind) -> Result<Self, Diagnostic> {
        let text = String::from_value(field, kind)?;
        T::of(&text).ok_or_else(|| field.not_one_of(Some(&text), T::WORDS.iter().map(|(word, _)| *word)))
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
        "disco::index_out_of_range" => "use an index that exists, or `try(…, null)` where it may be missing",
        "disco::null_value" => "give it a value, or choose another one for it: `coalesce(…, OTHERWISE)`",
        "disco::function_arguments" => "call the function with arguments that it accepts",
        "disco::function_failed" if diagnostic.message.contains("file") => {
            "write a path relative to the project's folder, or from your home with `~/`"
        }
        _ => "change this expression, or wrap it in `try(…, OTHERWISE)` where it may fail",
    };
    diagnostic.help(help)
}

/// A text, or a list of texts, with [`KNOWN_AFTER_APPLY`] for what is unknown of it; `None` for everything else.
fn text_until_known(value: &Value) -> Option<Value> {
    let until_known = match value.kind() {
        ValueKind::Unknown(Type::String | Type::Any) => ValueKind::String(KNOWN_AFTER_APPLY.into()),
        _ if !value.contains_unknown() => return Some(value.clone()),
        _ => {
            let elements: Option<Vec<Value>> = value.elements()?.into_iter().map(text_until_known).collect();
            ValueKind::Tuple(elements?.into())
        }
    };
    Some(value.replaced(until_known))
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
    /// Where its parts stand.
    written: Written,
}

impl Field {
    /// An attribute that was evaluated to `value`.
    pub(crate) fn new(attribute: &tree::Attribute, value: Value) -> Self {
        Self {
            name: attribute.name.text.to_string(),
            span: attribute.value.span,
            value,
            written: written(&attribute.value),
        }
    }

    /// A part of an attribute, such as the value of a key.
    pub(crate) fn part(name: &str, span: Span, value: Value) -> Self {
        Self { name: name.to_owned(), span, value, written: Written::default() }
    }

    /// Something of it, said here.
    pub(crate) fn sourced<T>(&self, value: T) -> Sourced<T> {
        Sourced::new(value, Some(self.span))
    }

    /// Where the element of a list stands: the expression that gives it.
    pub(crate) fn place_of_element(&self, index: usize, element: &Value) -> Span {
        self.written.elements.get(index).copied().unwrap_or_else(|| self.place_of(element))
    }

    /// Where the value of a key stands: the expression that gives it.
    pub(crate) fn place_of_key(&self, key: &str, value: &Value) -> Span {
        self.written.keys.get(key).copied().unwrap_or_else(|| self.place_of(value))
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

    /// The value as one of type `of`.
    fn converted(&self, of: &Type, expected: &str) -> Result<Value, Diagnostic> {
        convert(&self.value, of).map_err(|_| self.expects(expected))
    }

    /// The complaint about a number that is not whole, or not from `least` to `most`.
    fn not_within(&self, number: Option<&Number>, least: i64, most: i64, unit: &str) -> Diagnostic {
        let number = number.map(ToString::to_string).unwrap_or_default();
        if number.contains('.') {
            return self.expects("a whole number");
        }
        let name = &self.name;
        Diagnostic::error("disco::out_of_range", format!("`{name}` is {number}, expected {least} to {most} {unit}"))
            .at(self.span, "out of range")
            .at_maybe(self.given_elsewhere(), "the value comes from here")
            .help(format!("set `{name}` to a whole number from {least} to {most}"))
    }

    /// The complaint about a word that is none of those expected; without `word` where it must not be shown.
    pub(crate) fn not_one_of<'w>(&self, word: Option<&str>, known: impl IntoIterator<Item = &'w str>) -> Diagnostic {
        let known: Vec<&str> = known.into_iter().collect();
        let list = either(&known.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>());
        let shown = word.map_or_else(|| "something else".to_owned(), |word| format!("\"{word}\""));
        Diagnostic::error("disco::unknown_word", format!("`{}` is {shown}, expected {list}", self.name))
            .at(self.span, "not a valid value")
            .help(format!("write {list}"))
            .help_maybe(word.and_then(|word| nearest(word, known)))
    }

    /// The complaint about a wrong type.
    pub(crate) fn expects(&self, expected: &str) -> Diagnostic {
        let found = found(&self.value);
        Diagnostic::error("disco::wrong_type", format!("`{}` expects {expected}, found {found}", self.name))
            .at(self.span, format!("this is {found}"))
            .at_maybe(self.given_elsewhere(), "the value comes from here")
            .help(format!("set `{}` to {expected}", self.name))
    }

    /// The complaint about a value that comes too late.
    pub(crate) fn unknown(&self) -> Diagnostic {
        Diagnostic::error("disco::unknown_before_apply", format!("`{}` must be known before apply", self.name))
            .at(self.span, "this is known only after apply")
            .at_maybe(self.given_elsewhere(), "the value comes from here")
            .help("use values that the definition knows (names, variables, locals), not values of the cloud")
    }

    /// The complaint about a secret in a place that everybody sees.
    pub(crate) fn secret(&self) -> Diagnostic {
        Diagnostic::error("disco::secret_shown", format!("`{}` cannot be sensitive", self.name))
            .at(self.span, "this value is sensitive, and plans and state show it")
            .help("use another value, or write `nonsensitive(…)` if everybody may see this one")
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
