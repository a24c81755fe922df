//! Values as words: for a terminal, for JSON. Pure.

mod diagnostic;
mod graph;
mod explain;
mod frameworks;
pub mod progress;
mod plan;
mod show;
mod table;
mod value;

pub use diagnostic::{diagnostics, diagnostics_json};
pub use explain::{explanation, explanation_json};
pub use frameworks::{framework, framework_json, frameworks, frameworks_json};
pub use graph::{GraphDetail, GraphFormat, graph};
pub use plan::{PLAIN_WIDTH, PlanDrawing, done_line, plan, plan_json, summary_line};
pub use show::{show, show_json};
use table::table;
pub use value::{output, outputs, outputs_json};
