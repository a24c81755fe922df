//! Conversion of values between types, by HCL's rules.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::equal::sort_into_set;
use super::unify::{convertible, settled, unify};
use super::value::sorted;
use super::words::{counted, found, kind_of, kind_of_type};
use super::{AttributeType, Kind, Number, Type, Value, type_of};
use crate::source::{Diagnostic, Span, similar_word};

/// Why a value is not of a type: where in it, what was expected and what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// The way into the value: `.name`, `[3]`; the outermost first.
    pub path: Vec<String>,
    /// `expected number, found text "abc"`
    pub message: String,
    /// Where the wrong part is written, if that is known.
    pub origin: Option<Span>,
    /// The way out, if there is a better one than to write what was expected.
    pub help: Option<String>,
}

impl Mismatch {
    fn new(value: &Value, message: impl Into<String>) -> Self {
        Self { path: Vec::new(), message: message.into(), origin: value.origin(), help: None }
    }

    fn expected(to: &Type, value: &Value) -> Self {
        let found = found(value);
        Self::new(value, format!("expected {to}, found {found}"))
    }

    /// Of a part of `whole`; nothing of a secret is told.
    fn within(mut self, step: String, whole: &Value) -> Self {
        if whole.is_secret() {
            self.path = Vec::new();
            "a part of this secret is not of the type expected here".clone_into(&mut self.message);
            self.help = None;
            return self;
        }
        self.path.insert(0, step);
        self
    }

    /// As a complaint about `what` (`variable "x"`, `count`, may be empty), at the wrong part if that is known, else
    /// at `place`.
    pub fn diagnostic(&self, code: &'static str, what: &str, place: Span) -> Diagnostic {
        let path = self.path.concat();
        let subject = match (what.is_empty(), path.is_empty()) {
            (false, _) => format!("{what}{path}: {}", self.message),
            (true, false) => format!("{}: {}", path.trim_start_matches('.'), self.message),
            (true, true) => self.message.clone(),
        };
        let label = if path.is_empty() { String::new() } else { path.trim_start_matches('.').to_owned() };
        let diagnostic = match self.origin {
            Some(origin) if origin != place && (origin.source != place.source || !inside(origin, place)) => {
                Diagnostic::error(code, subject).at(place, label).at(origin, "the value comes from here")
            }
            Some(origin) => Diagnostic::error(code, subject).at(origin, label),
            None => Diagnostic::error(code, subject).at(place, label),
        };
        diagnostic.help_maybe(self.help.clone())
    }
}

fn inside(inner: Span, outer: Span) -> bool {
    inner.source == outer.source && outer.start <= inner.start && inner.end <= outer.end
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.concat();
        if !path.is_empty() {
            write!(f, "{}: ", path.trim_start_matches('.'))?;
        }
        f.write_str(&self.message)
    }
}

/// The value as a value of type `to`, with its mark and origin.
///
/// Text, numbers and truth values are turned into each other where nothing is lost; sequences, maps and objects are
/// converted element by element; optional attributes that are missing or null get their default. What is unknown stays
/// unknown, with the new type; what failed stays failed.
pub fn convert(value: &Value, to: &Type) -> Result<Value, Mismatch> {
    match (value.kind(), to) {
        (Kind::Failed, _) | (_, Type::Any) => Ok(value.clone()),
        (Kind::Null(of), _) => Ok(if of == to { value.clone() } else { value.replaced(Kind::Null(to.clone())) }),
        (Kind::Unknown(of), _) if convertible(of, to) => Ok(value.replaced(Kind::Unknown(settled(of, to)))),
        (Kind::Unknown(_), _) => Err(Mismatch::expected(to, value)),
        (_, Type::String | Type::Number | Type::Bool) => primitive(value, to),
        (_, Type::List(of)) => list(value, of, to),
        (_, Type::Set(of)) => set(value, of, to),
        (_, Type::Map(of)) => map(value, of, to),
        (_, Type::Tuple(types)) => tuple(value, types, to),
        (_, Type::Object(attributes)) => object(value, attributes, to),
    }
}

