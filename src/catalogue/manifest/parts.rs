//! The blocks of a manifest, one function each.

use crate::model::{PortRange, Protocol};
use crate::source::{Diagnostic, Diagnostics, Span, did_you_mean};
use crate::syntax::tree::{Block, Expression, ExpressionKind};

use super::fields::Fields;
use crate::catalogue::generated;
use crate::catalogue::{
    DirectoryDeclaration, FileDeclaration, FileFormat, Placement, PortDeclaration, ServiceDeclaration,
    SettingDeclaration, SettingType, StatusDeclaration, StepDeclaration, StepMoment, UserDeclaration,
};

/// The files beside a manifest, as templates: name and tree, or `None` where it has mistakes of its own.
pub(super) type Texts<'a> = dyn Fn(&str) -> Option<Result<Expression, Diagnostics>> + 'a;

/// How long a service or a step may take if the manifest says nothing, seconds.
const PATIENCE_SECONDS: u32 = 300;

#[expect(clippy::unnecessary_wraps, reason = "all blocks with a name are read alike")]
pub(super) fn setting(
    name: String,
    origin: Span,
    fields: &mut Fields<'_>,
    framework: &str,
) -> Option<SettingDeclaration> {
    let kind = fields.word("type", SettingType::named, &SettingType::ALL.map(SettingType::name));
    let secret = fields.boolean("secret");
    let not_empty = fields.boolean("not_empty");
    let default = fields.expression("default");
    // What is false makes up nothing.
    let generated = fields.expression("generated").filter(|condition| condition.kind != ExpressionKind::Bool(false));
    let length = fields.integer("length").and_then(|length| u32::try_from(length).ok());
    Some(SettingDeclaration {
        generated: generated.is_some().then(|| length.unwrap_or(generated::LENGTH)),
        default: generated.map(|condition| generated::default(framework, &name, condition)).or(default),
        name,
        description: fields.required_text("description"),
        unit: fields.text("unit"),
        kind: kind.unwrap_or(SettingType::Text),
        // A secret that is empty protects nothing.
        not_empty: not_empty || secret,
        minimum: fields.expression("minimum"),
        maximum: fields.expression("maximum"),
        limit_reason: fields.expression("limit_reason"),
        one_of: fields.texts("one_of"),
        on: fields.placements("on"),
        when: fields.expression("when"),
        fixed: fields.boolean("fixed"),
        earlier: literal(fields, "earlier"),
        outgrown: fields.text("outgrown"),
        secret,
        origin,
    })
}

/// A string, a number or a bool as a literal, as text.
fn literal(fields: &mut Fields<'_>, name: &'static str) -> Option<String> {
    let value = fields.expression(name)?;
    match &value.kind {
        ExpressionKind::String(text) | ExpressionKind::Number(text) => Some(text.to_string()),
        ExpressionKind::Bool(value) => Some(value.to_string()),
        _ => {
            let message = format!("`{name}` must be a literal, not a formula");
            let help = format!("write a string, a number or a bool: `{name} = 1`");
            fields.complain(Diagnostic::error("disco::manifest_type", message).at(value.span, "here").help(help));
            None
        }
    }
}

#[expect(clippy::unnecessary_wraps, reason = "all blocks with a name are read alike")]
pub(super) fn user(name: String, _: Span, fields: &mut Fields<'_>) -> Option<UserDeclaration> {
    let group = fields.text("group").unwrap_or_else(|| name.clone());
    let home = fields.text("home").unwrap_or_else(|| format!("/var/lib/{name}"));
    Some(UserDeclaration { group, home, on: fields.placements("on"), when: fields.expression("when"), name })
}

pub(super) fn directory(fields: &mut Fields<'_>) -> Option<DirectoryDeclaration> {
    let owner = fields.text("owner");
    let mode = fields.text("mode");
    let on = fields.placements("on");
    let holds_data = fields.boolean("holds_data");
    let when = fields.expression("when");
    Some(DirectoryDeclaration {
        holds_data,
        path: fields.required_expression("path")?,
        owner: owner.unwrap_or_else(|| "root:root".to_owned()),
        mode: mode.unwrap_or_else(|| "0755".to_owned()),
        on,
        when,
    })
}

pub(super) fn service(name: String, origin: Span, fields: &mut Fields<'_>) -> Option<ServiceDeclaration> {
    let on = fields.word("on", Placement::named, &Placement::ALL.map(Placement::name));
    let user = fields.required_text("user");
    let ready = fields.blocks("ready").first().map(|block| ready(fields, block));
    let (ready_port, ready_path, ready_timeout_seconds) = ready.unwrap_or((None, None, PATIENCE_SECONDS));
    let when = fields.expression("when");
    let description = fields.required_text("description");
    let unit = fields.required_text("unit");
    let group = fields.text("group").unwrap_or_else(|| user.clone());
    let environment = fields.entries("environment");
    let after = fields.texts("after");
    let workload_memory = fields.expression("workload_memory");
    let needs_step = fields.text("needs_step");
    let stores_data = fields.boolean("stores_data");
    let max_unavailable = fields.expression("max_unavailable");
    let kill_mode = fields.expression("kill_mode");
    let success_exit_status = fields.expression("success_exit_status");
    let exec = fields.required_expression("exec");
    let memory = fields.required_expression("memory");
    Some(ServiceDeclaration {
        name,
        description,
        on: on?,
        when,
        unit,
        user,
        group,
        exec: exec?,
        environment,
        after,
        memory: memory?,
        workload_memory,
        needs_step,
        stores_data,
        max_unavailable,
        kill_mode,
        success_exit_status,
        ready_port,
        ready_path,
        ready_timeout_seconds,
        origin,
    })
}

