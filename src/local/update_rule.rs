//! What a change of a resource's properties does: the engine's own reading of Heat.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::schema::ResourceType;

/// What an update does to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    Unchanged,
    InPlace,
    Replace,
}

/// Compares the properties a resource has with those it should have.
pub(crate) fn rule(kind: &ResourceType, before: &BTreeMap<String, Json>, after: &BTreeMap<String, Json>) -> Rule {
    let mut outcome = Rule::Unchanged;
    for name in before.keys().chain(after.keys().filter(|name| !before.contains_key(*name))) {
        let default = kind.properties.get(name).and_then(|property| property.default.as_ref());
        let was = before.get(name).or(default).unwrap_or(&Json::Null);
        let is = after.get(name).or(default).unwrap_or(&Json::Null);
        if same(was, is) {
            continue;
        }
        match change(kind, name, after) {
            Rule::Replace => return Rule::Replace,
            Rule::InPlace => outcome = Rule::InPlace,
            Rule::Unchanged => {}
        }
    }
    outcome
}

/// What the change of one property does.
fn change(kind: &ResourceType, name: &str, after: &BTreeMap<String, Json>) -> Rule {
    let policy = |policy: &str, default: &'static str| {
        after.get(policy).and_then(Json::as_str).map_or_else(|| default.to_owned(), str::to_owned)
    };
    let policy = match (kind.name.as_str(), name) {
        ("OS::Nova::Server", "flavor") => policy("flavor_update_policy", "RESIZE"),
        ("OS::Nova::Server", "image") => policy("image_update_policy", "REBUILD"),
        ("OS::Nova::Server", "user_data") => policy("user_data_update_policy", "REPLACE"),
        ("OS::Heat::TestResource", "value") if after.get("update_replace") == Some(&Json::Bool(true)) => {
            return Rule::Replace;
        }
        _ => {
            let allowed = kind.properties.get(name).is_some_and(|property| property.update_allowed);
            return if allowed { Rule::InPlace } else { Rule::Replace };
        }
    };
    // With IGNORE, Heat still counts the resource as updated; nothing happens to the machine.
    if policy == "REPLACE" { Rule::Replace } else { Rule::InPlace }
}

/// Whether Heat sees two values as the same once it has read them by their type: `"5"` and `5` are, for one.
fn same(was: &Json, is: &Json) -> bool {
    if was == is {
        return true;
    }
    match (was, is) {
        (Json::Number(number), Json::String(text)) | (Json::String(text), Json::Number(number)) => {
            number.to_string() == *text
        }
        (Json::Bool(truth), Json::String(text)) | (Json::String(text), Json::Bool(truth)) => {
            text.eq_ignore_ascii_case(if *truth { "true" } else { "false" })
        }
        (Json::Array(was), Json::Array(is)) => {
            was.len() == is.len() && was.iter().zip(is).all(|(was, is)| same(was, is))
        }
        (Json::Object(was), Json::Object(is)) => {
            let was_there = was.iter().filter(|(_, value)| !value.is_null()).count();
            let is_there = is.iter().filter(|(_, value)| !value.is_null()).count();
            was_there == is_there
                && was
                    .iter()
                    .filter(|(_, value)| !value.is_null())
                    .all(|(name, value)| is.get(name).is_some_and(|other| same(value, other)))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::schema::resource_type;
    use super::*;

    fn properties(json: &Json) -> BTreeMap<String, Json> {
        json.as_object().unwrap().iter().map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    #[test]
    fn changes_do_what_heat_does() {
        let table = [
            ("OS::Neutron::Net", json!({"name": "a"}), json!({"name": "b"}), Rule::InPlace),
            ("OS::Neutron::Net", json!({}), json!({"admin_state_up": true}), Rule::Unchanged),
            ("OS::Neutron::Subnet", json!({"cidr": "10.0.0.0/24"}), json!({"cidr": "10.1.0.0/24"}), Rule::Replace),
            (
                "OS::Neutron::Subnet",
                json!({"dns_nameservers": []}),
                json!({"dns_nameservers": ["9.9.9.9"]}),
                Rule::InPlace,
            ),
            ("OS::Neutron::Port", json!({"network": "a"}), json!({"network": "b"}), Rule::Replace),
            (
                "OS::Neutron::Port",
                json!({"fixed_ips": [{"ip_address": "10.0.0.4"}]}),
                json!({"fixed_ips": [{"ip_address": "10.0.0.5"}]}),
                Rule::InPlace,
            ),
            (
                "OS::Neutron::SecurityGroupRule",
                json!({"port_range_min": 22}),
                json!({"port_range_min": 23}),
                Rule::Replace,
            ),
            (
                "OS::Neutron::SecurityGroupRule",
                json!({"port_range_min": 22}),
                json!({"port_range_min": "22"}),
                Rule::Unchanged,
            ),
            ("OS::Nova::Server", json!({"flavor": "a"}), json!({"flavor": "b"}), Rule::InPlace),
            (
                "OS::Nova::Server",
                json!({"flavor": "a"}),
                json!({"flavor": "b", "flavor_update_policy": "REPLACE"}),
                Rule::Replace,
            ),
            (
                "OS::Nova::Server",
                json!({"image": "a"}),
                json!({"image": "b", "image_update_policy": "REBUILD"}),
                Rule::InPlace,
            ),
            ("OS::Nova::Server", json!({"user_data": "a"}), json!({"user_data": "b"}), Rule::Replace),
            (
                "OS::Nova::Server",
                json!({"user_data": "a"}),
                json!({"user_data": "b", "user_data_update_policy": "IGNORE"}),
                Rule::InPlace,
            ),
            ("OS::Nova::Server", json!({"key_name": "a"}), json!({"key_name": "b"}), Rule::Replace),
            ("OS::Heat::SoftwareConfig", json!({"config": "a"}), json!({"config": "b"}), Rule::Replace),
            ("OS::Heat::SoftwareDeployment", json!({"config": "a"}), json!({"config": "b"}), Rule::InPlace),
            ("OS::Heat::SoftwareDeployment", json!({"server": "a"}), json!({"server": "b"}), Rule::Replace),
            (
                "OS::Heat::SoftwareDeployment",
                json!({"input_values": {"a": "1"}}),
                json!({"input_values": {"a": "2"}}),
                Rule::InPlace,
            ),
            ("OS::Cinder::Volume", json!({"size": 10}), json!({"size": 20}), Rule::InPlace),
            ("OS::Cinder::Volume", json!({"availability_zone": "a"}), json!({"availability_zone": "b"}), Rule::Replace),
        ];
        for (kind, before, after, expected) in table {
            let kind = resource_type(kind).unwrap();
            assert_eq!(
                rule(kind, &properties(&before), &properties(&after)),
                expected,
                "{} {before} {after}",
                kind.name
            );
        }
    }
}
