//! Machines: port, server, volumes, floating IP; and the server group that keeps them apart.

use super::draft::Draft;
use super::network::Place;
use super::security::SecurityGroups;
use super::{Property, Resource, StackOutput};
use crate::model::{AntiAffinity, GroupSpec, Member, NodePart, ResourceName, ipv6_address};
use crate::source::Diagnostic;

/// So many servers of a group boot at a time. Heat starts everything that waits for nothing at once, and a hundred servers
/// that all boot, and are all asked for each second (which Nova answers by asking Neutron twice), hold each other up: on a
/// cloud of two cores 100 slaves took 468 s. With 8 at a time they took 254 s, with 16 of them 262 s; 32 took 65 s, 72 s and
/// 74 s with 3, 4 and 8. There a server boots in two seconds; where it takes half a minute few at a time would make many
/// wait, and Terraform's ten are about as many as these.
const BOOT_TOGETHER: usize = 8;

/// Adds the nodes of one group that live in this stack.
pub(super) fn add(draft: &mut Draft<'_>, group: &GroupSpec, place: &Place, security: &SecurityGroups) {
    add_server_group(draft, group);
    let nodes: Vec<(u32, Member)> = draft.nodes(&group.name).collect();
    if nodes.is_empty() {
        return;
    }
    let apart =
        (group.anti_affinity.value != AntiAffinity::None).then(|| draft.shared(ResourceName::ServerGroup(&group.name)));
    let security_groups = security.of(draft, &group.name);
    for (position, (index, member)) in nodes.iter().copied().enumerate() {
        // Always an earlier node: whoever goes, no two wait for each other.
        let before = position.checked_sub(BOOT_TOGETHER).map(|before| nodes[before].0);
        add_port(draft, group, index, member, place, security_groups.clone(), before);
        add_server(draft, group, index, place, apart.clone());
        add_volumes(draft, group, index);
        if group.floating_ip.value {
            add_floating_ip(draft, group, index, place);
        }
    }
}

fn node(draft: &Draft<'_>, group: &GroupSpec, index: u32, part: NodePart<'_>) -> Resource {
    draft.resource(ResourceName::Node(&group.name, index, part), Some(group.origin))
}

fn reference(group: &GroupSpec, index: u32, part: NodePart<'_>) -> Property {
    Property::resource(ResourceName::Node(&group.name, index, part))
}

fn add_server_group(draft: &mut Draft<'_>, group: &GroupSpec) {
    let policy = match group.anti_affinity.value {
        _ if !draft.is_base() => return,
        AntiAffinity::None => return,
        AntiAffinity::Soft => "soft-anti-affinity",
        AntiAffinity::Hard => "anti-affinity",
    };
    let origin = group.anti_affinity.origin.or(Some(group.origin));
    let name = format!("{}-{}", draft.spec.name, group.name);
    let server_group = draft
        .resource(ResourceName::ServerGroup(&group.name), origin)
        .with("name", name)
        .with("policies", vec![policy.into()]);
    draft.add(server_group);
}

fn add_port(
    draft: &mut Draft<'_>,
    group: &GroupSpec,
    index: u32,
    member: Member,
    place: &Place,
    security_groups: Vec<Property>,
    before: Option<u32>,
) {
    let subnet = ("subnet", place.subnet.clone());
    // Where Neutron has chosen an address it is not written down either: the port keeps it, and stays as it is.
    let address = member.address.filter(|_| draft.spec.network.addresses().is_some());
    let mut fixed_ips = vec![match address {
        Some(address) => Property::map([subnet, ("ip_address", address.to_string().into())]),
        None => Property::map([subnet]),
    }];
    if let (Some(net), Some(subnet), Some(address)) = (draft.spec.network.ipv6_cidr(), &place.ipv6_subnet, address) {
        let address = ipv6_address(net.value, address).to_string();
        fixed_ips.push(Property::map([("subnet", subnet.clone()), ("ip_address", address.into())]));
    }
    let mut port = node(draft, group, index, NodePart::Port)
        .with("name", draft.spec.node_name(&group.name, index))
        .with("network", place.network.clone())
        .with("fixed_ips", fixed_ips)
        .with("security_groups", security_groups);
    if let Some(before) = before {
        port = port.after(ResourceName::Node(&group.name, before, NodePart::Server));
    }
    draft.add(port);
}

