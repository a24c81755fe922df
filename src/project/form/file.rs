//! Changes of the files that a framework writes, as changes of the text: keys and contents of `config` blocks.

use super::edit::{
    FileChange, FormFault, Here, IS_EXPRESSION, here, indent, line_end, line_stop, spliced, with_attribute, with_block,
    without,
};

use crate::syntax::tree::{Attribute, Block, Body, Expression, ExpressionKind, ObjectItem, ObjectKey};
use crate::syntax::{is_name, quoted};

/// The word of the block that changes a file.
const CONFIG: &str = "config";

/// The text after a change of `file` in the framework's block at `path`.
pub(super) fn changed(
    text: &str,
    root: &Body,
    path: &str,
    file: &str,
    change: &FileChange,
) -> Result<String, FormFault> {
    let framework = here(root, path)?;
    let fault = |says: &str| FormFault { path: path.to_owned(), name: file.to_owned(), says: says.to_owned() };
    if framework.block.is_none_or(|block| &*block.kind.text != "framework") {
        return Err(fault("only a framework has files"));
    }
    let is_it =
        |block: &&Block| &*block.kind.text == CONFIG && block.labels.first().is_some_and(|label| &*label.text == file);
    let config = framework.body.blocks.iter().find(is_it);
    let named =
        |name: &str| config.and_then(|config| config.body.attributes.iter().find(|own| &*own.name.text == name));
    match (change, named("set"), named("content")) {
        (FileChange::Set { .. } | FileChange::Remove { .. }, _, Some(_)) => {
            Err(fault("the definition gives the whole file: change its text"))
        }
        (FileChange::Set { key, value }, set, None) => {
            put(text, &framework, file, config, set, key, &quoted(value)).map_err(fault)
        }
        (FileChange::Remove { key }, set, None) => put(text, &framework, file, config, set, key, "null").map_err(fault),
        (FileChange::AsWritten { key }, set, _) => match (config, set) {
            (Some(config), Some(set)) => taken(text, config, set, key).map_err(fault),
            _ => Ok(text.to_owned()),
        },
        (FileChange::Content(_), Some(_), _) => {
            Err(fault("the definition sets keys of this file: take them away first, or change keys"))
        }
        (FileChange::Content(content), None, written) => {
            let value = whole(content, line_end(text));
            match (config, written) {
                (_, Some(written)) if !is_plain(&written.value) => Err(fault(IS_EXPRESSION)),
                (_, Some(written)) => Ok(spliced(text, written.value.span.range(), &value)),
                (Some(config), None) => Ok(with_attribute(text, &inside(&framework, config), "content", &value)),
                (None, None) => {
                    // What stands in a file is not moved to the right with the block.
                    let marks = (0..).map(|number| format!("\"content {number}\""));
                    let mark = marks.into_iter().find(|mark| !text.contains(mark)).unwrap_or_default();
                    Ok(added(text, &framework, file, &format!("content = {mark}")).replacen(&mark, &value, 1))
                }
            }
        }
        (FileChange::Discarded, _, None) => Ok(text.to_owned()),
        (FileChange::Discarded, _, Some(written)) if !is_plain(&written.value) => Err(fault(IS_EXPRESSION)),
        (FileChange::Discarded, ..) => {
            Ok(config.map_or_else(|| text.to_owned(), |config| without(text, config.span.range())))
        }
    }
}

/// A text or a number as it is written, not computed.
fn is_plain(value: &Expression) -> bool {
    matches!(
        value.kind,
        ExpressionKind::String(_) | ExpressionKind::Number(_) | ExpressionKind::Bool(_) | ExpressionKind::Null
    )
}

fn inside<'b>(framework: &Here<'b>, config: &'b Block) -> Here<'b> {
    Here { body: &config.body, schema: framework.schema, block: Some(config) }
}

/// The text with another block for a file.
fn added(text: &str, framework: &Here<'_>, file: &str, attribute: &str) -> String {
    let lines = [format!("{CONFIG} {} {{", quoted(file)), format!("  {attribute}"), "}".to_owned()];
    with_block(text, framework, &lines)
}

