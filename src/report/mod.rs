//! Values as words: for a terminal, for JSON. Pure.

mod calls;
mod client;
mod containers;
mod diagnostic;
mod document;
mod drift;
mod engine;
mod graph;
mod explain;
mod frameworks;
mod history;
mod import;
mod init;
mod language;
mod layout;
mod literal;
mod message;
mod offers;
mod pages;
pub mod progress;
mod plan;
mod recipe;
mod scope;
mod show;
mod stacks;
mod state;
mod status;
mod suggest;
mod table;
mod timeline;
mod unified;
mod value;
mod version;
mod visible;
mod workspaces;

pub use calls::call;
pub use client::{ClientConfig, client_config, client_config_json};
pub use containers::{clean, clean_json, doctor, doctor_json, setup, setup_json};
pub use diagnostic::{
    DiagnosticDrawing, Findings, diagnostics, diagnostics_json, github_annotations, gitlab_report, sarif,
    validation_json,
};
pub use drift::{drift, drift_json};
pub use engine::{engine, engine_json, served_json, service_json};
pub use explain::{explanation, explanation_json, origin};
pub use frameworks::{
    RehearsedNode, configuration, configurations_json, framework, framework_json, frameworks, frameworks_json,
    rehearsal, rehearsal_json,
};
pub use graph::{GraphDetail, GraphFormat, graph, graph_json};
pub use history::{OperationResult, ToldOperation, operation, operations, operations_json};
pub use import::{imported, imported_json};
pub use init::{examples_json, init_json};
pub use language::{
    attribute_help, attribute_kind, block_help, error_page, language, language_block, language_json, language_page,
    language_words, service_page,
};
pub use layout::layout_json;
pub use literal::literal;
pub use message::{Message, StreamEnd};
pub use offers::{flavors, flavors_json, images, images_json};
pub use pages::{code_json, page_of_code};
pub use plan::{
    Comparison, Headline, LONGEST_COMMENT, PlanCloud, PlanDrawing, PlanInput, PlanInputText, PlanOrigin,
    SavedPlanFormat, Size, comparison, comparison_json, comparison_markdown, done_line, plan, plan_json, plan_markdown,
    saved_plan_json, state_changes, summary_line, switched_line,
};
pub use recipe::{RecipeFormat, recipe_json};
pub use scope::scope_remainder;
pub use show::{show, show_json};
pub use stacks::{StackAction, StackStep, stacks_json, steps_of_saved_plan};
pub use state::{Generation, addresses_json, history, history_json, resources};
pub use status::{status, status_json};
pub use suggest::{suggestions, suggestions_json};
use table::table;
pub use timeline::timeline;
pub use unified::unified;
pub use value::{output, outputs, outputs_and_secrets, outputs_json, value};
pub use version::version_json;
pub use visible::{visible, visible_coloured};
pub use workspaces::{workspace_line, workspaces_json};

#[cfg(test)]
mod schemas;

/// At most so many by name, the others by number.
fn some(names: &[impl AsRef<str>], most: usize) -> String {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    match names.as_slice() {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [all @ .., last] if all.len() < most => format!("{} and {last}", all.join(", ")),
        names => format!("{} and {} more", names[..most].join(", "), names.len() - most),
    }
}
