//! The files of one framework on the nodes of one group, with what is in them.

use std::collections::{BTreeMap, BTreeSet};

use super::access::Access;
use super::content::{self, Layout};
use super::file_keys::{FileKey, Gift, file_keys};
use super::overrides::linked;
use super::own_value;
use super::paths::is_path;
use super::units::unit_name;
use super::usage::Usage;
use super::view::{FrameworkContext, Prepared, View, holds};
use super::words::peeled;
use super::{ComputedValue, ConfiguredFile, Content, FileDeclaration, FileValue, Piece};
use crate::expression::Value;
use crate::model::Text;
use crate::source::{Diagnostic, Diagnostics, Span};
use crate::syntax::tree::Expression;

/// What a file declaration makes on these nodes: one file, or one for each of something. What is not known yet, or wrong,
/// which is said, is left out.
pub(super) fn configured_files<'a>(
    all: &[Prepared<'a>],
    context: &FrameworkContext<'a>,
    view: &View<'a>,
    file: &FileDeclaration,
    diagnostics: &mut Diagnostics,
) -> Vec<ConfiguredFile> {
    let Some(expression) = &file.for_each else {
        return configured_file(all, context, view, file, diagnostics).into_iter().collect();
    };
    let usage = Usage { context, view, what: format!("`for_each` of file `{}`", file.name), expression };
    let Some(value) = usage.value(diagnostics) else { return Vec::new() };
    let Some(entries) = value.entries() else {
        diagnostics.push(
            usage.wrong("is not a map", "write a map of keys and values, or a setting of the type `map(string)`"),
        );
        return Vec::new();
    };
    let entries = entries.iter().filter(|(_, value)| !value.is_null());
    let made = entries.filter_map(|(key, value)| {
        let each = [("key", Value::string(&**key)), ("value", value.clone())];
        let made = view.scope.supposing("each", each, || configured_file(all, context, view, file, diagnostics))?;
        Some(ConfiguredFile { name: format!("{} {key}", made.name), ..made })
    });
    made.collect()
}

/// A file on these nodes; `None` where it is not known yet, or wrong, which is said.
fn configured_file<'a>(
    all: &[Prepared<'a>],
    context: &FrameworkContext<'a>,
    view: &View<'a>,
    file: &FileDeclaration,
    diagnostics: &mut Diagnostics,
) -> Option<ConfiguredFile> {
    let framework = context.chosen.framework;
    let file_override = context.chosen.spec.files.get(&file.name);
    let path = path(context, view, file, diagnostics)?;
    let (written, values) = match file_override.and_then(|file_override| file_override.content.as_ref()) {
        Some(whole) => (Content { pieces: whole.value.iter().cloned().map(Piece::from).collect() }, Vec::new()),
        None => computed_content(all, context, view, file, diagnostics)?,
    };
    let access = Access::of(context, view, file, diagnostics)?;
    diagnostics.extend(access.check(all, context, view, file));
    let services = framework.services.iter().filter(|service| view.runs(service));
    let is_made = file_override.is_none_or(|given| given.content.is_none());
    let is_filled_in = is_made && own_value::is_filled_in(&written);
    Some(ConfiguredFile {
        only: view.only(context, file.ensemble.as_ref()),
        is_filled_in,
        framework: framework.name.clone(),
        name: file.name.clone(),
        path,
        is_base64: file.is_base64 && is_made,
        concerns: if is_made { concerns(context, view, file, &values) } else { BTreeMap::new() },
        owner: access.owner,
        mode: access.mode,
        content: written,
        origin: file_override.map(|file_override| file_override.origin),
        restarts: services.filter(|service| file.restarts.contains(&service.name)).map(unit_name).collect(),
        keep: file.keep,
        values,
    })
}

/// Where a file goes.
fn path(
    context: &FrameworkContext<'_>,
    view: &View<'_>,
    file: &FileDeclaration,
    diagnostics: &mut Diagnostics,
) -> Option<String> {
    let expression = peeled(&view.scope, &file.path);
    let usage = Usage { context, view, what: format!("`path` of file `{}`", file.name), expression };
    let value = usage.open_value(diagnostics)?;
    let path = value.as_str().filter(|path| is_path(path));
    if path.is_none() {
        let help = "write a path that begins with `/`, has no `..` and no control characters";
        diagnostics.push(usage.wrong("must be an absolute path", help));
    }
    path.map(str::to_owned)
}

