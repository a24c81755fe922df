//! What something is, what value it has, and where that came from.

use serde_json::{Value as Json, json};

use super::analysis::Analysis;
use super::completion::DYNAMIC_ATTRIBUTES;
use super::document::Document;
use super::lookup;
use super::text::Lines;
use super::wire::Markdown;
use crate::catalogue::{Framework, SettingDeclaration};
use crate::expression::functions;
use crate::language::{AttributeSchema, BlockSchema, CLUSTER_VALUES, Kind};
use crate::model::ClusterSpec;
use crate::report;
use crate::source::{CODE_PREFIX, meaning_of_code};
use crate::syntax::tree::{Block, ExpressionKind};
use crate::syntax::{self, Cursor, Enclosing, Site, ValueSite, cursor};

/// So many lines of a value, or of where it came from, are shown.
const MOST_LINES: usize = 30;

/// What is said of what is at a place; nothing where there is nothing to say.
pub(super) fn hover(analysis: &Analysis, document: &Document, offset: usize) -> Option<Json> {
    let text = document.text.as_str();
    // The whole word counts, not only what stands before the place.
    let end = cursor(text, offset).end;
    let here = cursor(text, end);
    if here.start == here.end {
        return None;
    }
    let about = Asked { analysis, document, here: &here, word: text.get(here.start..here.end)? };
    let said = match &here.site {
        Site::Item if document.is_variables() => about.variable(about.word),
        Site::Item => about.item(),
        Site::Label(word) => about.label(word),
        Site::Value(site) => about.value(site),
        Site::Nothing => None,
    }?;
    let range = Lines::new(text, analysis.encoding).range(here.start..here.end);
    Some(json!({ "contents": Markdown::new(said), "range": range }))
}

struct Asked<'a> {
    analysis: &'a Analysis,
    document: &'a Document,
    here: &'a Cursor,
    word: &'a str,
}

