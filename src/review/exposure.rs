//! What others can reach or read.

use super::Reviewed;
use crate::model::{AllowRule, RuleTarget};
use crate::source::{Diagnostic, Diagnostics};

pub(super) fn review(of: Reviewed<'_>, found: &mut Diagnostics) {
    for cluster in of.spec.clusters.values() {
        for rule in &cluster.security {
            let everybody = rule.from.iter().find(|from| from.value.prefix_len() == 0);
            if let Some(from) = everybody {
                let place = from.origin.unwrap_or(rule.origin);
                found.push(open_to_everybody(&what(rule), false, &cluster.name).at(place, "open to everybody"));
            }
        }
    }
    for output in of.outputs.iter().filter(|output| output.secret && output.value.contains_secret()) {
        let message = format!("output `{}` has a sensitive value, which is kept nowhere", output.name);
        found.push(
            Diagnostic::warning("disco::sensitive_output", message)
                .at(output.origin, "`disco output` cannot print it")
                .help("remove it; give the value to those who need it from where it comes from"),
        );
    }
}

/// The warning about one thing, or `several`, that everybody can reach, without its place.
pub(crate) fn open_to_everybody(what: &str, several: bool, cluster: &str) -> Diagnostic {
    let are = if several { "are" } else { "is" };
    let message = format!("{what} of cluster `{cluster}` {are} open to every address on the internet");
    Diagnostic::warning("disco::open_to_the_world", message)
        .help("list the networks that need it, for example `from = [\"203.0.113.0/24\"]`")
}

fn what(rule: &AllowRule) -> String {
    let to = match &rule.to {
        RuleTarget::All => "all nodes".to_owned(),
        RuleTarget::Group(group) => format!("`{group}`"),
    };
    format!("`{}` on {to}", rule.label)
}
