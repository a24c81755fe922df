//! What a request about a cluster that exists asks for.

use std::collections::BTreeMap;

use super::attributes::{Known, Meaning, known};
use super::cluster_request::count;
use super::inject;
use super::refusal::Refusal;
use super::rendering::escaped;
use crate::catalogue::Catalogue;
use crate::source::did_you_mean;

/// What is to be done with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Update {
    /// `action="suspend"`
    Suspend,
    /// `action="resume"`
    Resume,
    /// Another definition.
    Change(ClusterChange),
}

/// What is to be different.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClusterChange {
    /// How many slaves.
    pub slaves: Option<u32>,
    /// Flavor of the master.
    pub master_flavor: Option<String>,
    /// Flavor of the slaves.
    pub slave_flavor: Option<String>,
    /// All frameworks, those that are there too.
    pub frameworks: Option<Vec<String>>,
    /// The region that it is asked for in.
    pub region: Option<String>,
    /// Attributes that were accepted and have no effect, by name.
    pub ignored: Vec<String>,
    /// What was said, by attribute: for [`ClusterView::given`](super::ClusterView).
    pub given: BTreeMap<String, String>,
}

/// The attribute of an action.
const ACTION: &str = "action";

impl Update {
    /// Reads the attributes of a request. What only shows who calls is skipped.
    ///
    /// # Errors
    /// Every mistake, a line each; an action with a change; nothing to do.
    pub fn read(attributes: &[(String, String)], catalogue: &Catalogue) -> Result<Self, Refusal> {
        let mut change = ClusterChange::default();
        let (mut action, mut mistakes) = (None, Vec::new());
        for (name, value) in attributes {
            let taken = if name == ACTION { act(&mut action, value) } else { change.take(name, value, catalogue) };
            mistakes.extend(taken.err());
        }
        if !mistakes.is_empty() {
            return Err(Refusal::of_all(&mistakes));
        }
        match (action, change.is_empty()) {
            (Some(action), true) => Ok(action),
            (None, false) => Ok(Self::Change(change)),
            (Some(_), false) => {
                Err(Refusal::invalid("an action and a change are two requests; send one after the other"))
            }
            (None, true) => Err(Refusal::invalid(
                "the request changes nothing; send `action=\"suspend\"`, `action=\"resume\"` or another value of an attribute",
            )),
        }
    }
}

/// Reads an action.
fn act(action: &mut Option<Update>, value: &str) -> Result<(), String> {
    let wanted = match value.trim() {
        "suspend" => Update::Suspend,
        "resume" => Update::Resume,
        other => {
            let help = did_you_mean(other, ["suspend", "resume"]).unwrap_or_default();
            return Err(format!("action `{}` does not exist; {help}", escaped(other)));
        }
    };
    if action.as_ref().is_some_and(|before| *before != wanted) {
        return Err("there are two actions; send one after the other".to_owned());
    }
    *action = Some(wanted);
    Ok(())
}

impl ClusterChange {
    fn is_empty(&self) -> bool {
        self.given.is_empty()
    }

    fn take(&mut self, name: &str, value: &str, catalogue: &Catalogue) -> Result<(), String> {
        let value = value.trim();
        let meaning = match known(name)? {
            Known::Foreign => {
                self.ignored.extend(super::cluster_request::shown_name(name));
                return Ok(());
            }
            Known::Included(_) => {
                return Err(format!("`{name}` cannot be changed; send `icclab.disco.dependencies.inject`"));
            }
            // These say who calls and where.
            Known::Listed(Meaning::UserName | Meaning::Password) => return Ok(()),
            Known::Listed(Meaning::Region) => {
                self.region = Some(value.to_owned());
                return Ok(());
            }
            Known::Listed(meaning) => meaning,
        };
        if !meaning.is_changeable() {
            return Err(format!(
                "`{name}` of a cluster that exists cannot be changed here; edit its definition through the service, or create another one"
            ));
        }
        let flavor = || if value.is_empty() { Err(format!("`{name}` is empty")) } else { Ok(Some(value.to_owned())) };
        match meaning {
            Meaning::SlaveCount => self.slaves = Some(count(name, value)?),
            Meaning::MasterFlavor => self.master_flavor = flavor()?,
            Meaning::SlaveFlavor => self.slave_flavor = flavor()?,
            _ => {
                let all = inject::frameworks(value, catalogue).map_err(|what| format!("`{name}`: {what}"))?;
                self.frameworks = Some(all);
            }
        }
        if self.given.insert(name.to_owned(), value.to_owned()).is_some_and(|before| before != value) {
            return Err(format!("`{name}` is there twice, with different values"));
        }
        Ok(())
    }
}
