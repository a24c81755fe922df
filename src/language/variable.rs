//! `variable`: what may be given from outside, its type, its default and its conditions.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::blocks::{VALIDATION, VARIABLE, VariableAttributes};
use super::condition::{Condition, Outcome};
use super::decode::Decoder;
use super::inputs::{Given, GivenValue, VariableInputs, expression_of};
use super::names::identifier;
use super::reported::{Decoded, Reported};
use super::schema::blocks;
use crate::expression::{Scope, Type, Value, convert, found, parse_type};
use crate::source::{Diagnostic, Diagnostics, Sources, Span, nearest};
use crate::syntax::tree::{Block, Expression, ExpressionKind};
use crate::syntax::{Reference, references};

const AT: VariableAttributes = VariableAttributes::ALL;

/// A variable as declared, with the value it has in this run.
#[derive(Clone, Debug)]
pub(crate) struct Variable {
    /// Its name.
    pub(crate) name: String,
    /// The block's head.
    pub(crate) head: Span,
    /// Where its value is given; the head if that is the default or nothing.
    pub(crate) given_at: Span,
    /// In words: who gave the value.
    pub(crate) given_by: String,
    /// Its value; failed if there is none.
    pub(crate) value: Value,
    /// Whether nothing gave it a value, so that it is unknown.
    pub(crate) lacks_value: bool,
    /// Conditions it must fulfil.
    pub(crate) validations: Vec<Condition>,
}

/// What is known to be missing because files could not be read, and is not complained about again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unread {
    /// Variables may be declared in what is missing.
    pub(crate) declarations: bool,
    /// Values may be given in what is missing.
    pub(crate) values: bool,
}

/// Reads the declarations and gives each variable its value. `scope` has no names.
pub(crate) fn variables<'a>(
    declared: impl Iterator<Item = &'a Block>,
    inputs: &VariableInputs,
    mut given: BTreeMap<Arc<str>, Given>,
    unread: Unread,
    scope: &Scope<'_>,
    diagnostics: &mut Diagnostics,
) -> BTreeMap<String, Variable> {
    let mut variables: BTreeMap<String, Variable> = BTreeMap::new();
    let mut names = Vec::new();
    for block in declared {
        let Some(label) = block.labels.first() else { continue };
        names.push(label.text.to_string());
        let given = given.remove(&label.text);
        let lacking = Lacking { unread: unread.values, unset: inputs.may_lack };
        let variable = variable(block, given.as_ref(), lacking, scope, diagnostics);
        variables.insert(variable.name.clone(), variable);
    }
    let told = |given: &Given| !given.from_environment || inputs.verbose;
    for (name, given) in given.into_iter().filter(|(_, given)| !unread.declarations && told(given)) {
        let message = format!("{} sets variable `{name}`, which is not declared", given.from);
        let diagnostic = if given.from_environment {
            Diagnostic::warning("disco::undeclared_variable", message)
        } else {
            Diagnostic::error("disco::undeclared_variable", message)
        };
        diagnostics.push(
            diagnostic
                .at(given.name_span, "not declared in this project")
                .help(format!("declare it with `variable \"{name}\" {{ … }}`, or do not set it"))
                .help_maybe(nearest(&name, names.iter().map(String::as_str))),
        );
    }
    variables
}

/// The name of a block whose label is in order.
pub(crate) fn variable_name(block: &Block, diagnostics: &mut Diagnostics) -> Decoded<String> {
    let label = VARIABLE.named_label(block, diagnostics)?;
    identifier(label, "a variable", diagnostics)
}

/// What of a variable's value may be lacking.
#[derive(Clone, Copy, Debug)]
struct Lacking {
    /// It may be given in something that could not be read.
    unread: bool,
    /// It need not be given: it is unknown then.
    unset: bool,
}

/// A declaration, with what could be read of it.
pub(super) struct Declared<'d> {
    pub(super) declaration: Declaration<'d>,
    pub(super) of: Decoded<Type>,
    pub(super) default: Decoded<Option<Value>>,
    pub(super) validations: Vec<Condition>,
}

/// Reads a block. `unread`: a value for it may be given in something that could not be read.
pub(super) fn declared<'d>(block: &'d Block, unread: bool, decoder: &mut Decoder<'_, '_>) -> Declared<'d> {
    VARIABLE.check(&block.body, &mut decoder.diagnostics);
    let name = block.labels.first().map_or("", |label| &*label.text);
    let _ = decoder.read(block, &AT.description);
    let sensitive = decoder.read(block, &AT.sensitive);
    let nullable = decoder.read(block, &AT.nullable);
    let of = declared_type(block, decoder);
    let mut validations = Vec::new();
    for block in blocks(&block.body, "validation") {
        validations.extend(Condition::read(&VALIDATION, block, decoder));
    }
    // A mark that cannot be read, or may be among what cannot, is taken to be set.
    let marked = sensitive.map_or(true, |sensitive| sensitive.is_some_and(|sensitive| sensitive.value));
    let declaration = Declaration {
        block,
        name,
        of: of.clone().unwrap_or(Type::Any),
        raw_texts: AT.of.written(&block.body).is_none() || of.as_ref().is_ok_and(Type::is_primitive),
        sensitive: marked || !block.body.is_whole(),
        incomplete: unread || !block.body.is_whole(),
        nullable: nullable.map_or(true, |nullable| nullable.is_none_or(|nullable| nullable.value)),
    };
    let default = declaration.default(decoder);
    Declared { declaration, of, default, validations }
}

