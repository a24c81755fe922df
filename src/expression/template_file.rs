//! Templates in files or texts of their own: parsed once each, evaluated with nothing but the names handed to them.

use std::rc::Rc;
use std::sync::Arc;

use super::template_files::ParsedTemplate;
use super::{Scope, Value};
use crate::source::{Diagnostic, Span};
use crate::syntax::parse_template;

/// How many templates may be evaluated within one another.
const DEEPEST: usize = 8;

impl Scope<'_> {
    /// The template in a file; a sentence where it cannot be read.
    pub(super) fn template_of(&self, path: &str) -> Result<Rc<ParsedTemplate>, String> {
        if let Some(parsed) = self.root.templates.parsed.borrow().get(path) {
            return Ok(Rc::clone(parsed));
        }
        let bytes = self.reader().read(path)?;
        let text = String::from_utf8(bytes).map_err(|_| format!("{path} is not UTF-8 text"))?;
        let parsed = self.parsed(path, text);
        self.root.templates.parsed.borrow_mut().insert(path.to_owned(), Rc::clone(&parsed));
        Ok(parsed)
    }

    /// The template that a text is.
    pub(super) fn template_in(&self, text: &str) -> Rc<ParsedTemplate> {
        if let Some(parsed) = self.root.templates.texts.borrow().get(text) {
            return Rc::clone(parsed);
        }
        let parsed = self.parsed("template", text.to_owned());
        self.root.templates.texts.borrow_mut().insert(text.to_owned(), Rc::clone(&parsed));
        parsed
    }

    fn parsed(&self, name: &str, text: String) -> Rc<ParsedTemplate> {
        let id = self.sources().add(name, text);
        let (template, problems) = parse_template(self.sources(), id);
        Rc::new(ParsedTemplate { template, problems })
    }

    /// What the template makes when only `names` mean something. Complaints lie in its file and say which call at
    /// `place` led there.
    pub(super) fn evaluate_file(
        &self,
        file: &ParsedTemplate,
        names: impl IntoIterator<Item = (Arc<str>, Value)>,
        place: Span,
    ) -> Value {
        let depth = self.root.templates.depth.get();
        if depth >= DEEPEST {
            return self.fail(
                Diagnostic::error("disco::too_deep", "template files call each other endlessly")
                    .at(place, "given up here")
                    .help(format!("nest at most {DEEPEST} template files")),
            );
        }
        self.root.templates.depth.set(depth + 1);
        let inside = self.closed(names);
        let (value, found) = self.attempt(|| {
            file.problems.iter().for_each(|problem| self.report(problem.clone()));
            match &file.template {
                Some(template) if !file.problems.has_errors() => inside.evaluate_template(template),
                _ => Value::failed(),
            }
        });
        self.root.templates.depth.set(depth);
        for problem in found {
            self.report(problem.at(place, "called here"));
        }
        value
    }
}