/// What of a file concerns each unit, where not every key is a reason for all of them to restart.
fn concerns(
    context: &FrameworkContext<'_>,
    view: &View<'_>,
    file: &FileDeclaration,
    values: &[ComputedValue],
) -> BTreeMap<String, Content> {
    if file.restarts_by_key.is_empty() || !holds(&view.scope, file.by_keys.as_ref()) {
        return BTreeMap::new();
    }
    let fits = |pattern: &str, key: &str| match pattern.strip_suffix('*') {
        Some(beginning) => key.starts_with(beginning),
        None => key == pattern,
    };
    let services = |key: &str| {
        let rule = file.restarts_by_key.iter().find(|(pattern, _)| fits(pattern, key));
        rule.map_or(&[][..], |(_, services)| services.as_slice())
    };
    let written: Vec<(&str, FileValue)> = values.iter().map(|value| (value.key.as_str(), value.file_value())).collect();
    let here = context.chosen.framework.services.iter();
    let here = here.filter(|service| view.runs(service) && file.restarts.contains(&service.name));
    here.map(|service| {
        let own = written.iter().filter(|(key, _)| services(key).contains(&service.name));
        let own: Vec<(&str, &FileValue)> = own.map(|(key, value)| (*key, value)).collect();
        (unit_name(service), content::write(Layout::of(file), &Text::plain(""), &own))
    })
    .collect()
}

/// What the manifest, and keys of the definition, make of a file.
fn computed_content<'a>(
    all: &[Prepared<'a>],
    context: &FrameworkContext<'a>,
    view: &View<'a>,
    file: &FileDeclaration,
    diagnostics: &mut Diagnostics,
) -> Option<(Content, Vec<ComputedValue>)> {
    let beginning = match &file.template {
        Some(template) => {
            let usage =
                Usage { context, view, what: format!("`template` of file `{}`", file.name), expression: template };
            let value = usage.value(diagnostics)?;
            usage.text(&value, diagnostics)??
        }
        None => Text::plain(""),
    };
    let values = values(all, context, view, file, diagnostics)?;
    for value in &values {
        if let Some(reason) = content::refusal(file.format, &value.key, &value.value.value) {
            let message = format!("`{}` cannot be written to `{}`: {reason}", value.key, file.name);
            diagnostics.push(
                Diagnostic::error("disco::unwritable_value", message)
                    .at(value.overridden_at.unwrap_or(file.origin), "set here")
                    .help("write it without that, or give the whole file: content = …"),
            );
        }
    }
    let written: Vec<(&str, FileValue)> = values.iter().map(|value| (value.key.as_str(), value.file_value())).collect();
    let entries: Vec<(&str, &FileValue)> = written.iter().map(|(key, value)| (*key, value)).collect();
    Some((content::write(Layout::of(file), &beginning, &entries), values))
}

