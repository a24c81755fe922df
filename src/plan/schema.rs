//! What a changed property does to its resource: Heat's own resource-type facts (`schemas/heat/`), and the few types
//! that decide by further properties.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Map, Value as Json};

use super::ChangeKind;
use crate::model::heat_type;

#[derive(Deserialize)]
struct ResourceType {
    resource_type: String,
    properties: BTreeMap<String, Property>,
}

#[derive(Deserialize)]
struct Property {
    update_allowed: bool,
    #[serde(default)]
    immutable: bool,
    #[serde(default)]
    default: Option<Json>,
}

macro_rules! schemas {
    ($($name:literal),+ $(,)?) => { [$(include_str!(concat!("../../schemas/heat/", $name, ".json"))),+] };
}

static TYPES: LazyLock<BTreeMap<String, ResourceType>> = LazyLock::new(|| {
    schemas![
        "OS.Cinder.Volume",
        "OS.Cinder.VolumeAttachment",
        "OS.Heat.RandomString",
        "OS.Heat.SoftwareConfig",
        "OS.Heat.SoftwareDeployment",
        "OS.Neutron.FloatingIP",
        "OS.Neutron.FloatingIPAssociation",
        "OS.Neutron.Net",
        "OS.Neutron.Port",
        "OS.Neutron.Router",
        "OS.Neutron.RouterInterface",
        "OS.Neutron.SecurityGroup",
        "OS.Neutron.SecurityGroupRule",
        "OS.Neutron.Subnet",
        "OS.Nova.KeyPair",
        "OS.Nova.Server",
        "OS.Nova.ServerGroup",
    ]
    .into_iter()
    // A file that does not parse is found by the test below; here its type is merely not known.
    .filter_map(|text| serde_json::from_str::<ResourceType>(text).ok())
    .map(|facts| (facts.resource_type.clone(), facts))
    .collect()
});

/// What Heat takes where a template says nothing.
pub(super) fn default_of(heat_type: &str, property: &str) -> Option<&'static Json> {
    TYPES.get(heat_type)?.properties.get(property)?.default.as_ref()
}

/// Whether Heat refuses to change it at all.
pub(super) fn is_immutable(heat_type: &str, property: &str) -> bool {
    TYPES.get(heat_type).and_then(|facts| facts.properties.get(property)).is_some_and(|property| property.immutable)
}

/// What happens to a resource when this property changes; `wanted` are its new properties, whose policies count.
/// What is not known is taken for the gravest: replaced.
pub(super) fn effect(heat_type: &str, property: &str, wanted: &Map<String, Json>) -> ChangeKind {
    if heat_type == heat_type::SERVER
        && let Some(kind) = server_effect(property, wanted)
    {
        return kind;
    }
    match TYPES.get(heat_type).and_then(|facts| facts.properties.get(property)) {
        Some(facts) if facts.update_allowed => ChangeKind::Update,
        _ => ChangeKind::Replace,
    }
}

fn server_effect(property: &str, wanted: &Map<String, Json>) -> Option<ChangeKind> {
    let policy = |name: &str| {
        let said = wanted.get(name).or_else(|| default_of(heat_type::SERVER, name));
        said.and_then(Json::as_str).unwrap_or_default()
    };
    Some(match property {
        "flavor" if policy("flavor_update_policy") == "REPLACE" => ChangeKind::Replace,
        "flavor" => ChangeKind::Resize,
        "image" if policy("image_update_policy") == "REPLACE" => ChangeKind::Replace,
        "image" => ChangeKind::Rebuild,
        "user_data" if policy("user_data_update_policy") == "IGNORE" => ChangeKind::NoChange,
        "user_data" => ChangeKind::Replace,
        // They say what later changes mean, and change nothing themselves; they travel with the next update.
        "flavor_update_policy" | "image_update_policy" | "user_data_update_policy" => ChangeKind::NoChange,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_schema_is_read() {
        assert_eq!(TYPES.len(), 17);
    }

    #[test]
    fn a_servers_policies_decide() {
        let of = |property: &str, wanted: Json| effect("OS::Nova::Server", property, wanted.as_object().unwrap());
        assert_eq!(of("flavor", json!({})), ChangeKind::Resize);
        assert_eq!(of("flavor", json!({"flavor_update_policy": "REPLACE"})), ChangeKind::Replace);
        assert_eq!(of("image", json!({})), ChangeKind::Rebuild);
        assert_eq!(of("image", json!({"image_update_policy": "REPLACE"})), ChangeKind::Replace);
        assert_eq!(of("user_data", json!({})), ChangeKind::Replace);
        assert_eq!(of("user_data", json!({"user_data_update_policy": "IGNORE"})), ChangeKind::NoChange);
        assert_eq!(of("user_data_update_policy", json!({})), ChangeKind::NoChange);
    }

    #[test]
    fn every_property_has_the_effect_that_heat_gives_it() {
        use ChangeKind::{Replace, Update};
        for (heat_type, property, kind) in [
            ("OS::Nova::Server", "name", Update),
            ("OS::Nova::Server", "networks", Update),
            ("OS::Nova::Server", "metadata", Update),
            ("OS::Nova::Server", "tags", Update),
            ("OS::Nova::Server", "software_config_transport", Update),
            ("OS::Nova::Server", "key_name", Replace),
            ("OS::Nova::Server", "scheduler_hints", Replace),
            ("OS::Nova::Server", "user_data_format", Replace),
            ("OS::Nova::Server", "availability_zone", Replace),
            ("OS::Nova::ServerGroup", "policies", Replace),
            ("OS::Neutron::Port", "fixed_ips", Update),
            ("OS::Neutron::Port", "name", Update),
            ("OS::Neutron::Port", "security_groups", Update),
            ("OS::Neutron::Port", "network", Replace),
            ("OS::Neutron::Net", "name", Update),
            ("OS::Neutron::Subnet", "cidr", Replace),
            ("OS::Neutron::Subnet", "network", Replace),
            ("OS::Neutron::Subnet", "dns_nameservers", Update),
            ("OS::Neutron::Subnet", "allocation_pools", Update),
            ("OS::Neutron::Router", "external_gateway_info", Update),
            ("OS::Neutron::RouterInterface", "subnet", Replace),
            ("OS::Neutron::SecurityGroup", "description", Update),
            ("OS::Neutron::SecurityGroupRule", "remote_ip_prefix", Replace),
            ("OS::Neutron::SecurityGroupRule", "port_range_min", Replace),
            ("OS::Neutron::FloatingIP", "floating_network", Replace),
            ("OS::Neutron::FloatingIPAssociation", "port_id", Update),
            ("OS::Heat::SoftwareConfig", "config", Replace),
            ("OS::Heat::SoftwareDeployment", "config", Update),
            ("OS::Heat::SoftwareDeployment", "input_values", Update),
            ("OS::Heat::SoftwareDeployment", "server", Replace),
            ("OS::Heat::SoftwareDeployment", "signal_transport", Replace),
            ("OS::Heat::RandomString", "length", Replace),
            ("OS::Cinder::Volume", "size", Update),
            ("OS::Cinder::Volume", "volume_type", Update),
            ("OS::Cinder::Volume", "image", Replace),
            ("OS::Cinder::VolumeAttachment", "instance_uuid", Update),
            ("OS::Some::Thing", "whatever", Replace),
        ] {
            assert_eq!(effect(heat_type, property, &Map::new()), kind, "{heat_type} {property}");
        }
    }
}
