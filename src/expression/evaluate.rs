//! Expressions to values.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::at_found::AtFound;
use super::convert::to_text;
use super::scope::Found;
use super::words::found;
use super::{Kind, Number, Scope, Type, Value, hint};
use crate::source::{Diagnostic, Span, did_you_mean, nearest};
use crate::syntax::tree::{Conditional, Expression, ExpressionKind, ObjectItem, ObjectKey, Step, StepKind, Traversal};

impl Scope<'_> {
    /// The value of an expression. What is wrong is collected ([`Scope::take_diagnostics`]), and the value is failed
    /// then, or has a failed part.
    pub fn evaluate(&self, expression: &Expression) -> Value {
        self.deeper(expression.span, || self.expression(expression))
    }

    fn expression(&self, expression: &Expression) -> Value {
        let place = expression.span;
        match &expression.kind {
            ExpressionKind::Null => Value::null().at(place),
            ExpressionKind::Bool(value) => Value::bool(*value).at(place),
            ExpressionKind::Number(text) => self.literal_number(text, place),
            ExpressionKind::String(text) => Value::string(Arc::clone(text)).at(place),
            ExpressionKind::Template(template) => self.template(template, place),
            ExpressionKind::Tuple(elements) => {
                Value::tuple(elements.iter().map(|element| self.evaluate(element)).collect()).at(place)
            }
            ExpressionKind::Object(items) => self.object(items, place),
            ExpressionKind::Variable(name) => self.variable(name, place),
            ExpressionKind::Traversal(traversal) => self.traversal(traversal),
            ExpressionKind::Call(call) => match self.root.library {
                Some(library) => self.library_call(library, call, place),
                None => self.once(expression, || self.call(call, place)),
            },
            ExpressionKind::Unary(operator, operand) => self.unary(*operator, operand, place),
            ExpressionKind::Binary(binary) => self.binary(binary, place),
            ExpressionKind::Conditional(conditional) => self.conditional(conditional, place),
            ExpressionKind::For(each) => self.once(expression, || self.iteration(each, place)),
            ExpressionKind::Parenthesis(inner) => self.evaluate(inner),
            ExpressionKind::Unread => Value::failed(),
        }
    }

    fn literal_number(&self, text: &str, place: Span) -> Value {
        match Number::parse(text) {
            Some(number) => Value::number(number).at(place),
            None => self.fail(
                Diagnostic::error("disco::number_too_long", "this number has too many digits")
                    .at(place, "")
                    .help("write a number of at most 4,096 digits"),
            ),
        }
    }

    fn object(&self, items: &[ObjectItem], place: Span) -> Value {
        let mut entries: BTreeMap<Arc<str>, Value> = BTreeMap::new();
        let mut places: BTreeMap<Arc<str>, Span> = BTreeMap::new();
        let (mut failed, mut unknown, mut secret) = (false, false, false);
        // whether a failure would go unnoticed
        let mut lost = false;
        for item in items {
            let value = self.evaluate(&item.value);
            let (key, key_place) = match &item.key {
                ObjectKey::Name(name) => (Some(Arc::clone(&name.text)), name.span),
                ObjectKey::Expression(expression) => {
                    let key = if is_dotted_name(expression) {
                        self.name_or_value(expression.span)
                    } else {
                        self.evaluate(expression)
                    };
                    let text = self.key(&key, expression.span);
                    unknown |= key.is_unknown();
                    failed |= text.is_none() && !key.is_unknown();
                    secret |= key.is_secret();
                    (text, expression.span)
                }
            };
            let Some(key) = key else {
                lost |= value.contains_failed();
                continue;
            };
            if let Some(first) = places.get(&key) {
                let shown = if secret { "a sensitive key".to_owned() } else { format!("key `{key}`") };
                self.report(
                    Diagnostic::error("disco::duplicate_key", format!("{shown} is in this object twice"))
                        .at(key_place, "here again")
                        .at(*first, "first here")
                        .help("remove one of them"),
                );
                failed = true;
                continue;
            }
            places.insert(Arc::clone(&key), key_place);
            entries.insert(key, value);
        }
        lost |= unknown && entries.values().any(Value::contains_failed);
        if failed || lost {
            return Value::failed();
        }
        if unknown {
            return Value::unknown(Type::Any).at(place).with_secret(secret);
        }
        Value::from(Kind::Object(Arc::new(entries))).at(place).with_secret(secret)
    }

    /// `{ a.b = 1 }`
    fn name_or_value(&self, place: Span) -> Value {
        let text = self.sources().snippet(place);
        self.fail(
            Diagnostic::error("disco::syntax", format!("`{text}` can be read as a name or as a value here"))
                .at(place, "")
                .help(format!("write `\"{text}\"` for a name with these characters, `({text})` for its value")),
        )
    }

    /// The text of a key; `None` if there is none (reported) or it is not known or failed.
    pub(super) fn key(&self, key: &Value, place: Span) -> Option<Arc<str>> {
        if key.is_failed() || key.is_unknown() {
            return None;
        }
        if key.is_null() {
            self.report(Diagnostic::error("disco::null_value", "a key must not be null").at_found(place, key, "null"));
            return None;
        }
        let text = to_text(key).ok();
        if text.is_none() {
            self.report(
                Diagnostic::error("disco::wrong_type", format!("a key must be a string, found {}", found(key)))
                    .at(place, "")
                    .help("use a string, a number or a bool as the key"),
            );
        }
        text
    }

    fn variable(&self, name: &Arc<str>, place: Span) -> Value {
        match self.find(name) {
            Found::Value(value) => value.or_at(place),
            Found::Root => {
                let entries = self.entries(name);
                let example = entries.first().map_or("NAME", |entry| &**entry);
                self.fail(
                    Diagnostic::error("disco::unknown_name", format!("`{name}` alone is not a value"))
                        .at(place, "")
                        .help(format!("name one of its entries, such as `{name}.{example}`")),
                )
            }
            Found::Nothing => self.unknown_name(name, place, name),
        }
    }

    /// `written` is all of it that may have been meant as a string.
    fn unknown_name(&self, name: &str, place: Span, written: &str) -> Value {
        let names = self.names();
        let names = || names.iter().map(|name| &**name);
        let root = ["var", "local"].into_iter().find(|root| self.entries(root).iter().any(|entry| **entry == *name));
        let meant = root.map(|root| format!("did you mean `{root}.{name}`?")).or_else(|| nearest(name, names()));
        let help = meant.unwrap_or_else(|| match did_you_mean(name, names()) {
            Some(known) => format!("put a string in quotes: `\"{written}\"`, or {known}"),
            None => format!("put a string in quotes: `\"{written}\"`"),
        });
        self.misnamed(
            Diagnostic::error("disco::unknown_name", format!("`{name}` is not defined"))
                .at(place, "not defined")
                .help(help),
        )
    }

    /// An entry whose name is a secret: it is not quoted where there is none, and what it leads to is sensitive too.
    fn secretly_named(&self, traversal: &Traversal, root: &str, entry: &str, place: Span) -> Value {
        if !self.entries(root).iter().any(|known| &**known == entry) {
            return self.fail(
                Diagnostic::error("disco::unknown_name", format!("`{root}` has nothing of the name that this is"))
                    .at(place, "a sensitive value, which is not shown")
                    .help("use a name that is there, or one that is not sensitive"),
            );
        }
        let value = self.entry(root, entry, place).with_secret(true);
        self.steps(value, &traversal.steps[1..], place)
    }

    fn traversal(&self, traversal: &Traversal) -> Value {
        let root = &traversal.root;
        if let (ExpressionKind::Variable(name), Some(first)) = (&root.kind, traversal.steps.first())
            && matches!(self.find(name), Found::Root)
        {
            let place = root.span.to(first.span);
            let entry = match &first.kind {
                StepKind::Attribute(entry) => Some(Arc::clone(entry)),
                StepKind::Index(index) => {
                    let index = self.evaluate(index);
                    if index.is_failed() {
                        return Value::failed();
                    }
                    let entry: Option<Arc<str>> = index.as_str().map(Arc::from);
                    if let Some(entry) = entry.as_ref().filter(|_| index.is_secret()) {
                        return self.secretly_named(traversal, name, entry, place);
                    }
                    entry
                }
                StepKind::AttributeSplat(_) | StepKind::FullSplat => None,
            };
            let Some(entry) = entry else { return self.variable(name, root.span) };
            if self.shows_outputs(name, &entry) {
                return self.shown(name, &entry, traversal, place);
            }
            let value = self.entry(name, &entry, place);
            return self.steps(value, &traversal.steps[1..], place);
        }
        if let ExpressionKind::Variable(name) = &root.kind
            && matches!(self.find(name), Found::Nothing)
            && let Some(last) = traversal.steps.last().filter(|_| self.is_word(&traversal.steps))
        {
            let written = self.sources().snippet(root.span.to(last.span));
            return self.unknown_name(name, root.span, &written);
        }
        let value = self.evaluate(root);
        self.steps(value, &traversal.steps, root.span)
    }

    /// Whether all steps are names and numbers after dots, as in `m1.medium` and `ubuntu-24.04`.
    fn is_word(&self, steps: &[Step]) -> bool {
        steps.iter().all(|step| match &step.kind {
            StepKind::Attribute(_) => true,
            StepKind::Index(_) => self.sources().snippet(step.span).starts_with('.'),
            StepKind::AttributeSplat(_) | StepKind::FullSplat => false,
        })
    }

    /// A truth value that decides something: `Ok(None)` where it is not known, with whether it is secret.
    pub(super) fn decision(&self, value: &Value, place: Span, of: &str) -> Result<Option<bool>, Value> {
        if value.is_failed() {
            return Err(Value::failed());
        }
        if value.is_null() {
            let diagnostic = Diagnostic::error("disco::null_value", format!("{of} must not be null"));
            return Err(self.fail(diagnostic.at_found(place, value, "null")));
        }
        if let Ok(decided) = super::convert(value, &Type::Bool) {
            return Ok(decided.as_bool());
        }
        let message = format!("{of} must be `true` or `false`, found {}", found(value));
        let mut diagnostic = Diagnostic::error("disco::wrong_type", message).at_found(place, value, "");
        if matches!(value.kind(), Kind::Number(_)) {
            diagnostic = diagnostic.help("compare it, for example with `!= 0`");
        }
        Err(self.fail(diagnostic))
    }

    fn conditional(&self, conditional: &Conditional, place: Span) -> Value {
        let condition = self.evaluate(&conditional.condition);
        let (decision, common, other) = match self.weigh(conditional, &condition) {
            Ok(known) => known,
            Err(failed) => return failed,
        };
        let chosen = match decision {
            Some(true) => self.evaluate(&conditional.then),
            Some(false) => self.evaluate(&conditional.otherwise),
            // which one it will be is not known, but both must be sound
            None => either(&self.evaluate(&conditional.then), &self.evaluate(&conditional.otherwise)),
        };
        let chosen = match (decision, chosen.kind()) {
            // null is of whatever type the other one is
            (Some(_), Kind::Null(Type::Any)) => chosen.replaced(Kind::Null(other)),
            (Some(_), _) => super::convert(&chosen, &common).unwrap_or(chosen),
            (None, _) => chosen,
        };
        chosen.or_at(place).with_secret(condition.is_secret())
    }

    /// What a condition decides, if that is known, the type of the result, and that of the one not chosen.
    fn weigh(&self, conditional: &Conditional, condition: &Value) -> Result<(Option<bool>, Type, Type), Value> {
        let decision = self.decision(condition, conditional.condition.span, "a condition")?;
        let (then, otherwise) = (hint::of(self, &conditional.then), hint::of(self, &conditional.otherwise));
        let common = match (&conditional.then.kind, &conditional.otherwise.kind) {
            // a null is of whatever type the other result is of
            (ExpressionKind::Null, _) => Some(otherwise.clone()),
            (_, ExpressionKind::Null) => Some(then.clone()),
            _ => hint::common(&then, &otherwise),
        };
        let Some(common) = common else {
            return Err(self.fail(
                Diagnostic::error("disco::wrong_type", "both results of a condition must be of the same type")
                    .at(conditional.then.span, format!("this is {}", super::words::kind_of_type(&then)))
                    .at(conditional.otherwise.span, format!("this is {}", super::words::kind_of_type(&otherwise))),
            ));
        };
        Ok((decision, common, if decision == Some(true) { otherwise } else { then }))
    }
}

/// Whether it could be meant as a name: steps that are known as they are written.
fn is_dotted_name(key: &Expression) -> bool {
    let ExpressionKind::Traversal(traversal) = &key.kind else { return false };
    let known = |step: &Step| match &step.kind {
        StepKind::Attribute(_) => true,
        StepKind::Index(index) => matches!(index.kind, ExpressionKind::String(_) | ExpressionKind::Number(_)),
        StepKind::AttributeSplat(_) | StepKind::FullSplat => false,
    };
    matches!(traversal.root.kind, ExpressionKind::Variable(_)) && traversal.steps.iter().all(known)
}

/// One of two values, not known which.
fn either(then: &Value, otherwise: &Value) -> Value {
    if then.contains_failed() || otherwise.contains_failed() {
        return Value::failed();
    }
    let common = super::unify(&[super::type_of(then), super::type_of(otherwise)]).unwrap_or(Type::Any);
    Value::unknown(common).with_secret(then.contains_secret() || otherwise.contains_secret())
}
