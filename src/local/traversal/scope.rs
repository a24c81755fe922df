//! What functions of a template see of the stack they stand in.

use serde_json::Value as Json;

use super::super::function;
use super::super::hot::Parsed;
use super::super::refusal::Refusal;
use super::super::resource;
use super::super::world::World;

/// What functions see from inside a stack.
pub(crate) struct Scope<'a> {
    pub world: &'a World,
    pub stack: &'a str,
    pub parsed: &'a Parsed,
}

impl function::Context for Scope<'_> {
    fn parameter(&self, name: &str) -> Option<Json> {
        match name {
            "OS::stack_name" => self.world.stacks.get(self.stack).map(|stack| stack.name.clone().into()),
            "OS::stack_id" => Some(self.stack.into()),
            "OS::project_id" => Some(self.world.identity.project.clone().into()),
            _ => self.parsed.values.get(name).cloned(),
        }
    }

    fn reference(&self, resource: &str) -> Option<Json> {
        match self.world.row_named(self.stack, resource) {
            Some(row) => Some(resource::reference(self.world, row)),
            None => Some(resource.into()),
        }
    }

    fn attribute(&self, resource: &str, attribute: &str) -> Option<Json> {
        let row = self.world.row_named(self.stack, resource)?;
        resource::attribute(self.world, row, attribute)
    }
}

/// Values of a template's outputs.
pub(crate) fn output(world: &World, stack: &str, parsed: &Parsed, name: &str) -> Result<Json, Refusal> {
    let Some(output) = parsed.hot.outputs.get(name) else {
        return Err(Refusal::new(404, "NotFound", format!("Specified output key {name} not found.")));
    };
    Ok(function::resolve(&output.value, &Scope { world, stack, parsed }).unwrap_or(Json::Null))
}
