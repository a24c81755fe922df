//! Warnings that a project does not want to hear of, and why.
//!
//! A comment `# disco:ignore CODE because REASON` is about what begins on its line, or else about the next attribute or
//! block. `disco { lint { ignore = { CODE = "REASON" } } }` is about all of the project.

use std::collections::BTreeMap;

use crate::language::LintSettings;
use crate::source::{
    CODE_PREFIX, CODES, Diagnostic, Diagnostics, Severity, SourceId, Sources, Span, did_you_mean, meaning_of_code,
};
use crate::syntax;
use crate::syntax::tree::Body;

/// What a comment begins with that silences something.
const MARK: &str = "disco:ignore";

/// What comes before the reason.
const BECAUSE: &str = "because";

/// Words by which some people know a rule from elsewhere, and its code here.
const ALIASES: [(&str, &str); 1] = [("world_open_port", "open_to_the_world")];

/// What is not to be heard.
#[derive(Clone, Debug, Default)]
pub struct Silence {
    comments: Vec<Ignore>,
    /// Codes that are ignored everywhere, with their places.
    everywhere: BTreeMap<String, Option<Span>>,
    /// Codes of warnings that are errors.
    errors: Vec<String>,
    /// What is wrong with all that.
    faults: Diagnostics,
}

/// A comment that silences a code.
#[derive(Clone, Debug)]
struct Ignore {
    code: String,
    comment: Span,
    /// What it is about.
    covers: Span,
    /// Whether anything was silenced by it.
    used: bool,
}

impl Silence {
    /// Reads the comments of the files, and the settings for the whole project.
    pub fn of(sources: &Sources, files: &[SourceId], settings: &LintSettings) -> Self {
        let mut silence = Self::default();
        for id in files {
            silence.comments(sources, *id);
        }
        for (code, ignored) in &settings.ignored {
            match known(code) {
                Some(code) => drop(silence.everywhere.insert(code, ignored.origin)),
                None => silence.faults.push(unknown_code(code, ignored.origin)),
            }
        }
        for code in &settings.errors {
            match known(&code.value) {
                Some(code) => silence.errors.push(code),
                None => silence.faults.push(unknown_code(&code.value, code.origin)),
            }
        }
        silence
    }

    fn comments(&mut self, sources: &Sources, id: SourceId) {
        let source = sources.get(id);
        if !source.text().contains(MARK) {
            return;
        }
        let mut items = Vec::new();
        gather(&syntax::parse(sources, id).0, &mut items);
        items.sort_by_key(|span| span.start);
        for (_, comment) in syntax::comments(sources, id) {
            let text = sources.snippet(comment);
            let text = text.trim_start_matches(['#', '/', '*']).trim_end_matches(['*', '/']).trim();
            let Some(rest) = text.strip_prefix(MARK) else { continue };
            let (codes, reason) = parts(rest);
            if codes.is_empty() || reason.is_none() {
                self.faults.push(
                    Diagnostic::warning(
                        "disco::ignore_without_reason",
                        "this comment does not say what to ignore, and why",
                    )
                    .at(comment, "silences nothing")
                    .help(format!("write `# {MARK} CODE {BECAUSE} REASON`")),
                );
                continue;
            }
            let Some(covers) = covered(&source, comment, &items) else { continue };
            for word in codes {
                match known(word) {
                    Some(code) => self.comments.push(Ignore { code, comment, covers, used: false }),
                    None => self.faults.push(unknown_code(word, Some(comment))),
                }
            }
        }
    }

    /// Takes the warnings away that nobody wants to hear of.
    pub fn hush(&mut self, found: Diagnostics) -> Diagnostics {
        let mut heard = Diagnostics::new();
        heard.extend(found.into_iter().filter(|one| one.severity == Severity::Error || !self.silences(one)));
        heard
    }

    /// The same, and makes errors of the warnings that are some in this project.
    pub fn judge(&mut self, found: Diagnostics) -> Diagnostics {
        let mut judged = Diagnostics::new();
        for mut diagnostic in self.hush(found) {
            if self.errors.iter().any(|code| code == diagnostic.code) {
                diagnostic.severity = Severity::Error;
            }
            judged.push(diagnostic);
        }
        judged
    }

