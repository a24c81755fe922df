//! Frameworks as data: what their manifests say, and what that means for a given cluster.
//!
//! [`Catalogue`] holds [`Framework`]s, read from `templates/` (inside the binary) and from folders of the user's own.
//! [`configure()`] turns them, for one cluster, into a [`ClusterConfiguration`]: packages, files, services, ports and
//! steps of every group of nodes. It works by groups, so its cost does not depend on how many nodes there are.
//! [`explain()`] follows a value of it back to where it came from, [`Causes`] to the lines of the definition.

mod access;
mod action_kind;
mod assertions;
mod borrowed;
mod budget;
mod causes;
mod chosen;
mod client;
mod cloud;
mod cluster_context;
mod collection;
mod collisions;
mod composition;
mod configuration;
mod configure;
mod content;
mod declaration;
mod declared_file;
mod ensemble;
mod evaluation;
mod explain;
mod file_keys;
mod files;
mod framework;
mod generated;
mod growth;
mod image;
mod in_use;
mod java;
mod key_list;
mod known_keys;
mod limits;
mod machine;
mod manifest;
mod mounts;
mod names;
mod overrides;
mod own_value;
mod paths;
mod placement;
mod platform;
mod prepare;
mod protection;
mod provision;
mod python;
mod readiness;
mod refusals;
mod regular_expression;
mod relation;
mod setting_type;
mod share;
mod sharing;
mod software;
mod status;
mod steps;
mod traits;
mod units;
mod usage;
mod view;
mod words;

pub use causes::{Cause, CauseKind, Causes, Part};
pub use client::ClientFile;
pub use cloud::check_flavors_and_images;
pub(crate) use cloud::{OfferKind, offered_to};
pub use cluster_context::ClusterContext;
pub use collection::Catalogue;
pub use composition::{Composition, complete, compose, told as told_additions};
pub use configuration::{
    Archive, ClusterConfiguration, ClusterStep, ComputedValue, ConfiguredFile, Content, Directory, FileValue,
    GroupConfiguration, HugePages, KillMode, MachineSettings, MaxUnavailable, OpenPort, Piece, Probe, ProbeKind,
    PythonEnvironment, StepMoment, SystemUser, Unit, WebUi,
};
pub use configure::{configure, open_ports};
pub(crate) use content::escaped_forms;
pub use declaration::{
    ArchiveDeclaration, AssertionDeclaration, DirectoryDeclaration, EnsembleDeclaration, InstallationDeclaration,
    LocalDeclaration, MachineDeclaration, PackagesDeclaration, PortDeclaration, Provision, Requirement,
    ServiceDeclaration, SettingDeclaration, StatusDeclaration, StepDeclaration, UserDeclaration,
};
pub use declared_file::{ContributionDeclaration, FileDeclaration, FileFormat};
pub(crate) use ensemble::absent;
pub use explain::{Answer, Change, ExplainedFile, ExplainedValue, Explanation, Origin, Unanswered, explain};
pub use framework::{Framework, Version};
pub use generated::GeneratedSecret;
pub use growth::{growth, growth_from};
pub(crate) use image::image_for;
pub use in_use::facts_in_use;
pub use key_list::KeyList;
pub(crate) use own_value::in_words;
pub use placement::Placement;
pub use platform::Platform;
pub use protection::{Protection, ProtectionDeclaration};
pub use readiness::Readiness;
pub(crate) use refusals::{Nodes, NodesOfGroup};
pub use relation::{Comparison, Relation, VersionBound, Wanted};
pub use setting_type::{SettingType, ValueShape};
pub use status::{
    ACTIVE_HOST, ActiveQuestion, Asked, AskedCommand, FactQuestion, MemberQuestion, StatusQuestion, Unit as FactUnit,
    at as at_host,
};
pub(crate) use traits::vocabulary;
pub use traits::{
    Alternative, Code, Delivery, Home, Language, Part as TraitPart, SIZING_NAMES, SizingFormulas, Suits, TraitSource,
    Work, gigabytes, milliseconds,
};
