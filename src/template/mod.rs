//! `ResourceGraph -> Template`: a Heat Orchestration Template as a value.

mod hot;

pub use hot::{Parameter, Template, TemplateOutput, TemplateResource};
