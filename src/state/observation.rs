//! What was seen on the cloud: a constant number of listings, whatever the number of nodes.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::model::{Action, ActionStatus, ServerStatus, heat_type};
use crate::template::{Folded, ReturnedTemplate};

/// What Heat said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Observation {
    /// Stacks by name: all that the state or the definition names and that exist. Absent means it does not exist.
    pub stacks: BTreeMap<String, ObservedStack>,
    /// False where the cloud could not be asked: then absence says nothing, and the plan says that it was made offline.
    pub asked: bool,
}

/// One stack as Heat sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct ObservedStack {
    /// Heat's id.
    pub id: String,
    /// What Heat does with it, and how far it is.
    pub status: ActionStatus,
    /// Heat's words.
    pub reason: String,
    /// Tags; the lineage is one of them.
    pub tags: Vec<String>,
    /// The template last accepted.
    pub template: Option<Folded>,
    /// Resources by logical name.
    pub resources: BTreeMap<String, ObservedResource>,
    /// Outputs by name; `null` until known.
    pub outputs: BTreeMap<String, Json>,
    /// How long Heat lets one of its actions take; absent where nobody asked.
    pub timeout_minutes: Option<u32>,
    /// When it was created, RFC 3339; absent where nobody asked.
    pub created: Option<String>,
    /// When its latest action but its creation began, RFC 3339; absent where there was none, or nobody asked.
    pub updated: Option<String>,
    /// Values of its parameters as Heat shows them: of hidden ones asterisks.
    pub parameters: BTreeMap<String, String>,
    /// Rules of its security groups that it did not make.
    pub foreign_rules: Vec<ForeignRule>,
}

/// A rule of a stack's security group that the stack does not know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ForeignRule {
    /// Neutron's id.
    pub id: String,
    /// Logical name of the group.
    pub group: String,
    /// `ingress` or `egress`
    pub direction: String,
    /// `tcp`; absent: all.
    pub protocol: Option<String>,
    /// First and last port; absent: all.
    pub ports: Option<(u16, u16)>,
    /// Who is let in, or who is reached: a CIDR or a group's id; absent: all.
    pub remote: Option<String>,
}

/// What stands behind a resource that Heat holds for complete, as Nova and Neutron say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Found {
    /// What Heat says, as far as anybody looked.
    #[default]
    AsHeatSays,
    /// Nothing: it was deleted behind Heat's back.
    Deleted,
    /// A server that does not run.
    NotRunning(ServerStatus),
    /// A connection between two things that are both there, and that was taken away: of a floating IP to its port, or of
    /// a router to its subnet.
    Disconnected,
}

/// One resource as Heat sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct ObservedResource {
    /// `OS::Nova::Server`
    pub heat_type: String,
    /// Id on the cloud.
    pub physical_id: Option<String>,
    /// What Heat does with it, and how far it is.
    pub status: ActionStatus,
    /// Heat's words.
    pub reason: String,
    /// What stands behind it.
    pub found: Found,
}

impl ObservedResource {
    /// Whether something stands behind it on the cloud.
    pub fn exists(&self) -> bool {
        self.status.exists()
            && (self.status.is_complete() || self.physical_id.as_deref().is_some_and(|id| !id.is_empty()))
    }
}

impl ObservedStack {
    /// What its resources connect, by logical name, as far as both are of this stack: the ids of a floating IP and a port,
    /// or of a router and a subnet. This does not unfold its template.
    pub fn connections(&self) -> BTreeMap<String, (&str, &str)> {
        let Some(template) = &self.template else { return BTreeMap::new() };
        let id = |properties: &Folded, property: &str| {
            let target = properties.get(property)?.get("get_resource")?.as_str()?;
            self.resources.get(target).filter(|resource| resource.exists())?.physical_id.as_deref()
        };
        let template = ReturnedTemplate::of(template);
        let connected = template.resources().filter_map(|(name, resource)| {
            let (one, other) = match resource.heat_type() {
                heat_type::FLOATING_IP_ASSOCIATION => ("floatingip_id", "port_id"),
                heat_type::ROUTER_INTERFACE => ("router", "subnet"),
                _ => return None,
            };
            let properties = resource.properties();
            Some((name.to_owned(), (id(&properties, one)?, id(&properties, other)?)))
        });
        connected.collect()
    }

    /// When Heat began with what it is at, or was at last, RFC 3339.
    pub fn since(&self) -> Option<&str> {
        self.updated.as_deref().or(self.created.as_deref())
    }