fn variable(
    block: &Block,
    given: Option<&Given>,
    lacking: Lacking,
    scope: &Scope<'_>,
    diagnostics: &mut Diagnostics,
) -> Variable {
    let mut decoder = Decoder::new(scope);
    let Declared { declaration, of, default, validations } = declared(block, lacking.unread, &mut decoder);
    let sensitive = declaration.sensitive;
    let (raw, expression) = match given.map(|given| (given, &given.value)) {
        Some((_, GivenValue::Expression(expression))) => (false, Some(expression.clone())),
        Some((given, GivenValue::Raw(text))) if !declaration.raw_texts => {
            let sources: &Sources = decoder.scope().sources();
            (true, expression_of(text, given, !sensitive, sources, &mut decoder.diagnostics))
        }
        Some((_, GivenValue::Raw(_))) | None => (false, None),
    };
    let lacks_value = lacking.unset && given.is_none() && matches!(default, Ok(None));
    let value = match (of, default) {
        (Ok(of), Ok(None)) if lacks_value => Ok(Value::unknown(of)),
        (Ok(_), Ok(default)) => declaration.value(given, expression.as_ref(), raw, default, &mut decoder),
        _ => Err(Reported),
    };
    diagnostics.extend(decoder.diagnostics);
    Variable {
        given_at: given.map_or(block.head, |given| given.name_span),
        given_by: given.map_or_else(|| "its default".to_owned(), |given| given.from.clone()),
        name: declaration.name.to_owned(),
        head: block.head,
        lacks_value,
        value: value.unwrap_or(Value::failed()).with_secret(sensitive),
        validations,
    }
}

#[expect(clippy::struct_excessive_bools, reason = "each is one thing that a declaration says")]
pub(super) struct Declaration<'d> {
    block: &'d Block,
    pub(super) name: &'d str,
    of: Type,
    /// Whether texts of the environment and the command line are taken as they are.
    raw_texts: bool,
    pub(super) nullable: bool,
    pub(super) sensitive: bool,
    /// Whether a value may stand in something that could not be read.
    incomplete: bool,
}

impl Declaration<'_> {
    fn what(&self) -> String {
        format!("variable `{}`", self.name)
    }

    fn default(&self, decoder: &mut Decoder<'_, '_>) -> Decoded<Option<Value>> {
        let Some(default) = AT.default.written(&self.block.body) else { return Ok(None) };
        refers_to_nothing(
            &default.value,
            "a default cannot refer to other values",
            "write the value itself here, or compute it in `locals`, where references are possible",
            decoder,
        )?;
        let value = self.evaluate(&default.value, default.value.span, false, decoder)?;
        if value.is_null() && !self.nullable {
            return Err(decoder.report(
                Diagnostic::error("disco::null_value", format!("the default of {} cannot be `null`", self.what()))
                    .at(default.value.span, "is `null`, but `nullable = false`")
                    .help("give another default, or remove it to require a value"),
            ));
        }
        self.converted(&value, default.value.span, &format!("the default of {}", self.what()), decoder).map(Some)
    }

    fn converted(&self, value: &Value, place: Span, what: &str, decoder: &mut Decoder<'_, '_>) -> Decoded<Value> {
        convert(value, &self.of).map_err(|mismatch| {
            let diagnostic = if self.sensitive {
                // Neither the value nor its place: both may show it.
                let path = mismatch.path.concat();
                Diagnostic::error("disco::wrong_type", format!("{what}{path} is not of its type"))
                    .at(place, "not shown")
            } else {
                mismatch.diagnostic("disco::wrong_type", what, place)
            };
            let help = diagnostic.help.clone().unwrap_or_else(|| format!("give it a value of type `{}`", self.of));
            let mut diagnostic = diagnostic.help(help);
            if let Some(of) = AT.of.written(&self.block.body) {
                diagnostic = diagnostic.at(of.value.span, "its type");
            }
            decoder.report(diagnostic)
        })
    }

    fn value(
        &self,
        given: Option<&Given>,
        expression: Option<&Expression>,
        raw: bool,
        default: Option<Value>,
        decoder: &mut Decoder<'_, '_>,
    ) -> Decoded<Value> {
        let Some(given) = given else {
            return default.ok_or_else(|| {
                let name = self.name;
                if self.incomplete {
                    return Reported;
                }
                decoder.report(
                    Diagnostic::error("disco::missing_variable", format!("{} has no value", self.what()))
                        .at(self.block.head, "no default and no value given")
                        .help(format!("set it with `--var {name}=…`, in `disco.vars.hcl` or as `DISCO_VAR_{name}`, or add a `default` here")),
                )
            });
        };
        let value = match (expression, &given.value) {
            (Some(expression), _) => {
                let place = if raw { given.name_span } else { expression.span };
                if !raw {
                    let message = "a file of variables cannot refer to other values";
                    refers_to_nothing(expression, message, "write the value itself", decoder)?;
                }
                self.evaluate(expression, place, raw, decoder)?
            }
            (None, GivenValue::Raw(text)) if self.raw_texts => Value::string(text.as_str()).at(given.name_span),
            (None, _) => return Err(Reported),
        };
        if value.is_null() && !self.nullable {
            return default.ok_or_else(|| {
                decoder.report(
                    Diagnostic::error("disco::null_value", format!("{} cannot be `null`", self.what()))
                        .at(given.name_span, "given as `null`")
                        .at(self.block.head, "has `nullable = false` and no default")
                        .help("give it another value"),
                )
            });
        }
        let place = expression.filter(|_| !raw).map_or(given.name_span, |expression| expression.span);
        if let (None, GivenValue::Raw(text)) = (expression, &given.value)
            && text.contains('"')
            && !self.sensitive
            && convert(&value, &self.of).is_err()
        {
            let name = self.name;
            let bare = text.trim_matches('"');
            return Err(decoder.report(
                Diagnostic::error(
                    "disco::wrong_type",
                    format!("{} is of type `{}`, got `{text}`", self.what(), self.of),
                )
                .at(place, "the value contains a quote")
                .help(format!("put single quotes around the whole argument: `--var '{name}={bare}'`")),
            ));
        }
        self.converted(&value, place, &self.what(), decoder)
    }

    /// Evaluates an expression that refers to nothing. Complaints never quote what must not be shown: neither a
    /// sensitive value nor the text of the environment or the command line, whose line may hold one.
    fn evaluate(
        &self,
        expression: &Expression,
        place: Span,
        raw: bool,
        decoder: &mut Decoder<'_, '_>,
    ) -> Decoded<Value> {
        if !raw && !self.sensitive {
            return Ok(decoder.evaluate(expression)?.or_at(expression.span));
        }
        let mut inner = Decoder::new(decoder.scope());
        let value = inner.evaluate(expression);
        for found in inner.diagnostics {
            let why =
                if self.sensitive { "the reason is not shown, as the value is sensitive" } else { &found.message };
            decoder.report(
                Diagnostic::error(found.code, format!("the value given for `{}` cannot be computed: {why}", self.name))
                    .at(place, "given here")
                    .help("write a value with strings in quotes: `[\"a\", \"b\"]`"),
            );
        }
        Ok(value?.at(place))
    }
}

