//! Values as the texts that are written to files, and as words for people.

use crate::expression::{Kind, Scope, Value};
use crate::model::Text;
use crate::syntax::tree::{Expression, ExpressionKind};

/// The text that is written for a value; `None` for `null` and for what is no single text.
pub(super) fn text_of(value: &Value) -> Option<Text> {
    let text = match value.kind() {
        Kind::String(text) => text.to_string(),
        Kind::Number(number) => number.to_string(),
        Kind::Bool(value) => value.to_string(),
        _ => return None,
    };
    Some(Text { value: text, secret: value.contains_secret() })
}

/// A value in a few words, for those who ask where something came from. Secrets are not shown.
pub(super) fn shown(value: &Value) -> String {
    if value.contains_secret() {
        return "(secret)".to_owned();
    }
    if let Some(elements) = value.elements() {
        return format!("[{}]", elements.into_iter().map(shown).collect::<Vec<_>>().join(", "));
    }
    match value.kind() {
        Kind::Null(_) => "null".to_owned(),
        Kind::Unknown(_) => "(not known)".to_owned(),
        _ => text_of(value).map_or_else(|| "…".to_owned(), |text| text.value),
    }
}

/// The expression that gives the value: the branch taken of a conditional.
pub(super) fn peeled<'a>(scope: &Scope<'_>, mut expression: &'a Expression) -> &'a Expression {
    loop {
        expression = match &expression.kind {
            ExpressionKind::Parenthesis(inner) => inner,
            ExpressionKind::Conditional(choice) => match scope.evaluate(&choice.condition).as_bool() {
                Some(true) => &choice.then,
                Some(false) => &choice.otherwise,
                None => return expression,
            },
            _ => return expression,
        };
    }
}

/// The conditions that decided which branch is taken.
pub(super) fn conditions<'a>(scope: &Scope<'_>, mut expression: &'a Expression) -> Vec<&'a Expression> {
    let mut decided = Vec::new();
    loop {
        expression = match &expression.kind {
            ExpressionKind::Parenthesis(inner) => inner,
            ExpressionKind::Conditional(choice) => match scope.evaluate(&choice.condition).as_bool() {
                Some(taken) => {
                    decided.push(&choice.condition);
                    if taken { &choice.then } else { &choice.otherwise }
                }
                None => return decided,
            },
            _ => return decided,
        };
    }
}
