//! What a catalogue has to choose from, as words.

mod checked;
mod checked_json;
mod json;
mod rehearsed;
mod traits;

use std::fmt::Write as _;

use super::table;
use crate::catalogue::{Catalogue, Framework, Placement, PortDeclaration, SettingDeclaration, StepMoment};
use crate::model::Role;
use crate::source::Sources;
use crate::syntax::tree::{Expression, ExpressionKind};

pub use checked::configuration;
#[cfg(test)]
pub(super) use checked_json::CheckedFile;
pub use checked_json::configurations_json;
#[cfg(test)]
pub(super) use json::{FrameworkFile, FrameworksFile};
pub use json::{framework_json, frameworks_json};
#[cfg(test)]
pub(super) use rehearsed::RehearsalFile;
pub use rehearsed::{RehearsedNode, rehearsal, rehearsal_json};

/// All frameworks, a paragraph each.
pub fn frameworks(catalogue: &Catalogue) -> String {
    let mut text = String::new();
    for framework in catalogue.frameworks() {
        let versions: Vec<&str> = framework.versions.iter().map(|version| version.name.as_str()).collect();
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{}  {}", framework.name, versions.join(", "));
        let _ = writeln!(text, "  {}", framework.description);
        let roles: Vec<String> =
            roles(framework).into_iter().map(|(place, services)| format!("{place}: {}", services.join(", "))).collect();
        let _ = writeln!(text, "  {}\n", roles.join("; "));
    }
    text.push_str("Run `disco frameworks show NAME` for more.\n");
    text
}

/// Services by the nodes they run on.
fn roles(framework: &Framework) -> Vec<(&'static str, Vec<&str>)> {
    Placement::ALL
        .into_iter()
        .map(|placement| {
            let here = framework.services.iter().filter(|service| service.on.contains(&placement));
            (nodes(placement), here.map(|service| service.name.as_str()).collect::<Vec<_>>())
        })
        .filter(|(_, services)| !services.is_empty())
        .collect()
}

fn nodes(placement: Placement) -> &'static str {
    match placement {
        Placement::Master => "master",
        Placement::Slaves => "slaves",
        Placement::Storage => "slaves that store",
        Placement::Client => "nodes that only use it",
    }
}

/// Everything about one framework.
pub fn framework(framework: &Framework, sources: &Sources) -> String {
    let words = Words { framework, sources };
    let mut text = format!("{}: {}\n", framework.name, framework.description);
    let (file, _) = sources.locate(framework.origin);
    let _ = writeln!(text, "  defined in {file}");
    for (title, body) in [
        ("Versions", words.versions()),
        ("Other frameworks", words.relations()),
        ("Nodes", words.nodes()),
        ("Settings", words.settings()),
        ("Services", words.services()),
        ("Ports", words.ports()),
        ("Protection", words.protection()),
        ("Files", words.files()),
        ("Steps", words.steps()),
        ("Good for (0 cannot, 1 can, 2 good, 3 made for it)", traits::words(framework, sources)),
    ] {
        if !body.is_empty() {
            let _ = write!(text, "\n{title}:\n{body}");
        }
    }
    text
}

struct Words<'a> {
    framework: &'a Framework,
    sources: &'a Sources,
}

