//! Reading a text as a form.

use super::written::value;
use super::{Addable, AddableLabel, FieldKind, FieldValue, FormBlock, FormBody, FormField};
use crate::catalogue::{Catalogue, Framework, SettingDeclaration, ValueShape};
use crate::language::{AttributeSchema, BlockSchema, FILE, Kind, Label, Often, Presence};
use crate::source::{Sources, Span};
use crate::syntax::tree::{Block, Body, ExpressionKind, Reading};
use crate::syntax::{comments, parse};

/// The word of the block whose fields are a framework's settings, too.
const FRAMEWORK: &str = "framework";

/// What a form is read with.
pub(super) struct Reader<'r> {
    pub(super) sources: &'r Sources,
    pub(super) catalogue: &'r Catalogue,
    comments: Vec<Span>,
}

/// A text as a form; `None` where its blocks cannot be told from each other.
pub(super) fn form(sources: &Sources, text: &str, catalogue: &Catalogue) -> Option<FormBody> {
    let (reader, body) = read(sources, text, catalogue)?;
    Some(reader.body(&body, Some(&FILE), "", None))
}

/// A text as a tree, with what forms are made of it with.
pub(super) fn read<'r>(sources: &'r Sources, text: &str, catalogue: &'r Catalogue) -> Option<(Reader<'r>, Body)> {
    let id = sources.add("form", text);
    let (body, _) = parse(sources, id);
    if is_guessed(&body) {
        return None;
    }
    let comments = comments(sources, id).into_iter().map(|(_, span)| span).collect();
    Some((Reader { sources, catalogue, comments }, body))
}

/// Whether it is a guess somewhere where a block ends.
fn is_guessed(body: &Body) -> bool {
    body.reading == Reading::Guessed || body.blocks.iter().any(|block| is_guessed(&block.body))
}

impl Reader<'_> {
    fn body(&self, body: &Body, schema: Option<&'static BlockSchema>, path: &str, label: Option<&str>) -> FormBody {
        let blocks: Vec<FormBlock> = body
            .blocks
            .iter()
            .enumerate()
            .map(|(at, block)| self.block(block, schema, &inner_path(path, at)))
            .collect();
        let Some(schema) = schema else {
            return FormBody { path: path.to_owned(), fields: Vec::new(), blocks: Vec::new(), addable: Vec::new() };
        };
        FormBody {
            path: path.to_owned(),
            fields: self.fields(body, schema, label),
            addable: self.addable(&blocks, schema),
            blocks,
        }
    }

    fn block(&self, block: &Block, outer: Option<&'static BlockSchema>, path: &str) -> FormBlock {
        let label = block.labels.first().map(|label| &*label.text);
        // What stands for others is left to the text, and so is what could not be read.
        let known = outer.and_then(|outer| outer.inner(&block.kind.text, label)).filter(|_| block.body.is_whole());
        FormBlock {
            word: block.kind.text.to_string(),
            labels: block.labels.iter().map(|label| label.text.to_string()).collect(),
            line: self.sources.locate(block.span).1.line,
            says: known.map(|schema| schema.says.to_owned()).unwrap_or_default(),
            body: self.body(&block.body, known, path, label),
        }
    }

    /// The fields of a block: its attributes, and a framework's settings.
    pub(super) fn fields(&self, body: &Body, schema: &BlockSchema, label: Option<&str>) -> Vec<FormField> {
        let framework = (schema.word == FRAMEWORK).then(|| self.catalogue.framework(label?)).flatten();
        let settings = framework.into_iter().flat_map(|framework| framework.settings.iter());
        let attributes = schema.attributes().map(|attribute| attribute_field(attribute, framework));
        let mut fields: Vec<FormField> =
            attributes.chain(settings.map(|setting| self.setting_field(setting))).collect();
        for field in &mut fields {
            let written = body.attributes.iter().find(|written| *written.name.text == *field.name);
            if let Some(written) = written {
                // What may be anything is what it is now.
                if let (FieldKind::Expression { .. }, Some(kind)) = (&field.kind, plain_kind(&written.value.kind)) {
                    field.kind = kind;
                }
                field.value = value(self.sources, &written.value, &field.kind, &self.comments);
            }
        }
        fields
    }

    fn addable(&self, blocks: &[FormBlock], schema: &BlockSchema) -> Vec<Addable> {
        let may_be = schema.blocks.iter().filter(|inner| {
            let is_there = || {
                blocks.iter().any(|block| {
                    schema.inner(&block.word, block.labels.first().map(String::as_str)).map(BlockSchema::head)
                        == Some(inner.schema.head())
                })
            };
            inner.often == Often::Any || !is_there()
        });
        may_be
            .map(|inner| Addable {
                word: inner.schema.word.to_owned(),
                says: inner.schema.says.to_owned(),
                label: match inner.schema.label {
                    Label::None => AddableLabel::None,
                    Label::Word(word) => AddableLabel::Fixed { word: word.to_owned() },
                    Label::Optional(_) | Label::Required(_) => AddableLabel::Name {
                        required: matches!(inner.schema.label, Label::Required(_)),
                        choices: self.choices(inner.schema.word, blocks),
                    },
                },
            })
            .collect()
    }

    /// Names that a new block may have: those of frameworks that are not there yet.
    fn choices(&self, word: &str, blocks: &[FormBlock]) -> Vec<String> {
        if word != FRAMEWORK {
            return Vec::new();
        }
        let is_there =
            |name: &String| blocks.iter().any(|block| block.word == FRAMEWORK && block.labels.contains(name));
        let all = self.catalogue.frameworks().map(|framework| framework.name.clone());
        all.filter(|name| !is_there(name)).collect()
    }
}

