//! Where a value came from, for programs.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use crate::catalogue::{Answer, Change, ExplainedFile, ExplainedValue, Explanation, Origin};
use crate::model::ClusterSpec;
use crate::source::{Sources, Span};

/// An answer for programs.
pub fn explanation_json(cluster: &ClusterSpec, answer: &Answer, sources: &Sources) -> Json {
    let name = &cluster.name;
    match answer {
        Answer::Values(values) => json!({
            "format_version": "1.0",
            "cluster": name,
            "values": values.iter().map(|known| value(known, sources)).collect::<Vec<_>>(),
        }),
        Answer::File { groups, file, values, whole } => json!({
            "format_version": "1.0",
            "cluster": name,
            "groups": groups,
            "file": located(file),
            "given_as_a_whole": whole.map(|span| place(span, sources)),
            "values": values.iter().map(|value| explained(value, sources, &mut BTreeSet::new())).collect::<Vec<_>>(),
        }),
        Answer::Contents { groups, files, settings } => json!({
            "format_version": "1.0",
            "cluster": name,
            "groups": groups,
            "files": files.iter().map(located).collect::<Vec<_>>(),
            "settings": settings.iter().map(|value| explained(value, sources, &mut BTreeSet::new())).collect::<Vec<_>>(),
        }),
    }
}

fn value(known: &ExplainedValue, sources: &Sources) -> Json {
    let mut json = explained(&known.explanation, sources, &mut BTreeSet::new());
    let (framework, version) = &known.framework;
    json["groups"] = json!(known.groups);
    json["framework"] = json!({ "name": framework, "version": version });
    json["file"] = known.file.as_ref().map_or(Json::Null, located);
    json["description"] = json!(known.description);
    json["change"] = match &known.change {
        Change::Setting { framework, setting, .. } => {
            json!({ "kind": "setting", "framework": framework, "setting": setting })
        }
        Change::Key { framework, file, key } => {
            json!({ "kind": "key", "framework": framework, "file": file, "key": key })
        }
        Change::Protected(reason) => json!({ "kind": "protected", "reason": reason }),
        Change::Idle => json!({ "kind": "idle" }),
        Change::Follows => json!({ "kind": "follows" }),
    };
    json
}

/// The value of a secret is not told. What went into something that was told before is not told again.
fn explained(explanation: &Explanation, sources: &Sources, told: &mut BTreeSet<String>) -> Json {
    let sensitive = explanation.value.as_ref().is_some_and(|value| value.secret);
    let inputs: Vec<Json> = if told.insert(explanation.id.clone()) {
        explanation.inputs.iter().map(|input| explained(input, sources, told)).collect()
    } else {
        Vec::new()
    };
    json!({
        "id": explanation.id,
        "name": explanation.name,
        "value": explanation.value.as_ref().filter(|value| !value.secret).map(|value| value.value.as_str()),
        "known": explanation.known,
        "sensitive": sensitive,
        "unit": explanation.unit,
        "origin": origin(&explanation.origin, sources),
        "inputs": inputs,
    })
}

fn origin(origin: &Origin, sources: &Sources) -> Json {
    match origin {
        Origin::Formula { text, place: at } => {
            json!({ "kind": "formula", "formula": text, "place": place(*at, sources) })
        }
        Origin::Fixed { text, place: at } => {
            json!({ "kind": "fixed_at_creation", "formula": text, "place": place(*at, sources) })
        }
        Origin::Given { place: at, instead } => json!({
            "kind": "definition",
            "place": at.map(|at| place(at, sources)),
            "instead_of": instead,
        }),
        Origin::Fact { words, place: at } => {
            json!({ "kind": "fact", "words": words, "place": at.map(|at| place(at, sources)) })
        }
    }
}

fn located(file: &ExplainedFile) -> Json {
    json!({ "framework": file.framework, "name": file.name, "path": file.path })
}

fn place(span: Span, sources: &Sources) -> Json {
    let (file, position) = sources.locate(span);
    json!({ "file": file, "line": position.line, "column": position.column })
}
