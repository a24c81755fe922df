//! Steps into values: attributes, indices and splats.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::at_found::AtFound;
use super::words::{counted, found, kind_of};
use super::{Kind, Scope, Type, Value, convert, type_of};
use crate::source::{Diagnostic, Span, did_you_mean};
use crate::syntax::tree::{Step, StepKind};

impl Scope<'_> {
    /// What the steps lead to, from `value`, which stands at `place`.
    pub(super) fn steps(&self, mut value: Value, steps: &[Step], mut place: Span) -> Value {
        for (at, step) in steps.iter().enumerate() {
            if value.is_failed() {
                return value;
            }
            value = match &step.kind {
                StepKind::Attribute(name) => self.attribute(&value, name, step.span, place),
                StepKind::Index(index) => {
                    let key = self.evaluate(index);
                    self.index(&value, &key, step.span, index.span, place)
                }
                StepKind::FullSplat => return self.splat(&value, &steps[at + 1..], place.to(step.span)),
                StepKind::AttributeSplat(count) => {
                    let following = &steps[at + 1..];
                    let (each, rest) = following.split_at((*count).min(following.len()));
                    let value = self.splat(&value, each, place.to(step.span));
                    return self.steps(value, rest, place.to(step.span));
                }
            };
            place = place.to(step.span);
        }
        value
    }

    fn attribute(&self, value: &Value, name: &Arc<str>, step: Span, place: Span) -> Value {
        let secret = value.is_secret();
        match value.kind() {
            Kind::Object(entries) | Kind::Map(_, entries) => match entries.get(name) {
                Some(entry) => entry.clone().with_secret(secret).or_at(step),
                None => self.no_attribute(value, name, step, entries),
            },
            Kind::Unknown(of) => self.unknown_attribute(value, of, name, step, place),
            Kind::Null(_) => self.fail(
                Diagnostic::error("disco::null_value", format!("this is null, so it has no attribute `{name}`"))
                    .at_found(place, value, "null")
                    .at(step, ""),
            ),
            _ => {
                let message = format!("{} has no attributes", kind_of(value));
                let diagnostic = Diagnostic::error("disco::unknown_attribute", message).at(step, found(value));
                let help = match value.kind() {
                    Kind::List(..) | Kind::Tuple(_) | Kind::Members(_) => {
                        Some(format!("write `[0].{name}` for one element, or `[*].{name}` for all"))
                    }
                    Kind::Set(..) => Some(format!("write `[*].{name}` for all elements")),
                    _ => None,
                };
                self.fail(diagnostic.help_maybe(help))
            }
        }
    }

    fn no_attribute(&self, value: &Value, name: &str, step: Span, entries: &BTreeMap<Arc<str>, Value>) -> Value {
        let (noun, article) =
            if matches!(value.kind(), Kind::Map(..)) { ("key", "map") } else { ("attribute", "object") };
        let help = did_you_mean(name, entries.keys().map(|key| &**key)).filter(|_| !value.is_secret());
        self.fail(
            Diagnostic::error("disco::unknown_attribute", format!("this {article} has no {noun} `{name}`"))
                .at(step, "not found")
                .help_maybe(help),
        )
    }

    fn unknown_attribute(&self, value: &Value, of: &Type, name: &str, step: Span, place: Span) -> Value {
        let part = match of {
            Type::Any => Type::Any,
            Type::Map(of) => (**of).clone(),
            Type::Object(attributes) => match attributes.get(name) {
                Some(attribute) => attribute.of.clone(),
                None => {
                    return self.fail(
                        Diagnostic::error("disco::unknown_attribute", format!("this object has no attribute `{name}`"))
                            .at(step, "not found")
                            .help_maybe(did_you_mean(name, attributes.keys().map(|key| &**key))),
                    );
                }
            },
            _ => {
                let message = format!("{} has no attributes", kind_of(value));
                return self
                    .fail(Diagnostic::error("disco::unknown_attribute", message).at(step, found(value)).at(place, ""));
            }
        };
        Value::unknown(part).at(place.to(step)).with_secret(value.is_secret())
    }

    /// `value[key]`; also what functions such as `element` may use.
    pub(super) fn index(&self, value: &Value, key: &Value, step: Span, key_place: Span, place: Span) -> Value {
        let secret = value.is_secret() || key.is_secret();
        if value.is_failed() || key.is_failed() {
            return Value::failed();
        }
        if value.is_null() {
            let diagnostic = Diagnostic::error("disco::null_value", "this is null, so it has no elements");
            return self.fail(diagnostic.at_found(place, value, "null").at(step, ""));
        }
        if key.is_null() {
            let diagnostic = Diagnostic::error("disco::null_value", "an index must not be null");
            return self.fail(diagnostic.at_found(key_place, key, "null"));
        }
        if let Kind::Unknown(of) = value.kind() {
            return self.unknown_index(value, of, key, step, key_place, place);
        }
        if let Kind::Unknown(_) = key.kind() {
            let part = match value.kind() {
                Kind::List(of, _) | Kind::Map(of, _) => of.clone(),
                Kind::Tuple(_) | Kind::Members(_) | Kind::Object(_) => Type::Any,
                _ => return self.not_indexable(value, step),
            };
            return Value::unknown(part).at(place.to(step)).with_secret(secret);
        }
        match value.kind() {
            Kind::Object(entries) | Kind::Map(_, entries) => {
                let Some(name) = self.key(key, key_place) else { return Value::failed() };
                match entries.get(&name) {
                    Some(entry) => entry.clone().with_secret(secret).or_at(step),
                    None if key.is_secret() => self.fail(
                        Diagnostic::error("disco::unknown_attribute", "this key does not exist").at(step, "not found"),
                    ),
                    None => self.no_attribute(value, &name, step, entries),
                }
            }
            Kind::List(_, values) | Kind::Tuple(values) => {
                let Some(index) = self.position(key, key_place, || length_words(values.len())) else {
                    return Value::failed();
                };
                match usize::try_from(index).ok().and_then(|index| values.get(index)) {
                    Some(element) => element.clone().with_secret(secret).or_at(step),
                    None => self.fail(
                        Diagnostic::error(
                            "disco::index_out_of_range",
                            format!("element {} does not exist", shown(key, index)),
                        )
                        .at(step, length_words(values.len()))
                        .help_maybe(range_help(values.len())),
                    ),
                }
            }
            Kind::Members(nodes) => {
                let Some(index) = self.position(key, key_place, || node_words(nodes)) else { return Value::failed() };
                match u32::try_from(index).ok().and_then(|index| nodes.get(&index)) {
                    Some(node) => node.clone().with_secret(secret).or_at(step),
                    None => self.fail(
                        Diagnostic::error(
                            "disco::index_out_of_range",
                            format!("node {} does not exist", shown(key, index)),
                        )
                        .at(step, node_words(nodes)),
                    ),
                }
            }
            _ => self.not_indexable(value, step),
        }
    }

    fn not_indexable(&self, value: &Value, step: Span) -> Value {
        let diagnostic = Diagnostic::error("disco::wrong_type", format!("{} cannot be indexed", kind_of(value)));
        let help = matches!(value.kind(), Kind::Set(..))
            .then(|| "convert it to a list first, as a set has no order: `tolist(…)`".to_owned());
        self.fail(diagnostic.at(step, found(value)).help_maybe(help))
    }

    fn unknown_index(&self, value: &Value, of: &Type, key: &Value, step: Span, key_place: Span, place: Span) -> Value {
        let part = match of {
            Type::Any => Type::Any,
            Type::List(of) | Type::Map(of) => (**of).clone(),
            Type::Object(_) => match key.as_str() {
                Some(name) => return self.unknown_attribute(value, of, name, step, place),
                None => Type::Any,
            },
            Type::Tuple(types) => {
                let words = || length_words(types.len());
                match convert(key, &Type::Number).ok().and_then(|key| key.as_number().and_then(super::Number::to_u64)) {
                    Some(index) => match usize::try_from(index).ok().and_then(|index| types.get(index)) {
                        Some(of) => of.clone(),
                        None => {
                            return self.fail(
                                Diagnostic::error(
                                    "disco::index_out_of_range",
                                    format!("element {index} does not exist"),
                                )
                                .at(key_place, words())
                                .help_maybe(range_help(types.len())),
                            );
                        }
                    },
                    None => Type::Any,
                }
            }
            _ => return self.not_indexable(value, step),
        };
        Value::unknown(part).at(place.to(step)).with_secret(value.is_secret() || key.is_secret())
    }

    /// A whole number to index with; reported if it is not one.
    fn position(&self, key: &Value, place: Span, words: impl FnOnce() -> String) -> Option<i64> {
        let number = convert(key, &Type::Number).ok();
        let number = number.as_ref().and_then(Value::as_number);
        match number {
            Some(number) if number.is_integer() => Some(number.to_i64().unwrap_or(i64::MAX)),
            Some(_) => {
                let diagnostic = Diagnostic::error("disco::wrong_type", "an index must be a whole number");
                self.report(diagnostic.at_found(place, key, &found(key)).help("round it down with `floor(…)`"));
                None
            }
            None => {
                let message = format!("expected the number of an element, found {}", found(key));
                self.report(Diagnostic::error("disco::wrong_type", message).at_found(place, key, "").help(words()));
                None
            }
        }
    }

    fn splat(&self, value: &Value, each: &[Step], place: Span) -> Value {
        let secret = value.is_secret();
        let elements: Vec<Value> = match value.kind() {
            Kind::Null(_) => Vec::new(),
            Kind::Unknown(Type::Any | Type::List(_) | Type::Set(_) | Type::Tuple(_)) => {
                return self.unknown_splat(value, each, place);
            }
            Kind::Failed => return Value::failed(),
            Kind::List(_, values) | Kind::Set(_, values) | Kind::Tuple(values) => {
                values.iter().map(|element| self.steps(element.clone(), each, place)).collect()
            }
            Kind::Members(nodes) => nodes.values().map(|node| self.steps(node.clone(), each, place)).collect(),
            _ => vec![self.steps(value.clone(), each, place)],
        };
        let of = match value.kind() {
            // what the elements of an empty list would be of
            Kind::List(of, values) | Kind::Set(of, values) if values.is_empty() => {
                let element = self.steps(Value::unknown(of.clone()).at(place), each, place);
                if element.is_failed() {
                    return element;
                }
                return Value::list(type_of(&element), elements).at(place).with_secret(secret);
            }
            Kind::List(..) | Kind::Set(..) => elements.first().map(type_of),
            _ => None,
        };
        let result = match of {
            Some(of) if !of.has_any() && elements.iter().all(|element| type_of(element) == of) => {
                Value::list(of, elements)
            }
            _ => Value::tuple(elements),
        };
        result.at(place).with_secret(secret)
    }

    fn unknown_splat(&self, value: &Value, each: &[Step], place: Span) -> Value {
        let unknown = |of: &Type| Value::unknown(of.clone()).or_at(place);
        let of = match value.kind() {
            Kind::Unknown(Type::List(of) | Type::Set(of)) => {
                let element = self.steps(unknown(of), each, place);
                if element.is_failed() {
                    return element;
                }
                Type::list(type_of(&element))
            }
            Kind::Unknown(Type::Tuple(types)) => {
                let elements: Vec<Value> = types.iter().map(|of| self.steps(unknown(of), each, place)).collect();
                return Value::tuple(elements).at(place).with_secret(value.is_secret());
            }
            _ => Type::Any,
        };
        Value::unknown(of).at(place).with_secret(value.is_secret())
    }
}

fn shown(key: &Value, index: i64) -> String {
    if key.is_secret() { "with this secret index".to_owned() } else { index.to_string() }
}

fn length_words(length: usize) -> String {
    if length == 0 { "the list is empty".to_owned() } else { format!("the list has {}", counted(length, "element")) }
}

fn range_help(length: usize) -> Option<String> {
    match length {
        0 => None,
        1 => Some("use index 0, the only one".to_owned()),
        _ => Some(format!("use an index from 0 to {}", length - 1)),
    }
}

fn node_words(nodes: &BTreeMap<u32, Value>) -> String {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for index in nodes.keys().copied() {
        match ranges.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(index) => *last = index,
            _ => ranges.push((index, index)),
        }
    }
    let words: Vec<String> = ranges
        .iter()
        .map(|(first, last)| if first == last { first.to_string() } else { format!("{first}–{last}") })
        .collect();
    if words.is_empty() { "the group has no nodes".to_owned() } else { format!("the nodes are {}", words.join(", ")) }
}