/// Complains about the first reference in a value that must be written out.
fn refers_to_nothing(expression: &Expression, message: &str, help: &str, decoder: &mut Decoder<'_, '_>) -> Decoded<()> {
    match references(expression).iter().find_map(Reference::entry) {
        Some((_, place)) => {
            Err(decoder
                .report(Diagnostic::error("disco::reference_in_value", message).at(place, "a reference").help(help)))
        }
        None => Ok(()),
    }
}

fn declared_type(block: &Block, decoder: &mut Decoder<'_, '_>) -> Decoded<Type> {
    let Some(of) = AT.of.written(&block.body) else { return Ok(Type::Any) };
    if of.value.kind == ExpressionKind::Unread {
        return Err(Reported);
    }
    let (of, problems) = parse_type(&of.value, decoder.scope());
    let failed = problems.has_errors();
    let example = "write for instance `number`, `list(string)`, `map(number)` or `object({ name = string })`";
    decoder.diagnostics.extend(problems.into_iter().map(|found| match found.help {
        None => found.help(example),
        Some(_) => found,
    }));
    if failed { Err(Reported) } else { Ok(of) }
}

/// Checks the conditions of all variables; `decoder` has all names.
pub(crate) fn validate(variables: &BTreeMap<String, Variable>, decoder: &mut Decoder<'_, '_>) {
    for variable in variables.values().filter(|variable| !variable.value.is_failed()) {
        for validation in &variable.validations {
            let _ = check(variable, validation, decoder);
        }
    }
}

fn check(variable: &Variable, validation: &Condition, decoder: &mut Decoder<'_, '_>) -> Decoded<()> {
    let text = match validation.outcome(decoder)? {
        Outcome::Holds => return Ok(()),
        Outcome::Unknown => {
            return Err(decoder.report_unknown(
                Diagnostic::error("disco::unknown_before_apply", "`condition` must be known before apply")
                    .at(validation.place(), "this is known only after apply")
                    .help("use variables and locals in it, not values of the cloud"),
            ));
        }
        Outcome::Fails(text) => text,
    };
    let name = &variable.name;
    let found = found(&variable.value);
    let diagnostic = Diagnostic::error("disco::invalid_variable", format!("variable `{name}`: {text}"));
    let diagnostic = if variable.given_at == variable.head {
        diagnostic.at(variable.head, format!("{found}, its default"))
    } else {
        diagnostic.at(variable.given_at, format!("{found}, given by {}", variable.given_by))
    };
    Err(decoder.report(
        diagnostic
            .at(validation.place(), "this is false")
            .help(format!("give `{name}` a value for which this is true")),
    ))
}
