//! From a question to its answer.

use std::sync::Arc;

use super::question::{Item, Question};
use super::trace::{Followed, Trace, fixed_instead};
use super::{Answer, Change, ExplainedFile, ExplainedValue, Explanation, Origin, Unanswered};
use crate::catalogue::file_keys::{FileKey, file_keys};
use crate::catalogue::overrides::linked;
use crate::catalogue::view::{FrameworkContext, Prepared, View};
use crate::catalogue::words::peeled;
use crate::catalogue::{FileDeclaration, ValueShape};
use crate::model::Text;
use crate::source::nearest;

/// Answers a question about a cluster whose frameworks are these.
pub(super) fn answer(question: &Question, all: &[Prepared<'_>]) -> Result<Answer, Unanswered> {
    let meant = |context: &FrameworkContext<'_>| {
        question.framework.as_ref().is_none_or(|framework| *framework == context.chosen.framework.name)
    };
    let followed = Followed::default();
    let asked: Vec<Trace<'_, '_>> = all
        .iter()
        .filter(|(context, _)| meant(context))
        .flat_map(|(context, views)| views.iter().map(move |view| (context, view)))
        .map(|(context, view)| Trace { all, context, view, followed: &followed })
        .filter(|place| question.group.as_ref().is_none_or(|group| *group == place.view.group.name))
        .collect();
    match &question.item {
        Item::Contents => Ok(contents(&asked)),
        Item::File(name) => file(&asked, name),
        Item::Key(file, key) => keys(&asked, file.as_deref(), key),
        Item::Local(name) => {
            let values = asked.iter().filter_map(|place| {
                let description = "a name of the manifest for an expression".to_owned();
                Some(explained(*place, place.local(name)?, Change::Follows, description))
            });
            Ok(Answer::Values(merged(values.collect())))
        }
        Item::Setting(name) => {
            let with_it = asked.iter().filter(|place| place.context.chosen.framework.setting(name).is_some());
            let values: Vec<ExplainedValue> = with_it.map(|place| explained_setting(*place, name)).collect();
            // Where it means something somewhere, the places where it does not are of no interest.
            let counts = |value: &ExplainedValue| value.explanation.value.is_some();
            let known = if values.iter().any(counts) { values.into_iter().filter(counts).collect() } else { values };
            Ok(Answer::Values(merged(known)))
        }
    }
}

fn explained(place: Trace<'_, '_>, explanation: Explanation, change: Change, description: String) -> ExplainedValue {
    let groups = vec![place.view.group.name.clone()];
    ExplainedValue { groups, framework: framework(place.context), file: None, explanation, change, description }
}

fn explained_setting(place: Trace<'_, '_>, name: &str) -> ExplainedValue {
    let declared = place.context.chosen.framework.setting(name);
    let description = declared.map(|declared| declared.description.clone()).unwrap_or_default();
    let idle = place.view.idle.contains(name);
    let change = if idle { Change::Idle } else { change_setting(place.context, name) };
    explained(place, place.of_setting(name), change, description)
}

fn framework(context: &FrameworkContext<'_>) -> (String, String) {
    (context.chosen.framework.name.clone(), context.chosen.version.name.clone())
}

fn change_setting(context: &FrameworkContext<'_>, name: &str) -> Change {
    let declared = context.chosen.framework.setting(name);
    let quoted = declared.is_none_or(|declared| matches!(declared.kind.shape(), ValueShape::Text | ValueShape::List));
    Change::Setting { framework: context.chosen.framework.name.clone(), setting: name.to_owned(), quoted }
}

/// Equal answers of several groups become one.
fn merged(values: Vec<ExplainedValue>) -> Vec<ExplainedValue> {
    let mut all: Vec<ExplainedValue> = Vec::new();
    for value in values {
        let same = |known: &&mut ExplainedValue| {
            (&known.framework, &known.file, &known.explanation) == (&value.framework, &value.file, &value.explanation)
        };
        match all.iter_mut().find(same) {
            Some(known) => known.groups.extend(value.groups),
            None => all.push(value),
        }
    }
    all
}

fn located(context: &FrameworkContext<'_>, view: &View<'_>, file: &FileDeclaration) -> ExplainedFile {
    let framework = context.chosen.framework.name.clone();
    ExplainedFile { framework, name: file.name.clone(), path: view.path_of(file) }
}

