//! What all pages have.

use maud::{DOCTYPE, Markup, html};
use serde_json::Value;

use super::assets;
use crate::server::api::OperationState;
use crate::source::CODE_PREFIX;

/// Where somebody is: the links that lead there, outermost first.
pub(super) type Trail<'a> = &'a [(String, String)];

/// A script of a page, and how often it is asked for again where no script runs.
#[derive(Default)]
pub(super) struct Extras {
    pub(super) script: Option<String>,
    pub(super) refresh: Option<u32>,
}

/// A page.
pub(super) fn page(title: &str, trail: Trail<'_>, extras: &Extras, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            (head(title, extras))
            body {
                a class="skip" href="#main" { "Skip to the content" }
                header {
                    nav aria-label="Where you are" {
                        ol {
                            li { a href="/" { "DISCO" } }
                            @for (name, address) in trail { li { a href=(address) { (name) } } }
                        }
                    }
                    nav aria-label="Everywhere" {
                        a href="/suggest" { "Suggest" }
                        a href="/frameworks" { "Frameworks" }
                        form method="post" action="/sign-out" { button class="link" { "Sign out" } }
                    }
                }
                main id="main" {
                    h1 { (title) }
                    (body)
                }
            }
        }
    }
}

fn head(title: &str, extras: &Extras) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            title { (title) " · DISCO" }
            link rel="icon" type="image/svg+xml" href=(assets::icon());
            link rel="stylesheet" href=(assets::style());
            @if let Some(script) = &extras.script { script type="module" src=(script) {} }
            @if let Some(seconds) = extras.refresh { noscript { meta http-equiv="refresh" content=(seconds); } }
        }
    }
}

/// The page of somebody who is not known yet.
fn door(refusal: Option<&str>, inside: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            (head("Sign in", &Extras::default()))
            body {
                main id="main" {
                    h1 { "Sign in" }
                    @if let Some(refusal) = refusal { p class="bad" role="alert" { (refusal) } }
                    (inside)
                }
            }
        }
    }
}

/// The way into a service of one's own.
pub(in crate::server) fn sign_in(refusal: Option<&str>) -> Markup {
    let inside = html! {
        p {
            "Open the address that " code { "disco serve" } " printed, or give the token of this service. It is in the file "
            code { ".disco/service/token" } " of the folder that is served."
        }
        form method="post" action="/sign-in" {
            label for="token" { "Token" }
            input id="token" name="token" type="password" autocomplete="current-password" required;
            button { "Sign in" }
        }
    };
    door(refusal, &inside)
}

/// The way in for somebody whom the Keystone of one of these clouds may know.
pub(in crate::server) fn sign_in_at(clouds: &[String], refusal: Option<&str>) -> Markup {
    let field = |id: &str, label: &str, kind: &str, autocomplete: &str, value: &str| {
        html! {
            label for=(id) { (label) }
            input id=(id) name=(id) type=(kind) autocomplete=(autocomplete) value=(value);
        }
    };
    let inside = html! {
        p { "Sign in as at your cloud" @if let [only] = clouds { " " code { (only) } } ". The password goes to Keystone and is not kept." }
        form method="post" action="/sign-in" {
            @if let [_, _, ..] = clouds {
                label for="cloud" { "Cloud" }
                select id="cloud" name="cloud" required { @for name in clouds { option { (name) } } }
            }
            (field("user", "User name", "text", "username", ""))
            (field("password", "Password", "password", "current-password", ""))
            (field("project", "Project of the cloud", "text", "organization", ""))
            (field("domain", "Domain", "text", "off", "Default"))
            details {
                summary { "With an application credential, or with a token" }
                (field("credential", "Id of the application credential", "text", "off", ""))
                (field("secret", "Its secret", "password", "off", ""))
                (field("token", "Token", "password", "off", ""))
                p class="help" { "An application credential for this is made with " code { "--unrestricted" } ": the service makes one of its own with it, for what goes on when you have left." }
            }
            button { "Sign in" }
        }
    };
    door(refusal, &inside)
}

/// What went wrong, as a page.
pub(in crate::server) fn problem(title: &str, detail: &str, help: Option<&str>, found: &Value) -> Markup {
    let body = html! {
        @if !detail.is_empty() { pre { (detail) } }
        @if let Some(help) = help { p class="help" { (help) } }
        (diagnostics(found))
        p { a href="/" { "Back to the projects" } }
    };
    page(title, &[], &Extras::default(), &body)
}

/// Mistakes and warnings, as `disco validate --json` gives them.
pub(super) fn diagnostics(found: &Value) -> Markup {
    let all = found.as_array().map(Vec::as_slice).unwrap_or_default();
    html! {
        @if !all.is_empty() {
            ul class="found" {
                @for one in all {
                    @let text = |name: &str| one.get(name).and_then(Value::as_str).unwrap_or_default();
                    @let label = one.get("labels").and_then(Value::as_array).and_then(|labels| labels.first());
                    li class=(if text("severity") == "error" { "bad" } else { "warn" }) {
                        strong { (if text("severity") == "error" { "Error: " } else { "Warning: " }) }
                        (text("message"))
                        @if let Some(label) = label {
                            " " span class="place" {
                                "in " (label.get("file").and_then(Value::as_str).unwrap_or_default())
                                ", line " (label.get("line").and_then(Value::as_u64).unwrap_or_default())
                            }
                        }
                        @if !text("help").is_empty() { p class="help" { (text("help")) } }
                        @if let Some(code) = text("code").strip_prefix(CODE_PREFIX) { a href={ "/problems/" (code) } { "What this means" } }
                    }
                }
            }
        }
    }
}

/// The state of an operation or of a step: a word, a shape and a colour.
pub(super) fn state(of: OperationState) -> Markup {
    let (shape, class) = match of {
        OperationState::Succeeded => ("✓", "good"),
        OperationState::Failed => ("✗", "bad"),
        OperationState::Running => ("▶", "busy"),
        OperationState::Queued => ("◌", "busy"),
        OperationState::Interrupted | OperationState::CutOff => ("◐", "warn"),
    };
    html! { span class={ "state " (class) } { span aria-hidden="true" { (shape) " " } (of.name()) } }
}

/// A sentence whose words between backticks are code.
pub(super) fn prose(text: &str) -> Markup {
    // Of an odd number of backticks the last one is a letter.
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return html! { (text) };
    }
    html! { @for (at, part) in parts.iter().enumerate() { @if at % 2 == 1 { code { (part) } } @else { (part) } } }
}

/// A table that scrolls by itself where the screen is narrow.
pub(super) fn table(caption: &str, heads: &[&str], rows: &Markup) -> Markup {
    html! {
        div class="scroll" role="region" aria-label={ "Table: " (caption) } tabindex="0" {
            table {
                caption { (caption) }
                thead { tr { @for head in heads { th scope="col" { (head) } } } }
                tbody { (rows) }
            }
        }
    }
}
