//! What a catalogue has to choose from, for programs.

use serde_json::{Map, Value as Json, json};

use crate::catalogue::{Catalogue, Framework, Placement, SettingDeclaration, Version};
use crate::source::Sources;
use crate::syntax::tree::Expression;

/// All frameworks, in short.
pub fn frameworks_json(catalogue: &Catalogue) -> Json {
    let all: Vec<Json> = catalogue
        .frameworks()
        .map(|framework| {
            let services: Vec<Json> = framework
                .services
                .iter()
                .map(|service| json!({ "name": service.name, "on": service.on.name() }))
                .collect();
            json!({
                "name": framework.name,
                "description": framework.description,
                "versions": framework.versions.iter().map(|version| &version.name).collect::<Vec<_>>(),
                "services": services,
            })
        })
        .collect();
    json!({ "format_version": "1.0", "frameworks": all })
}

/// Everything about one framework.
pub fn framework_json(framework: &Framework, sources: &Sources) -> Json {
    let formula = |expression: &Expression| Json::String(sources.snippet(expression.span));
    let maybe = |expression: &Option<Expression>| expression.as_ref().map_or(Json::Null, formula);
    let placements = |on: &[Placement]| on.iter().map(|placement| placement.name()).collect::<Vec<_>>();
    let by_role: Map<String, Json> =
        framework.minimum_memory.iter().map(|(role, minimum)| (role.name().to_owned(), formula(minimum))).collect();
    let list = |entries: &mut dyn Iterator<Item = Json>| Json::Array(entries.collect());
    json!({
        "format_version": "1.0",
        "name": framework.name,
        "description": framework.description,
        "versions": framework.versions.iter().map(version).collect::<Vec<_>>(),
        "provides": list(&mut framework.provides.iter().map(|provided| {
            json!({ "name": provided.name, "when": maybe(&provided.when) })
        })),
        "requires": list(&mut framework.requires.iter().map(|requirement| {
            let relation = requirement.relation.to_string();
            json!({ "relation": relation, "when": maybe(&requirement.when), "reason": requirement.reason })
        })),
        "uses": framework.uses.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "conflicts": framework.conflicts.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "maximum_masters": (framework.maximum_masters < u32::MAX).then_some(framework.maximum_masters),
        "needs": placements(&framework.needs),
        "minimum_memory_mib": by_role,
        "settings": list(&mut framework.settings.iter().map(|declared| setting(declared, sources))),
        "services": list(&mut framework.services.iter().map(|service| json!({
            "name": service.name,
            "description": service.description,
            "unit": format!("{}.service", service.unit),
            "on": service.on.name(),
            "when": maybe(&service.when),
            "max_unavailable": maybe(&service.max_unavailable),
        }))),
        "ports": list(&mut framework.ports.iter().map(|port| json!({
            "name": port.name,
            "description": port.description,
            "service": port.service,
            "protocol": port.protocol.name(),
            "first": port.ports.first,
            "last": port.ports.last,
            "users": port.for_users,
            "page": port.web_path,
            "when": maybe(&port.when),
        }))),
        "files": list(&mut framework.files.iter().map(|file| json!({
            "name": file.name,
            "path": file.path,
            "format": file.format.name(),
            "on": placements(&file.on),
            "when": maybe(&file.when),
            "keys": file.keys.iter().map(|(key, _)| key).collect::<Vec<_>>(),
            "protected": file.protected,
        }))),
        "steps": list(&mut framework.steps.iter().map(|step| {
            json!({ "name": step.name, "moment": step.moment.name(), "when": maybe(&step.when) })
        })),
    })
}

fn version(version: &Version) -> Json {
    json!({
        "name": version.name,
        "archive": version.archive,
        "sha512": version.sha512,
        "sha512_url": version.sha512_url,
        "java": version.java,
        "python": version.python,
        "compatible": version.compatible,
        "compatible_reason": version.compatible_reason,
    })
}

fn setting(declared: &SettingDeclaration, sources: &Sources) -> Json {
    let formula = |expression: &Option<Expression>| expression.as_ref().map(|known| sources.snippet(known.span));
    json!({
        "name": declared.name,
        "type": declared.kind.name(),
        "unit": declared.unit,
        "description": declared.description,
        "default": formula(&declared.default),
        "minimum": formula(&declared.minimum),
        "maximum": formula(&declared.maximum),
        "one_of": declared.one_of,
        "on": declared.on.iter().map(|placement| placement.name()).collect::<Vec<_>>(),
        "when": formula(&declared.when),
        "fixed": declared.fixed,
        "secret": declared.secret,
    })
}