/// The files of that name, or all.
fn files<'p>(context: &'p FrameworkContext<'_>, view: &View<'_>, name: Option<&str>) -> Vec<&'p FileDeclaration> {
    let files = context.chosen.framework.files.iter();
    let named = files.filter(|file| name.is_none_or(|name| file.name == name));
    named.filter(|file| view.hosts(&file.on, file.ensemble.as_ref(), file.when.as_ref())).collect()
}

/// One key of a file, if it is written there.
fn explained_key(place: Trace<'_, '_>, file: &FileDeclaration, key: &str) -> Option<ExplainedValue> {
    let Trace { context, view, .. } = place;
    let file_override = context.chosen.spec.files.get(&file.name);
    if file_override.is_some_and(|file_override| file_override.content.is_some()) {
        return None;
    }
    let wished = file_override.and_then(|file_override| file_override.set.get(key));
    let formulas = file_keys(place.all, context, view, file).into_iter().filter(|known| known.key == key);
    let formulas: Vec<FileKey<'_, '_>> =
        formulas.filter(|known| known.gift.is_none() || !known.value().is_null()).collect();
    let own = formulas.iter().find(|known| known.gift.is_none());
    let formula = own.or(formulas.first());
    let applies = formula.is_none_or(|formula| formulas.len() > 1 || !formula.value().is_null());
    view.scope.take_diagnostics();
    let taken = formula.map(|formula| peeled(&formula.view.scope, formula.expression));
    let linked = own.and(taken).and_then(linked).map(|(name, _)| name);
    let explanation = match (wished, formula) {
        (Some(wished), _) if applies => {
            let default = linked.and_then(|name| context.chosen.framework.setting(name)?.default.as_ref());
            let kept = linked.and_then(|name| fixed_instead(context, context.chosen.framework.setting(name)?));
            let formula = default.or(taken).map(|formula| context.sources.snippet(formula.span));
            let instead = kept.or(formula);
            let origin = Origin::Given { place: wished.origin, instead };
            Explanation::new(key.to_owned(), wished.value.clone(), None, origin, Vec::new())
        }
        (_, Some(formula)) if applies => {
            let explained = Trace { context: formula.context, view: formula.view, ..place };
            match formulas.as_slice() {
                [_] => explained.part(key.to_owned(), &formula.value(), formula.expression, None),
                all => joined(place, key, all),
            }
        }
        _ => return None,
    };
    let change = match (file.protected.get(key), linked) {
        (Some(reason), _) => Change::Protected(reason.clone()),
        (None, Some(name)) => change_setting(context, name),
        (None, None) => Change::Key {
            framework: context.chosen.framework.name.clone(),
            file: file.name.clone(),
            key: key.to_owned(),
        },
    };
    let file = Some(located(context, view, file));
    Some(ExplainedValue { file, ..explained(place, explanation, change, String::new()) })
}

/// A key that more than one framework has a part in: each part by the name of its giver.
fn joined<'p, 'a>(place: Trace<'p, 'a>, key: &str, formulas: &[FileKey<'p, 'a>]) -> Explanation {
    let parts = formulas.iter().map(|formula| {
        let giver = Trace { context: formula.context, view: formula.view, ..place };
        let name = format!("{} of {}", key, formula.context.chosen.framework.name);
        Arc::new(giver.part(name, &formula.value(), formula.expression, None))
    });
    let parts: Vec<Arc<Explanation>> = parts.collect();
    let separator = formulas.iter().find_map(|formula| formula.gift.and_then(|gift| gift.separator)).unwrap_or(",");
    let texts: Vec<&Text> = parts.iter().filter_map(|part| part.value.as_ref()).collect();
    let secret = texts.iter().any(|text| text.secret);
    let mut values: Vec<&str> = Vec::new();
    for text in &texts {
        if !values.contains(&text.value.as_str()) {
            values.push(&text.value);
        }
    }
    let value = (!values.is_empty()).then(|| Text { value: values.join(separator), secret });
    let words = "put together of what several frameworks give".to_owned();
    Explanation::new(key.to_owned(), value, None, Origin::Fact { words, place: None }, parts)
}

