//! What is asked about: the words of an address against the names that there are.

use super::Unanswered;
use crate::catalogue::view::Prepared;
use crate::model::ClusterSpec;
use crate::source::nearest;

/// What is asked about. Where no group is named, all are meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Question {
    pub(super) group: Option<String>,
    pub(super) framework: Option<String>,
    pub(super) item: Item,
}

/// What of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Item {
    /// What there is.
    #[default]
    Contents,
    /// A file.
    File(String),
    /// A key of a file, or of whichever file has it.
    Key(Option<String>, String),
    /// A setting.
    Setting(String),
    /// A name that a manifest has for an expression.
    Local(String),
}

/// Signs between the parts of an address.
const SEPARATORS: [char; 5] = ['.', '/', ':', ' ', '\t'];

/// Reads a question. Names of groups, frameworks, files, settings and keys hold signs that also separate them, so parts
/// are recognised by what there is.
pub(super) fn parse(text: &str, spec: &ClusterSpec, prepared: &[Prepared<'_>]) -> Result<Question, Unanswered> {
    let plain = plain(text);
    let mut rest = plain.as_str();
    let mut question = Question::default();
    let groups: Vec<&str> = spec.groups.iter().map(|group| group.name.as_str()).collect();
    if let Some((group, after)) = first_of(rest, &groups) {
        question.group = Some(group.to_owned());
        rest = without_index(after);
    }
    // Keys of Spark begin with the name of the framework: what is a name as it stands is taken so.
    if let Some(item) = item(rest, &question, prepared) {
        return Ok(Question { item, ..question });
    }
    let frameworks: Vec<&str> = prepared.iter().map(|(context, _)| context.chosen.framework.name.as_str()).collect();
    let inner = first_of(rest, &["framework"]).map_or(rest, |(_, after)| after);
    if let Some((framework, after)) = first_of(inner, &frameworks) {
        question.framework = Some(framework.to_owned());
        rest = after;
    }
    match item(rest, &question, prepared) {
        Some(item) => Ok(Question { item, ..question }),
        None => Err(unknown(rest, &question, &groups, &frameworks, prepared)),
    }
}

/// What of the frameworks that are meant is called so.
fn item(rest: &str, question: &Question, prepared: &[Prepared<'_>]) -> Option<Item> {
    if rest.is_empty() {
        return Some(Item::Contents);
    }
    if let Some((file, key)) = first_of(rest, &files(prepared, question)) {
        let file = file.to_owned();
        return Some(if key.is_empty() { Item::File(file) } else { Item::Key(Some(file), key.to_owned()) });
    }
    let name = first_of(rest, &["setting"]).map_or(rest, |(_, after)| after);
    if settings(prepared, question).contains(&name) {
        return Some(Item::Setting(name.to_owned()));
    }
    if let Some((_, local)) = first_of(rest, &["local"])
        && locals(prepared, question).contains(&local)
    {
        return Some(Item::Local(local.to_owned()));
    }
    keys(prepared, question).contains(&rest).then(|| Item::Key(None, rest.to_owned()))
}

/// `a["b"][3]` as `a:b:3`: what shells make hard to type is never needed.
fn plain(text: &str) -> String {
    let text = text.trim().replace("[\"", ":").replace("\"]", "").replace("['", ":").replace("']", "");
    text.replace('[', ":").replace(']', "").replace(['"', '\''], "").trim_matches(SEPARATORS).to_owned()
}

/// The longest of the names that the text begins with, up to its end or a separator, and what follows.
fn first_of<'t, 'n>(text: &'t str, names: &[&'n str]) -> Option<(&'n str, &'t str)> {
    let fits = names.iter().filter_map(|name| {
        let rest = text.strip_prefix(name)?;
        (rest.is_empty() || rest.starts_with(SEPARATORS)).then(|| (*name, rest.trim_start_matches(SEPARATORS)))
    });
    fits.max_by_key(|(name, _)| name.len())
}

/// A node's index says nothing more: all nodes of a group are alike.
fn without_index(text: &str) -> &str {
    let digits = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let all = digits.is_empty() || digits.starts_with(SEPARATORS);
    if digits.len() < text.len() && all { digits.trim_start_matches(SEPARATORS) } else { text }
}

/// What the frameworks that are meant declare.
fn declared<'p, 'a>(
    prepared: &'p [Prepared<'a>],
    question: &Question,
    names: impl Fn(&'p crate::catalogue::view::FrameworkContext<'a>) -> Vec<&'p str>,
) -> Vec<&'p str> {
    let meant = prepared.iter().filter(|(context, _)| {
        question.framework.as_ref().is_none_or(|framework| *framework == context.chosen.framework.name)
    });
    meant.flat_map(|(context, _)| names(context)).collect()
}

fn files<'p>(prepared: &'p [Prepared<'_>], question: &Question) -> Vec<&'p str> {
    declared(prepared, question, |context| context.chosen.framework.file_names().collect())
}

fn settings<'p>(prepared: &'p [Prepared<'_>], question: &Question) -> Vec<&'p str> {
    declared(prepared, question, |context| context.chosen.framework.setting_names().collect())
}

fn locals<'p>(prepared: &'p [Prepared<'_>], question: &Question) -> Vec<&'p str> {
    let of = |framework: &'p crate::catalogue::Framework| framework.locals.iter().map(|local| local.name.as_str());
    declared(prepared, question, |context| of(context.chosen.framework).collect())
}

/// All keys of files: the manifests' and the definition's.
fn keys<'p>(prepared: &'p [Prepared<'_>], question: &Question) -> Vec<&'p str> {
    declared(prepared, question, |context| {
        let own = context.chosen.framework.files.iter().flat_map(|file| file.keys.iter().map(|(key, _)| key.as_str()));
        own.chain(context.chosen.spec.files.values().flat_map(|file| file.set.keys().map(String::as_str))).collect()
    })
}

fn unknown(
    rest: &str,
    question: &Question,
    groups: &[&str],
    frameworks: &[&str],
    prepared: &[Prepared<'_>],
) -> Unanswered {
    let first = rest.split(['/', ':', ' ']).next().unwrap_or(rest);
    let mut names: Vec<&str> = Vec::new();
    if question.group.is_none() {
        names.extend(groups);
    }
    if question.framework.is_none() {
        names.extend(frameworks);
    }
    names.extend(files(prepared, question));
    names.extend(settings(prepared, question));
    names.extend(keys(prepared, question));
    let what = match (&question.group, &question.framework) {
        (_, Some(framework)) => format!("framework `{framework}`"),
        (Some(group), None) => format!("group `{group}`"),
        (None, None) => "this cluster".to_owned(),
    };
    let nearest = [first, rest].into_iter().find_map(|word| nearest(word, names.iter().copied()));
    let help = nearest
        .unwrap_or_else(|| "name a group, a file, a key or a setting; a group alone lists what it has".to_owned());
    Unanswered { message: format!("`{rest}` does not exist in {what}"), help: Some(help) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_and_quotes_are_only_separators() {
        assert_eq!(plain(r#" .slaves[3].hdfs-site.xml["dfs.blocksize"] "#), "slaves:3.hdfs-site.xml:dfs.blocksize");
        assert_eq!(first_of("slaves/x.y", &["slave", "slaves"]), Some(("slaves", "x.y")));
        assert_eq!(first_of("slavesx", &["slaves"]), None);
        assert_eq!(without_index("3.hdfs-site.xml"), "hdfs-site.xml");
        assert_eq!(without_index("3"), "");
        assert_eq!(without_index("3rd"), "3rd");
    }
}
