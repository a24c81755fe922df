//! What an expression of a manifest gives where its value is put to use. A value that cannot be used there is a mistake
//! with a place; nothing is left out without a word.

use serde::de::DeserializeOwned;

use super::names;
use super::steps::json;
use super::view::{FrameworkContext, View};
use super::words::text_of;
use super::{FileFormat, FileValue};
use crate::expression::{Kind, Value};
use crate::model::Text;
use crate::source::{Diagnostic, Diagnostics};
use crate::syntax::tree::Expression;

/// Where a value is used: one expression of a manifest on the nodes of one group.
pub(super) struct Usage<'u, 's, 'v> {
    pub(super) context: &'u FrameworkContext<'s>,
    pub(super) view: &'u View<'v>,
    /// What the manifest says with it: `` `exec` of service `web` ``.
    pub(super) what: String,
    pub(super) expression: &'u Expression,
}

impl Usage<'_, '_, '_> {
    /// The value; `None` where it is not known, which is said if it will never be.
    pub(super) fn value(&self, diagnostics: &mut Diagnostics) -> Option<Value> {
        let value = self.view.scope.evaluate(self.expression);
        if value.contains_failed() {
            return None;
        }
        if value.contains_unknown() {
            diagnostics.extend(self.elsewhere());
            return None;
        }
        Some(value)
    }

    /// The same where everybody can read it.
    pub(super) fn open_value(&self, diagnostics: &mut Diagnostics) -> Option<Value> {
        let value = self.value(diagnostics)?;
        if value.contains_secret() {
            diagnostics.push(self.exposed());
            return None;
        }
        Some(value)
    }

    /// What the value says, if it is `a_thing`; `Some(None)` for `null`.
    #[expect(clippy::option_option, reason = "whether it can be read, and whether there is one")]
    pub(super) fn read<T: DeserializeOwned>(
        &self,
        a_thing: &str,
        help: &str,
        diagnostics: &mut Diagnostics,
    ) -> Option<Option<T>> {
        match serde_json::from_value(json(&self.open_value(diagnostics)?)) {
            Ok(read) => Some(read),
            Err(fault) => {
                diagnostics.push(self.wrong(&format!("is not {a_thing}: {fault}"), help));
                None
            }
        }
    }

    /// A single text: `Some(None)` for `null`.
    #[expect(clippy::option_option, reason = "whether there is a value, and whether it is null")]
    pub(super) fn text(&self, value: &Value, diagnostics: &mut Diagnostics) -> Option<Option<Text>> {
        if value.is_null() {
            return Some(None);
        }
        let text = text_of(value);
        if text.is_none() {
            diagnostics.push(self.no_text(value));
        }
        text.map(Some)
    }

    /// A value as a file of that format has it: `Some(None)` for `null`.
    #[expect(clippy::option_option, reason = "whether there is a value, and whether it is null")]
    pub(super) fn file_value(
        &self,
        value: &Value,
        format: FileFormat,
        diagnostics: &mut Diagnostics,
    ) -> Option<Option<FileValue>> {
        let is_structure = value.entries().is_some() || value.elements().is_some();
        if format.is_structured() && is_structure {
            let text = Text { value: json(value).to_string(), secret: value.contains_secret() };
            return Some(Some(FileValue { text, is_structure }));
        }
        Some(self.text(value, diagnostics)?.map(FileValue::from))
    }

    /// Says that a value is not what is expected here.
    pub(super) fn wrong(&self, message: &str, help: &str) -> Diagnostic {
        Diagnostic::error("disco::unwritable_value", format!("{} {message}", self.what))
            .at(self.expression.span, "comes from here")
            .at(self.context.chosen.spec.origin, format!("for `{}`", self.view.group.name))
            .help(help)
    }

    fn no_text(&self, value: &Value) -> Diagnostic {
        let (kind, help) = match value.kind() {
            Kind::Object(_) | Kind::Map(..) => ("an object", "write it as one string: jsonencode(…)"),
            _ => ("a list", "write it as one string: join(\",\", …), or jsonencode(…)"),
        };
        self.wrong(&format!("is {kind}, expected a string, a number or a bool"), help)
    }

    fn exposed(&self) -> Diagnostic {
        let message = format!("{} would show a secret", self.what);
        Diagnostic::error("disco::exposed_secret", message)
            .at(self.expression.span, "everybody on the node can read it")
            .at(self.context.chosen.spec.origin, "the secret is set here")
            .help("pass it in a service's `environment`, or in a `file` with `mode = \"0600\"`")
    }

    /// Why a value is never known on these nodes: it comes from something that is on other nodes only. `None` where the
    /// cloud may still tell.
    fn elsewhere(&self) -> Option<Diagnostic> {
        if !self.view.complete {
            return None;
        }
        let framework = self.context.chosen.framework;
        let reached = names::reached(framework, self.expression);
        let group = &self.view.group.name;
        let idle =
            |name: &&String| name.strip_prefix("setting.").is_some_and(|setting| self.view.idle.contains(setting));
        let from = reached.iter().find(idle);
        let from = from.or_else(|| reached.iter().find(|name| name.starts_with("with.")));
        let from = from.or_else(|| reached.iter().find(|name| name.starts_with("slaves.")));
        let name = from.map_or("a value", String::as_str);
        let mut diagnostic = Diagnostic::error(
            "disco::value_elsewhere",
            format!("{} uses `{name}`, which has no value on `{group}`", self.what),
        )
        .at(self.expression.span, format!("needed on `{group}`"));
        if let Some(declared) = name.strip_prefix("setting.").and_then(|name| framework.setting(name)) {
            diagnostic = diagnostic.at(declared.origin, "has a value on other nodes only");
        }
        Some(
            diagnostic
                .at(self.context.chosen.spec.origin, "needed here")
                .help("use it only where it has a value: with `on = \"…\"`, `when = …`, or a condition such as `group.role == \"slave\" ? … : null`"),
        )
    }
}