fn keys(asked: &[Trace<'_, '_>], name: Option<&str>, key: &str) -> Result<Answer, Unanswered> {
    let mut values = Vec::new();
    let mut known: Vec<String> = Vec::new();
    let mut whole = false;
    for place in asked {
        let Trace { context, view, .. } = *place;
        for file in files(context, view, name) {
            values.extend(explained_key(*place, file, key));
            let file_override = context.chosen.spec.files.get(&file.name);
            whole |= file_override.is_some_and(|file_override| file_override.content.is_some());
            known.extend(file_keys(place.all, context, view, file).into_iter().map(|known| known.key));
            known.extend(file_override.iter().flat_map(|file_override| file_override.set.keys().cloned()));
        }
    }
    if !values.is_empty() {
        return Ok(Answer::Values(merged(values)));
    }
    let place = name.map_or_else(|| "here".to_owned(), |name| format!("in `{name}`"));
    if whole {
        let message = format!("`{key}` {place} comes from the definition, which sets the whole file");
        return Err(Unanswered { message, help: None });
    }
    if known.iter().any(|known| known == key) {
        let message = format!("`{key}` is not written {place} on these nodes");
        let help = Some("leave the group out to see where it is written".to_owned());
        return Err(Unanswered { message, help });
    }
    let message = format!("DISCO does not write `{key}` {place}: the framework's own default counts");
    let similar = nearest(key, known.iter().map(String::as_str));
    let write = || name.map(|name| format!("set it with config \"{name}\" {{ set = {{ \"{key}\" = \"…\" }} }}"));
    Err(Unanswered { message, help: similar.or_else(write) })
}

fn file(asked: &[Trace<'_, '_>], name: &str) -> Result<Answer, Unanswered> {
    let mut found: Option<(Vec<String>, ExplainedFile, Vec<Explanation>, Option<_>)> = None;
    for place in asked {
        let Trace { context, view, .. } = *place;
        for file in files(context, view, Some(name)) {
            let whole =
                context.chosen.spec.files.get(&file.name).and_then(|file_override| file_override.content.as_ref());
            let whole = whole.map(|content| content.origin.unwrap_or(context.chosen.spec.origin));
            let mut keys: Vec<String> = Vec::new();
            let set = context.chosen.spec.files.get(&file.name).into_iter().flat_map(|given| given.set.keys().cloned());
            for key in file_keys(place.all, context, view, file).into_iter().map(|known| known.key).chain(set) {
                if !keys.contains(&key) {
                    keys.push(key);
                }
            }
            let values = keys.iter().filter_map(|key| explained_key(*place, file, key));
            let values = values.map(|value| value.explanation.alone());
            let entry = found.get_or_insert_with(|| (Vec::new(), located(context, view, file), Vec::new(), whole));
            entry.0.push(view.group.name.clone());
            for value in values {
                if !entry.2.contains(&value) {
                    entry.2.push(value);
                }
            }
        }
    }
    let Some((groups, file, values, whole)) = found else {
        return Err(Unanswered { message: format!("`{name}` is not written on these nodes"), help: None });
    };
    Ok(Answer::File { groups, file, values, whole })
}

fn contents(asked: &[Trace<'_, '_>]) -> Answer {
    let mut groups: Vec<String> = Vec::new();
    let mut all_files: Vec<ExplainedFile> = Vec::new();
    let mut settings: Vec<Explanation> = Vec::new();
    for place in asked {
        let Trace { context, view, .. } = *place;
        if !groups.contains(&view.group.name) {
            groups.push(view.group.name.clone());
        }
        for file in files(context, view, None) {
            let file = located(context, view, file);
            if !all_files.contains(&file) {
                all_files.push(file);
            }
        }
        let framework = context.chosen.framework;
        for declared in framework.settings.iter().filter(|declared| !view.idle.contains(declared.name.as_str())) {
            let value = place.of_setting(&declared.name).alone();
            let value = value.called(format!("{}.{}", framework.name, declared.name));
            match settings.iter_mut().find(|known| known.name == value.name) {
                // Where groups differ, only the question about the setting itself tells all of them.
                Some(known) if known.value != value.value => {
                    let differs = Origin::Fact { words: "differs between groups".to_owned(), place: None };
                    *known = Explanation::new(known.name.clone(), None, known.unit.clone(), differs, Vec::new());
                }
                Some(_) => {}
                None => settings.push(value),
            }
        }
    }
    Answer::Contents { groups, files: all_files, settings }
}
