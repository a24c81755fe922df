//! Whose a file on a node is, and who may read it.

use super::FileDeclaration;
use super::file_keys::file_keys;
use super::usage::Usage;
use super::view::{FrameworkContext, Prepared, View};
use super::words::peeled;
use crate::source::{Diagnostic, Diagnostics};
use crate::syntax::tree::Expression;

/// Whose a file is if its manifest does not say so.
const OWNER: &str = "root:root";
/// Who may use a file if its manifest does not say so: everybody reads it.
const MODE: &str = "0644";

/// Owner (`user:group`) and mode (octal) of a file.
pub(super) struct Access {
    pub(super) owner: String,
    pub(super) mode: String,
}

impl Access {
    /// Those of a file on the nodes of a group; `None` where they are not known, or wrong, which is said.
    pub(super) fn of(
        context: &FrameworkContext<'_>,
        view: &View<'_>,
        file: &FileDeclaration,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let mut word = |name: &str, expression: Option<&Expression>, default: &str, fits: fn(&str) -> bool, help| {
            let Some(expression) = expression else { return Some(default.to_owned()) };
            let expression = peeled(&view.scope, expression);
            let usage = Usage { context, view, what: format!("`{name}` of file `{}`", file.name), expression };
            let value = usage.open_value(diagnostics)?;
            let text = usage.text(&value, diagnostics)?.map_or_else(|| default.to_owned(), |text| text.value);
            if !fits(&text) {
                diagnostics.push(usage.wrong(&format!("is `{}`", text.escape_debug()), help));
                return None;
            }
            Some(text)
        };
        let owner = word("owner", file.owner.as_ref(), OWNER, is_owner, "write it as `user:group`");
        let mode =
            word("mode", file.mode.as_ref(), MODE, is_mode, "write three or four octal digits, as in `\"0640\"`");
        Some(Self { owner: owner?, mode: mode? })
    }

    /// Says that everybody on the nodes can read a secret that the manifest puts into a file, if that is so. What a
    /// definition puts there is its own affair.
    pub(super) fn check<'a>(
        &self,
        all: &[Prepared<'a>],
        context: &FrameworkContext<'a>,
        view: &View<'a>,
        file: &FileDeclaration,
    ) -> Option<Diagnostic> {
        let chosen = context.chosen;
        let given = chosen.spec.files.get(&file.name);
        if !is_open(&self.mode) || given.is_some_and(|given| given.content.is_some()) {
            return None;
        }
        let keys = file_keys(all, context, view, file).into_iter();
        let mut keys = keys.filter(|key| given.is_none_or(|given| !given.set.contains_key(&key.key)));
        let mut template = file.template.iter().map(|text| view.scope.evaluate(peeled(&view.scope, text)));
        let is_secret = template.any(|text| text.contains_secret()) || keys.any(|key| key.value().contains_secret());
        if !is_secret {
            return None;
        }
        let message =
            format!("`{}` of {} contains a secret and has the mode {}", file.name, chosen.framework.name, self.mode);
        let help = if chosen.framework.setting("edition").is_some() {
            "set `edition` in its `framework` block to the newest, or write `mode = \"0640\"` in its manifest"
        } else {
            "write `mode = \"0640\"` or less in its manifest"
        };
        let diagnostic = Diagnostic::warning("disco::readable_secret", message);
        Some(diagnostic.at(chosen.spec.origin, "everybody on its nodes can read it").help(help))
    }
}

/// Whether a text is an owner as files have it: `user:group`, or a user alone.
pub(super) fn is_owner(owner: &str) -> bool {
    let (user, group) = owner.split_once(':').unwrap_or((owner, "root"));
    is_account(user) && is_account(group)
}

/// Whether a text is a mode in octal digits.
pub(super) fn is_mode(mode: &str) -> bool {
    (3..=4).contains(&mode.len()) && mode.bytes().all(|digit| (b'0'..=b'7').contains(&digit))
}

/// Whether a text is the name of an account, or of a group.
pub(super) fn is_account(name: &str) -> bool {
    name.len() <= 32
        && name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-'))
}

/// Whether everybody may read, or write, what has this mode.
fn is_open(mode: &str) -> bool {
    mode.ends_with(|last: char| last != '0' && last != '1')
}
