//! A first definition as a text: its values as HCL, with comments that say what else there is.

use hcl::expr::{Expression, Traversal, Variable};
use hcl::{Block, Body};

use super::{Answers, Place};

/// The definition; not laid out yet.
pub(super) fn write(answers: &Answers) -> String {
    // Writing to memory does not fail.
    let text = hcl::format::to_string(&body(answers)).unwrap_or_default();
    commented(&text, &notes(answers))
}

/// `root.name`, or `root.name.part`
fn reference(root: &str, steps: &[&str]) -> Expression {
    let steps = steps.iter().map(|step| hcl::expr::TraversalOperator::GetAttr(hcl::Identifier::sanitized(step)));
    Traversal::new(variable(root), steps).into()
}

fn variable(name: &str) -> Variable {
    Variable::from(hcl::Identifier::sanitized(name))
}

fn body(answers: &Answers) -> Body {
    let provider = match &answers.place {
        Place::Simulated => Block::builder("provider").add_label("local").add_attribute(("nodes", "simulated")),
        Place::Containers => Block::builder("provider").add_label("local").add_attribute(("nodes", "container")),
        Place::Cloud(name) => Block::builder("provider").add_label("openstack").add_attribute(("cloud", name.as_str())),
    };
    // Whatever is not a number is written as it was typed, and is a mistake in its place.
    let count = match answers.slaves.parse::<u64>() {
        Ok(count) => Expression::from(count),
        Err(_) => Expression::from(answers.slaves.as_str()),
    };
    let slaves = Block::builder("variable").add_label("slaves").add_attribute(("type", variable("number")));
    let slaves = slaves.add_attribute(("default", count)).add_attribute(("description", "How many slaves"));
    let output = |name: &str| {
        let value = reference("cluster", &[&answers.name, name]);
        Block::builder("output").add_label(name).add_attribute(("value", value)).build()
    };
    let body = Body::builder().add_block(provider.build()).add_block(slaves.build()).add_block(cluster(answers));
    // A name that is none is said once, where it is given.
    let is_name = answers.name.chars().all(|char| char.is_ascii_lowercase() || char.is_ascii_digit() || char == '-');
    let outputs = ["ui", "ssh"].into_iter().filter(|name| is_name && (*name != "ui" || !answers.frameworks.is_empty()));
    body.add_blocks(outputs.map(output)).build()
}

fn cluster(answers: &Answers) -> Block {
    let network = Block::builder("network")
        .add_attribute(("cidr", answers.cidr.as_str()))
        .add_attribute(("external_network", answers.external_network.as_str()));
    let master = Block::builder("master")
        .add_attribute(("flavor", answers.master_flavor.as_str()))
        .add_attribute(("floating_ip", true));
    let slaves = Block::builder("slaves")
        .add_attribute(("count", reference("var", &["slaves"])))
        .add_attribute(("flavor", answers.slave_flavor.as_str()));
    let framework = |name: &String| Block::builder("framework").add_label(name.as_str()).build();
    let lifecycle = Block::builder("lifecycle").add_attribute(("prevent_destroy", false));
    Block::builder("cluster")
        .add_label(answers.name.as_str())
        .add_attribute(("image", answers.image.as_str()))
        .add_block(network.build())
        .add_block(Block::builder("security").build())
        .add_block(master.build())
        .add_block(slaves.build())
        .add_blocks(answers.frameworks.iter().map(framework))
        .add_block(lifecycle.build())
        .build()
}

/// What is said above lines that begin in a certain way.
type Notes = Vec<(&'static str, Vec<String>)>;

fn notes(answers: &Answers) -> Notes {
    let lines = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
    let place = match &answers.place {
        Place::Simulated => lines(&[
            "Where the clusters are: on the Heat inside DISCO, whose nodes are simulated. `nodes = \"container\"` runs them",
            "as containers of this host, `provider \"openstack\" { cloud = \"NAME\" }` on a cloud of clouds.yaml.",
        ]),
        Place::Containers => lines(&[
            "Where the clusters are: on the Heat inside DISCO, with containers of this host as nodes. `disco local doctor`",
            "says what they need; `provider \"openstack\" { cloud = \"NAME\" }` is a cloud of clouds.yaml.",
        ]),
        Place::Cloud(_) => lines(&[
            "Where the clusters are: a cloud of clouds.yaml. `disco flavors` and `disco images` list what it has.",
        ]),
    };
    let mut notes = vec![
        (
            "provider",
            [lines(&["Written by `disco init`. `disco language` shows what else may stand here.", ""]), place].concat(),
        ),
        ("variable", lines(&["Another value for one run: `disco apply --var slaves=5`; for good: `disco.vars.hcl`."])),
        (
            "security",
            lines(&[
                "Nothing is reachable from outside unless a line here allows it:",
                "  allow \"ssh\" { from = [\"203.0.113.0/24\"] }",
                "  allow \"web-ui\" { from = [\"203.0.113.0/24\"] }",
            ]),
        ),
    ];
    notes.push((
        "lifecycle",
        lines(&["With `true` every plan is refused that would destroy the cluster and its data."]),
    ));
    if matches!(answers.place, Place::Cloud(_)) {
        notes.push((
            "image",
            lines(&["For `disco ssh` the nodes need a key: ssh_keys = [file(\"~/.ssh/id_ed25519.pub\")]"]),
        ));
    }
    if !answers.frameworks.is_empty() {
        notes.push((
            "framework",
            lines(&["Sizes follow from the flavors; `disco explain` shows each value and the line that changes it."]),
        ));
    }
    notes
}

/// The text with each note above the first line that begins with its word, indented as that is.
fn commented(text: &str, notes: &Notes) -> String {
    let mut open: Vec<_> = notes.iter().collect();
    let mut whole = String::new();
    for line in text.lines() {
        let word = line.trim_start().split(' ').next().unwrap_or_default();
        if let Some(at) = open.iter().position(|(begin, _)| *begin == word) {
            let indentation = &line[..line.len() - line.trim_start().len()];
            for note in &open.remove(at).1 {
                let comment = if note.is_empty() { String::new() } else { format!("{indentation}# {note}") };
                whole.push_str(&comment);
                whole.push('\n');
            }
        }
        whole.push_str(line);
        whole.push('\n');
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_note_stands_somewhere() {
        for place in [Place::Simulated, Place::Containers, Place::Cloud("lab".to_owned())] {
            let answers = Answers { place, ..Answers::default() };
            let text = write(&answers);
            for line in notes(&answers).iter().flat_map(|(_, lines)| lines) {
                assert!(text.contains(line.as_str()), "{line} is missing in:\n{text}");
            }
        }
    }

    #[test]
    fn answers_are_values_and_nothing_else() {
        let answers = Answers {
            image: "a\"\n${file(\"/etc/passwd\")}".to_owned(),
            slaves: "3 + 4".to_owned(),
            frameworks: Vec::new(),
            ..Answers::default()
        };
        let text = write(&answers);
        assert!(text.contains(r#"image = "a\"\n$${file(\"/etc/passwd\")}""#), "{text}");
        assert!(text.contains("default = \"3 + 4\"") && !text.contains("output \"ui\""), "{text}");
    }
}
