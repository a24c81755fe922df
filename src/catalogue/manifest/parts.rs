//! The blocks of a manifest, one function each.

use crate::model::{PortRange, Protocol};
use crate::source::{Diagnostic, Diagnostics, Span, did_you_mean};
use crate::syntax::tree::{Expression, ExpressionKind};

use super::fields::{Fields, plain_text};
use crate::catalogue::generated;
use crate::catalogue::{
    ArchiveDeclaration, AssertionDeclaration, ContributionDeclaration, DirectoryDeclaration, EnsembleDeclaration,
    FileDeclaration, FileFormat, InstallationDeclaration, MachineDeclaration, PackagesDeclaration, Placement,
    PortDeclaration, ProtectionDeclaration, Readiness, ServiceDeclaration, SettingDeclaration, SettingType,
    StatusDeclaration, StepDeclaration, StepMoment, UserDeclaration,
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
    let kind = fields.required_word("type", SettingType::named, &SettingType::ALL.map(SettingType::name));
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
        rises: fields.expression("rises").filter(|condition| condition.kind != ExpressionKind::Bool(false)),
        remembers: fields.boolean("remembers"),
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
    let uid = fields.integer("uid").and_then(|uid| u32::try_from(uid).ok());
    let (groups, shell, home_mode) = (fields.texts("groups"), fields.text("shell"), fields.text("home_mode"));
    let ((on, ensemble), when) = (fields.site("on"), fields.expression("when"));
    Some(UserDeclaration { name, group, home, uid, groups, shell, home_mode, on, ensemble, when })
}

/// The text file beside the manifest that an attribute names.
pub(super) fn beside(fields: &mut Fields<'_>, name: &'static str, texts: &Texts<'_>) -> Option<Expression> {
    let place = fields.place(name);
    let file = fields.text(name)?;
    match texts(&file) {
        Some(Ok(text)) => return Some(text),
        Some(Err(diagnostics)) => diagnostics.into_iter().for_each(|diagnostic| fields.complain(diagnostic)),
        None => {
            let message = format!("text file `{file}` does not exist beside the manifest");
            let help = "write it beside `framework.hcl`, in UTF-8, or correct its name here";
            fields.complain(Diagnostic::error("disco::manifest_missing", message).at(place, "named here").help(help));
        }
    }
    None
}

/// The lock file that a version names, if everything in it has a digest.
pub(super) fn requirements(fields: &mut Fields<'_>, texts: &Texts<'_>) -> Option<String> {
    let text = beside(fields, "requirements", texts).and_then(|text| plain_text(&text))?;
    // A backslash at the end of a line leads on to the next one.
    let whole = text.replace("\\\n", " ");
    let wanted = whole.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(['#', '-']));
    let open: Vec<&str> = wanted.filter(|line| !line.contains("--hash=sha256:")).collect();
    if let Some(first) = open.first() {
        let message = format!("`{first}` in the lock file has no digest");
        let place = fields.place("requirements");
        fields.complain(
            Diagnostic::error("disco::manifest_value", message)
                .at(place, "nothing without one is installed")
                .help("write the file with `pip-compile --generate-hashes`"),
        );
        return None;
    }
    Some(text)
}

pub(super) fn ensemble(name: String, origin: Span, fields: &mut Fields<'_>) -> Option<EnsembleDeclaration> {
    let on = fields.placements("on");
    let group = fields.expression("group");
    let size = fields.required_expression("size");
    let when = fields.expression("when");
    if group.is_none() && on.iter().any(|on| *on != Placement::Master) {
        let message = format!("ensemble `{name}` has slaves and no `group`");
        let help = "say whose nodes they are: `group = setting.group`, where that setting is `fixed`";
        fields.complain(Diagnostic::error("disco::manifest_missing", message).at(origin, "which slaves?").help(help));
    }
    if on.is_empty() {
        let message = format!("ensemble `{name}` has no `on`");
        let help = "write `on = [\"master\", \"slaves\"]`, or one of them";
        fields.complain(Diagnostic::error("disco::manifest_missing", message).at(origin, "on which nodes?").help(help));
    }
    Some(EnsembleDeclaration { name, on, group, size: size?, when, origin })
}

pub(super) fn packages(fields: &mut Fields<'_>, _: Span) -> Option<PackagesDeclaration> {
    let (on, when) = (fields.placements("on"), fields.expression("when"));
    Some(PackagesDeclaration { names: fields.required_expression("names")?, on, when })
}

