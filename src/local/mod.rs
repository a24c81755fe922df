//! A Heat in this process: the embedded default.
//!
//! An axum router with Keystone's, Heat's, Nova's, Glance's and Neutron's addresses, driven by the same client
//! as a real cloud, over a world of its own. Its update rules are its own reading of Heat: it knows nothing of
//! plans.
//!
//! # The store
//!
//! Everything is kept in one folder:
//!
//! - `lock`: locked by the operating system while a process has the engine.
//! - `holder.json`: who that is (`pid`, `since`, `version`, `nodes`), and, while it serves others, `url` and `credentials`
//!   (`kept`: it was started for those that come after). `serve.log` has what such an engine said.
//! - `log.jsonl`: one transaction a line, `{"set":{KEY:VALUE,…},"gone":[KEY,…]}`. Read from the top, and only once:
//!   what is in `gone` is removed, each key of `set` gets its value, and no line has a key in both. A last line without
//!   its line end was never answered for and does not count. A log that is mostly history when it is opened is rewritten
//!   without it, one key a line; so is a large one that has grown much when its engine stops, and any from which something
//!   was deleted: when its engine stops, and when a stack was deleted and nothing is under way.
//!
//! Keys and their values (times are milliseconds since 1970):
//!
//! | key | value |
//! |---|---|
//! | `identity` | `project`, `user`, `password` of the engine's cloud, `nodes` (what its machines are), `port` (by which they know it) |
//! | `stack/ID` | `name`, `action`, `status`, `reason`, `version` (`template`, `parameters`), `tags`, `created`, `deleted`, … |
//! | `resource/NUMBER` | `stack` (id), `name` (logical), `kind` (Heat's type), `action`, `status`, `physical` (id), `properties`, `requires` (numbers), `replaced_by` |
//! | `event/STACK/NUMBER` | `resource`, `status`, `reason`, `time` |
//! | `thing/ID` | `kind` (`network`, `subnet`, `port`, `router`, `router_interface`, `security_group`, `security_group_rule`, `floatingip`, `association`, `volume`, `attachment`, `server_group`, `keypair`, `config`, `value`), `name`, `addresses`, `body` |
//! | `server/ID` | `name`, `flavor`, `image`, `status`, `phase`, `wanted` (what its machine should be), `ports`, `stack`, `user` (whom its agent asks as), `log` |
//! | `deployment/ID` | `server`, `config`, `action`, `status`, `inputs`, `outputs`, `row` (the resource's number), `user` (whom its result is signalled as) |
//!
//! A thing, server or deployment belongs to the resource whose `physical` is its id (ports that Nova made for a
//! server: to that server). Nothing else may be there, save what a `deletion_policy` kept. A network that was there
//! before, `lab-net` with `lab-subnet` (192.0.2.0/24) behind `lab-router`, is in every engine and in no store.
//!
//! # Faults
//!
//! What can go wrong goes wrong where a test wants it to: [`Fault`]s are handed in with [`EngineOptions`], or, by their
//! words, in the file that the environment variable `DISCO_LOCAL_FAULTS` of a command names; `disco local serve` plays
//! them on real connections. The words are told in the module `fault`.

mod api;
mod clock;
mod cloud;
mod default_rules;
mod engine;
mod entity;
mod error;
mod failure;
mod fault;
mod files;
mod function;
mod grant;
mod holder;
mod kept;
mod hot;
mod ids;
mod node;
mod packed;
mod port;
mod prepared;
mod refusal;
mod resource;
mod schema;
mod shared;
mod status;
mod store;
mod tasks;
mod update_rule;
mod validate;
mod traversal;
mod world;

pub use clock::Clock;
pub use cloud::{Flavor, Image, Limits, external_networks, flavors, images};
pub use engine::{Engine, EngineOptions, serve};
pub use error::LocalError;
pub use fault::{Fault, FaultAction, FaultSyntax, Requests, RetryAfter, Script as FaultScript, Turn, read_faults};
pub use holder::{forget_dead, held_by, served_at};
pub use kept::nodes_in;
pub use node::container;
pub use node::{Became, Direction, Interface, Machine, NodeDriver, Remote, Report, Rule, Volume, Wanted};
pub use status::{Credentials, EngineStatus, Holder, Serving};
