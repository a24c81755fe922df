//! `framework`: which one, which version, its settings, and what is changed in its files.

use std::collections::{BTreeMap, BTreeSet};

use super::blocks::{CONFIG, ConfigAttributes, FRAMEWORK, FrameworkAttributes};
use super::decode::{Decoder, Field, scalar};
use super::reported::{Decoded, Reported};
use super::schema::{attribute, blocks};
use crate::catalogue::{Catalogue, Framework, SettingDeclaration, ValueShape};
use crate::expression::{Number, Value, convert};
use crate::model::{FileOverride, FrameworkSpec, SettingValue, Sourced, Text};
use crate::source::{Diagnostic, Span};
use crate::syntax::tree::Block;

/// The framework that a block asks for.
pub(crate) fn chosen<'c>(
    block: &Block,
    catalogue: &'c Catalogue,
    decoder: &mut Decoder<'_, '_>,
) -> Decoded<&'c Framework> {
    let label = FRAMEWORK.named_label(block, &mut decoder.diagnostics)?;
    catalogue.choose(&label.text, label.span).map_err(|unknown| match unknown {
        Some(unknown) => decoder.report(unknown),
        None => Reported,
    })
}

/// A framework as a cluster asks for it.
pub(crate) struct FrameworkDraft {
    /// Without the settings and files that are wrong.
    pub(crate) spec: FrameworkSpec,
    /// Whether nothing is wrong.
    pub(crate) sound: bool,
}

/// Reads the block of a framework that was found.
pub(crate) fn framework(
    block: &Block,
    framework: &Framework,
    decoder: &mut Decoder<'_, '_>,
) -> Decoded<FrameworkDraft> {
    let name = format!("framework `{}`", framework.name);
    FRAMEWORK.check_as(&name, framework.setting_names(), &block.body, &mut decoder.diagnostics);
    let version = version(block, framework, decoder);
    let (mut settings, mut later) = (BTreeMap::new(), BTreeSet::new());
    let mut failed = false;
    for declaration in &framework.settings {
        // One that is wrong is reported; the others are still worth a look.
        if let Ok(Some((setting, waits))) = setting(block, declaration, decoder) {
            if waits {
                later.insert(declaration.name.clone());
            }
            settings.insert(declaration.name.clone(), setting);
        }
    }
    let mut files: BTreeMap<String, FileOverride> = BTreeMap::new();
    for block in blocks(&block.body, "config") {
        match config(block, framework, decoder) {
            Ok((name, file)) => match files.get(&name) {
                Some(first) => {
                    failed = true;
                    decoder.report(
                        Diagnostic::error("disco::duplicate_block", format!("`{name}` has two `config` blocks"))
                            .at(block.head, "the second one")
                            .at(first.origin, "the first one")
                            .help("merge both into one block"),
                    );
                }
                None => drop(files.insert(name, file)),
            },
            Err(Reported) => failed = true,
        }
    }
    let (name, version) = (framework.name.clone(), version?);
    let spec = FrameworkSpec { name, origin: block.head, needed_by: None, version, settings, files, later };
    Ok(FrameworkDraft { spec, sound: !failed })
}

fn version(block: &Block, framework: &Framework, decoder: &mut Decoder<'_, '_>) -> Decoded<Sourced<String>> {
    let Some(version) = decoder.read(block, &FrameworkAttributes::ALL.version)? else {
        return Ok(Sourced::default_of(framework.default_version().to_owned()));
    };
    framework.choose_version(&version.value, version.origin).map_err(|unknown| decoder.report(unknown))?;
    Ok(version)
}

/// What a block sets a setting to, and whether that is known only after apply.
fn setting(
    block: &Block,
    declaration: &SettingDeclaration,
    decoder: &mut Decoder<'_, '_>,
) -> Decoded<Option<(Sourced<SettingValue>, bool)>> {
    let written = attribute(&block.body, &declaration.name);
    let expected = declaration.kind.expected();
    let shape = declaration.kind.shape();
    // Choices decide what there is at all; numbers decide sizes.
    let may_wait = matches!(shape, ValueShape::Text | ValueShape::List) && declaration.one_of.is_empty();
    let found =
        if may_wait { decoder.known_or_later(written)? } else { decoder.known(written)?.map(|field| (field, false)) };
    let Some((field, waits)) = found else { return Ok(None) };
    let Ok(value) = convert(&field.value, &shape.value_type()) else {
        return Err(decoder.report(about(field.expects(expected), declaration)));
    };
    let secret = value.contains_secret();
    if secret && !matches!(shape, ValueShape::Text | ValueShape::List | ValueShape::Map) {
        return Err(decoder.report(field.secret()));
    }
    let text = |value: &Value, secret: bool| {
        value
            .as_str()
            .map(|text| Text { value: text.to_owned(), secret: secret || value.is_secret() || declaration.secret })
    };
    let setting = match shape {
        ValueShape::Text => text(&value, secret).map(SettingValue::Text),
        ValueShape::Integer => value.as_number().and_then(Number::to_i64).map(SettingValue::Integer),
        ValueShape::Decimal => scalar(&value).map(|text| SettingValue::Decimal(text.value)),
        ValueShape::Boolean => value.as_bool().map(SettingValue::Boolean),
        ValueShape::List => value
            .elements()
            .and_then(|elements| elements.into_iter().map(|element| text(element, value.is_secret())).collect())
            .map(SettingValue::List),
        ValueShape::Map => value
            .entries()
            .and_then(|entries| {
                let entries =
                    entries.iter().map(|(name, entry)| Some((name.to_string(), text(entry, value.is_secret())?)));
                entries.collect()
            })
            .map(SettingValue::Map),
    };
    let Some(setting) = setting else { return Err(decoder.report(about(field.expects(expected), declaration))) };
    if let SettingValue::Text(text) = &setting
        && !declaration.one_of.is_empty()
        && !declaration.one_of.contains(&text.value)
    {
        let shown = (!text.secret).then_some(text.value.as_str());
        return Err(decoder.report(field.not_one_of(shown, declaration.one_of.iter().map(String::as_str))));
    }
    Ok(Some((field.sourced(setting), waits)))
}