    fn silences(&mut self, diagnostic: &Diagnostic) -> bool {
        if self.everywhere.contains_key(diagnostic.code) {
            return true;
        }
        let Some(place) = diagnostic.span() else { return false };
        let within = |outer: &Span| {
            outer.source == place.source && outer.start <= place.start && place.start < outer.end.max(outer.start + 1)
        };
        let mut silenced = false;
        for ignore in self.comments.iter_mut().filter(|one| one.code == diagnostic.code && within(&one.covers)) {
            ignore.used = true;
            silenced = true;
        }
        silenced
    }

    /// What is wrong with the comments and settings: said once all has been [heard](Self::judge).
    pub fn faults(self) -> Diagnostics {
        let mut faults = self.faults;
        for ignore in self.comments.into_iter().filter(|ignore| !ignore.used) {
            faults.push(
                Diagnostic::warning("disco::unused_ignore", format!("there is no `{}` to ignore here", ignore.code))
                    .at(ignore.comment, "silences nothing")
                    .help("remove the comment"),
            );
        }
        faults
    }
}

/// The codes and the reason of ` a, b because c`.
fn parts(rest: &str) -> (Vec<&str>, Option<&str>) {
    let rest = rest.trim();
    let (codes, reason) = match rest.split_once(BECAUSE) {
        Some((codes, reason)) if codes.ends_with(char::is_whitespace) => (codes, Some(reason.trim())),
        _ => (rest, None),
    };
    let codes = codes.split([',', ' ']).map(str::trim).filter(|code| !code.is_empty()).collect();
    (codes, reason.filter(|reason| !reason.is_empty()))
}

/// The code that a word is, with `disco::` before it or not.
fn known(word: &str) -> Option<String> {
    let name = word.strip_prefix(CODE_PREFIX).unwrap_or(word);
    let name = ALIASES.iter().find(|(alias, _)| *alias == name).map_or(name, |(_, name)| name);
    let code = format!("{CODE_PREFIX}{name}");
    meaning_of_code(&code).map(|_| code)
}

fn unknown_code(word: &str, place: Option<Span>) -> Diagnostic {
    let names = CODES.iter().map(|(code, _)| code.trim_start_matches(CODE_PREFIX));
    Diagnostic::error("disco::unknown_code", format!("code `{word}` does not exist"))
        .at_maybe(place, "silences nothing")
        .help("`docs/errors.md` lists all codes")
        .help_maybe(did_you_mean(word.trim_start_matches(CODE_PREFIX), names))
}

/// All attributes and blocks, those within blocks too.
fn gather(body: &Body, items: &mut Vec<Span>) {
    items.extend(body.attributes.iter().map(|attribute| attribute.name.span.to(attribute.value.span)));
    for block in &body.blocks {
        items.push(block.head.to(block.body.span));
        gather(&block.body, items);
    }
}

/// What a comment is about.
fn covered(source: &crate::source::Source, comment: Span, items: &[Span]) -> Option<Span> {
    let line = |at: u32| source.position(at as usize).line;
    let own = line(comment.start);
    let behind = items.iter().rev().find(|item| item.start < comment.start && line(item.start) == own);
    behind.or_else(|| items.iter().find(|item| item.start >= comment.end)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_has_codes_and_a_reason() {
        assert_eq!(parts(" a because it is"), (vec!["a"], Some("it is")));
        assert_eq!(parts(" a, disco::b because x"), (vec!["a", "disco::b"], Some("x")));
        assert_eq!(parts(" a because "), (vec!["a"], None));
        assert_eq!(parts(" a"), (vec!["a"], None));
        assert_eq!(parts(" because x"), (vec!["because", "x"], None));
        assert_eq!(known("world_open_port").as_deref(), Some("disco::open_to_the_world"));
        assert_eq!(known("nothing"), None);
    }
}