fn add_server(draft: &mut Draft<'_>, group: &GroupSpec, index: u32, place: &Place, apart: Option<Property>) {
    let port = Property::map([("port", reference(group, index, NodePart::Port))]);
    let mut server = node(draft, group, index, NodePart::Server)
        .with("name", draft.spec.node_name(&group.name, index))
        .with("flavor", group.flavor.value.as_str())
        .with("image", group.image.value.as_str())
        .with("flavor_update_policy", "RESIZE")
        .with("image_update_policy", "REBUILD")
        .with("networks", vec![port])
        .with("user_data", Property::resource(ResourceName::UserData(group.role)))
        .with("user_data_format", "SOFTWARE_CONFIG")
        .with("user_data_update_policy", "IGNORE")
        .with("software_config_transport", "POLL_SERVER_HEAT");
    if let Some(key_pair) = &draft.spec.ssh.key_pair {
        server = server.with("key_name", key_pair.value.as_str());
    }
    if let Some(zone) = &group.availability_zone {
        server = server.with("availability_zone", zone.value.as_str());
    }
    if let Some(server_group) = apart {
        let hint = Property::map([("group", server_group)]);
        server = server.with("scheduler_hints", hint);
    }
    if place.own_router {
        // A server boots only once it can reach Heat, and goes before its way out does.
        server = server.after(ResourceName::RouterInterface);
        if place.ipv6_subnet.is_some() {
            server = server.after(ResourceName::Ipv6RouterInterface);
        }
    }
    draft.add(server);
}

fn add_volumes(draft: &mut Draft<'_>, group: &GroupSpec, index: u32) {
    for volume in &group.volumes {
        let part = NodePart::Volume(&volume.name);
        let mut resource = node(draft, group, index, part)
            .with("name", format!("{}-{}", draft.spec.node_name(&group.name, index), volume.name))
            .with("size", Property::Integer(i64::try_from(volume.size_gib.value).unwrap_or(i64::MAX)));
        if let Some(volume_type) = &volume.volume_type {
            resource = resource.with("volume_type", volume_type.value.as_str());
        }
        resource.origin = Some(volume.origin);
        draft.add(resource);
        let mut attachment = node(draft, group, index, NodePart::Attachment(&volume.name))
            .with("instance_uuid", reference(group, index, NodePart::Server))
            .with("volume_id", reference(group, index, part));
        attachment.origin = Some(volume.origin);
        draft.add(attachment);
    }
}

fn add_floating_ip(draft: &mut Draft<'_>, group: &GroupSpec, index: u32, place: &Place) {
    let origin = group.floating_ip.origin.or(Some(group.origin));
    let Some(external) = draft.spec.network.external_network() else {
        draft.report(
            Diagnostic::error(
                "disco::no_external_network",
                "`floating_ip` is set, but the network has no `external_network`",
            )
            .at_maybe(origin, "asks for floating IPs")
            .at(draft.spec.network.origin(), "has no `external_network`")
            .help("add `external_network = \"public\"` to `network`, or remove `floating_ip`"),
        );
        return;
    };
    let mut floating =
        node(draft, group, index, NodePart::FloatingIp).with("floating_network", external.value.as_str());
    floating.origin = origin;
    let name = floating.name.clone();
    let mut association = node(draft, group, index, NodePart::FloatingIpAssociation)
        .with("floatingip_id", Property::resource(name.as_str()))
        .with("port_id", reference(group, index, NodePart::Port));
    association.origin = origin;
    if place.own_router {
        association = association.after(ResourceName::RouterInterface);
    }
    draft.add(floating);
    draft.add(association);
    let output = StackOutput {
        description: format!("Address of {} from outside", draft.spec.node_name(&group.name, index)),
        value: Property::GetAttr(name.clone(), vec!["floating_ip_address".to_owned()]),
    };
    draft.outputs.insert(name, output);
}
