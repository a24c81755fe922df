//! `ResourceGraph -> Template`: a Heat Orchestration Template as a value.

mod folded;
mod from_graph;
mod hot;
mod largest;
mod limits;
mod longest;
mod readable;
mod returned;
mod text;

pub use crate::graph::TEMPLATE_LIMIT;
pub use folded::Folded;
pub use hot::{Parameter, Template, TemplateOutput, TemplateResource};
pub use limits::{check, surely_fits};
pub(crate) use readable::text_of;
pub use readable::{readable, to_yaml};
pub use returned::ReturnedTemplate;
pub(crate) use returned::is_order;
