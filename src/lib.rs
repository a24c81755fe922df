//! DISCO: plan and apply clusters for distributed computing on OpenStack Heat.
//!
//! # The story of one `disco apply`
//!
//! [`cli`] reads what was typed and hands it to [`project`], which takes the project's lock and reads its files. Each
//! text becomes a [`source`], each source a tree ([`syntax`]), and [`language`] finds DISCO's blocks in the trees and
//! evaluates their expressions ([`expression`]) into a [`model`] of what is wanted. Every mistake made on this way is
//! kept with its place; none stops the search for more.
//!
//! [`heat`] asks the cloud, once and with a constant number of calls, what flavors and images mean there and what
//! exists of the clusters. [`graph`] decides which nodes there are and where they live, lets [`catalogue`] say what the
//! frameworks put on them and [`node`] pack it, and puts every Heat resource into one graph, which [`template`] writes
//! down as a Heat Orchestration Template.
//!
//! [`plan`] compares that with what [`state`] remembers and with what was seen, and leaves nothing open: changes with
//! their reasons, and steps with the template each of them sends. [`report`] puts it into words, the user says `yes`, and
//! [`apply`] carries out the steps through [`heat`]: an intent is durable before every call, the result after it, and
//! events tell the face what the nodes are doing. Where there is no cloud, [`local`] is the Heat on the other side.
//!
//! Who does not know yet what to define asks [`suggest`]: answers to a few questions become frameworks, their reasons and a
//! definition.
//!
//! [`server`] is the same façade over HTTP.
//!
//! [`server`] is the second face: a browser and programs turn to the same [`project`] over HTTP, and what they have done is in the same
//! history.
//!
//! [`lsp`] is the third: an editor asks the same [`project`] what is wrong with files that are being written, and
//! what the names in them mean.
//!
//! After apply, plan is empty. That is the one law.
//!
//! # Rooms
//!
//! A room uses only rooms above it; up to [`suggest`] none of them waits, reads, writes or looks at a clock.
//! `tests/architecture.rs` keeps it so.
//!
//! # Files
//!
//! All paths are relative to the project.
//!
//! | file | read by | written by |
//! |---|---|---|
//! | `*.disco.hcl` | [`project`] | people |
//! | `disco.vars.hcl`, `*.auto.vars.hcl`, `--var-file` | [`project`] | people |
//! | what `file()` and `templatefile()` name, `~` being the user's home | [`project`] | people |
//! | `disco.state.json`, or where `disco { state "local" { path } }` says | [`project`] | [`project`], write aside and rename |
//! | `.disco/states/*.json`, the state before each of the last ten operations | people | [`project`] |
//! | `.disco/operations/*.jsonl`, what the last 200 operations said | [`project`] | [`project`], line by line |
//! | `.disco/plans/*.plan`, the last 50 plans made over HTTP | [`project`] | [`project`], write aside and rename |
//! | `.disco/service/token` | programs | [`project`], for `disco serve` |
//! | `errored.disco.state.json`, a state that its server did not take | people | [`project`] |
//! | what `catalogues = […]` names: frameworks of one's own | [`project`] | people |
//! | a plan, where `plan --out` says | [`project`] | [`project`], write aside and rename |
//! | `stacks.json` and templates, where `template --out` says | people | [`project`] |
//! | `.disco/.gitignore` | Git | [`project`], where there is none |
//! | `.disco/lock`, `.disco/lock.json` | [`project`] | [`project`] |
//! | `.disco/engine/*` | [`local`] | [`local`] |
//! | what `DISCO_LOCAL_FAULTS` names: what is to go wrong | [`local`] | tests |
//! | a first definition or an example's files, `.gitignore`, where there are none | people | [`project`], for `disco init` |
//! | what `DISCO_CONSOLE_HISTORY` names: lines of the console | [`project`] | [`project`], write aside and rename |
//! | the host's name, `/proc/self/status` | [`cli`] | the kernel |

pub mod source;
pub mod syntax;
pub mod expression;
pub mod model;
pub mod catalogue;
pub mod language;
pub mod review;
pub mod node;
pub mod graph;
pub mod template;
pub mod state;
pub mod plan;
pub mod suggest;
pub mod heat;
pub mod local;
pub mod apply;
pub mod report;
pub mod project;
pub mod server;
pub mod lsp;
pub mod cli;
