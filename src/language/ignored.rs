//! `ignore_changes`: what of a cluster that lives is as it was created, whatever its definition says.

use std::collections::BTreeMap;

use super::blocks::LifecycleAttributes;
use super::decode::{Decoder, Field};
use super::group::GroupDraft;
use super::reported::Decoded;
use crate::expression::Kind;
use crate::model::Standing;
use crate::source::{Diagnostic, Span, did_you_mean};
use crate::syntax::tree::{Block, Expression, ExpressionKind, StepKind};

/// What may be ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ignored {
    Count,
    Flavor,
    Image,
}

const WORDS: [(&str, Ignored); 3] = [("count", Ignored::Count), ("flavor", Ignored::Flavor), ("image", Ignored::Image)];

/// One entry of the list: what is ignored, of which group; of all where none is named.
#[derive(Clone, Debug)]
struct Entry {
    group: Option<String>,
    what: Ignored,
}

/// Gives groups of a cluster that lives what they have in the place of what the definition says, as its `lifecycle` block asks.
pub(super) fn ignore_changes(
    lifecycle: Option<&Block>,
    standing: Option<&BTreeMap<String, Standing>>,
    groups: &mut [GroupDraft],
    decoder: &mut Decoder<'_, '_>,
) -> Decoded<()> {
    let Some(attribute) = lifecycle.and_then(|block| LifecycleAttributes::ALL.ignore_changes.written(&block.body))
    else {
        return Ok(());
    };
    let labels: Vec<String> = groups.iter().map(|group| group.label.clone()).collect();
    let mut entries = Vec::new();
    for (word, place) in words(&attribute.value, &attribute.name.text, decoder)? {
        entries.push(entry(&word, place, &labels, decoder)?);
    }
    for group in groups {
        let Some(standing) = standing.and_then(|standing| standing.get(&group.name)) else { continue };
        let label = group.label.clone();
        for entry in entries.iter().filter(|entry| entry.group.as_ref().is_none_or(|of| *of == label)) {
            keep(entry.what, standing, group);
        }
    }
    Ok(())
}

fn keep(what: Ignored, standing: &Standing, group: &mut GroupDraft) {
    match what {
        Ignored::Count => {
            if let Some(count) = &mut group.count {
                count.value = standing.count;
            }
            if let Ok(spec) = &mut group.spec {
                spec.count.value = standing.count;
            }
        }
        Ignored::Flavor => {
            if let (Ok(spec), Some(flavor)) = (&mut group.spec, &standing.flavor) {
                spec.flavor.value.clone_from(flavor);
            }
        }
        Ignored::Image => {
            if let (Ok(spec), Some(image)) = (&mut group.spec, &standing.image) {
                spec.image.value.clone_from(image);
            }
        }
    }
}

/// The words of the list, each with its place: bare ones as Terraform has them, `[image, slaves.count]`, or strings.
fn words(list: &Expression, name: &str, decoder: &mut Decoder<'_, '_>) -> Decoded<Vec<(String, Span)>> {
    if let ExpressionKind::Tuple(items) = &list.kind
        && let Some(words) = items.iter().map(|item| Some((bare(item)?, item.span))).collect::<Option<Vec<_>>>()
    {
        return Ok(words);
    }
    let value = decoder.evaluate(list)?;
    let field = Field::part(name, list.span, value);
    if field.value.contains_unknown() {
        return Err(decoder.report_unknown(field.unknown()));
    }
    if field.value.contains_secret() {
        return Err(decoder.report(field.secret()));
    }
    let texts = field.value.elements().unwrap_or_default().into_iter();
    let texts: Option<Vec<_>> =
        texts.map(|element| Some((element.as_str()?.to_owned(), element.origin().unwrap_or(list.span)))).collect();
    match texts.filter(|_| field.value.elements().is_some() || matches!(field.value.kind(), Kind::Null(_))) {
        Some(texts) => Ok(texts),
        None => Err(decoder.report(field.expects("a list of strings, such as `[\"image\", \"slaves.count\"]`"))),
    }
}

/// A word that is written without quotes, or in them.
fn bare(item: &Expression) -> Option<String> {
    match &item.kind {
        ExpressionKind::Variable(word) | ExpressionKind::String(word) => Some(word.to_string()),
        ExpressionKind::Traversal(traversal) => {
            let ExpressionKind::Variable(root) = &traversal.root.kind else { return None };
            let [step] = traversal.steps.as_slice() else { return None };
            let StepKind::Attribute(attribute) = &step.kind else { return None };
            (!matches!(&**root, "var" | "local")).then(|| format!("{root}.{attribute}"))
        }
        _ => None,
    }
}

fn entry(word: &str, place: Span, groups: &[String], decoder: &mut Decoder<'_, '_>) -> Decoded<Entry> {
    let (group, attribute) = match word.rsplit_once('.') {
        Some((group, attribute)) => (Some(group), attribute),
        None => (None, word),
    };
    let what = WORDS.iter().find(|(known, _)| *known == attribute).map(|(_, what)| *what);
    let is_known = group.is_none_or(|group| groups.iter().any(|known| known == group));
    if let Some(what) = what.filter(|_| is_known) {
        return Ok(Entry { group: group.map(str::to_owned), what });
    }
    let all: Vec<String> = WORDS
        .iter()
        .map(|(word, _)| (*word).to_owned())
        .chain(groups.iter().flat_map(|group| WORDS.map(|(word, _)| format!("{group}.{word}"))))
        .collect();
    Err(decoder.report(
        Diagnostic::error("disco::unknown_word", format!("changes of `{word}` cannot be ignored"))
            .at(place, "not something that can be ignored")
            .help("write `count`, `flavor` or `image` for all groups, or of one group: `slaves.count`")
            .help_maybe(did_you_mean(word, all.iter().map(String::as_str)).filter(|help| help.starts_with("did"))),
    ))
}
