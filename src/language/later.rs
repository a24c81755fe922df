//! Words of the language that a later version will know.

use crate::source::Diagnostic;
use crate::syntax::tree::Name;

/// What the language will have one day; said plainly instead of "unknown".
const STILL_TO_COME: &[(&str, &str)] =
    &[("postcondition", "use a `check` block: it is looked at before and after apply")];

/// Words of Terraform, and what does here what they do there.
const COUNTERPARTS: &[(&str, &str)] = &[
    ("resource", "write `cluster \"NAME\" { … }`: DISCO creates servers, volumes and networks from it"),
    ("data", "name what exists where it is used: `image = \"debian-12\"`, `network { existing = \"NAME\" … }`"),
    ("terraform", "write `disco { required_version = \">= 0.1\" }`; providers need no declaration"),
    (
        "backend",
        "write `state \"local\" { path = \"FILE\" }` or `state \"http\" { address = \"…\" }` in a `disco` block",
    ),
    ("required_providers", "remove it: DISCO has its providers built in; `provider \"openstack\" { … }` chooses one"),
    ("alias", "put the clusters of another cloud or region into a project of their own: a project has one provider"),
    ("create_before_destroy", "set `batch_size` to the number of nodes that may be replaced at a time"),
    ("provisioner", "use a `framework`, or write one of your own: `catalogues = [\"./frameworks\"]` in `disco`"),
    ("connection", "name who may log in with `ssh_keys` or `key_pair`"),
    ("user_data", "set files of a framework with `config`, or write a framework of your own"),
    ("instance_type", "write `flavor = \"NAME\"`"),
    ("flavor_name", "write `flavor = \"NAME\"`"),
    ("flavor_id", "write `flavor = \"NAME\"`"),
    ("image_name", "write `image = \"NAME\"`"),
    ("image_id", "write `image = \"NAME\"`"),
    ("key_name", "write `key_pair = \"NAME\"`"),
    ("security_groups", "write `security { allow \"ssh\" { from = [\"203.0.113.0/24\"] } }`"),
];

/// The counterpart of a word of Terraform's, if it is one.
pub(crate) fn counterpart(word: &str) -> Option<&'static str> {
    COUNTERPARTS.iter().find(|(known, _)| *known == word).map(|(_, help)| *help)
}

/// The message about a word that a later version will know.
pub(crate) fn still_to_come(name: &Name) -> Option<Diagnostic> {
    let (word, instead) = STILL_TO_COME.iter().find(|(word, _)| *word == &*name.text)?;
    Some(
        Diagnostic::error("disco::not_in_this_version", format!("`{word}` is not in this version of DISCO"))
            .at(name.span, "planned for a later version")
            .help(*instead),
    )
}