#[expect(clippy::unnecessary_wraps, reason = "all blocks without a name are read alike")]
pub(super) fn installation(fields: &mut Fields<'_>, _: Span) -> Option<InstallationDeclaration> {
    Some(InstallationDeclaration { on: fields.placements("on"), when: fields.expression("when") })
}

pub(super) fn assertion(fields: &mut Fields<'_>, origin: Span) -> Option<AssertionDeclaration> {
    let condition = fields.required_expression("condition");
    let message = fields.required_expression("message");
    Some(AssertionDeclaration { condition: condition?, message: message?, warns: fields.boolean("warns"), origin })
}

pub(super) fn directory(fields: &mut Fields<'_>, _: Span) -> Option<DirectoryDeclaration> {
    let owner = fields.text("owner");
    let mode = fields.text("mode");
    let (on, ensemble) = fields.site("on");
    let holds_data = fields.boolean("holds_data");
    let when = fields.expression("when");
    Some(DirectoryDeclaration {
        ensemble,
        holds_data,
        path: fields.required_expression("path")?,
        owner: owner.unwrap_or_else(|| "root:root".to_owned()),
        mode: mode.unwrap_or_else(|| "0755".to_owned()),
        on,
        when,
    })
}

pub(super) fn service(name: String, origin: Span, fields: &mut Fields<'_>) -> Option<ServiceDeclaration> {
    let site = fields.required_site("on");
    let packaged = fields.boolean("packaged");
    // A packaged unit says itself what it runs, and as whom.
    let user = if packaged { "root".to_owned() } else { fields.required_text("user") };
    let exec = if packaged { None } else { fields.required_expression("exec") };
    let (ready, ready_timeout_seconds) = match fields.blocks("ready").first() {
        Some(block) => fields.inside(block, |inner| (readiness(inner), seconds(inner))),
        None => (None, PATIENCE_SECONDS),
    };
    let when = fields.expression("when");
    let description = fields.required_text("description");
    let unit = fields.required_text("unit");
    let group = if packaged { None } else { fields.text("group") }.unwrap_or_else(|| user.clone());
    let environment = fields.entries("environment");
    let options = fields.entries("options");
    let after = fields.texts("after");
    let workload_memory = fields.expression("workload_memory");
    let needs_steps = fields.texts("needs_step");
    let stores_data = fields.boolean("stores_data");
    let max_unavailable = fields.expression("max_unavailable");
    let kill_mode = fields.expression("kill_mode");
    let success_exit_status = fields.expression("success_exit_status");
    let memory = fields.required_expression("memory");
    let (on, ensemble) = site?;
    Some(ServiceDeclaration {
        name,
        description,
        on,
        ensemble,
        when,
        unit,
        packaged,
        user,
        group,
        exec: if packaged { None } else { Some(exec?) },
        options,
        environment,
        after,
        memory: memory?,
        workload_memory,
        needs_steps,
        stores_data,
        max_unavailable,
        kill_mode,
        success_exit_status,
        ready,
        ready_timeout_seconds,
        origin,
    })
}

pub(super) fn archive(name: String, origin: Span, fields: &mut Fields<'_>) -> Option<ArchiveDeclaration> {
    let path = fields.required_expression("path");
    let sha512 = fields.required_expression("sha512");
    let mirrors = fields.expression("mirrors");
    let to = fields.required_expression("to");
    let is_packed = fields.expression("unpack").is_some_and(|unpack| unpack.kind == ExpressionKind::Bool(false));
    fields.boolean("unpack");
    let strip = fields.integer("strip").and_then(|strip| u32::try_from(strip).ok()).unwrap_or(1);
    let restarts = fields.texts("restarts");
    let (on, when) = (fields.placements("on"), fields.expression("when"));
    let (path, sha512, to) = (path?, sha512?, to?);
    Some(ArchiveDeclaration { name, path, sha512, mirrors, to, unpack: !is_packed, strip, restarts, on, when, origin })
}

#[expect(clippy::unnecessary_wraps, reason = "all blocks without a name are read alike")]
pub(super) fn machine(fields: &mut Fields<'_>, origin: Span) -> Option<MachineDeclaration> {
    Some(MachineDeclaration {
        sysctl: fields.entries("sysctl"),
        transparent_hugepages: fields.expression("transparent_hugepages"),
        shared_memory: fields.expression("shared_memory"),
        modules: fields.expression("modules"),
        on: fields.placements("on"),
        when: fields.expression("when"),
        origin,
    })
}