fn primitive(value: &Value, to: &Type) -> Result<Value, Mismatch> {
    let kind = match (value.kind(), to) {
        (Kind::String(_), Type::String) | (Kind::Number(_), Type::Number) | (Kind::Bool(_), Type::Bool) => {
            return Ok(value.clone());
        }
        (Kind::Number(number), Type::String) => Kind::String(number.to_string().into()),
        (Kind::Bool(true), Type::String) => Kind::String("true".into()),
        (Kind::Bool(false), Type::String) => Kind::String("false".into()),
        (Kind::String(text), Type::Number) => match Number::parse(text) {
            Some(number) => Kind::Number(number),
            None => return Err(Mismatch::expected(to, value)),
        },
        (Kind::String(text), Type::Bool) => match &**text {
            "true" | "1" => Kind::Bool(true),
            "false" | "0" => Kind::Bool(false),
            _ => return Err(Mismatch::expected(to, value)),
        },
        _ => return Err(Mismatch::expected(to, value)),
    };
    Ok(value.replaced(kind))
}

/// The elements converted to `of`, and the type they then have in common.
fn elements(value: &Value, of: &Type, to: &Type) -> Result<(Type, Vec<Value>), Mismatch> {
    let Some(elements) = value.elements() else { return Err(Mismatch::expected(to, value)) };
    let converted = elements
        .into_iter()
        .enumerate()
        .map(|(index, element)| convert(element, of).map_err(|mismatch| mismatch.within(format!("[{index}]"), value)))
        .collect::<Result<Vec<_>, _>>()?;
    settle(value, of, converted)
}

/// Gives elements one type where `of` leaves it open.
fn settle(value: &Value, of: &Type, converted: Vec<Value>) -> Result<(Type, Vec<Value>), Mismatch> {
    if !of.has_any() || converted.is_empty() || converted.iter().any(Value::is_failed) {
        return Ok((of.clone(), converted));
    }
    let types: Vec<Type> = converted.iter().map(type_of).collect();
    let Some(common) = unify(&types) else {
        return Err(Mismatch::new(value, "all elements must be of the same type").with_types(&types));
    };
    if common.has_any() {
        return Ok((common, converted));
    }
    let settled = converted.iter().map(|element| convert(element, &common)).collect::<Result<Vec<_>, _>>()?;
    Ok((common, settled))
}

impl Mismatch {
    fn with_types(mut self, types: &[Type]) -> Self {
        let mut kinds: Vec<&str> = Vec::new();
        for of in types {
            if !kinds.contains(&kind_of_type(of)) {
                kinds.push(kind_of_type(of));
            }
        }
        if kinds.len() > 1 {
            self.message = format!("{}; they are {}", self.message, kinds.join(" and "));
        }
        self
    }
}

fn list(value: &Value, of: &Type, to: &Type) -> Result<Value, Mismatch> {
    if let Kind::List(already, _) = value.kind()
        && (already == of || (*of == Type::Any && !already.has_any()))
    {
        return Ok(value.clone());
    }
    if matches!(value.kind(), Kind::Map(..) | Kind::Object(_)) {
        return Err(Mismatch::expected(to, value));
    }
    let (of, values) = elements(value, of, to)?;
    Ok(value.replaced(Kind::List(of, Arc::new(values))))
}

fn set(value: &Value, of: &Type, to: &Type) -> Result<Value, Mismatch> {
    if let Kind::Set(already, _) = value.kind()
        && (already == of || (*of == Type::Any && !already.has_any()))
    {
        return Ok(value.clone());
    }
    let (of, values) = elements(value, of, to)?;
    Ok(set_of(value, of, values))
}

/// A set of `values` with the mark and origin of `like`. How many elements it has is not known while one of them is
/// not known, so all of it is unknown then; a secret element makes all of it secret, since its place would tell.
pub(crate) fn set_of(like: &Value, of: Type, values: Vec<Value>) -> Value {
    if values.iter().any(Value::contains_failed) {
        return Value::failed();
    }
    let secret = values.iter().any(Value::contains_secret);
    if values.iter().any(Value::contains_unknown) {
        return like.replaced(Kind::Unknown(Type::set(of))).with_secret(secret);
    }
    like.replaced(Kind::Set(of, Arc::new(sort_into_set(values)))).with_secret(secret)
}

