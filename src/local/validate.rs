//! Heat's look at properties before anything is made.

use ipnet::IpNet;
use serde_json::Value as Json;

use super::cloud;
use super::function;
use super::hot::Parsed;
use super::hot::text_of;
use super::refusal::Refusal;
use super::schema::resource_type;
use super::traversal::Scope;
use super::world::World;

/// Checks every property whose value is known before anything is made.
pub(crate) fn properties(world: &World, stack: &str, parsed: &Parsed) -> Result<(), Refusal> {
    let scope = Scope { world, stack, parsed };
    for (name, definition) in &parsed.hot.resources {
        let Some(kind) = resource_type(&definition.kind) else { continue };
        for (property, value) in &definition.properties {
            let mut depends = false;
            function::references(value, &mut |_| depends = true);
            if depends {
                continue;
            }
            let value =
                function::resolve(value, &scope).map_err(|message| Refusal::property(name, property, message))?;
            let wanted = kind.properties.get(property).map_or("any", |facts| facts.kind.as_str());
            is_of_type(wanted, &value).map_err(|message| Refusal::property(name, property, message))?;
            is_allowed(world, &definition.kind, property, &value)
                .map_err(|message| Refusal::property(name, property, message))?;
        }
    }
    Ok(())
}

fn is_of_type(wanted: &str, value: &Json) -> Result<(), String> {
    let text = text_of(value);
    let problem = match (wanted, value) {
        (_, Json::Null) | ("boolean", Json::Bool(_)) => None,
        ("boolean", _) if ["true", "false"].contains(&text.to_ascii_lowercase().as_str()) => None,
        ("boolean", _) => Some(format!("\"{text}\" is not a valid boolean")),
        ("integer", _) if text.parse::<i64>().is_err() => Some(format!("Value '{text}' is not an integer")),
        ("number", _) if text.parse::<f64>().is_err() => Some(format!("could not convert string to float: '{text}'")),
        ("list", Json::String(_)) => Some(format!("\"{text}\" is not a list")),
        ("map", Json::String(_) | Json::Array(_)) => Some(format!("\"{text}\" is not a map")),
        ("string", Json::Array(_) | Json::Object(_)) => Some("Value must be a string".to_owned()),
        _ => None,
    };
    problem.map_or(Ok(()), Err)
}

fn is_allowed(world: &World, kind: &str, property: &str, value: &Json) -> Result<(), String> {
    let Some(text) = value.as_str() else { return Ok(()) };
    match (kind, property) {
        ("OS::Nova::Server", "flavor") if cloud::flavor(text).is_none() => {
            Err(format!("Error validating value '{text}': No Flavor matching {{'name': '{text}'}}. (HTTP 404)"))
        }
        ("OS::Nova::Server" | "OS::Cinder::Volume", "image") if cloud::image(text).is_none() => {
            Err(format!("Error validating value '{text}': No images matching {{'name': '{text}'}}."))
        }
        ("OS::Nova::Server", "key_name") if world.thing(text, "keypair").is_none() => {
            Err(format!("Error validating value '{text}': The Key ({text}) could not be found."))
        }
        ("OS::Neutron::Subnet", "cidr") | ("OS::Neutron::SecurityGroupRule", "remote_ip_prefix")
            if text.parse::<IpNet>().is_err() && text.parse::<std::net::IpAddr>().is_err() =>
        {
            Err(format!("Error validating value '{text}': Invalid net cidr invalid IPNetwork {text} "))
        }
        ("OS::Neutron::FloatingIP", "floating_network") if ![cloud::PUBLIC_NAME, cloud::PUBLIC_ID].contains(&text) => {
            Err(format!("Error validating value '{text}': Unable to find network with name or id '{text}'"))
        }
        _ => Ok(()),
    }
}
