//! Commands and options of other tools, and what does the same here.

/// What does here what that command does elsewhere.
pub(super) fn command(name: &str) -> Option<&'static str> {
    Some(match name {
        "init" => {
            "nothing has to be initialised: write a *.disco.hcl file, then run `disco plan`; examples/ has some to copy"
        }
        "fmt" | "format" => "`fmt` comes with a later version; `disco validate` checks the definitions",
        "lint" | "test" => "`disco validate` checks the definitions; `lint` comes with a later version",
        "check" | "verify" => "`disco validate` checks the definitions",
        "refresh" | "sync" => {
            "`disco plan` asks the cloud anew each time; `disco apply` then writes down what it found"
        }
        "drift" => "`drift` comes with a later version; `disco plan` shows what is not as it is defined",
        "diff" | "preview" => "`disco plan` shows what would change",
        "import" => "clusters that DISCO did not create cannot be taken over; write a definition and run `disco apply`",
        "taint" | "untaint" | "replace" => {
            "`disco plan` finds what has failed or is gone and replaces it; to replace a node, delete its server on the \
             cloud and run `disco apply`"
        }
        "state" => "`disco show` prints what is known of the clusters; the state is disco.state.json and not edited",
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
        "console" | "repl" => "an `output` block shows what an expression comes to: `disco plan`",
        "workspace" | "env" => "a project is a folder: another set of clusters is another folder, named with -C",
        "force-unlock" | "unlock" => {
            "the lock goes with the process that has it: end that process; `--lock-timeout=5m` waits for it"
        }
        "providers" | "modules" => "nothing has to be installed; `disco frameworks` lists what clusters can run",
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
        "why" => "`disco explain ADDRESS` tells where a value comes from",
        "hot" | "heat" | "render" | "synth" => "`disco template` prints the Heat template",
        _ => return None,
    })
}

/// What does here what that option does elsewhere. It is given with its dashes, and without a value.
pub(super) fn option(name: &str) -> Option<&'static str> {
    Some(match name.trim_start_matches('-').split('=').next().unwrap_or_default() {
        "chdir" | "d" | "dir" | "project" | "f" | "file" => "name the project's folder with -C FOLDER",
        "target" | "exclude" => {
            "a plan is of all clusters of the project; what is to change by itself goes into a folder of its own"
        }
        "input" => "values of variables are never asked for; --auto-approve goes on without the one question there is",
        "refresh" | "refresh-only" => "the cloud is always asked; `disco plan` changes nothing",
        "replace" => "delete the server on the cloud and run `disco apply`, which replaces it",
        "upgrade" | "reconfigure" | "migrate-state" | "backend-config" => "nothing has to be initialised",
        "lock" => "the project is always locked; --lock-timeout=5m waits for who has it",
        "parallelism" => "`batch_size` in a `lifecycle` block says how many nodes change at a time",
        "state" | "state-out" | "backup" => "write `disco { state \"local\" { path = \"FILE\" } }`",
        "compact-warnings" => "`--quiet` prints results and errors only",
        "generate-config-out" => "write the definition by hand; examples/ has some to copy",
        "y" | "yes" | "force" | "approve" | "non-interactive" => "--auto-approve goes on without a question",
        "dry-run" | "n" | "noop" => "`disco plan` shows what would change, and changes nothing",
        "o" | "output" | "format" => "--json prints JSON",
        "debug" | "trace" => "-v says more",
        _ => return None,
    })
}