/// What a field holds that may hold anything, where a plain value is written.
fn plain_kind(written: &ExpressionKind) -> Option<FieldKind> {
    match written {
        ExpressionKind::String(_) => Some(FieldKind::Text { form: String::new() }),
        ExpressionKind::Number(_) => Some(FieldKind::Number { unit: String::new() }),
        ExpressionKind::Bool(_) => Some(FieldKind::Bool),
        _ => None,
    }
}

/// The number of a block among those around it.
fn inner_path(path: &str, at: usize) -> String {
    if path.is_empty() { at.to_string() } else { format!("{path}.{at}") }
}

fn attribute_field(attribute: &AttributeSchema, framework: Option<&Framework>) -> FormField {
    let kind = match attribute.kind {
        Kind::String(_) if attribute.name == "version" && framework.is_some() => FieldKind::OneOf {
            words: framework
                .into_iter()
                .flat_map(|framework| &framework.versions)
                .map(|version| (version.name.clone(), String::new()))
                .collect(),
        },
        Kind::String(form) => FieldKind::Text { form: form.to_owned() },
        Kind::Bool => FieldKind::Bool,
        Kind::Whole { least, most, unit } => {
            FieldKind::Whole { least: Some(least), most: Some(most), unit: unit.to_owned() }
        }
        Kind::OneOf(words) => FieldKind::OneOf {
            words: words.iter().map(|(word, says)| ((*word).to_owned(), (*says).to_owned())).collect(),
        },
        Kind::Strings(form) => FieldKind::Texts { form: form.to_owned() },
        Kind::Other(form) => FieldKind::Expression { form: form.to_owned() },
    };
    let (default, required) = match attribute.presence {
        Presence::Required(_) => ("", true),
        Presence::RequiredIf(_, case) => (case, false),
        Presence::Optional(default) => (default, false),
    };
    FormField {
        name: attribute.name.to_owned(),
        says: attribute.says.to_owned(),
        default: default.to_owned(),
        required,
        kind,
        value: FieldValue::No,
    }
}

impl Reader<'_> {
    fn setting_field(&self, setting: &SettingDeclaration) -> FormField {
        let unit = setting.unit.clone().unwrap_or_default();
        let form = setting.kind.expected().to_owned();
        let kind = match setting.kind.shape() {
            ValueShape::Text if !setting.one_of.is_empty() => {
                FieldKind::OneOf { words: setting.one_of.iter().map(|word| (word.clone(), String::new())).collect() }
            }
            ValueShape::Text => FieldKind::Text { form },
            ValueShape::Integer => FieldKind::Whole { least: None, most: None, unit },
            ValueShape::Decimal => FieldKind::Number { unit },
            ValueShape::Boolean => FieldKind::Bool,
            ValueShape::List => FieldKind::Texts { form },
            ValueShape::Map => FieldKind::Expression { form },
        };
        FormField {
            name: setting.name.clone(),
            says: setting.description.clone(),
            default: setting.default.as_ref().map(|default| self.sources.snippet(default.span)).unwrap_or_default(),
            required: false,
            kind,
            value: FieldValue::No,
        }
    }
}
