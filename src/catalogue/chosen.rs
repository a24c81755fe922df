//! A framework that a cluster asks for.

use super::{Framework, Version};
use crate::model::FrameworkSpec;

/// A framework that a cluster asks for, and what the catalogue says of it.
#[derive(Clone, Copy)]
pub(super) struct Chosen<'a> {
    pub(super) spec: &'a FrameworkSpec,
    pub(super) framework: &'a Framework,
    pub(super) version: &'a Version,
}