/// The keys of a file with their values; `None` where one depends on something that is not known yet.
fn values<'a>(
    all: &[Prepared<'a>],
    context: &FrameworkContext<'a>,
    view: &View<'a>,
    file: &FileDeclaration,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<ComputedValue>> {
    let file_override = context.chosen.spec.files.get(&file.name);
    let place = |wished: Option<Span>| wished.or(file_override.map(|file_override| file_override.origin));
    let mut values: Vec<ComputedValue> = Vec::with_capacity(file.keys.len());
    let mut known = file.computed_keys.as_ref().is_none_or(|keys| are_known(context, view, file, keys, diagnostics));
    for key in file_keys(all, context, view, file) {
        let expression = peeled(&key.view.scope, key.expression);
        if let Some(wished) = file_override.and_then(|file_override| file_override.set.get(&key.key)) {
            // A key that is not for these nodes stays away from them.
            let applies = !key.value().is_null() && values.iter().all(|value| value.key != key.key);
            if let (Some(text), true) = (&wished.value, applies) {
                let setting = linked(expression).and_then(|(name, _)| context.chosen.framework.setting(name));
                let secret = text.secret || setting.is_some_and(|setting| setting.secret && key.gift.is_none());
                values.push(given(&key.key, &Text { value: text.value.clone(), secret }, place(wished.origin)));
            }
            continue;
        }
        let what = format!("`{}` of file `{}`", key.key, file.name);
        let usage = Usage { context: key.context, view: key.view, what, expression };
        let value = match &key.part {
            Some(part) if part.contains_unknown() || part.contains_failed() => None,
            Some(part) => Some(part.clone()),
            None => usage.value(diagnostics),
        };
        let Some(value) = value else {
            known = false;
            continue;
        };
        let Some(Some(written)) = usage.file_value(&value, file.format, diagnostics) else { continue };
        if let Some(gift) = key.gift {
            diagnostics.extend(receive(&mut values, &key, gift, written, file));
            continue;
        }
        let of_setting = linked(expression).and_then(|(name, _)| context.overrides.get(name));
        let overridden_at = of_setting.and_then(|given| given.origin);
        let FileValue { text, is_structure } = written;
        values.push(ComputedValue { key: key.key, value: text, is_structure, overridden_at });
    }
    if !known {
        return None;
    }
    let written: BTreeSet<String> = values.iter().map(|value| value.key.clone()).collect();
    let declared = |key: &String| written.contains(key) || file.keys.iter().any(|(known, _)| known == key);
    for (key, wished) in
        file_override.iter().flat_map(|file_override| &file_override.set).filter(|(key, _)| !declared(key))
    {
        if let Some(text) = &wished.value {
            values.push(given(key, text, place(wished.origin)));
        }
    }
    Some(values)
}

/// Whether it is known which keys a file has whose manifest computes them; what is no object of keys is said.
fn are_known(
    context: &FrameworkContext<'_>,
    view: &View<'_>,
    file: &FileDeclaration,
    keys: &Expression,
    diagnostics: &mut Diagnostics,
) -> bool {
    let usage = Usage { context, view, what: format!("`keys` of file `{}`", file.name), expression: keys };
    let Some(value) = usage.value(diagnostics) else { return false };
    if value.entries().is_none() {
        let help = "write an object of keys and values: { for … : \"key\" => \"value\" }, or merge({ … }, …)";
        diagnostics.push(usage.wrong("is not an object", help));
    }
    true
}

/// Puts what another framework gives to the values of a file, unless it cannot be there.
fn receive(
    values: &mut Vec<ComputedValue>,
    key: &FileKey<'_, '_>,
    gift: Gift<'_>,
    given: FileValue,
    file: &FileDeclaration,
) -> Option<Diagnostic> {
    let from = &key.context.chosen.framework.name;
    let refused = |why: String, help: String| {
        let message = format!("{from} cannot give `{}` to `{}`: {why}", key.key, file.name);
        let diagnostic = Diagnostic::error("disco::conflict", message).at(gift.place, "given here");
        Some(diagnostic.at(key.expression.span, "this value").help(help))
    };
    if let Some(reason) = file.protected.get(&key.key) {
        return refused("the key is DISCO's own".to_owned(), format!("remove it: {reason}"));
    }
    let FileValue { text, is_structure } = given;
    let Some(known) = values.iter_mut().find(|known| known.key == key.key) else {
        values.push(ComputedValue { key: key.key.clone(), value: text, is_structure, overridden_at: None });
        return None;
    };
    match gift.separator {
        Some(_) if is_structure || known.is_structure => {
            refused("one of both is a list or an object".to_owned(), "append single texts only".to_owned())
        }
        Some(separator) => {
            if known.value.value.split(separator).all(|part| part != text.value) {
                let separator = if known.value.value.is_empty() { "" } else { separator };
                known.value.value.extend([separator, text.value.as_str()]);
                known.value.secret |= text.secret;
            }
            None
        }
        None if known.value == text && known.is_structure == is_structure => None,
        None => refused(
            "it has another value already".to_owned(),
            "write it in `append` where both can stand, or leave it to the definition's `config`".to_owned(),
        ),
    }
}

fn given(key: &str, text: &Text, origin: Option<Span>) -> ComputedValue {
    ComputedValue { key: key.to_owned(), value: text.clone(), is_structure: false, overridden_at: origin }
}
