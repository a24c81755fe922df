//! The page `docs/service.md`.

use std::fmt::Write as _;

use super::page::{block, outline};
use super::{Place, gather};
use crate::language::SERVICE_FILE;

const BEGINNING: &str = "\
# The service of a team

`disco serve` in a folder serves its owner alone. `disco serve --config FILE` serves a team: people and programs sign in with their
account of an OpenStack, and work on the clusters of their project there. [`examples/service`](../examples/service) has a configuration,
a unit for systemd, a container and a proxy.

## Who sees what

- **A project of the cloud is a tenant here.** It has a folder of its own, `PROJECTS/CLOUD/ID`, and in it a folder for each project of
  DISCO: the definitions, the state, the history. Nobody can name anything of another tenant: what is theirs and what does not exist are
  answered alike.
- **Roles** of Keystone say what one may do: look, work, manage (`see`, `work`, `manage` below). Whoever has none of them is told which
  ones there are.
- **Programs** send `X-Auth-Token`, as to OpenStack itself; where there are several clouds, `X-Disco-Cloud` names one. **Browsers** sign
  in with user name, password and project, with an application credential, or with a token. The password goes to Keystone and is kept
  nowhere.
- What Keystone says of a token is believed for a minute, and never beyond its end: so long a token that was taken back still works.

## What goes on when a token has run out

A token lasts an hour, and so may an `apply`. When something is begun for the first time in a project, the service makes an application
credential of whoever begins it: `disco-PROJECT-…`, for 90 days, replaced a month before its end, deleted with the project. It is kept in
`.disco/credential.json` of the project, encrypted with the service's key. Operations use the caller's own token as long as it is good,
and this one afterwards; a service that was killed continues with it.

- Stacks are created with the caller's own token where that is possible: Heat makes a trust for each, and newer Keystones refuse this to
  application credentials. A service that has to begin a stack when the token is gone says so; sign in and apply again.
- The application credential of somebody who signs in with one has to be unrestricted (`openstack application credential create
  --unrestricted`): only such a one can make another.
- Whose credential it is leaves, or loses the role: the next one who begins something makes a new one.

## What a definition cannot do here

It runs on the machine of the service, for somebody whom the machine does not belong to. So it can name only the cloud at which its owner
has signed in, it has no embedded Heat (unless `embedded = true`), and its state is where the service keeps it: `disco::not_in_a_service`
says so at the place. Files, modules and catalogues are read from its own project only, wherever paths and links lead; of the environment
nothing is read.

## What is kept of what people do

Everything that changes something is a line in `PROJECTS/CLOUD/ID/.disco/service/audit.jsonl`: when, who, from where, what, and what
became of it; no values. `GET /v1/audit` lists it for those who may manage. Each request is a line of JSON on the standard error output,
without queries and tokens. What operations said is in the history, as always.

## When it ends

After `SIGTERM` nobody new is let in, requests have ten seconds, and what is under way is left to Heat. The next start takes up what had
no end, also after a `kill -9`. Two services of one folder are refused.
";

/// The page of the service, in Markdown.
pub fn service_page() -> String {
    let mut text = BEGINNING.to_owned();
    let mut all = Vec::new();
    gather(&SERVICE_FILE, &[], &mut all);
    let _ = writeln!(text, "\n## Configuration\n\n{}\n\n```hcl", SERVICE_FILE.says);
    for inner in SERVICE_FILE.blocks {
        outline(inner.schema, 0, &mut text);
    }
    text.push_str("```\n");
    for (schema, places) in &all {
        let places: &[Place] = places;
        block(schema, places, &mut text);
    }
    text
}
