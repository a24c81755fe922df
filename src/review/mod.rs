//! What a project says and probably does not mean: rules about what is allowed, and the comments that silence them.
//!
//! [`review`] finds what only `disco lint` says. [`Silence`] knows which warnings a project does not want to hear of, with
//! the reasons that it gives.

mod data;
mod exposure;
mod files;
mod names;
mod silence;

use std::collections::{BTreeMap, BTreeSet};

use crate::catalogue::{Catalogue, OpenPort};
use crate::language::{Definition, OutputValue};
use crate::model::{ProjectSpec, Sourced};
use crate::source::Diagnostics;

pub(crate) use exposure::{can, is_closed, open_to_a_public_network, open_to_everybody};
pub use silence::Silence;

/// What is reviewed: a project without mistakes.
#[derive(Clone, Copy)]
pub struct Reviewed<'a> {
    /// Its blocks.
    pub definition: &'a Definition,
    /// What they come to.
    pub spec: &'a ProjectSpec,
    /// Ports that users may be let in on, by cluster.
    pub open_ports: &'a BTreeMap<String, Vec<OpenPort>>,
    /// The frameworks that there are.
    pub catalogue: &'a Catalogue,
    /// Folders with frameworks of one's own, and the names of those.
    pub catalogues: &'a [(Sourced<String>, BTreeSet<String>)],
    /// What it tells the world.
    pub outputs: &'a [OutputValue],
}

/// Everything that is allowed and probably not meant.
pub fn review(of: Reviewed<'_>) -> Diagnostics {
    let mut found = Diagnostics::new();
    names::review(of, &mut found);
    exposure::review(of, &mut found);
    data::review(of, &mut found);
    files::review(of, &mut found);
    found
}
