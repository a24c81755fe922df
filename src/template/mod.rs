//! `ResourceGraph -> Template`: a Heat Orchestration Template as a value.

mod folded;
mod from_graph;
mod hot;
mod largest;
mod limits;
mod returned;
mod text;

pub use crate::graph::TEMPLATE_LIMIT;
pub use folded::Folded;
pub use hot::{Parameter, Template, TemplateOutput, TemplateResource};
pub use limits::check;
pub use returned::ReturnedTemplate;