fn ready<'a>(fields: &mut Fields<'a>, block: &'a Block) -> (Option<String>, Option<String>, u32) {
    fields.inside(block, |inner| (Some(inner.required_text("port")), inner.text("path"), seconds(inner)))
}

fn seconds(fields: &mut Fields<'_>) -> u32 {
    let seconds = fields.integer("timeout");
    seconds.map_or(PATIENCE_SECONDS, |seconds| u32::try_from(seconds).unwrap_or(u32::MAX))
}

pub(super) fn port(name: String, origin: Span, fields: &mut Fields<'_>) -> Option<PortDeclaration> {
    let protocol = fields.word(
        "protocol",
        |word| [Protocol::Tcp, Protocol::Udp].into_iter().find(|protocol| protocol.name() == word),
        &["tcp", "udp"],
    );
    let on = fields.placements("on");
    let service = if on.is_empty() { Some(fields.required_text("service")) } else { fields.text("service") };
    let when = fields.expression("when");
    let description = fields.required_text("description");
    let for_users = fields.boolean("users");
    let web_path = fields.text("page");
    let endpoint = fields.text("endpoint");
    let differs = fields.text("differs").unwrap_or_default();
    let place = fields.place("port");
    let first = fields.integer("port");
    let last = fields.integer("last_port").or(first);
    let number = |port: Option<u64>| port.and_then(|port| u16::try_from(port).ok()).filter(|port| *port > 0);
    let (Some(first), Some(last)) = (number(first), number(last)) else {
        fields.complain(
            Diagnostic::error("disco::manifest_type", format!("port `{name}` needs a number from 1 to 65535"))
                .at(place, "here"),
        );
        return None;
    };
    Some(PortDeclaration {
        name,
        description,
        service,
        on,
        when,
        protocol: protocol.unwrap_or(Protocol::Tcp),
        ports: PortRange { first, last },
        for_users,
        web_path,
        endpoint,
        differs,
        origin,
    })
}

pub(super) fn file(name: String, origin: Span, fields: &mut Fields<'_>, texts: &Texts<'_>) -> Option<FileDeclaration> {
    let format = fields.word("format", FileFormat::named, &FileFormat::ALL.map(FileFormat::name));
    let template_place = fields.place("template");
    let template = fields.text("template").and_then(|file| match texts(&file) {
        Some(Ok(template)) => Some(template),
        Some(Err(diagnostics)) => {
            diagnostics.into_iter().for_each(|diagnostic| fields.complain(diagnostic));
            None
        }
        None => {
            fields.complain(
                Diagnostic::error(
                    "disco::manifest_missing",
                    format!("text file `{file}` does not exist beside the manifest"),
                )
                .at(template_place, "named here"),
            );
            None
        }
    });
    let path = fields.required_text("path");
    let owner = fields.expression("owner");
    let mode = fields.expression("mode");
    let on = fields.placements("on");
    let when = fields.expression("when");
    let restarts = fields.texts("restarts");
    let keys = fields.entries("keys");
    let protected = fields.text_entries("protected").into_iter().collect();
    let keep = fields.boolean("keep");
    let known_keys = fields.texts("known_keys");
    let key_families = fields.texts("key_families");
    let client_keys = fields.expression("client_keys");
    if format == Some(FileFormat::Template) && !keys.is_empty() {
        let place = fields.place("keys");
        fields.complain(
            Diagnostic::error("disco::manifest_type", "a file in the format `template` has no keys")
                .at(place, "here")
                .help_maybe(did_you_mean("keys", ["template"])),
        );
    }
    Some(FileDeclaration {
        name,
        path,
        format: format?,
        owner,
        mode,
        on,
        when,
        restarts,
        template,
        keys,
        protected,
        known_keys,
        key_families,
        client_keys,
        keep,
        origin,
    })
}

pub(super) fn step(name: String, origin: Span, fields: &mut Fields<'_>) -> Option<StepDeclaration> {
    let moment = fields.word("moment", StepMoment::named, &StepMoment::ALL.map(StepMoment::name));
    let members_of = fields.word("members_of", Placement::named, &Placement::ALL.map(Placement::name));
    let timeout_seconds = seconds(fields);
    let when = fields.expression("when");
    let action = fields.required_expression("action");
    Some(StepDeclaration { name, moment: moment?, action: action?, members_of, when, timeout_seconds, origin })
}

pub(super) fn status(name: String, origin: Span, fields: &mut Fields<'_>) -> Option<StatusDeclaration> {
    let title = fields.text("title").unwrap_or_else(|| name.clone());
    let ask = fields.required_expression("ask");
    let members = fields.expression("members");
    let members_of = fields.word("members_of", Placement::named, &Placement::ALL.map(Placement::name));
    let facts = fields.expression("facts");
    let when = fields.expression("when");
    Some(StatusDeclaration { name, title, ask: ask?, members, members_of, facts, when, origin })
}