fn map(value: &Value, of: &Type, to: &Type) -> Result<Value, Mismatch> {
    if let Kind::Map(already, _) = value.kind()
        && (already == of || (*of == Type::Any && !already.has_any()))
    {
        return Ok(value.clone());
    }
    let Some(entries) = value.entries() else { return Err(Mismatch::expected(to, value)) };
    let converted = entries
        .iter()
        .map(|(key, entry)| convert(entry, of).map_err(|mismatch| mismatch.within(format!("[{key:?}]"), value)))
        .collect::<Result<Vec<_>, _>>()?;
    let (of, converted) = settle(value, of, converted)?;
    let entries = sorted(entries.keys().cloned().zip(converted));
    Ok(value.replaced(Kind::Map(of, Arc::new(entries))))
}

fn tuple(value: &Value, types: &[Type], to: &Type) -> Result<Value, Mismatch> {
    let elements = match value.kind() {
        Kind::Set(..) => None,
        _ => value.elements(),
    };
    let Some(elements) = elements else { return Err(Mismatch::expected(to, value)) };
    if elements.len() != types.len() {
        let (wanted, there) = (counted(types.len(), "element"), elements.len());
        return Err(Mismatch::new(value, format!("expected exactly {wanted}, found {there}")));
    }
    let values = elements
        .into_iter()
        .zip(types)
        .enumerate()
        .map(|(index, (element, of))| {
            convert(element, of).map_err(|mismatch| mismatch.within(format!("[{index}]"), value))
        })
        .collect::<Result<Vec<_>, _>>()?;
    Ok(value.replaced(Kind::Tuple(Arc::new(values))))
}

fn object(value: &Value, attributes: &BTreeMap<Arc<str>, AttributeType>, to: &Type) -> Result<Value, Mismatch> {
    let Some(entries) = value.entries() else {
        let wanted = if attributes.len() > 4 { "an object".to_owned() } else { to.to_string() };
        return Err(Mismatch::new(value, format!("expected {wanted}, found {}", found(value))));
    };
    let mut converted = BTreeMap::new();
    for (name, attribute) in attributes {
        let given = entries.get(name);
        let entry = match (given, &attribute.default) {
            (Some(entry), Some(default)) if entry.is_null() => default.clone().with_secret(entry.is_secret()),
            (Some(entry), _) => {
                convert(entry, &attribute.of).map_err(|mismatch| mismatch.within(format!(".{name}"), value))?
            }
            (None, default) => {
                let strangers = entries.keys().filter(|key| !attributes.contains_key(*key)).map(|key| &**key);
                let meant = similar_word(name, strangers);
                if let Some(meant) = meant {
                    let mut mismatch = Mismatch::new(
                        entries.get(meant).unwrap_or(value),
                        format!("attribute `{meant}` does not exist in {}", kind_with_names(attributes)),
                    );
                    mismatch.help = Some(format!("did you mean `{name}`?"));
                    return Err(mismatch);
                }
                if !attribute.optional {
                    let message = format!("attribute `{name}` ({}) is missing", attribute.of);
                    return Err(Mismatch::new(value, message));
                }
                default.clone().unwrap_or_else(|| Kind::Null(attribute.of.clone()).into())
            }
        };
        converted.insert(Arc::clone(name), entry);
    }
    Ok(value.replaced(Kind::Object(Arc::new(converted))))
}

fn kind_with_names(attributes: &BTreeMap<Arc<str>, AttributeType>) -> String {
    let names: Vec<&str> = attributes.keys().map(|name| &**name).collect();
    if names.len() > 8 { "this object".to_owned() } else { format!("an object of {}", names.join(", ")) }
}

/// The text that a value is in a template or as an argument that wants text.
pub(crate) fn to_text(value: &Value) -> Result<Arc<str>, String> {
    match convert(value, &Type::String) {
        Ok(text) => match text.kind() {
            Kind::String(text) => Ok(Arc::clone(text)),
            _ => Err(format!("{} is not a string", kind_of(value))),
        },
        Err(mismatch) => Err(mismatch.message),
    }
}
