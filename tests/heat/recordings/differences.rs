//! Where the embedded engine may answer otherwise than the recorded cloud, and why.

/// Tape, exchange, difference (a `*` stands for whatever may be there), and the reason.
const EXPECTED: &[(&str, &str, &str, &str)] = &[
    ("*", "resource-*", "resource.attributes.*", ATTRIBUTES),
    ("life", "resources-in-detail", "resources[].attributes.*", ATTRIBUTES),
    ("life", "preview-*", "resource_changes.*", ATTRIBUTES),
    (
        "life",
        "preview-of-creation",
        "stack.*",
        "Heat shows defaults of properties too, and names for ids that are not there yet",
    ),
    ("life", "stack-in-progress", "stack.outputs[].output_value is*", "how far Heat had come at that moment"),
    ("life", "event", "event.resource_properties.*", "the engine does not keep what properties were at an event"),
    (
        "life",
        "deployment*",
        "software_deployment*",
        "a simulated node says in which time it has done what, and its deployments have names",
    ),
    ("life", "config", "software_config.inputs[].*", "what nobody set is left out"),
    ("life", "server", "server.*", MICROVERSIONS),
    ("life", "servers", "servers[].*", MICROVERSIONS),
    ("services", "flavors*", "flavors[].*", MICROVERSIONS),
    ("services", "*key-pair*", "keypair*type is more", MICROVERSIONS),
    ("life", "stack-deleting", "stack.outputs*", "the engine computes outputs as long as it can"),
    (
        "life",
        "stack-deleted",
        "stack.parameters.*",
        "of a stack that is gone the engine keeps no parameters: they may be secrets",
    ),
    ("life", "stacks-deleted", "links is missing", "on a cloud more stacks were deleted than one page has"),
    ("parameters", "not-json", "error.message is*", PARSER),
    ("refused", "*-bad-yaml", "error.message is*", PARSER),
    ("signing-in", "auth-400-malformed", "error.message is*", "Keystone adds its whole schema to the sentence"),
    ("refused", "*-circular", "*", "Heat breaks over a circle, and says nothing of it; the engine says which it is"),
    ("refused", "validate-bad-function-args", "*", "the engine looks at functions when it carries them out"),
    (
        "refused",
        "create-bad-function-args",
        "error.message is*",
        "the engine names the property and the function's arguments",
    ),
    (
        "services",
        "resource-type-of-a-network",
        "*",
        "the engine tells of properties what it needs to know to update them",
    ),
    ("services", "unknown-address", "*", "the engine says that it, and not OpenStack, does not know the address"),
    ("services", "server-that-does-not-exist-to-stop", "itemNotFound.message*", "the engine has no cells"),
    ("services", "no-token-glance", "*", "the engine asks for a token in one place, in Keystone's words"),
    ("services", "delete-router-in-use", "NeutronError.message*", "a router's port has the interface's id here"),
];

const ATTRIBUTES: &str = "the engine shows the attributes that it keeps: those that templates of DISCO read";
const MICROVERSIONS: &str =
    "the engine answers all microversions of Nova with one body, and tells of its simulated nodes";
const PARSER: &str = "the words are those of another parser";

/// The table, with which of its lines have been met.
pub(super) struct Expected {
    met: Vec<bool>,
}

impl Expected {
    pub(super) fn new() -> Self {
        Self { met: vec![false; EXPECTED.len()] }
    }

    /// Whether a difference is in the table.
    pub(super) fn takes(&mut self, tape: &str, exchange: &str, difference: &str) -> bool {
        let is = |pattern: &str, name: &str| {
            let parts: Vec<&str> = pattern.split('*').collect();
            match parts.as_slice() {
                [whole] => *whole == name,
                [start, middle @ .., end] => {
                    name.starts_with(start) && name.ends_with(end) && middle.iter().all(|part| name.contains(part))
                }
                [] => false,
            }
        };
        let mut taken = false;
        for (met, (of, at, what, _)) in self.met.iter_mut().zip(EXPECTED) {
            if is(of, tape) && is(at, exchange) && is(what, difference) {
                *met = true;
                taken = true;
            }
        }
        taken
    }

    /// Lines that nothing met.
    pub(super) fn unused(&self) -> Vec<String> {
        let unused = self.met.iter().zip(EXPECTED).filter(|(met, _)| !**met);
        unused.map(|(_, (of, at, what, _))| format!("{of}: {at}: {what}")).collect()
    }
}