/// What a block `ready` asks: a command, or a port; nothing where it says neither.
fn readiness(fields: &mut Fields<'_>) -> Option<Readiness> {
    let (send, path, port) = (fields.text("send"), fields.expression("path"), fields.text("port"));
    let (expect, user) = (fields.text("expect"), fields.text("user"));
    if let Some(command) = fields.expression("command") {
        return Some(Readiness::Command { command, expect, user });
    }
    let port = port?;
    Some(match (send, path) {
        (Some(send), _) => Readiness::Words(port, send, expect.unwrap_or_else(|| ".".to_owned())),
        (None, Some(path)) => Readiness::Page(port, path),
        (None, None) => Readiness::Port(port),
    })
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
    let anybody = fields.expression("anybody");
    let last = fields.expression("last_port");
    let first = fields.required_expression("port")?;
    let written = |expression: &Expression| match &expression.kind {
        ExpressionKind::Number(number) => Some(number.parse::<u16>().ok().filter(|port| *port > 0)),
        ExpressionKind::String(_) | ExpressionKind::Bool(_) | ExpressionKind::Null => Some(None),
        _ => None,
    };
    let ports = match (written(&first), last.as_ref().map_or_else(|| written(&first), written)) {
        (Some(Some(first)), Some(Some(last))) => Some(PortRange { first, last }),
        (Some(None), _) | (_, Some(None)) => {
            let place = fields.place("port");
            let message = format!("port `{name}` needs a number from 1 to 65535");
            let help =
                "write `port = NUMBER`, or a formula of settings: security rules are made for it before any node is";
            fields.complain(Diagnostic::error("disco::manifest_type", message).at(place, "here").help(help));
            return None;
        }
        _ => None,
    };
    Some(PortDeclaration {
        name,
        description,
        service,
        on,
        when,
        protocol: protocol.unwrap_or(Protocol::Tcp),
        ports,
        first,
        last,
        for_users,
        web_path,
        endpoint,
        differs,
        anybody,
        origin,
    })
}

pub(super) fn protection(fields: &mut Fields<'_>, origin: Span) -> Option<ProtectionDeclaration> {
    let (does, does_not) = (fields.texts("does"), fields.texts("does_not"));
    let when = fields.expression("when");
    if does.is_empty() && does_not.is_empty() {
        fields.complain(
            Diagnostic::error("disco::manifest_missing", "`protection` has neither `does` nor `does_not`")
                .at(origin, "says nothing")
                .help("say what is protected, and how, or what is not"),
        );
        return None;
    }
    Some(ProtectionDeclaration { does, does_not, when })
}

pub(super) fn file(name: String, origin: Span, fields: &mut Fields<'_>, texts: &Texts<'_>) -> Option<FileDeclaration> {
    let format = fields.required_word("format", FileFormat::named, &FileFormat::ALL.map(FileFormat::name));
    let content = fields.expression("content");
    let template = beside(fields, "template", texts).or(content);
    let path = fields.required_expression("path");
    let for_each = fields.expression("for_each");
    let is_base64 = fields.word("encoding", |word| (word == "base64").then_some(()), &["base64"]).is_some();
    let owner = fields.expression("owner");
    let mode = fields.expression("mode");
    let (on, ensemble) = fields.site("on");
    let when = fields.expression("when");
    let (restarts, restarts_by_key) = fields.restarts("restarts");
    let by_keys = fields.expression("by_keys");
    let (keys, computed_keys) = fields.entries_or_formula("keys");
    let more_keys = fields.expression("more_keys");
    let separator = fields.text("separator");
    let nested = fields.text("nested");
    let protected = fields.text_entries("protected").into_iter().collect();
    let keep = fields.boolean("keep");
    let known_keys = fields.texts("known_keys");
    let key_families = fields.texts("key_families");
    let client_keys = fields.expression("client_keys");
    layout(fields, format, separator.is_some(), nested.as_deref());
    if format == Some(FileFormat::Json) && template.is_some() {
        let place = fields.place("template");
        let message = "a file in the format `json` has no text at its beginning";
        let diagnostic = Diagnostic::error("disco::manifest_type", message).at(place, "here");
        fields.complain(diagnostic.help("write all of it in `keys`, or use the format `template`"));
    }
    if format == Some(FileFormat::Template) && !(keys.is_empty() && computed_keys.is_none()) {
        let place = fields.place("keys");
        fields.complain(
            Diagnostic::error("disco::manifest_type", "a file in the format `template` has no keys")
                .at(place, "here")
                .help_maybe(did_you_mean("keys", ["template"])),
        );
    }
    Some(FileDeclaration {
        name,
        path: path?,
        for_each,
        is_base64,
        format: format?,
        owner,
        mode,
        on,
        ensemble,
        when,
        restarts,
        restarts_by_key,
        by_keys,
        template,
        keys,
        computed_keys: computed_keys.or(more_keys),
        separator,
        nested,
        protected,
        known_keys,
        key_families,
        client_keys,
        keep,
        origin,
    })
}

