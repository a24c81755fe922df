//! Heat's own facts about its resource types: which properties there are and what a change of one does.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value as Json;

/// One resource type.
#[derive(Debug, Deserialize)]
pub(crate) struct ResourceType {
    #[serde(rename = "resource_type")]
    pub name: String,
    pub properties: BTreeMap<String, Property>,
    #[serde(default)]
    pub attributes: Vec<String>,
}

/// One property.
#[derive(Debug, Deserialize)]
pub(crate) struct Property {
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(default)]
    pub update_allowed: bool,
    #[serde(default)]
    pub required: bool,
    #[serde(default)]
    pub default: Option<Json>,
}

macro_rules! facts {
    ($($name:literal),+ $(,)?) => { [$(include_str!(concat!("../../schemas/heat/", $name, ".json"))),+] };
}

static TYPES: LazyLock<BTreeMap<String, ResourceType>> = LazyLock::new(|| {
    facts![
        "OS.Cinder.Volume",
        "OS.Cinder.VolumeAttachment",
        "OS.Heat.CloudConfig",
        "OS.Heat.MultipartMime",
        "OS.Heat.RandomString",
        "OS.Heat.SoftwareConfig",
        "OS.Heat.SoftwareDeployment",
        "OS.Heat.TestResource",
        "OS.Heat.Value",
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
    .filter_map(|text| serde_json::from_str::<ResourceType>(text).ok())
    .map(|kind| (kind.name.clone(), kind))
    .collect()
});

/// The type of that name, if the engine knows it.
pub(crate) fn resource_type(name: &str) -> Option<&'static ResourceType> {
    TYPES.get(name)
}

/// Every type the engine knows.
pub(crate) fn resource_types() -> impl Iterator<Item = &'static ResourceType> {
    TYPES.values()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fact_file_is_read() {
        assert_eq!(resource_types().count(), 21);
        assert!(!resource_type("OS::Neutron::Port").unwrap().properties["network"].update_allowed);
        assert!(resource_type("OS::Nova::Server").unwrap().properties["flavor"].update_allowed);
    }
}
