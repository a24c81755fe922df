//! All tests that look at DISCO from outside, in the rooms of `src/`.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test that cannot go on says so by failing, and looks at the world as users do"
)]

mod architecture;
mod support;

mod syntax;
mod expression;
mod model;
mod catalogue;
mod language;
mod node;
mod graph;
mod template;
mod state;
mod plan;
mod suggest;
mod heat;
mod local;
mod apply;
mod report;
mod project;
mod server;
mod lsp;
mod cli;
mod crash;
mod changes;
mod scenarios;
mod examples;
mod golden;
mod fuzz;
mod hcldec;
mod openstack;
