//! Frameworks as data: what their manifests say, and what that means for a given cluster.
//!
//! [`Catalogue`] holds [`Framework`]s, read from `templates/` (inside the binary) and from folders of the user's own.

mod collection;
mod configuration;
mod framework;

pub use collection::Catalogue;
pub use configuration::{
    Archive, ClusterConfiguration, ClusterStep, ComputedValue, ConfiguredFile, Content, Directory, GroupConfiguration,
    OpenPort, Probe, StepMoment, SystemUser, Unit, WebUi,
};
pub use framework::{
    DirectoryDeclaration, FileDeclaration, FileFormat, Framework, Placement, PortDeclaration, ServiceDeclaration,
    SettingDeclaration, SettingType, StepDeclaration, UserDeclaration, Version,
};