impl Asked<'_> {
    fn blocks(&self) -> &[Enclosing] {
        &self.here.blocks
    }

    /// An attribute, a setting or a block.
    fn item(&self) -> Option<String> {
        let (blocks, word) = (self.blocks(), self.word);
        if lookup::is_in(blocks, "locals") {
            return self.named("local", word);
        }
        if lookup::is_in(blocks, lookup::DYNAMIC) {
            let (_, says) = DYNAMIC_ATTRIBUTES.iter().find(|(name, _)| *name == word)?;
            return Some(format!("`{word}`\n\n{says}"));
        }
        let schema = lookup::schema(blocks)?;
        if let Some(attribute) = schema.attributes().find(|attribute| attribute.name == word) {
            return Some(report::attribute_help(attribute));
        }
        if lookup::is_in(blocks, "framework")
            && let Some(framework) = lookup::framework(self.analysis, blocks)
            && let Some(setting) = framework.setting(word)
        {
            let help = setting_help(framework, setting);
            return Some(self.with_explanation(help, &format!("framework.{}.{word}", framework.name)));
        }
        let label = self.label_behind();
        schema.inner(word, label.as_deref()).map(report::block_help)
    }

    /// The label that follows the word, as in `provider "local"`.
    fn label_behind(&self) -> Option<String> {
        let rest = self.document.text[self.here.end..].trim_start_matches([' ', '\t']).strip_prefix('"')?;
        Some(rest.split('"').next()?.to_owned())
    }

    fn label(&self, word: &str) -> Option<String> {
        match word {
            "variable" => self.variable(self.word),
            "output" => {
                let value = self.output_expression().and_then(|expression| self.analysed(&expression));
                Some(format!("output `{}`{}", self.word, value.unwrap_or_default()))
            }
            "framework" => {
                let framework = self.analysis.examined.as_ref().ok()?.catalogue().framework(self.word)?;
                let versions: Vec<&str> = framework.versions.iter().map(|version| version.name.as_str()).collect();
                let line = format!("versions: {} (the first is the default)", versions.join(", "));
                Some(format!("`framework \"{}\"`\n\n{}\n\n{line}", framework.name, framework.description))
            }
            "config" => {
                let framework = lookup::framework(self.analysis, self.blocks())?;
                let help = format!("`{}` of {}", self.word, framework.name);
                Some(self.with_explanation(help, self.word))
            }
            _ => lookup::schema(self.blocks())?.inner(word, Some(self.word)).map(report::block_help),
        }
    }

    fn output_expression(&self) -> Option<String> {
        let has_name = |block: &&Block| block.labels.first().is_some_and(|label| &*label.text == self.word);
        let block = lookup::blocks(self.analysis, "output").find(has_name)?;
        let named = |name: &str| block.body.attributes.iter().find(|attribute| &*attribute.name.text == name);
        let value = named("value")?;
        // What is marked is not shown, whatever the mark comes to.
        if named("sensitive").is_some_and(|mark| mark.value.kind != ExpressionKind::Bool(false)) {
            return None;
        }
        let source = self.analysis.project.sources().get(value.value.span.source);
        source.text().get(value.value.span.range()).map(str::to_owned)
    }

    fn value(&self, site: &ValueSite) -> Option<String> {
        if site.quoted {
            return self.string(site);
        }
        if site.is_key {
            return if site.attribute == "set" && self.is_config() { self.key() } else { None };
        }
        let path: Vec<&str> = site.path.iter().map(String::as_str).collect();
        match (path.as_slice(), self.word) {
            ([], word) if syntax::ROOTS.contains(&word) || matches!(word, "each" | "count") => root(word),
            ([], word) => function(word, &self.document.text[self.here.end..]),
            (["var"], name) => self.variable(name),
            (["local"], name) => self.named("local", name),
            (["path" | "disco" | "workspace"], name) => self.named(path[0], name),
            (["each" | "count"], _) => root(path[0]),
            (["var" | "local" | "cluster" | "module", ..], _) => {
                let expression = self.document.text.get(site.path_start..self.here.end)?;
                let said = if path[0] == "cluster" { cluster_part(&path, self.word) } else { None };
                let said = said.map(|said| format!("\n\n{said}")).unwrap_or_default();
                let value = self.analysed(expression).unwrap_or_default();
                Some(format!("`{expression}`{said}{value}"))
            }
            _ => None,
        }
    }

    /// What stands between quotes.
    fn string(&self, site: &ValueSite) -> Option<String> {
        let word = self.word;
        if word.starts_with(CODE_PREFIX) || lookup::is_in(self.blocks(), "lint") {
            let code = if word.starts_with(CODE_PREFIX) { word.to_owned() } else { format!("{CODE_PREFIX}{word}") };
            return meaning_of_code(&code).map(|meaning| format!("`{code}`\n\n{meaning}"));
        }
        if site.attribute == "set" && self.is_config() {
            return if site.is_key { self.key() } else { None };
        }
        let examined = self.analysis.examined.as_ref().ok()?;
        match site.attribute.as_str() {
            "flavor" => {
                let facts = self.analysis.project.known_offers(examined);
                let flavor = facts.flavors.get(word)?;
                let (cores, memory, disk) = (flavor.vcpus, flavor.memory_mib, flavor.disk_gib);
                return Some(format!(
                    "flavor `{word}`: {cores} processors, {memory} MiB of memory, {disk} GiB of disk"
                ));
            }
            "image" => {
                let facts = self.analysis.project.known_offers(examined);
                let image = facts.images.get(word)?;
                let (memory, disk) = (image.min_memory_mib, image.min_disk_gib);
                return Some(format!("image `{word}`: needs {memory} MiB of memory and {disk} GiB of disk"));
            }
            _ => {}
        }
        let attribute = attribute(lookup::schema(self.blocks())?, &site.attribute)?;
        match attribute.kind {
            Kind::OneOf(words) => {
                let (_, meaning) = words.iter().find(|(known, _)| *known == word)?;
                Some(format!("`{} = \"{word}\"`\n\n{meaning}", attribute.name))
            }
            _ => None,
        }
    }

    fn is_config(&self) -> bool {
        lookup::is_in(self.blocks(), "config")
    }

    /// A key of a file.
    fn key(&self) -> Option<String> {
        let framework = lookup::framework(self.analysis, self.blocks())?;
        let file = lookup::label(self.blocks(), "config")?;
        let known = framework.keys_of(file);
        let default = known.get(self.word).copied()?;
        let default = default.map(|default| match default {
            "" => format!("\n\n{}'s own default is empty", framework.name),
            default => format!("\n\n{}'s own default: `{default}`", framework.name),
        });
        let help = format!("`{}` of `{file}`{}", self.word, default.unwrap_or_default());
        Some(self.with_explanation(help, &format!("{file}:{}", self.word)))
    }

    /// What `disco explain` says about it in the cluster around.
    fn with_explanation(&self, help: String, question: &str) -> String {
        let cluster = lookup::label(self.blocks(), "cluster").and_then(|label| lookup::cluster(self.analysis, label));
        match cluster.and_then(|cluster| self.explanation(cluster, question)) {
            Some(explanation) => format!("{help}\n\n{}", fenced(&explanation)),
            None => help,
        }
    }

    fn explanation(&self, cluster: &ClusterSpec, question: &str) -> Option<String> {
        let Analysis { project, examined, .. } = self.analysis;
        let explained = project.explain_in(examined.as_ref().ok()?, cluster, question).ok()?;
        let sources = project.sources();
        Some(report::explanation(&explained.cluster, &explained.members, &explained.answer, sources, false))
    }

    /// A variable: its type, its value and who gave it.
    fn variable(&self, name: &str) -> Option<String> {
        let examined = self.analysis.examined.as_ref().ok()?;
        let variable = examined.variable(name)?;
        let declared = lookup::blocks(self.analysis, "variable")
            .find(|block| block.labels.first().is_some_and(|label| &*label.text == name));
        let written = |attribute: &str| {
            let block = declared?;
            let found = block.body.attributes.iter().find(|found| &*found.name.text == attribute)?;
            Some(self.analysis.project.sources().snippet(found.value.span))
        };
        let of = written("type").unwrap_or_else(|| "any".to_owned());
        let mut said = vec![format!("`var.{name}`: `{of}`")];
        said.extend(written("description").map(|description| description.trim_matches('"').to_owned()));
        if variable.lacks_value {
            said.push("It has no value: it must be given.".to_owned());
            return Some(said.join("\n\n"));
        }
        if !variable.value.contains_failed() {
            said.push(fenced(&report::value(variable.value)));
        }
        said.push(match variable.given_by {
            Some((who, place)) => {
                let line = self.analysis.project.sources().locate(place).1.line;
                let line = self.analysis.uri(place.source).map(|_| format!(", line {line}"));
                format!("given by {who}{}", line.unwrap_or_default())
            }
            None => "its default".to_owned(),
        });
        Some(said.join("\n\n"))
    }

    /// `local.x`, with its value.
    fn named(&self, root: &str, name: &str) -> Option<String> {
        let expression = format!("{root}.{name}");
        let value = self.analysed(&expression)?;
        Some(format!("`{expression}`{value}"))
    }

    /// What an expression comes to.
    fn analysed(&self, expression: &str) -> Option<String> {
        let value = self.analysis.project.value(self.analysis.examined.as_ref().ok()?, expression)?;
        Some(format!("\n\n{}", fenced(&report::value(&value))))
    }
}

