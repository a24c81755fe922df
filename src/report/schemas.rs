//! The schemas of everything that programs read, derived from the types that write it, and kept in `schemas/`.
//!
//! `INSTA_UPDATE=always cargo test --lib schemas` writes them anew, as it does snapshots.

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "the schemas are files of this project")]

    use std::path::Path;

    use schemars::generate::SchemaSettings;
    use schemars::{JsonSchema, Schema};
    use serde_json::{Map, Value as Json};

    use crate::report::client::ClientFile;
    use crate::report::containers::{CleanFile, DoctorFile, SetupFile};
    use crate::report::diagnostic::ValidationFile;
    use crate::report::drift::DriftFile;
    use crate::report::engine::{EngineFile, ServedFile, ServiceFile};
    use crate::report::explain::ExplanationFile;
    use crate::report::frameworks::{CheckedFile, FrameworkFile, FrameworksFile, RehearsalFile};
    use crate::report::graph::GraphFile;
    use crate::report::history::OperationsFile;
    use crate::report::import::ImportFile;
    use crate::report::init::{ExamplesFile, InitFile};
    use crate::report::language::LanguageFile;
    use crate::report::layout::LayoutFile;
    use crate::report::message::MessageFile;
    use crate::report::offers::{FlavorsFile, ImagesFile};
    use crate::report::pages::CodeFile;
    use crate::report::plan::{ComparisonFile, PlanFile, SavedPlanFile};
    use crate::report::recipe::RecipeFile;
    use crate::report::show::ShowFile;
    use crate::report::stacks::StacksFile;
    use crate::report::state::{AddressesFile, HistoryFile};
    use crate::report::status::StatusFile;
    use crate::report::suggest::SuggestionsFile;
    use crate::report::value::OutputsFile;
    use crate::report::version::VersionFile;
    use crate::report::workspaces::WorkspacesFile;
    use crate::state::StateFile;

    /// The schema of a type as it is written, closed: what it does not name is refused.
    fn schema<T: JsonSchema>(title: &str) -> Schema {
        let mut schema = SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<T>();
        schema.insert("title".to_owned(), title.into());
        if let Some(fields) = schema.as_object_mut() {
            close(fields, false);
        }
        schema
    }

    /// Refuses unknown fields in every object that names its fields. `part`: the object is a part of one that is closed
    /// as a whole.
    fn close(schema: &mut Map<String, Json>, part: bool) {
        // What a reader takes where something is absent: here it never is.
        schema.remove("default");
        let parts = ["oneOf", "anyOf", "allOf"];
        let has_parts = parts.iter().any(|name| schema.contains_key(*name));
        if schema.contains_key("properties") && !part {
            let whole = if has_parts { "unevaluatedProperties" } else { "additionalProperties" };
            schema.remove("additionalProperties");
            schema.insert(whole.to_owned(), false.into());
        }
        let closed = schema.contains_key("properties");
        for (name, value) in schema.iter_mut() {
            let part = parts.contains(&name.as_str()) && (part || closed);
            // Properties and definitions are maps of schemas, not schemas.
            match value {
                Json::Object(fields) if ["properties", "$defs"].contains(&name.as_str()) => {
                    fields.values_mut().filter_map(Json::as_object_mut).for_each(|field| close(field, false));
                }
                Json::Object(fields) => close(fields, part),
                Json::Array(items) => {
                    items.iter_mut().filter_map(Json::as_object_mut).for_each(|item| close(item, part));
                }
                _ => {}
            }
        }
    }

    fn schemas() -> Vec<(&'static str, Schema)> {
        vec![
            ("local-clean", schema::<CleanFile>("disco local clean --json")),
            ("local-doctor", schema::<DoctorFile<'_>>("disco local doctor --json")),
            ("local-setup", schema::<SetupFile<'_>>("disco local setup --json")),
            ("client-config", schema::<ClientFile<'_>>("disco client-config --json")),
            ("drift", schema::<DriftFile<'_>>("disco drift --json")),
            ("engine", schema::<EngineFile<'_>>("disco local status --json")),
            ("explanation", schema::<ExplanationFile<'_>>("disco explain --json")),
            ("flavors", schema::<FlavorsFile<'_>>("disco flavors --json")),
            ("framework", schema::<FrameworkFile<'_>>("disco frameworks show NAME --json")),
            ("framework-check", schema::<CheckedFile<'_>>("disco frameworks check --json")),
            ("framework-rehearsal", schema::<RehearsalFile<'_>>("disco frameworks rehearse --json")),
            ("code", schema::<CodeFile<'_>>("disco explain disco::CODE --json")),
            ("diff", schema::<ComparisonFile<'_>>("disco diff --json")),
            ("frameworks", schema::<FrameworksFile<'_>>("disco frameworks --json")),
            ("language", schema::<LanguageFile>("disco language --json")),
            ("graph", schema::<GraphFile<'_>>("disco graph --json")),
            ("init", schema::<InitFile<'_>>("disco init --json")),
            ("examples", schema::<ExamplesFile<'_>>("disco init --list --json")),
            ("import", schema::<ImportFile<'_>>("disco import --json")),
            ("recipe", schema::<RecipeFile<'_>>("disco image --json")),
            ("images", schema::<ImagesFile<'_>>("disco images --json")),
            (
                "message",
                schema::<MessageFile<'_, '_>>("A line of disco plan, apply, destroy, suspend or resume --json"),
            ),
            ("outputs", schema::<OutputsFile<'_>>("disco output --json")),
            ("plan", schema::<PlanFile<'_>>("The plan in a message of disco plan --json")),
            (
                "saved-plan",
                schema::<SavedPlanFile<'_>>("The file of disco plan --out FILE, and disco show FILE --json"),
            ),
            ("layout", schema::<LayoutFile<'_>>("disco fmt --json")),
            ("served", schema::<ServedFile<'_>>("disco local serve --json")),
            ("service", schema::<ServiceFile<'_>>("disco serve --json")),
            ("show", schema::<ShowFile<'_>>("disco show --json")),
            (
                "stacks",
                schema::<StacksFile<'_>>(
                    "The file stacks.json of disco template --out FOLDER, which --json prints too",
                ),
            ),
            ("state", schema::<StateFile>("The state, format version 6")),
            ("state-history", schema::<HistoryFile<'_>>("disco state history --json")),
            ("state-list", schema::<AddressesFile<'_>>("disco state list --json")),
            ("status", schema::<StatusFile<'_>>("disco status --json")),
            ("suggestions", schema::<SuggestionsFile<'_>>("disco suggest --json")),
            ("validation", schema::<ValidationFile<'_>>("disco validate --json")),
            ("history", schema::<OperationsFile<'_>>("disco history --json")),
            ("workspaces", schema::<WorkspacesFile<'_>>("disco workspace list --json")),
            ("version", schema::<VersionFile<'_>>("disco version --json")),
        ]
    }

    #[test]
    fn the_schemas_that_are_kept_are_those_of_the_types() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas");
        let write = std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always");
        let schemas = schemas();
        for (name, schema) in &schemas {
            let path = folder.join(format!("{name}.json"));
            let now = serde_json::to_string_pretty(schema).unwrap() + "\n";
            if write {
                std::fs::write(&path, &now).unwrap();
            }
            let kept = std::fs::read_to_string(&path).unwrap_or_default();
            assert!(kept == now, "schemas/{name}.json is stale: INSTA_UPDATE=always cargo test --lib schemas");
        }
        let files = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
        let kept = files.filter(|path| path.extension().is_some_and(|ending| ending == "json")).count();
        // The document of the service is no schema: its own test keeps it.
        assert_eq!(kept, schemas.len() + 1, "every file of schemas/ is the schema of something");
        let told = std::fs::read_to_string(folder.join("README.md")).unwrap();
        for (name, _) in &schemas {
            assert!(told.contains(&format!("`{name}.json`")), "schemas/README.md tells nothing of {name}.json");
        }
    }
}
