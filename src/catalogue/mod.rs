//! Frameworks as data: what their manifests say, and what that means for a given cluster.

mod configuration;

pub use configuration::{
    Archive, ClusterConfiguration, ClusterStep, ComputedValue, ConfiguredFile, Content, Directory, GroupConfiguration,
    OpenPort, Probe, StepMoment, SystemUser, Unit, WebUi,
};
