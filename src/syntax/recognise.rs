//! Files that are not HCL at all. Somebody who hands in YAML wants to hear that once, not a complaint for each line.

use crate::source::{Diagnostic, SourceId, Span};

use super::word::{is_word_part, is_word_start};

/// What a text that does not parse is instead, if it is something well known.
pub(super) fn other_format(text: &str, id: SourceId) -> Option<Diagnostic> {
    let at = |start: usize, length: usize| Span::new(id, start, start + length);
    if let Some(conflict) = merge_conflict(text, id) {
        return Some(conflict);
    }
    if let Some(first) = old_line_end(text) {
        return Some(
            Diagnostic::error("disco::wrong_format", "lines end with a carriage return alone, as on old Macs")
                .at(at(first, 1), "the first of these line ends")
                .help("save the file with Unix line ends; `tr '\\r' '\\n' < OLD > NEW` converts it"),
        );
    }
    let (start, line) = first_line(text)?;
    let hcl = "write HCL: attributes `name = value`, blocks `name \"label\" { … }`";
    let found = |what: &str, start: usize, length: usize, help: &str| {
        let message = format!("this file is {what}, not HCL");
        Some(Diagnostic::error("disco::wrong_format", message).at(at(start, length), "").help(help))
    };
    if line.starts_with('<') && !line.starts_with("<<") {
        return found("XML or HTML", start, 1, hcl);
    }
    if line.starts_with('[') && line.ends_with(']') && line[1..line.len() - 1].chars().all(is_section_part) {
        return found("INI or TOML", start, line.len(), hcl);
    }
    if line.starts_with(['{', '[']) {
        return found("JSON", start, 1, hcl);
    }
    if line == "---" || line.starts_with("- ") || line.starts_with("%YAML") {
        return found("YAML", start, line.split(' ').next().map_or(1, str::len), hcl);
    }
    let (word, colon) = yaml_key(line)?;
    if word == "heat_template_version" {
        return found(
            "a Heat template",
            start,
            word.len(),
            "DISCO writes Heat templates itself, from `cluster` blocks; `disco template` prints them",
        );
    }
    found("YAML", start + colon, 1, hcl)
}

/// The first line that says something, and where it begins.
fn first_line(text: &str) -> Option<(usize, &str)> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_start_matches('\u{feff}').trim();
        if !(content.is_empty() || content.starts_with('#') || content.starts_with("//")) {
            let indentation = line.find(content).unwrap_or_default();
            return Some((at + indentation, content));
        }
        at += line.len();
    }
    None
}

/// `key:` or `key: value`: the key, and where the colon stands.
fn yaml_key(line: &str) -> Option<(&str, usize)> {
    let (key, value) = line.split_once(':')?;
    let bare = key.trim_matches(['"', '\'']);
    let is_key = bare.starts_with(is_word_start) && bare.chars().all(|char| is_word_part(char) || char == '.');
    (is_key && (value.is_empty() || value.starts_with(' ')) && !value.trim_end().ends_with('{'))
        .then_some((bare, key.len()))
}

fn is_section_part(char: char) -> bool {
    is_word_part(char) || matches!(char, '.' | '[' | ']' | ' ')
}

/// The first line end, where none is of another kind.
fn old_line_end(text: &str) -> Option<usize> {
    if text.contains('\n') { None } else { text.find('\r') }
}

/// What `git merge` leaves behind: all three markers, each at the beginning of a line.
fn merge_conflict(text: &str, id: SourceId) -> Option<Diagnostic> {
    let mut open: Option<Span> = None;
    let mut middle = false;
    let mut first: Option<(Span, Span)> = None;
    let mut conflicts = 0;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end();
        let span = Span::new(id, at, at + content.len());
        if is_marker(content, '<') {
            (open, middle) = (Some(span), false);
        } else if content == "=======" && open.is_some() {
            middle = true;
        } else if is_marker(content, '>')
            && middle
            && let Some(begin) = open.take()
        {
            conflicts += 1;
            first.get_or_insert((begin, span));
        }
        at += line.len();
    }
    let (begin, end) = first?;
    let message = match conflicts {
        1 => "a merge conflict is not resolved".to_owned(),
        several => format!("{several} merge conflicts are not resolved"),
    };
    Some(
        Diagnostic::error("disco::merge_conflict", message)
            .at(begin, "begins here")
            .at(end, "ends here")
            .help("keep one side of `=======` or join both, and delete the three marker lines"),
    )
}

/// Seven times the sign, and then nothing or a name.
fn is_marker(line: &str, sign: char) -> bool {
    let rest = line.trim_start_matches(sign);
    line.len() - rest.len() == 7 && (rest.is_empty() || rest.starts_with(' '))
}