impl Words<'_> {
    fn formula(&self, expression: &Expression) -> String {
        self.sources.snippet(expression.span).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// A text as it is, where it is written out, or else its formula.
    fn written(&self, expression: &Expression) -> String {
        match &expression.kind {
            ExpressionKind::String(text) => text.to_string(),
            _ => self.formula(expression),
        }
    }

    fn when(&self, when: Option<&Expression>) -> String {
        when.map(|when| format!("when {}", self.formula(when))).unwrap_or_default()
    }

    fn versions(&self) -> String {
        let mut text = String::new();
        for (at, version) in self.framework.versions.iter().enumerate() {
            let mut parts = Vec::new();
            if !version.java.is_empty() {
                let java: Vec<String> = version.java.iter().map(u32::to_string).collect();
                parts.push(format!("Java {}", java.join(" or ")));
            }
            parts.extend(version.python.as_ref().map(|python| format!("Python {python} or later")));
            parts.extend(version.compatible.iter().map(|(other, fits)| format!("with {other} {}", fits.join(", "))));
            let default = if at == 0 { " (default)" } else { "" };
            let _ = writeln!(text, "  {}{default}  {}", version.name, parts.join("; "));
            if let Some(reason) = &version.compatible_reason {
                let _ = writeln!(text, "      {reason}");
            }
            if !version.archive.is_empty() {
                let digest = match (&version.sha512, &version.sha512_url) {
                    (Some(sha512), _) => format!("SHA-512 {}…", sha512.get(..16).unwrap_or(sha512)),
                    (None, Some(url)) => format!("SHA-512 from {url}"),
                    (None, None) => match &version.sha256_url {
                        Some(url) => format!("SHA-256 from {url}"),
                        None => "no digest: the setting `sha512` is required".to_owned(),
                    },
                };
                let _ = writeln!(text, "      {}\n      {digest}", version.archive);
            }
        }
        text
    }

    fn relations(&self) -> String {
        let framework = self.framework;
        let mut rows: Vec<[String; 3]> = Vec::new();
        for provided in &framework.provides {
            rows.push(["provides".to_owned(), provided.name.clone(), self.when(provided.when.as_ref())]);
        }
        for requirement in &framework.requires {
            let mut why = self.when(requirement.when.as_ref());
            if requirement.adds {
                why.push_str(if why.is_empty() { "comes by itself" } else { ", comes by itself" });
            }
            if let Some(reason) = &requirement.reason {
                why = if why.is_empty() { reason.clone() } else { format!("{why}: {reason}") };
            }
            rows.push(["requires".to_owned(), requirement.relation.to_string(), why]);
        }
        for relation in &framework.uses {
            rows.push(["uses".to_owned(), relation.to_string(), "where it exists".to_owned()]);
        }
        for relation in &framework.conflicts {
            rows.push(["not with".to_owned(), relation.to_string(), String::new()]);
        }
        table(&rows, "  ")
    }

    fn nodes(&self) -> String {
        let framework = self.framework;
        let mut rows: Vec<[String; 2]> = Vec::new();
        if framework.maximum_masters < u32::MAX {
            let most = format!("at most {}: {}", framework.maximum_masters, framework.maximum_masters_reason);
            rows.push(["masters".to_owned(), most]);
        }
        if !framework.needs.is_empty() {
            let needs: Vec<&str> = framework.needs.iter().map(|placement| nodes(*placement)).collect();
            rows.push(["needs".to_owned(), needs.join(", ")]);
        }
        for (role, name) in [(Role::Master, "memory of a master"), (Role::Slave, "memory of a slave")] {
            if let Some(minimum) = framework.minimum_memory.get(&role) {
                rows.push([name.to_owned(), format!("at least {} MiB", self.formula(minimum))]);
            }
        }
        table(&rows, "  ")
    }

    fn settings(&self) -> String {
        let mut text = String::new();
        for setting in &self.framework.settings {
            let unit = setting.unit.as_ref().map(|unit| format!(", {unit}")).unwrap_or_default();
            let _ = writeln!(text, "  {} ({}{unit})", setting.name, setting.kind.name());
            let _ = writeln!(text, "      {}", setting.description);
            for line in self.about_setting(setting) {
                let _ = writeln!(text, "      {line}");
            }
        }
        text
    }

    fn about_setting(&self, setting: &SettingDeclaration) -> Vec<String> {
        let mut lines = Vec::new();
        match (&setting.default, setting.generated) {
            (Some(condition), Some(length)) => {
                let condition = self.formula(condition);
                let when = if condition == "true" { String::new() } else { format!(", when {condition}") };
                lines.push(format!("default: generated by Heat, {length} letters and digits{when}"));
            }
            (Some(default), None) => {
                let fixed = match &setting.rises {
                    Some(rises) => format!(
                        "  (computed when the cluster is created; when {}, it goes up as the cluster grows)",
                        self.formula(rises)
                    ),
                    None if setting.remembers => {
                        "  (computed once, when the cluster is created; what a definition sets stays)".to_owned()
                    }
                    None if setting.fixed => "  (computed once, when the cluster is created)".to_owned(),
                    None => String::new(),
                };
                lines.push(format!("default: {}{fixed}", self.formula(default)));
            }
            (None, _) => lines.push("no default".to_owned()),
        }
        lines.extend(
            setting.outgrown.as_ref().map(|reason| format!("a warning where a cluster has outgrown it: {reason}")),
        );
        lines.extend(setting.kind.form().map(|form| format!("written as {form}")));
        if !setting.one_of.is_empty() {
            lines.push(format!("one of: {}", setting.one_of.join(", ")));
        }
        if setting.not_empty {
            lines.push("must not be empty".to_owned());
        }
        let limit = |sign: &str, limit: &Option<Expression>| {
            limit.as_ref().map(|limit| format!("{sign} {}", self.formula(limit)))
        };
        let limits: Vec<String> =
            [limit("at least", &setting.minimum), limit("at most", &setting.maximum)].into_iter().flatten().collect();
        if !limits.is_empty() {
            lines.push(limits.join(", "));
        }
        if !setting.on.is_empty() || setting.when.is_some() {
            let on: Vec<&str> = setting.on.iter().map(|placement| nodes(*placement)).collect();
            let on = if on.is_empty() { String::new() } else { format!("on {}", on.join(", ")) };
            let parts = [on, self.when(setting.when.as_ref())];
            let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
            lines.push(format!("applies {}", parts.join(", ")));
        }
        if setting.secret {
            lines.push("sensitive".to_owned());
        }
        lines
    }

    fn services(&self) -> String {
        let rows = self.framework.services.iter().map(|service| {
            let unit = format!("{}.service", service.unit);
            let on = places(&service.on, service.ensemble.as_ref());
            let away = service.max_unavailable.as_ref();
            let away =
                away.map(|most| format!("unavailable on at most {} nodes of a group at a time", self.formula(most)));
            let about: Vec<String> =
                [self.when(service.when.as_ref())].into_iter().filter(|when| !when.is_empty()).chain(away).collect();
            [service.name.clone(), service.description.clone(), unit, on, about.join("; ")]
        });
        table(&rows.collect::<Vec<_>>(), "  ")
    }

    fn ports(&self) -> String {
        let rows = self.framework.ports.iter().map(|port| {
            let number = self.numbers(port);
            let open = match (port.for_users, &port.web_path) {
                (true, Some(_)) => "allow, web-ui, ui",
                (true, None) if port.endpoint.is_some() => "allow, endpoint",
                (true, None) => "allow",
                (false, _) => "between nodes only",
            };
            let differs = if port.differs.is_empty() { String::new() } else { format!(" ({})", port.differs) };
            [port.name.clone(), number, open.to_owned(), format!("{}{differs}", port.description)]
        });
        table(&rows.collect::<Vec<_>>(), "  ")
    }

    /// What is protected, what is not, and what ports let anybody do.
    fn protection(&self) -> String {
        let mut text = String::new();
        for protection in &self.framework.protections {
            let when = self.when(protection.when.as_ref());
            let when = if when.is_empty() { when } else { format!(" ({when})") };
            for (verb, what) in [("protects", &protection.does), ("does not protect", &protection.does_not)] {
                for what in what {
                    let _ = writeln!(text, "  {verb}: {what}{when}");
                }
            }
        }
        for port in &self.framework.ports {
            if let Some(anybody) = &port.anybody {
                let number = self.numbers(port);
                let _ =
                    writeln!(text, "  anybody who reaches `{}` ({number}) can {}", port.name, self.anybody(anybody));
            }
        }
        text
    }

    /// What a formula says that gives a text under a condition.
    fn anybody(&self, formula: &Expression) -> String {
        match &formula.kind {
            ExpressionKind::String(text) => text.to_string(),
            ExpressionKind::Conditional(choice) => match (&choice.then.kind, &choice.otherwise.kind) {
                (then, ExpressionKind::Null) if !matches!(then, ExpressionKind::Null) => {
                    format!("{} (when {})", self.anybody(&choice.then), self.formula(&choice.condition))
                }
                (ExpressionKind::Null, _) => {
                    format!("{} (unless {})", self.anybody(&choice.otherwise), self.formula(&choice.condition))
                }
                _ => format!(
                    "{} (when {}), otherwise {}",
                    self.anybody(&choice.then),
                    self.formula(&choice.condition),
                    self.anybody(&choice.otherwise)
                ),
            },
            _ => self.formula(formula),
        }
    }

    /// `8080`, `4040-4296`; the protocol where it is not TCP; the formula where there is no number.
    fn numbers(&self, port: &PortDeclaration) -> String {
        let range = match self.framework.usual_ports(port) {
            Some(ports) if ports.first == ports.last => ports.first.to_string(),
            Some(ports) => format!("{}-{}", ports.first, ports.last),
            None => self.formula(&port.first),
        };
        match port.protocol.name() {
            "tcp" => range,
            other => format!("{range}/{other}"),
        }
    }

    fn files(&self) -> String {
        let rows = self.framework.files.iter().map(|file| {
            let on = match &file.ensemble {
                None if file.on.is_empty() => String::new(),
                ensemble => places(&file.on, ensemble.as_ref()),
            };
            [
                file.name.clone(),
                self.written(&file.path),
                file.format.name().to_owned(),
                on,
                self.when(file.when.as_ref()),
            ]
        });
        table(&rows.collect::<Vec<_>>(), "  ")
    }

    fn steps(&self) -> String {
        let rows = self.framework.steps.iter().map(|step| {
            let moment = match step.moment {
                StepMoment::BeforeStart => "before the services that need it",
                StepMoment::Verify => "when all nodes are configured",
                StepMoment::SmokeTest => "once, as the last step; `smoke_test = false` leaves it out",
            };
            let moment = format!("{}, {moment}", places(&step.on, step.ensemble.as_ref()));
            [step.name.clone(), moment, self.when(step.when.as_ref())]
        });
        table(&rows.collect::<Vec<_>>(), "  ")
    }
}

/// On which nodes something is; what is on none is the master's.
fn places(on: &[Placement], ensemble: Option<&String>) -> String {
    if let Some(ensemble) = ensemble {
        return format!("on the nodes of {ensemble}");
    }
    let places: Vec<&str> = on.iter().map(|on| nodes(*on)).collect();
    if places.is_empty() { "on the master".to_owned() } else { format!("on {}", places.join(" and ")) }
}