/// The text where a key has that value.
fn put(
    text: &str,
    framework: &Here<'_>,
    file: &str,
    config: Option<&Block>,
    set: Option<&Attribute>,
    key: &str,
    value: &str,
) -> Result<String, &'static str> {
    if key.trim().is_empty() || key.contains(char::is_control) {
        return Err("a key has a name of one line");
    }
    let written = if is_name(key) { key.to_owned() } else { quoted(key) };
    let object = format!("{{ {written} = {value} }}");
    let Some(set) = set else {
        return Ok(match config {
            Some(config) => with_attribute(text, &inside(framework, config), "set", &object),
            None => added(text, framework, file, &format!("set = {object}")),
        });
    };
    let ExpressionKind::Object(items) = &set.value.kind else { return Err(IS_EXPRESSION) };
    if let Some(item) = items.iter().find(|item| is_key(item, key)) {
        if !is_plain(&item.value) {
            return Err(IS_EXPRESSION);
        }
        return Ok(spliced(text, item.value.span.range(), value));
    }
    let Some(last) = items.last() else { return Ok(spliced(text, set.value.span.range(), &object)) };
    let range = set.value.span.range();
    let (begin, end) = (start(last), last.value.span.range().end);
    if !text[range].contains('\n') {
        return Ok(spliced(text, end..end, &format!(", {written} = {value}")));
    }
    let at = line_stop(text, end);
    // One that stands on the line of the brace has no line of its own to go by.
    let own = indent(text, begin).to_owned();
    let own = if begin - own.len() == line_begin(text, begin) { own } else { format!("{own}  ") };
    Ok(spliced(text, at..at, &format!("{}{own}{written} = {value}", line_end(text))))
}

/// The text where nothing is said of a key.
fn taken(text: &str, config: &Block, set: &Attribute, key: &str) -> Result<String, &'static str> {
    let ExpressionKind::Object(items) = &set.value.kind else { return Err(IS_EXPRESSION) };
    let Some(at) = items.iter().position(|item| is_key(item, key)) else { return Ok(text.to_owned()) };
    if !is_plain(&items[at].value) {
        return Err(IS_EXPRESSION);
    }
    if items.len() == 1 {
        return Ok(without(text, config.span.range()));
    }
    let (mut begin, mut end) = (start(&items[at]), items[at].value.span.range().end);
    let comma = text[end..].trim_start_matches([' ', '\t']);
    if comma.starts_with(',') {
        end = text.len() - comma.len() + 1;
        let rest = &text[end..];
        // In one line, the blank behind it goes, too.
        if !rest.trim_start_matches([' ', '\t']).starts_with(['\n', '\r']) {
            end += rest.len() - rest.trim_start_matches([' ', '\t']).len();
        }
    } else if at > 0 {
        let before = items[at - 1].value.span.range().end;
        if !text[before..begin].contains('\n') {
            begin = before;
        }
    }
    Ok(without(text, begin..end))
}

fn line_begin(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |end| end + 1)
}

fn start(item: &ObjectItem) -> usize {
    match &item.key {
        ObjectKey::Name(name) => name.span.range().start,
        ObjectKey::Expression(key) => key.span.range().start,
    }
}

fn is_key(item: &ObjectItem, key: &str) -> bool {
    match &item.key {
        ObjectKey::Name(name) => &*name.text == key,
        ObjectKey::Expression(Expression { kind: ExpressionKind::String(text), .. }) => &**text == key,
        ObjectKey::Expression(_) => false,
    }
}

/// A whole file as an expression: lines between marks where it is made of lines, else a text in quotes.
fn whole(content: &str, end: &str) -> String {
    let lines = content.strip_suffix('\n');
    let odd = |letter: char| letter.is_control() && letter != '\n' && letter != '\t';
    let Some(lines) = lines.filter(|lines| end == "\n" && !lines.contains(odd) && !lines.is_empty()) else {
        return quoted(content);
    };
    let mark = ["EOT", "END_OF_FILE", "END_OF_THE_FILE"]
        .into_iter()
        .find(|mark| lines.lines().all(|line| line.trim() != *mark));
    let Some(mark) = mark else { return quoted(content) };
    format!("<<{mark}\n{}\n{mark}", lines.replace("${", "$${").replace("%{", "%%{"))
}
