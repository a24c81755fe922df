//! Secrets that nobody has to invent: Heat makes them up, and DISCO never knows them. While files are computed, a mark
//! stands for each; it becomes a piece of the file of its own.

use std::collections::BTreeSet;

use super::{Framework, names};
use crate::source::{Diagnostic, Diagnostics};
use crate::syntax::tree::{
    BinaryOperator, Call, Conditional, Expression, ExpressionKind, Name, TemplatePart, UnaryOperator,
};
use crate::syntax::{Reference, references};

/// How many letters and digits such a secret has if its manifest does not say.
pub(super) const LENGTH: u32 = 64;
/// The fewest, below which one can be guessed.
pub(super) const SHORTEST: i64 = 16;
/// The most that Heat makes up.
pub(super) const LONGEST: i64 = 512;

/// What a mark begins and ends with. No format of files escapes anything in it.
const BEGIN: &str = "@@generated.";
const END: &str = "@@";

/// A secret that Heat makes up: the setting that it is the value of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GeneratedSecret {
    /// Framework.
    pub framework: String,
    /// Setting.
    pub setting: String,
}

impl GeneratedSecret {
    fn mark(&self) -> String {
        format!("{BEGIN}{}.{}{END}", self.framework, self.setting)
    }
}

/// The default of a setting whose value is made up under a condition: the secret's mark, which is secret itself, or null.
pub(super) fn default(framework: &str, setting: &str, condition: Expression) -> Expression {
    let span = condition.span;
    let of = |kind| Expression { kind, span };
    let secret = GeneratedSecret { framework: framework.to_owned(), setting: setting.to_owned() };
    let mark = of(ExpressionKind::String(secret.mark().into()));
    let name = Name { text: "sensitive".into(), span };
    let then = of(ExpressionKind::Call(Box::new(Call { name, arguments: vec![mark], expand_last: false })));
    if condition.kind == ExpressionKind::Bool(true) {
        return then;
    }
    let choice = Conditional { condition, then, otherwise: of(ExpressionKind::Null) };
    of(ExpressionKind::Conditional(Box::new(choice)))
}

/// A part of a secret text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum SecretPart<'t> {
    /// A secret that DISCO knows, as it is.
    Given(&'t str),
    /// One that Heat makes up.
    Generated(GeneratedSecret),
}

/// The parts of a secret text, in order; none of them is empty.
pub(super) fn parts(text: &str) -> Vec<SecretPart<'_>> {
    let mut parts = Vec::new();
    let (mut given, mut from) = (0, 0);
    while let Some((at, secret, end)) = first(text, from) {
        parts.extend((given < at).then(|| SecretPart::Given(&text[given..at])));
        parts.push(SecretPart::Generated(secret));
        (given, from) = (end, end);
    }
    parts.extend((given < text.len()).then(|| SecretPart::Given(&text[given..])));
    parts
}

/// Where the first mark from a position on begins, what it stands for, and where it ends.
fn first(text: &str, mut from: usize) -> Option<(usize, GeneratedSecret, usize)> {
    loop {
        let at = from + text[from..].find(BEGIN)?;
        from = at + BEGIN.len();
        let end = from + text[from..].find(END)?;
        if let Some((framework, setting)) = text[from..end].rsplit_once('.') {
            let secret = GeneratedSecret { framework: framework.to_owned(), setting: setting.to_owned() };
            return Some((at, secret, end + END.len()));
        }
    }
}

/// Names that stand for what is made up: settings, and locals that are one or have one within. Each as `root.entry`.
fn names_of(framework: &Framework) -> BTreeSet<String> {
    let settings = framework.settings.iter().filter(|declared| declared.generated.is_some());
    with_what_yields(framework, settings.map(|declared| format!("setting.{}", declared.name)).collect())
}

/// These names, and those of all settings and locals that are one of them or have one within.
pub(super) fn with_what_yields(framework: &Framework, mut names: BTreeSet<String>) -> BTreeSet<String> {
    let defaults = framework.settings.iter().map(|declared| ("setting", &declared.name, declared.default.as_ref()));
    let locals = framework.locals.iter().map(|local| ("local", &local.name, Some(&local.value)));
    let all: Vec<_> = defaults.chain(locals).collect();
    loop {
        let known = names.len();
        for (root, name, value) in &all {
            if value.is_some_and(|value| yields(value, &names)) {
                names.insert(format!("{root}.{name}"));
            }
        }
        if names.len() == known {
            return names;
        }
    }
}

/// What a manifest computes with secrets that are made up: nothing can be, for their values are not known to DISCO.
pub(super) fn check(framework: &Framework) -> Diagnostics {
    let names = names_of(framework);
    let mut diagnostics = Diagnostics::new();
    for reference in all_computed_with(framework, &names) {
        let name = name(&reference).unwrap_or_default();
        let message = format!("`{name}` is generated by Heat, so nothing can be computed from it");
        let help = format!("write it whole, or within a string as `${{{name}}}`; only `{name} != null` can be asked");
        let diagnostic = Diagnostic::error("disco::generated_value", message);
        diagnostics.push(diagnostic.at(reference.span, "used in a computation").help(help));
    }
    diagnostics
}

/// References to these names in a manifest that do more than to write them down.
pub(super) fn all_computed_with(framework: &Framework, names: &BTreeSet<String>) -> Vec<Reference> {
    let defaults = framework.settings.iter().filter_map(|setting| setting.default.as_ref());
    let locals = framework.locals.iter().map(|local| &local.value);
    let all = defaults.chain(locals).chain(names::evaluated(framework));
    all.filter_map(|expression| computed_with(expression, names)).collect()
}

