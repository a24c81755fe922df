//! What the definition says about a framework: settings, and keys of files that stand for settings.

use std::collections::BTreeMap;

use super::chosen::Chosen;
use super::known_keys::KnownKeys;
use super::words::text_of;
use super::{FileDeclaration, FileFormat, SettingDeclaration, SettingType, ValueShape};
use crate::expression::{Number, Type, Value};
use crate::model::{FileOverride, SettingValue, Text};
use crate::source::{Diagnostic, Diagnostics, Span};
use crate::syntax::tree::{Expression, ExpressionKind, StepKind, TemplatePart};

/// A setting's value from the definition.
#[derive(Clone, Debug)]
pub(super) struct Override {
    pub(super) value: Value,
    pub(super) origin: Option<Span>,
}

/// All of them by setting. A key of a file whose value is simply a setting sets that setting, so that everything
/// derived from it follows.
pub(super) fn overrides(chosen: Chosen<'_>) -> (BTreeMap<String, Override>, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let mut found: BTreeMap<String, Override> = BTreeMap::new();
    let framework = chosen.framework;
    for (name, setting) in &chosen.spec.settings {
        let place = setting.origin.unwrap_or(chosen.spec.origin);
        // The language knows the settings that there are, and has read them as what they are.
        let Some(declared) = framework.setting(name) else { continue };
        let Some(value) = value_of(&setting.value, declared.kind) else { continue };
        let form = (!chosen.spec.later.contains(name)).then(|| wrong_form(&framework.name, declared, &value, place));
        match form.flatten() {
            Some(wrong) => diagnostics.push(wrong),
            None => drop(found.insert(name.clone(), Override { value, origin: setting.origin })),
        }
    }
    for (name, file) in &chosen.spec.files {
        let declared = match framework.choose_file(name, file.origin) {
            Ok(declared) => declared,
            Err(unknown) => {
                diagnostics.push(unknown);
                continue;
            }
        };
        diagnostics.extend(check_file(declared, file));
        for (key, text) in &file.set {
            let place = text.origin.unwrap_or(file.origin);
            let linked = declared.keys.iter().find(|(known, _)| known == key).and_then(|(_, value)| linked(value));
            let linked = linked.and_then(|(name, form)| Some((framework.setting(name)?, form)));
            let waits = file.later.contains(key);
            let (Some((setting, form)), Some(text)) = (linked, &text.value) else {
                if linked.is_none() {
                    let known = KnownKeys::of(framework, declared);
                    let value = text.value.as_ref().filter(|_| !waits);
                    diagnostics.extend(known.and_then(|known| known.check(key, value, place)));
                }
                continue;
            };
            if waits && setting.kind.shape() != ValueShape::Text {
                diagnostics.push(too_late(key, setting, place));
                continue;
            }
            let text = &Text { value: text.value.clone(), secret: text.secret || setting.secret };
            let value = match form {
                Form::Plain => parse(text, setting.kind),
                Form::Mebibytes => mebibytes(&text.value).map(|size| Value::integer(size).with_secret(text.secret)),
            };
            let Some(value) = value else {
                let shown = if text.secret { "a secret".to_owned() } else { format!("string {:?}", text.value) };
                diagnostics.push(match form {
                    Form::Plain => wrong_type(&framework.name, setting, &shown, place),
                    Form::Mebibytes => no_size(key, setting, &shown, place),
                });
                continue;
            };
            if let Some(wrong) = wrong_form(&framework.name, setting, &value, place).filter(|_| !waits) {
                diagnostics.push(wrong);
                continue;
            }
            if let Some(other) = found.get(&setting.name) {
                diagnostics.push(
                    Diagnostic::error("disco::conflicting_setting", format!("`{key}` is set twice"))
                        .at(place, format!("this key is the setting `{}`", setting.name))
                        .at_maybe(other.origin, "which is set here")
                        .help("keep one of them"),
                );
                continue;
            }
            found.insert(setting.name.clone(), Override { value, origin: Some(place) });
        }
    }
    (found, diagnostics)
}

/// How a setting stands in a key's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// As it is.
    Plain,
    /// With the letter of Java's sizes after it: `512m`.
    Mebibytes,
}

/// The setting that an expression simply is, in any branch.
pub(super) fn linked(expression: &Expression) -> Option<(&str, Form)> {
    match &expression.kind {
        ExpressionKind::Traversal(traversal) => match (&traversal.root.kind, traversal.steps.as_slice()) {
            (ExpressionKind::Variable(root), [step]) if &**root == "setting" => match &step.kind {
                StepKind::Attribute(name) => Some((name, Form::Plain)),
                _ => None,
            },
            _ => None,
        },
        ExpressionKind::Template(template) => match template.parts.as_slice() {
            [TemplatePart::Interpolation(inner), TemplatePart::Literal(unit, _)] if &**unit == "m" => {
                linked(inner).map(|(name, _)| (name, Form::Mebibytes))
            }
            _ => None,
        },
        ExpressionKind::Parenthesis(inner) => linked(inner),
        ExpressionKind::Conditional(choice) => linked(&choice.then).or_else(|| linked(&choice.otherwise)),
        _ => None,
    }
}

/// A size as Java writes it, such as `2g`, in MiB.
fn mebibytes(text: &str) -> Option<i64> {
    let text = text.trim().to_lowercase();
    let text = text.strip_suffix('b').unwrap_or(&text);
    let (number, factor) = match text.chars().last()? {
        'm' => (text.strip_suffix('m')?, 1),
        'g' => (text.strip_suffix('g')?, 1024),
        't' => (text.strip_suffix('t')?, 1024 * 1024),
        _ => return None,
    };
    number.parse::<i64>().ok()?.checked_mul(factor)
}