/// The attribute of a block.
fn attribute(schema: &'static BlockSchema, name: &str) -> Option<&'static AttributeSchema> {
    schema.attributes().find(|attribute| attribute.name == name)
}

/// A text as it stands, cut where it is long.
fn fenced(text: &str) -> String {
    let mut lines: Vec<&str> = text.trim_end().lines().collect();
    if lines.len() > MOST_LINES {
        lines.truncate(MOST_LINES);
        lines.push("…");
    }
    let fence = if text.contains("```") { "````" } else { "```" };
    format!("{fence}\n{}\n{fence}", lines.join("\n"))
}

/// What a framework's setting is.
pub(super) fn setting_help(framework: &Framework, setting: &SettingDeclaration) -> String {
    let unit = setting.unit.as_deref().map(|unit| format!(", in {unit}")).unwrap_or_default();
    let form = setting.kind.form().map(|form| format!(": {form}")).unwrap_or_default();
    let words: Vec<String> = setting.one_of.iter().map(|word| format!("`\"{word}\"`")).collect();
    let words = if words.is_empty() { String::new() } else { format!(", one of {}", words.join(", ")) };
    let head = format!("`{}` of {}: {}{form}{unit}{words}", setting.name, framework.name, setting.kind.name());
    let fixed = if setting.fixed { "Fixed when the cluster is created." } else { "" };
    let said = [head.as_str(), setting.description.as_str(), fixed].into_iter().filter(|said| !said.is_empty());
    said.collect::<Vec<_>>().join("\n\n")
}

/// What a root of names is.
fn root(word: &str) -> Option<String> {
    let lines: Vec<String> = CLUSTER_VALUES
        .iter()
        .filter(|(name, _)| name.strip_prefix(word).is_some_and(|rest| rest.starts_with(['.', '['])))
        .map(|(name, says)| format!("- `{name}`: {says}"))
        .collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// What a part of a cluster is.
fn cluster_part(path: &[&str], word: &str) -> Option<&'static str> {
    let last = path.last().copied().unwrap_or_default();
    let name = match (path.len(), last) {
        (1, _) => return None,
        (2, _) => format!("cluster.NAME.{word}"),
        (_, "ui" | "endpoint") => format!("cluster.NAME.{last}.PORT"),
        _ => format!("cluster.NAME.GROUP[INDEX].{word}"),
    };
    CLUSTER_VALUES.iter().find(|(known, _)| *known == name).map(|(_, says)| *says)
}

/// What a function gives.
fn function(word: &str, behind: &str) -> Option<String> {
    if !behind.trim_start().starts_with('(') {
        return None;
    }
    match word {
        "can" => Some("`can(expression)`\n\nwhether the expression has a value".to_owned()),
        "try" => Some("`try(expression, …)`\n\nthe first expression that has a value".to_owned()),
        _ => {
            let function = functions::all().find(|function| function.name == word)?;
            Some(format!("`{}`: `{}`\n\n{}", function.signature(), function.gives, function.summary))
        }
    }
}