/// `root.entry` of a reference.
pub(super) fn name(reference: &Reference) -> Option<String> {
    Some(format!("{}.{}", reference.root, reference.entry()?.0))
}

fn named(expression: &Expression, names: &BTreeSet<String>) -> Option<Reference> {
    references(expression).into_iter().find(|reference| name(reference).is_some_and(|name| names.contains(&name)))
}

/// Whether the value of an expression is what is made up, or has it within.
fn yields(expression: &Expression, names: &BTreeSet<String>) -> bool {
    let of_parts = |parts: &[TemplatePart]| part_values(parts).into_iter().any(|value| yields(value, names));
    match &expression.kind {
        ExpressionKind::Traversal(_) => named(expression, names).is_some(),
        ExpressionKind::Template(template) => of_parts(&template.parts),
        ExpressionKind::Tuple(items) => items.iter().any(|item| yields(item, names)),
        ExpressionKind::Object(items) => items.iter().any(|item| yields(&item.value, names)),
        ExpressionKind::Parenthesis(inner) => yields(inner, names),
        ExpressionKind::Call(call) if only_joins(call) => call.arguments.iter().any(|value| yields(value, names)),
        ExpressionKind::Conditional(choice) => yields(&choice.then, names) || yields(&choice.otherwise, names),
        _ => false,
    }
}

/// Whether a function only puts its arguments one after the other, and looks at none.
fn only_joins(call: &Call) -> bool {
    matches!(&*call.name.text, "concat" | "flatten" | "join")
}

/// The first reference to what is made up that does more than to write it down.
fn computed_with(expression: &Expression, names: &BTreeSet<String>) -> Option<Reference> {
    let each = |inner: &Expression| computed_with(inner, names);
    match &expression.kind {
        ExpressionKind::Traversal(traversal) if traversal.steps.len() == 1 => None,
        ExpressionKind::Template(template) => {
            let asked = part_conditions(&template.parts).into_iter().find_map(|asked| condition(asked, names));
            asked.or_else(|| part_values(&template.parts).into_iter().find_map(each))
        }
        ExpressionKind::Tuple(items) => items.iter().find_map(each),
        ExpressionKind::Object(items) => items.iter().find_map(|item| each(&item.value)),
        ExpressionKind::Parenthesis(inner) => each(inner),
        ExpressionKind::Call(call) if only_joins(call) => call.arguments.iter().find_map(each),
        ExpressionKind::Conditional(choice) => {
            condition(&choice.condition, names).or_else(|| each(&choice.then)).or_else(|| each(&choice.otherwise))
        }
        _ => condition(expression, names),
    }
}

/// The same for what decides: whether there is a value may be asked.
fn condition(expression: &Expression, names: &BTreeSet<String>) -> Option<Reference> {
    match &expression.kind {
        ExpressionKind::Binary(binary) => {
            let (left, right) = (&binary.left, &binary.right);
            match binary.operator {
                BinaryOperator::Equal | BinaryOperator::NotEqual if right.kind == ExpressionKind::Null => {
                    computed_with(left, names)
                }
                BinaryOperator::Equal | BinaryOperator::NotEqual if left.kind == ExpressionKind::Null => {
                    computed_with(right, names)
                }
                BinaryOperator::And | BinaryOperator::Or => condition(left, names).or_else(|| condition(right, names)),
                _ => named(expression, names),
            }
        }
        ExpressionKind::Unary(UnaryOperator::Not, inner) | ExpressionKind::Parenthesis(inner) => {
            condition(inner, names)
        }
        _ => named(expression, names),
    }
}

/// The expressions of a template whose values are written.
fn part_values(parts: &[TemplatePart]) -> Vec<&Expression> {
    let mut values = Vec::new();
    for part in parts {
        match part {
            TemplatePart::Literal(..) => {}
            TemplatePart::Interpolation(inner) => values.push(inner),
            TemplatePart::If(choice) => {
                values.extend(part_values(&choice.then));
                values.extend(part_values(&choice.otherwise));
            }
            TemplatePart::For(each) => values.extend(part_values(&each.body)),
        }
    }
    values
}

/// The expressions of a template that decide what is written.
fn part_conditions(parts: &[TemplatePart]) -> Vec<&Expression> {
    let mut conditions = Vec::new();
    for part in parts {
        match part {
            TemplatePart::Literal(..) | TemplatePart::Interpolation(_) => {}
            TemplatePart::If(choice) => {
                conditions.push(&choice.condition);
                conditions.extend(part_conditions(&choice.then));
                conditions.extend(part_conditions(&choice.otherwise));
            }
            TemplatePart::For(each) => {
                conditions.push(&each.collection);
                conditions.extend(part_conditions(&each.body));
            }
        }
    }
    conditions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_told_from_what_stands_around_them() {
        let secret = GeneratedSecret { framework: "my.own".to_owned(), setting: "key".to_owned() };
        let text = format!("a@@{}{}b@@generated.c", secret.mark(), secret.mark());
        let generated = || SecretPart::Generated(secret.clone());
        let expected = [SecretPart::Given("a@@"), generated(), generated(), SecretPart::Given("b@@generated.c")];
        assert_eq!(parts(&text), expected);
        assert_eq!(parts("@@generated.x@@"), [SecretPart::Given("@@generated.x@@")]);
        assert_eq!(parts(""), []);
    }
}
