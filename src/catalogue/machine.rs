//! What the machines of a group must be like, as their frameworks say.

use super::usage::Usage;
use super::view::{FrameworkContext, View};
use super::words::peeled;
use super::{GroupConfiguration, HugePages};
use crate::expression::{Number, Value};
use crate::source::{Diagnostic, Diagnostics, Span};
use crate::syntax::tree::Expression;

/// Adds what a framework asks of the machines of a group. Of two sizes the larger one counts; what else two frameworks see
/// differently is said.
pub(super) fn machine(
    context: &FrameworkContext<'_>,
    view: &View<'_>,
    to: &mut GroupConfiguration,
    diagnostics: &mut Diagnostics,
) {
    let framework = context.chosen.framework;
    for declared in framework.machines.iter().filter(|machine| view.has(&machine.on, machine.when.as_ref())) {
        let differs = |what: &str, one: &str, other: &str, place: Span| {
            let message = format!("{} needs {what} to be `{one}`, another framework `{other}`", framework.name);
            Diagnostic::error("disco::conflict", message)
                .at(place, "needed here")
                .at(context.chosen.spec.origin, format!("for `{}`", view.group.name))
                .help("put each into a cluster of its own, or into another group")
        };
        for (name, expression) in &declared.sysctl {
            let Some((usage, value)) = value(context, view, &format!("sysctl.{name}"), expression, diagnostics) else {
                continue;
            };
            let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-/".contains(&byte));
            let Some(Some(text)) = usage.text(&value, diagnostics) else { continue };
            if !is_name || text.value.chars().any(char::is_control) {
                let help = "write a name as `sysctl -a` has it, and a value of one line";
                diagnostics.push(usage.wrong("is no value of the kernel", help));
                continue;
            }
            match to.machine.sysctl.insert(name.clone(), text.value.clone()) {
                Some(known) if known != text.value => {
                    diagnostics.push(differs(&format!("`{name}`"), &text.value, &known, usage.expression.span));
                }
                _ => {}
            }
        }
        if let Some(expression) = &declared.transparent_hugepages
            && let Some((usage, value)) = value(context, view, "transparent_hugepages", expression, diagnostics)
            && !value.is_null()
        {
            if let Some(pages) = value.as_str().and_then(HugePages::named) {
                let known = to.machine.transparent_hugepages.replace(pages);
                diagnostics.extend(
                    known.filter(|known| *known != pages).map(|known| {
                        differs("transparent huge pages", pages.name(), known.name(), usage.expression.span)
                    }),
                );
            } else {
                let known = HugePages::ALL.map(HugePages::name).join("`, `");
                diagnostics.push(usage.wrong("is no way to use huge pages", &format!("use one of `{known}`")));
            }
        }
        if let Some(expression) = &declared.shared_memory
            && let Some((usage, value)) = value(context, view, "shared_memory", expression, diagnostics)
            && !value.is_null()
        {
            match value.as_number().and_then(Number::to_u64).filter(|size| *size > 0) {
                Some(size) => {
                    let most = to.machine.shared_memory_mib.unwrap_or_default().max(size);
                    to.machine.shared_memory_mib = Some(most);
                }
                None => diagnostics.push(usage.wrong("is no size in MiB", "write a whole number of at least 1")),
            }
        }
        if let Some(expression) = &declared.modules
            && let Some((usage, value)) = value(context, view, "modules", expression, diagnostics)
        {
            let is_module = |name: &&str| {
                !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
            };
            for name in value.elements().unwrap_or_default() {
                match name.as_str().filter(is_module) {
                    Some(name) => {
                        to.machine.modules.insert(name.to_owned());
                    }
                    None => diagnostics
                        .push(usage.wrong("must be a list of modules", "write their names, as `modprobe` takes them")),
                }
            }
        }
    }
}

/// What an attribute says, where everybody may read it, and where it is used.
fn value<'u, 's, 'v>(
    context: &'u FrameworkContext<'s>,
    view: &'u View<'v>,
    name: &str,
    expression: &'u Expression,
    diagnostics: &mut Diagnostics,
) -> Option<(Usage<'u, 's, 'v>, Value)> {
    let expression = peeled(&view.scope, expression);
    let usage = Usage { context, view, what: format!("`{name}` of a machine"), expression };
    let value = usage.open_value(diagnostics)?;
    Some((usage, value))
}
