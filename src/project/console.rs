//! `disco console`: expressions that stand in no file, in the project's scope.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;
use std::sync::Arc;

use super::failure::{Failure, FailureKind};
use super::offline::{known, remembered};
use super::{Project, files};
use crate::expression::{Scope, Value, functions};
use crate::source::{Diagnostic, Diagnostics, SourceId, Sources};
use crate::syntax;

/// What the texts are called in messages.
const NAME: &str = "<console>";

/// So many lines are kept of a history.
const KEPT: usize = 1000;

/// Somewhere to evaluate expressions.
pub struct Console<'a> {
    scope: Scope<'a>,
    sources: &'a Sources,
}

impl Project {
    /// Has `work` evaluate expressions with what is known without asking a cloud: the definitions, and what the state knows of
    /// the clusters. It is told what is wrong with the definitions beyond their reading, and can work all the same. Where there
    /// is no project, the functions are all there is.
    ///
    /// # Errors
    /// Definitions that cannot be read, a state that is refused.
    pub fn console<T>(&self, work: impl FnOnce(&Console<'_>, Diagnostics) -> Result<T, Failure>) -> Result<T, Failure> {
        let is_there = self.is_there()?;
        let (loaded, found) = if is_there { self.load_to_check()? } else { self.load_texts(Vec::new())? };
        if found.has_errors() {
            return Err(Failure::of(FailureKind::Definition, found));
        }
        let state = if is_there { self.store(&loaded)?.load_now()? } else { None };
        let known = state.as_ref().map(known).unwrap_or_default();
        let facts = remembered(&loaded.settings.provider, &state.clone().unwrap_or_default());
        let (made, mut diagnostics) = self.compile_loaded(&loaded, &known, &facts, state.as_ref());
        diagnostics.extend(found);
        let diagnostics = self.silence(&loaded).judge(diagnostics);
        let (members, ports) = (made.members(), made.open_ports());
        let reader = self.reader();
        let scope = loaded.definition.living_scope(made.spec(), &members, &ports, &known, &self.sources, &reader);
        work(&Console { scope, sources: &self.sources }, diagnostics)
    }
}

impl Console<'_> {
    fn text(&self, text: &str) -> SourceId {
        self.sources.add(NAME, format!("{text}\n"))
    }

    /// Whether an expression goes on in the next line.
    pub fn is_unfinished(&self, text: &str) -> bool {
        syntax::is_unfinished(self.sources, self.text(text))
    }

    /// The value of an expression.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn evaluate(&self, text: &str) -> Result<Value, Diagnostics> {
        let id = self.text(text);
        let (expression, mut diagnostics) = syntax::parse_expression(self.sources, id);
        let value = match expression.filter(|_| !diagnostics.has_errors()) {
            Some(expression) => {
                let value = self.scope.evaluate(&expression);
                diagnostics.extend(self.scope.take_diagnostics());
                if value.contains_failed() && !diagnostics.has_errors() {
                    // It was said when the value was first asked for.
                    diagnostics.push(
                        Diagnostic::error("disco::unresolved_reference", "this uses a value with a mistake in it")
                            .at(expression.span, "cannot be evaluated")
                            .help("run `disco validate` to see the mistakes of the definitions"),
                    );
                }
                value
            }
            None => Value::failed(),
        };
        if diagnostics.has_errors() { Err(diagnostics) } else { Ok(value) }
    }

    /// What the name before the cursor may become, and how many bytes of it are written already. Names that take
    /// arguments end with `(`, those with parts with `.`.
    pub fn completions(&self, before: &str) -> (usize, Vec<String>) {
        let path = &before[path_start(before)..];
        let (base, written) = match path.rfind('.') {
            Some(dot) => (Some(&path[..dot]), &path[dot + 1..]),
            None => (None, path),
        };
        let names: BTreeSet<String> = match base {
            None => {
                let functions = functions::all().map(|function| format!("{}(", function.name));
                functions
                    .chain(syntax::ROOTS.map(|root| format!("{root}.")))
                    .chain(["can(".into(), "try(".into()])
                    .collect()
            }
            Some(root) if !self.scope.entries(root).is_empty() => {
                self.scope.entries(root).iter().map(ToString::to_string).collect()
            }
            Some("") => BTreeSet::new(),
            Some(value) => {
                let value = self.evaluate(value).unwrap_or_else(|_| Value::null());
                let names: Vec<Arc<str>> = value.entries().into_iter().flat_map(BTreeMap::keys).cloned().collect();
                names.iter().filter(|name| syntax::is_name(name)).map(ToString::to_string).collect()
            }
        };
        (written.len(), names.into_iter().filter(|name| name.starts_with(written)).collect())
    }
}

/// Where the words and indices begin that lead to the end of a text: `cluster.lab.slaves[0].na`.
fn path_start(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut start = text.len();
    for (at, char) in text.char_indices().rev() {
        match char {
            ']' => depth += 1,
            '[' if depth == 0 => break,
            '[' => depth -= 1,
            _ if depth > 0 || char.is_alphanumeric() || matches!(char, '_' | '-' | '.' | ':') => {}
            _ => break,
        }
        start = at;
    }
    if depth > 0 { text.len() } else { start }
}

/// The lines of a history, the newest last; none where there is no file.
///
/// # Errors
/// A file that cannot be read.
pub fn read_history(path: &Path) -> io::Result<Vec<String>> {
    let bytes = files::read(path)?.unwrap_or_default();
    Ok(String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect())
}

/// Keeps the newest lines of a history in a file that nobody else can read.
///
/// # Errors
/// A file that cannot be written.
pub fn keep_history(path: &Path, lines: &[String]) -> io::Result<()> {
    let mut text = lines[lines.len().saturating_sub(KEPT)..].join("\n");
    text.push('\n');
    files::write(path, text.as_bytes()).map(drop)
}

#[cfg(test)]
mod tests {
    use super::path_start;

    #[test]
    fn names_are_found_before_the_cursor() {
        let path = |text: &'static str| &text[path_start(text)..];
        assert_eq!(path("max(1, cluster.lab.slaves[0].na"), "cluster.lab.slaves[0].na");
        assert_eq!(path("[for x in va"), "va");
        assert_eq!(path("f(cluster.lab[\"a b\"].x"), "cluster.lab[\"a b\"].x");
        assert_eq!(path("a]"), "");
        assert_eq!(path("1 + "), "");
    }
}
