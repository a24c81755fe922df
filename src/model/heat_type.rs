//! Types of Heat's resources that a cluster is made of, or that a plan knows something about.

/// Machine.
pub const SERVER: &str = "OS::Nova::Server";
/// Keeps servers apart.
pub const SERVER_GROUP: &str = "OS::Nova::ServerGroup";
/// Network.
pub const NET: &str = "OS::Neutron::Net";
/// Subnet.
pub const SUBNET: &str = "OS::Neutron::Subnet";
/// Router.
pub const ROUTER: &str = "OS::Neutron::Router";
/// A subnet's place at a router.
pub const ROUTER_INTERFACE: &str = "OS::Neutron::RouterInterface";
/// A server's place in a network.
pub const PORT: &str = "OS::Neutron::Port";
/// Security group.
pub const SECURITY_GROUP: &str = "OS::Neutron::SecurityGroup";
/// Rule of a security group.
pub const SECURITY_GROUP_RULE: &str = "OS::Neutron::SecurityGroupRule";
/// Floating IP.
pub const FLOATING_IP: &str = "OS::Neutron::FloatingIP";
/// Of a floating IP with a port.
pub const FLOATING_IP_ASSOCIATION: &str = "OS::Neutron::FloatingIPAssociation";
/// Volume.
pub const VOLUME: &str = "OS::Cinder::Volume";
/// Of a volume to a server.
pub const VOLUME_ATTACHMENT: &str = "OS::Cinder::VolumeAttachment";
/// What a server is configured with.
pub const SOFTWARE_CONFIG: &str = "OS::Heat::SoftwareConfig";
/// Brings a configuration to a server.
pub const SOFTWARE_DEPLOYMENT: &str = "OS::Heat::SoftwareDeployment";
/// A secret that Heat makes up.
pub const RANDOM_STRING: &str = "OS::Heat::RandomString";
/// A value and nothing else.
pub const VALUE: &str = "OS::Heat::Value";

/// The parameter that every template has without declaring it: the id of its stack.
pub const STACK_ID_PARAMETER: &str = "OS::stack_id";

/// Whether a type is one of Neutron's.
pub fn is_neutron(heat_type: &str) -> bool {
    heat_type.starts_with("OS::Neutron::")
}