    /// On whose behalf Heat does what it is at: `alice on laptop`. Only what sends a template says so.
    pub fn by(&self) -> Option<String> {
        let told = matches!(self.status.action, Action::Create | Action::Update | Action::Rollback);
        self.tags.iter().filter(|_| told).find_map(|tag| {
            let (user, host) = tag.strip_prefix(BY)?.rsplit_once('@')?;
            Some(format!("{user} on {host}"))
        })
    }

    /// Which operation, by the serial of its state, has more to ask after what was asked of it last; `None` where that was
    /// all.
    pub fn continues(&self) -> Option<u64> {
        self.tags.iter().find_map(|tag| tag.strip_prefix(MORE)?.parse().ok())
    }

    /// What Heat is at, as a sentence without its end: ``stack `lab` is being updated by alice on laptop since …``.
    pub fn under_way(&self, stack: &str) -> String {
        let by = self.by().map(|by| format!(" by {by}")).unwrap_or_default();
        let since = self.since().map(|since| format!(" since {since}")).unwrap_or_default();
        format!("stack `{stack}` is {}{by}{since}", self.status.action.ongoing())
    }

    /// Whether it was made from this state: it bears our lineage; or it bears nobody's, and has the id we know.
    pub fn belongs_to(&self, lineage: &str, known_id: Option<&str>) -> bool {
        let ours = lineage_tag(lineage);
        if self.tags.contains(&ours) {
            return true;
        }
        !self.tags.iter().any(|tag| tag.starts_with(LINEAGE)) && known_id == Some(self.id.as_str())
    }
}

const LINEAGE: &str = "disco-lineage-";

/// The tag that says from which state a stack was made.
pub fn lineage_tag(lineage: &str) -> String {
    format!("{LINEAGE}{lineage}")
}

/// The lineage that tags tell.
pub fn lineage_of(tags: &[String]) -> Option<&str> {
    tags.iter().find_map(|tag| tag.strip_prefix(LINEAGE))
}

const SALT: &str = "disco-salt-";

/// The tag that keeps a state's salt, so that names of secrets can be told again when the state is lost. Whoever can read it
/// can ask the cloud for the secrets themselves; it stands in no template, which may be passed on.
pub fn salt_tag(salt: &str) -> String {
    format!("{SALT}{salt}")
}

/// The salt that tags tell.
pub fn salt_of(tags: &[String]) -> Option<&str> {
    tags.iter().find_map(|tag| tag.strip_prefix(SALT))
}

const BY: &str = "disco-by-";

/// The longest name of a user or a host in a tag: Heat takes tags of 80 characters.
const LONGEST_NAME: usize = 35;

/// The tag that says on whose behalf a stack was created or updated last, so that others learn who is at it. Heat separates
/// tags with commas, and not every database takes every letter: what is not plain is a hyphen.
pub fn author_tag(user: &str, host: &str) -> String {
    let plain = |name: &str| -> String {
        let letter = |letter: char| if letter.is_ascii_alphanumeric() || "._-".contains(letter) { letter } else { '-' };
        name.chars().take(LONGEST_NAME).map(letter).collect()
    };
    format!("{BY}{}@{}", plain(user), plain(host))
}

const FIXED: &str = "disco-fixed-";

/// The longest tag that Heat takes.
const LONGEST_TAG: usize = 80;

/// The tag that keeps a setting that was computed when its cluster was created, `hadoop.replication`, so that it can be told
/// again when the state is lost; `None` for what no tag can hold.
pub fn fixed_tag(setting: &str, value: &str) -> Option<String> {
    let tag = format!("{FIXED}{setting}={value}");
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "._-=/: ".contains(letter);
    (tag.len() <= LONGEST_TAG && tag.chars().all(plain) && tag.trim() == tag).then_some(tag)
}

/// The settings that tags tell.
pub fn fixed_of(tags: &[String]) -> BTreeMap<String, String> {
    let told = tags.iter().filter_map(|tag| tag.strip_prefix(FIXED)?.split_once('='));
    told.map(|(setting, value)| (setting.to_owned(), value.to_owned())).collect()
}

const MORE: &str = "disco-more-";

/// The tag of a stack whose operation has more steps to come, so that others do not take the time between two of them for
/// its end. `serial` is that of the operation's state: who has that state, or a newer one, knows the operation.
pub fn more_tag(serial: u64) -> String {
    format!("{MORE}{serial}")
}

/// The tags of a stack that everybody may know.
pub fn stack_tags(lineage: &str) -> Vec<String> {
    vec!["disco".to_owned(), lineage_tag(lineage)]
}