/// Adds what the setting is for to the way out.
fn about(diagnostic: Diagnostic, declaration: &SettingDeclaration) -> Diagnostic {
    match (&diagnostic.help, declaration.description.is_empty()) {
        (Some(help), false) => {
            let help = format!("{help}: {}", declaration.description);
            diagnostic.help(help)
        }
        _ => diagnostic,
    }
}

fn config(block: &Block, framework: &Framework, decoder: &mut Decoder<'_, '_>) -> Decoded<(String, FileOverride)> {
    let label = CONFIG.open_named(block, &mut decoder.diagnostics)?;
    let name = label.text.to_string();
    let known = framework.choose_file(&name, label.span).map_err(|unknown| decoder.report(unknown));
    let set = ConfigAttributes::ALL.set.written(&block.body);
    let content = ConfigAttributes::ALL.content.written(&block.body);
    match (set, content) {
        (Some(set), Some(content)) => {
            return Err(decoder.report(
                Diagnostic::error("disco::conflicting_attributes", format!("`{name}` has both `set` and `content`"))
                    .at(block.head, "has both")
                    .at(set.name.span, "keys of the file DISCO writes")
                    .at(content.name.span, "the whole file instead")
                    .help("keep either `set` or `content`"),
            ));
        }
        (None, None) if !block.body.is_whole() => return Err(Reported),
        (None, None) => {
            return Err(decoder.report(
                Diagnostic::error(
                    "disco::missing_attribute",
                    format!("this `config` block changes nothing in `{name}`"),
                )
                .at(block.head, "neither `set` nor `content`")
                .help("add `set = { \"some.key\" = \"value\" }`, or `content = file(\"…\")` for the whole file"),
            ));
        }
        _ => {}
    }
    let mut later = BTreeSet::new();
    let set = keys(block, &mut later, decoder);
    let content = content_of(block, &mut later, decoder);
    let (set, content) = (set?, content?);
    known?;
    Ok((name, FileOverride { origin: block.head, set, content, later }))
}

fn content_of(
    block: &Block,
    later: &mut BTreeSet<String>,
    decoder: &mut Decoder<'_, '_>,
) -> Decoded<Option<Sourced<Vec<Text>>>> {
    let content = ConfigAttributes::ALL.content;
    let Some((field, waits)) = decoder.known_or_later(content.written(&block.body))? else { return Ok(None) };
    if waits {
        later.insert(content.schema.name.to_owned());
    }
    let text = |(part, secret): (&str, bool)| Text { value: part.to_owned(), secret };
    let parts = field.value.text_parts().map(|parts| parts.map(text).collect());
    let texts = parts.or_else(|| scalar(&field.value).map(|text| vec![text]));
    match texts {
        Some(texts) => Ok(Some(field.sourced(texts))),
        None => Err(decoder.report(field.expects("a string"))),
    }
}

type Keys = BTreeMap<String, Sourced<Option<Text>>>;

fn keys(block: &Block, later: &mut BTreeSet<String>, decoder: &mut Decoder<'_, '_>) -> Decoded<Keys> {
    let Some(attribute) = ConfigAttributes::ALL.set.written(&block.body) else { return Ok(Keys::new()) };
    let field = Field::new(attribute, decoder.evaluate(&attribute.value)?);
    if field.value.is_null() {
        return Ok(Keys::new());
    }
    if field.value.is_unknown() {
        return Err(decoder.report_unknown(field.unknown()));
    }
    let Some(entries) = field.value.entries() else {
        return Err(decoder.report(field.expects("an object of keys and values")));
    };
    // An object is sensitive as a whole where a key of it is.
    if field.value.is_secret() {
        return Err(decoder.report(
            Diagnostic::error("disco::secret_shown", "the keys of `set` cannot be sensitive")
                .at(attribute.value.span, "plans and templates show the names of keys")
                .help("let only the values be sensitive: `{ \"some.key\" = var.secret }`"),
        ));
    }
    let mut keys = Keys::new();
    let mut failed = false;
    for (key, value) in entries {
        let place: Span = field.place_of_key(key, value);
        if value.contains_failed() {
            failed = true;
            continue;
        }
        let Ok((Field { value, .. }, waits)) = decoder.until_known(Field::part(key, place, value.clone())) else {
            failed = true;
            continue;
        };
        if waits {
            later.insert(key.to_string());
        }
        if value.is_null() {
            keys.insert(key.to_string(), Sourced::new(None, Some(place)));
        } else if let Some(text) = scalar(&value) {
            let text = Text { secret: text.secret || field.value.is_secret(), ..text };
            keys.insert(key.to_string(), Sourced::new(Some(text), Some(place)));
        } else {
            failed = true;
            let entry = Field::part(key, place, value.clone());
            decoder.report(entry.expects("a string, a number, a bool or `null`"));
        }
    }
    if failed { Err(Reported) } else { Ok(keys) }
}
