//! DISCO: plan and apply for distributed-computing clusters on OpenStack Heat.

pub mod source;
pub mod syntax;
pub mod expression;
pub mod model;
pub mod catalogue;
pub mod language;
pub mod node;
pub mod graph;
pub mod template;
pub mod state;
pub mod plan;
pub mod heat;
pub mod local;
pub mod apply;
pub mod report;
pub mod project;
pub mod cli;
