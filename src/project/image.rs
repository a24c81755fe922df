//! The recipe of an image that has what the project's nodes would fetch.

use std::collections::{BTreeMap, BTreeSet};

use super::Project;
use super::failure::{Failure, FailureKind};
use crate::model::CloudFacts;
use crate::node::Recipe;
use crate::source::did_you_mean;

impl Project {
    /// What the nodes of an image fetch, and the image's name; where no name is given, that of the project's only one.
    ///
    /// # Errors
    /// Definitions with mistakes, an image that no cluster names, several where none is named.
    pub fn recipe(&self, image: Option<&str>) -> Result<(String, Recipe), Failure> {
        let (loaded, mut diagnostics) = self.load()?;
        let (evaluated, _, found) = self.evaluate(&loaded, &BTreeMap::new(), &CloudFacts::default(), None);
        diagnostics.extend(found);
        if diagnostics.has_errors() {
            return Err(super::compile::wrong(diagnostics));
        }
        let mut images: BTreeMap<&str, Recipe> = BTreeMap::new();
        for (name, cluster) in &evaluated.spec.clusters {
            let configuration = evaluated.clusters.get(name).map(|known| &known.configuration);
            for group in &cluster.groups {
                let recipe = images.entry(&group.image.value).or_default();
                if let Some(items) = configuration.and_then(|known| known.groups.get(&group.name)) {
                    recipe.add(items);
                }
            }
        }
        let names: BTreeSet<&str> = images.keys().copied().collect();
        let wrong = |message: String| Failure::new(FailureKind::Definition, message);
        let name = match image {
            Some(name) => name,
            None => match names.iter().collect::<Vec<_>>().as_slice() {
                [] => {
                    return Err(
                        wrong("the project has no clusters".to_owned()).help("write a `cluster \"NAME\" { … }` block")
                    );
                }
                [only] => only,
                several => {
                    let all: Vec<&str> = several.iter().map(|name| **name).collect();
                    return Err(wrong("the project has several images".to_owned())
                        .help(format!("name one of them: {}", all.join(", "))));
                }
            },
        };
        let Some(recipe) = images.get(name) else {
            let failure = wrong(format!("no cluster has the image `{name}`"));
            return Err(failure.help_maybe(did_you_mean(name, names)));
        };
        Ok((name.to_owned(), recipe.clone()))
    }
}