/// Says what of the layout of a file its format does not have.
fn layout(fields: &mut Fields<'_>, format: Option<FileFormat>, is_separated: bool, nested: Option<&str>) {
    let Some(format) = format else { return };
    let mut wrong = |name: &'static str, formats: &str| {
        let message = format!("a file in the format `{}` has no `{name}`", format.name());
        let place = fields.place(name);
        let diagnostic = Diagnostic::error("disco::manifest_value", message).at(place, "not valid here");
        fields.complain(diagnostic.help(format!("remove it: only {formats} have it")));
    };
    if is_separated && format != FileFormat::Lines {
        wrong("separator", "files in the format `lines`");
    }
    if nested.is_some() && !format.has_levels() {
        wrong("nested", "files in the formats `yaml`, `json`, `toml` and `ini`");
    }
    if nested.is_some_and(str::is_empty) {
        let place = fields.place("nested");
        let diagnostic = Diagnostic::error("disco::manifest_value", "`nested` is empty").at(place, "here");
        fields.complain(diagnostic.help("write the sign at which keys are split, as in `nested = \".\"`"));
    }
}

/// Keys for a file of another framework; its label is `FRAMEWORK/FILE`.
pub(super) fn contribution(label: &str, origin: Span, fields: &mut Fields<'_>) -> Option<ContributionDeclaration> {
    let keys = fields.entries("keys");
    let append = fields.entries("append");
    let separator = fields.text("separator").unwrap_or_else(|| ",".to_owned());
    let (on, when) = (fields.placements("on"), fields.expression("when"));
    if keys.is_empty() && append.is_empty() {
        let message = format!("`contribute \"{label}\"` has neither `keys` nor `append`");
        fields.complain(
            Diagnostic::error("disco::manifest_missing", message)
                .at(origin, "gives nothing")
                .help("write `keys = { \"a.key\" = \"value\" }`"),
        );
    }
    let Some((framework, file)) =
        label.split_once('/').filter(|(framework, file)| !framework.is_empty() && !file.is_empty())
    else {
        let message = format!("`{label}` names no file of another framework");
        fields.complain(
            Diagnostic::error("disco::manifest_value", message)
                .at(origin, "no framework and file")
                .help("write `contribute \"FRAMEWORK/FILE\"`, as in \"hadoop/core-site.xml\""),
        );
        return None;
    };
    let (framework, file) = (framework.to_owned(), file.to_owned());
    Some(ContributionDeclaration { framework, file, keys, append, separator, on, when, origin })
}

pub(super) fn step(name: String, origin: Span, fields: &mut Fields<'_>) -> Option<StepDeclaration> {
    let moment = fields.required_word("moment", StepMoment::named, &StepMoment::ALL.map(StepMoment::name));
    let members_of = fields.word("members_of", Placement::named, &Placement::ALL.map(Placement::name));
    let (on, ensemble) = fields.site("on");
    let timeout_seconds = seconds(fields);
    let when = fields.expression("when");
    let action = fields.required_expression("action");
    let (moment, action) = (moment?, action?);
    Some(StepDeclaration { name, moment, action, on, ensemble, members_of, when, timeout_seconds, origin })
}

pub(super) fn status(name: String, origin: Span, fields: &mut Fields<'_>) -> Option<StatusDeclaration> {
    let title = fields.text("title").unwrap_or_else(|| name.clone());
    let ask = fields.required_expression("ask");
    let active = fields.expression("active");
    let members = fields.expression("members");
    let members_of = fields.word("members_of", Placement::named, &Placement::ALL.map(Placement::name));
    let facts = fields.expression("facts");
    let when = fields.expression("when");
    Some(StatusDeclaration { name, title, ask: ask?, active, members, members_of, facts, when, origin })
}
