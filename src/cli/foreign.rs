//! Commands and options of other tools, and what does the same here.

/// What does here what that command does elsewhere.
pub(super) fn command(name: &str) -> Option<&'static str> {
    Some(match name {
        "init" => {
            "nothing needs to be initialised: write a *.disco.hcl file (examples/ has some to copy), then run `disco plan`"
        }
        "fmt" | "format" => "`fmt` comes with a later version; `disco validate` checks the definitions",
        "lint" | "test" => "`disco validate` checks the definitions; `lint` comes with a later version",
        "check" | "verify" => "`disco validate` checks the definitions",
        "refresh" | "sync" => "`disco plan` reads the cloud each time; `disco apply` records what it found",
        "drift" => "`drift` comes with a later version; `disco plan` shows what differs from the definition",
        "diff" | "preview" => "`disco plan` shows what would change",
        "import" => "clusters that DISCO did not create cannot be taken over; write a definition and run `disco apply`",
        "taint" | "untaint" | "replace" => {
            "`disco plan` finds what has failed or was deleted and replaces it; to replace a node, delete its server on the \
             cloud and run `disco apply`"
        }
        "state" => {
            "`disco show` prints what is known of the clusters; the state is in disco.state.json and is not edited by hand"
        }
        "up" | "create" | "deploy" | "run" | "launch" | "start" | "build" | "converge" => {
            "`disco apply` creates and changes clusters"
        }
        "scale" | "resize" | "update" | "upgrade" | "set" => {
            "change the definition, or a variable with --var, and run `disco apply`"
        }
        "delete" | "down" | "remove" | "rm" | "terminate" | "clean" => {
            "`disco destroy` destroys all clusters of the project"
        }
        "stop" | "suspend" | "resume" | "restart" => {
            "clusters are created and destroyed: `disco apply`, `disco destroy`; stopping them comes with a later version"
        }
        "ls" | "list" | "ps" | "status" | "info" | "describe" | "get" => {
            "`disco show` prints clusters, nodes and addresses"
        }
        "outputs" => "`disco output` prints the outputs",
        "ssh" | "login" | "connect" => "`disco show` prints the addresses; log in with `ssh`",
        "console" | "repl" => "write an `output` block and run `disco plan` to see the value of an expression",
        "workspace" | "env" => "use another folder for another set of clusters, with -C: a project is a folder",
        "force-unlock" | "unlock" => {
            "end the process that holds the lock, which releases it, or wait for it with `--lock-timeout=5m`"
        }
        "providers" | "modules" => "nothing needs to be installed; `disco frameworks` lists what clusters can run",
        "flavor" => "`disco flavors` lists them",
        "image" => "`disco images` lists them",
        "framework" | "catalogue" | "catalog" => "`disco frameworks` lists them",
        "suggest" | "new" | "wizard" => "`suggest` comes with a later version; examples/ has definitions to copy",
        "serve" | "server" | "daemon" => {
            "`disco local serve` runs the embedded Heat; the service comes with a later version"
        }
        "rollback" | "undo" => {
            "put the older definition back and run `disco apply`; `on_failure = \"rollback\"` undoes a change that fails"
        }
        "why" => "`disco explain ADDRESS` shows where a value comes from",
        "hot" | "heat" | "render" | "synth" => "`disco template` prints the Heat template",
        _ => return None,
    })
}

/// What does here what that option does elsewhere. It is given with its dashes, and without a value.
pub(super) fn option(name: &str) -> Option<&'static str> {
    Some(match name.trim_start_matches('-').split('=').next().unwrap_or_default() {
        "chdir" | "d" | "dir" | "project" | "f" | "file" => "name the project's folder with -C FOLDER",
        "target" | "exclude" => {
            "a plan covers all clusters of the project; put clusters that change separately into folders of their own"
        }
        "input" => "DISCO never asks for values of variables; --auto-approve skips the only question, the approval",
        "refresh" | "refresh-only" => "the cloud is always read; `disco plan` changes nothing",
        "replace" => "delete the server on the cloud and run `disco apply`, which replaces it",
        "upgrade" | "reconfigure" | "migrate-state" | "backend-config" => "nothing needs to be initialised",
        "lock" => "the project is always locked; --lock-timeout=5m waits for the lock",
        "parallelism" => "`batch_size` in a `lifecycle` block says how many nodes change at a time",
        "state" | "state-out" | "backup" => "write `disco { state \"local\" { path = \"FILE\" } }`",
        "compact-warnings" => "`--quiet` prints results and errors only",
        "generate-config-out" => "write the definition by hand; examples/ has some to copy",
        "y" | "yes" | "force" | "approve" | "non-interactive" => "--auto-approve continues without approval",
        "dry-run" | "n" | "noop" => "`disco plan` shows what would change, and changes nothing",
        "o" | "output" | "format" => "--json prints JSON",
        "debug" | "trace" => "-v prints more",
        _ => return None,
    })
}
