//! Whether the settings that a manifest declares can be: type, default and limits against one another.

use super::found::{Found, named};
use super::places::{attribute, label, literals, number, place, text};
use crate::catalogue::generated::{LONGEST, SHORTEST};
use crate::catalogue::{SettingType, ValueShape};
use crate::syntax::references;
use crate::syntax::tree::{Block, Expression, ExpressionKind};

/// Words of a `framework` block that no setting can have.
const RESERVED: [&str; 2] = ["version", "config"];

/// One setting.
pub(super) fn check(found: &mut Found, block: &Block) {
    let name = label(block);
    if let Some(place) = block.labels.first().filter(|_| RESERVED.contains(&name)) {
        let message =
            format!("a setting cannot have the name `{name}`, which has another meaning in a `framework` block");
        found.wrong(place.span, message, "use another name");
    }
    let kind = literals(block, "type").first().and_then(|(word, _)| SettingType::named(word));
    let Some(kind) = kind else { return };
    let is =
        |name: &str| attribute(block, name).is_some_and(|attribute| attribute.value.kind == ExpressionKind::Bool(true));
    let numeric = matches!(kind.shape(), ValueShape::Integer | ValueShape::Decimal) || kind == SettingType::Size;
    for limit in ["minimum", "maximum"] {
        if let Some(attribute) = attribute(block, limit).filter(|_| !numeric) {
            let message = format!("`{limit}` of {} is for numbers, not for {}", named(block), kind.expected());
            found.wrong(attribute.value.span, message, "remove it, or change `type`");
        }
    }
    if attribute(block, "one_of").is_some() && kind != SettingType::Text {
        let message = format!("`one_of` of {} is for strings, not for {}", named(block), kind.expected());
        found.wrong(place(block, "one_of"), message, "remove it, or write `type = \"string\"`");
    }
    let default = attribute(block, "default").map(|attribute| &attribute.value);
    if let Some(default) = default.filter(|default| !fits(kind, default)) {
        let message = format!("`default` of {} must be {}", named(block), kind.expected());
        found.wrong(default.span, message, "change the value or `type`");
    }
    let words = literals(block, "one_of");
    if let Some(default) = default
        && let Some(word) = text(default)
        && !words.is_empty()
        && words.iter().all(|(known, _)| *known != word)
    {
        let message =
            format!("`default` of {} is `{}`, which is not in its `one_of`", named(block), word.escape_debug());
        found.wrong(default.span, message, "use one of these words");
    }
    let limit = |name: &str| attribute(block, name).and_then(|attribute| number(&attribute.value));
    if let (Some(least), Some(most)) = (limit("minimum"), limit("maximum"))
        && least > most
    {
        let message = format!("`minimum` of {} is {least}, more than its `maximum`, which is {most}", named(block));
        found.wrong(place(block, "minimum"), message, "swap them");
    }
    if is("fixed") && matches!(kind.shape(), ValueShape::List | ValueShape::Map) {
        let message = format!("{} is `fixed`, but a list cannot be kept", named(block));
        found.wrong(place(block, "fixed"), message, "remove `fixed`, or make it a string: `join(\",\", …)`");
    }
    if let Some(attribute) = attribute(block, "remembers").filter(|_| is("remembers") && !is("fixed")) {
        let message = format!("{} has `remembers`, but is not `fixed`", named(block));
        found.wrong(attribute.value.span, message, "remove it, or add `fixed = true`");
    }
    if let Some(attribute) = attribute(block, "earlier").filter(|_| !is("fixed")) {
        let message = format!("{} has a value for earlier clusters, but is not `fixed`", named(block));
        found.wrong(attribute.value.span, message, "remove `earlier`, or add `fixed = true`");
    }
    if let Some(attribute) = attribute(block, "earlier").filter(|attribute| !fits(kind, &attribute.value)) {
        let message = format!("`earlier` of {} must be {}", named(block), kind.expected());
        found.wrong(attribute.value.span, message, "change the value or `type`");
    }
    if let Some(attribute) = attribute(block, "rises").filter(|_| !is("fixed") || kind != SettingType::Integer) {
        let message = format!("{} has `rises`, but is no `fixed` integer", named(block));
        found.wrong(attribute.value.span, message, "remove it, or write `type = \"integer\"` and `fixed = true`");
    }
    if is("secret") {
        secret(found, block, kind, is("fixed"), default);
    }
    generated(found, block, kind, is("secret"), default);
}

/// A secret that Heat makes up.
fn generated(found: &mut Found, block: &Block, kind: SettingType, secret: bool, default: Option<&Expression>) {
    let length = attribute(block, "length");
    let Some(generated) = attribute(block, "generated") else {
        if let Some(length) = length {
            let message = format!("`length` of {} is for secrets that Heat generates", named(block));
            found.wrong(length.value.span, message, "remove it, or add `generated = true`");
        }
        return;
    };
    if !secret || kind != SettingType::Text {
        let message = format!("{} is `generated`, but is not a secret string", named(block));
        found.wrong(generated.value.span, message, "write `type = \"string\"` and `secret = true`");
    }
    if let Some(default) = default {
        let message = format!("{} has both `generated` and `default`", named(block));
        found.wrong(default.span, message, "remove one of them");
    }
    if let Some(length) = length
        && number(&length.value).is_some_and(|number| !(SHORTEST..=LONGEST).contains(&number))
    {
        let message = format!("`length` of {} must be from {SHORTEST} to {LONGEST}", named(block));
        found.wrong(length.value.span, message, "write a number of letters and digits, as in `length = 64`");
    }
}

fn secret(found: &mut Found, block: &Block, kind: SettingType, fixed: bool, default: Option<&Expression>) {
    if !matches!(kind.shape(), ValueShape::Text | ValueShape::List) {
        let message = format!("{} is `secret`, but is neither a string nor a list of strings", named(block));
        found.wrong(place(block, "secret"), message, "write `type = \"string\"`");
    }
    if fixed {
        let message = format!("{} is `secret` and `fixed`: the state would show it", named(block));
        found.wrong(place(block, "fixed"), message, "remove one of them");
    }
    let written = default.filter(|default| default.kind != ExpressionKind::Null && references(default).is_empty());
    if let Some(default) = written {
        let message = format!("`default` of {} is in the manifest, so it is not secret", named(block));
        found.wrong(default.span, message, "remove it: a definition sets it, or it stays null");
    }
}

/// Whether a value that is written out is of a type. Formulas are looked at when they are computed.
fn fits(kind: SettingType, value: &Expression) -> bool {
    match (&value.kind, kind.shape()) {
        (ExpressionKind::String(text), ValueShape::Text) => kind.fits(text),
        (ExpressionKind::Bool(_), ValueShape::Boolean)
        | (ExpressionKind::Tuple(_), ValueShape::List)
        | (ExpressionKind::Object(_), ValueShape::Map)
        | (ExpressionKind::Number(_), ValueShape::Decimal) => true,
        (ExpressionKind::Number(number), ValueShape::Integer) => !number.contains(['.', 'e', 'E']),
        (
            ExpressionKind::String(_)
            | ExpressionKind::Bool(_)
            | ExpressionKind::Tuple(_)
            | ExpressionKind::Object(_)
            | ExpressionKind::Number(_),
            _,
        ) => false,
        _ => true,
    }
}