fn no_size(key: &str, setting: &SettingDeclaration, found: &str, place: Span) -> Diagnostic {
    Diagnostic::error("disco::wrong_type", format!("`{key}` is {found}, expected a size"))
        .at(place, "not a whole number with `m` or `g`")
        .help(format!("write a size such as \"2g\" or \"1536m\": {}", setting.description))
}

fn check_file(declared: &FileDeclaration, file: &FileOverride) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let first = file.set.values().find_map(|text| text.origin);
    if declared.format == FileFormat::Template && !file.set.is_empty() {
        diagnostics.push(
            Diagnostic::error("disco::config_without_keys", format!("`{}` has no keys to set", declared.name))
                .at(first.unwrap_or(file.origin), "not valid for this file")
                .help("set the whole file: `content = file(\"…\")`"),
        );
    }
    for (key, text) in &file.set {
        if let Some(reason) = declared.protected.get(key) {
            diagnostics.push(
                Diagnostic::error(
                    "disco::protected_key",
                    format!("`{key}` of `{}` is written by DISCO and cannot be changed", declared.name),
                )
                .at(text.origin.unwrap_or(file.origin), "not allowed")
                .help(format!("remove it: {reason}")),
            );
        }
    }
    diagnostics
}

/// A key that sizes follow from, and whose value is known only after apply.
fn too_late(key: &str, setting: &SettingDeclaration, place: Span) -> Diagnostic {
    Diagnostic::error("disco::unknown_before_apply", format!("`{key}` must be known before apply"))
        .at(place, "this is known only after apply")
        .help(format!("it is the setting `{}`, which is {}: write one", setting.name, setting.kind.expected()))
}

fn wrong_type(framework: &str, setting: &SettingDeclaration, found: &str, place: Span) -> Diagnostic {
    let expected = setting.kind.expected();
    let message = format!("`{}` of {framework} is {found}, expected {expected}", setting.name);
    Diagnostic::error("disco::wrong_type", message)
        .at(place, format!("expected {expected}"))
        .help(format!("set `{}` to {expected}: {}", setting.name, setting.description))
}

/// A text, or one of a list, that its setting's type cannot be; or nothing where there must be something.
fn wrong_form(framework: &str, setting: &SettingDeclaration, value: &Value, place: Span) -> Option<Diagnostic> {
    let name = format!("`{}` of {framework}", setting.name);
    let expected = setting.kind.expected();
    let texts = value.elements().unwrap_or_else(|| vec![value]);
    let empty = value.as_str().map_or_else(|| texts.is_empty(), |text| text.trim().is_empty());
    if setting.not_empty && empty {
        let message = format!("{name} is empty");
        return Some(
            Diagnostic::error("disco::setting_empty", message)
                .at(place, format!("expected {expected}, not empty"))
                .help(format!("set it to a value, or remove the line: {}", setting.description)),
        );
    }
    let text = texts.into_iter().filter_map(text_of).find(|text| !setting.kind.fits(&text.value))?;
    let secret = text.secret || setting.secret;
    let shown = if secret { "the value".to_owned() } else { format!("\"{}\"", text.value) };
    let advice = if secret { None } else { setting.kind.advice(&text.value) };
    let message = if value.elements().is_some() {
        format!("{name} contains {shown}, expected {expected}")
    } else {
        format!("{name} is {shown}, expected {expected}")
    };
    let advice = advice.unwrap_or_else(|| format!("set `{}` to {expected}", setting.name));
    let help = format!("{advice}: {}", setting.description);
    Some(Diagnostic::error("disco::setting_form", message).at(place, format!("not {expected}")).help(help))
}

fn string(text: &Text) -> Value {
    Value::string(text.value.as_str()).with_secret(text.secret)
}

fn value_of(setting: &SettingValue, kind: SettingType) -> Option<Value> {
    match (kind.shape(), setting) {
        (ValueShape::Text, SettingValue::Text(text)) => Some(string(text)),
        (ValueShape::Integer | ValueShape::Decimal, SettingValue::Integer(number)) => Some(Value::integer(*number)),
        (ValueShape::Decimal, SettingValue::Decimal(number)) => Number::parse(number).map(Value::number),
        (ValueShape::Boolean, SettingValue::Boolean(value)) => Some(Value::bool(*value)),
        (ValueShape::List, SettingValue::List(texts)) => {
            Some(Value::list(Type::String, texts.iter().map(string).collect()))
        }
        (ValueShape::Map, SettingValue::Map(texts)) => {
            Some(Value::object(texts.iter().map(|(name, text)| (name.as_str(), string(text)))))
        }
        _ => None,
    }
}

/// A setting's value from a text: a key of a file, or what was fixed at creation.
pub(super) fn parse(text: &Text, kind: SettingType) -> Option<Value> {
    let word = text.value.trim();
    let value = match kind.shape() {
        ValueShape::Text => Value::string(text.value.as_str()),
        ValueShape::Integer => Value::integer(word.parse().ok()?),
        ValueShape::Decimal => Value::number(Number::parse(word)?),
        ValueShape::Boolean => Value::bool(word.parse().ok()?),
        ValueShape::List => {
            let texts = word.split(',').map(|part| Value::string(part.trim())).collect();
            Value::list(Type::String, texts)
        }
        // It is more than one text.
        ValueShape::Map => return None,
    };
    Some(value.with_secret(text.secret))
}
