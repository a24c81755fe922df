//! Commands and options of other tools, and what does the same here.

/// What does here what that command does elsewhere.
pub(super) fn command(name: &str) -> Option<&'static str> {
    Some(match name {
        "format" => "run `disco fmt` to lay the definitions out",
        "check" | "test" | "verify" => "run `disco validate` to check the definitions",
        "refresh" | "sync" => {
            "run `disco drift`: it reads the cloud each time, and `disco apply` records what it found"
        }
        "preview" => "run `disco plan` to see what would change",
        "taint" | "untaint" | "replace" => {
            "run `disco apply`, which replaces what has failed or was deleted, or `disco apply --replace ADDRESS` for a node"
        }
        "up" | "create" | "deploy" | "run" | "launch" | "start" | "build" | "converge" => {
            "run `disco apply` to create and change clusters"
        }
        "scale" | "resize" | "update" | "upgrade" | "set" => {
            "change the definition, or a variable with --var, and run `disco apply`"
        }
        "delete" | "down" | "remove" | "rm" | "terminate" | "clean" => {
            "run `disco destroy` to destroy all clusters of the project"
        }
        "stop" | "pause" | "hibernate" => {
            "run `disco suspend` to stop the servers of clusters, and `disco resume` to have them go on"
        }
        "unpause" | "wake" => "run `disco resume` to have the servers of suspended clusters go on",
        "restart" => "run `disco suspend` and `disco resume`: servers go on where they were",
        "ls" | "list" | "ps" | "info" | "describe" | "get" => "run `disco show` to see clusters, nodes and addresses",
        "health" | "top" | "watch" => "run `disco status` to see how the clusters are",
        "outputs" => "run `disco output` to see the outputs",
        "login" | "connect" | "exec" | "shell" => {
            "run `disco ssh NODE` to log in to a node, and add a command to run that"
        }
        "log" | "journal" | "tail" => "run `disco logs NODE` to see what a node's services wrote",
        "repl" | "eval" => "run `disco console` to see the value of expressions",
        "env" => "run `disco workspace` for another set of clusters of the same definitions",
        "unlock" => "run `disco force-unlock`, which says who holds the lock, or wait for it with `--lock-timeout=5m`",
        "providers" | "modules" => "run `disco frameworks` to see what clusters can run: nothing needs to be installed",
        "flavor" => "run `disco flavors` to list them",
        "framework" | "catalogue" | "catalog" => "run `disco frameworks` to list them",
        "new" | "wizard" => {
            "run `disco init` for a first definition, or `disco suggest` to find out which frameworks suit"
        }
        "recommend" | "advise" | "choose" => "run `disco suggest` to find out which frameworks suit",
        "serve" | "server" | "daemon" => {
            "run `disco local serve` for the embedded Heat; the service comes with a later version"
        }
        "rollback" | "undo" => {
            "put the older definition back and run `disco apply`; `on_failure = \"rollback\"` undoes a change that fails"
        }
        "why" => "run `disco explain ADDRESS` to see where a value comes from",
        "hot" | "heat" | "render" | "synth" => "run `disco template` to print the Heat template",
        _ => return None,
    })
}

/// What does here what that option does elsewhere. It is given with its dashes, and without a value.
pub(super) fn option(name: &str) -> Option<&'static str> {
    Some(match name.trim_start_matches('-').split('=').next().unwrap_or_default() {
        "chdir" | "d" | "dir" | "project" | "f" | "file" => "name the project's folder with -C FOLDER",
        "refresh" | "refresh-only" => "remove it: the cloud is always read, and `disco plan` changes nothing",
        "upgrade" | "reconfigure" | "migrate-state" | "backend-config" => "remove it: nothing needs to be initialised",
        "lock" => "use --lock-timeout=5m to wait for the lock: the project is always locked",
        "parallelism" => "set `batch_size` in a `lifecycle` block to the number of nodes that change at a time",
        "state" | "state-out" | "backup" => "write `disco { state \"local\" { path = \"FILE\" } }`",
        "compact-warnings" => "use --quiet to print results and errors only",
        "generate-config-out" => "write the definition by hand; examples/ has some to copy",
        "y" | "yes" | "force" | "approve" | "non-interactive" => "use --auto-approve to continue without approval",
        "dry-run" | "n" | "noop" => "run `disco plan`: it shows what would change, and changes nothing",
        "o" | "output" | "format" => "use --json to print JSON",
        "debug" | "trace" => "use -v to print more",
        _ => return None,
    })
}
