//! A state in PostgreSQL: its lock is a lease that a dead or frozen holder loses, and nothing depends on a connection.

use std::io::Write as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::postgres::{PASSWORD, Postgres, as_postgres, free_port, guarded, wait_for_port};
use crate::support::{LAB, Run, TestProject};

/// A project whose state is in a database.
struct Lab {
    project: TestProject,
    /// What is wrong is not asked for long.
    password: &'static str,
}

impl Lab {
    fn of(database: &Postgres) -> Self {
        Self::at(&database.address())
    }

    fn at(conn_str: &str) -> Self {
        Self::with(&format!("conn_str = \"{conn_str}\""))
    }

    fn with(block: &str) -> Self {
        let definition = format!("disco {{\n state \"postgres\" {{\n name = \"lab\"\n {block}\n }}\n}}\n{LAB}");
        Self { project: TestProject::with(&definition), password: PASSWORD }
    }

    fn command(&self, words: &str) -> Command {
        let mut command = self.project.command(words);
        command.env("PGPASSWORD", self.password);
        command
    }

    #[track_caller]
    fn disco(&self, words: &str) -> Run {
        let run = Run::of(&self.command(words).output().unwrap());
        assert!(!run.stdout.contains(PASSWORD) && !run.stderr.contains(PASSWORD));
        run
    }

    /// An apply in the middle of which the lock is had and something is written.
    fn begin_applying(&self, database: &Postgres, time: &str) -> Child {
        let mut command = self.command("apply -auto-approve");
        command.env("DISCO_LOCAL_TIME_SCALE", time).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().unwrap();
        until("nothing is written", || {
            database.select("name", "content IS NOT NULL AND lock_id IS NOT NULL").is_some()
        });
        child
    }
}

#[track_caller]
fn until(otherwise: &str, holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_mins(1), "{otherwise}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn signal(child: &Child, signal: rustix::process::Signal) {
    let pid = rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    rustix::process::kill_process(pid, signal).unwrap();
}

/// Moves the end of the lease so many seconds into the past.
fn let_it_end(database: &Postgres, seconds: u32) {
    database.sql(&format!("UPDATE disco.state SET expires_at = clock_timestamp() - interval '{seconds} seconds'"));
}

#[test]
fn a_lease_that_has_ended_is_taken_when_no_call_of_its_holder_can_be_under_way() {
    let Some(database) = Postgres::start() else { return };
    let lab = Lab::of(&database);
    let mut child = lab.begin_applying(&database, "0.3");
    child.kill().unwrap();
    child.wait().unwrap();
    let refused = lab.disco("plan").ends_with(1).says(&["in use by `disco apply` of ", "ends by itself within "]);
    assert!(!refused.stderr.contains("force-unlock"), "{}", refused.stderr);
    let_it_end(&database, 35);
    lab.disco("apply -auto-approve").ends_with(1).says(&["ends by itself within "]);
    lab.disco("apply -auto-approve --lock-timeout=30s").ends_with(0);
    lab.disco("plan -detailed-exitcode").ends_with(0);
    assert_eq!(database.select("lock_id", "lock_id IS NOT NULL"), None);
}

#[test]
fn whoever_wakes_up_without_the_lock_changes_nothing_more() {
    let Some(database) = Postgres::start() else { return };
    let lab = Lab::of(&database);
    let child = lab.begin_applying(&database, "0.1");
    signal(&child, rustix::process::Signal::STOP);
    let_it_end(&database, 41);
    // On another machine: the same project, its engine served by nobody else.
    let other = Lab::of(&database);
    other.disco("plan").ends_with(0);
    let serial = |database: &Postgres| database.select("md5(content)", "true").unwrap();
    let before = serial(&database);
    signal(&child, rustix::process::Signal::CONT);
    let run = Run::of(&child.wait_with_output().unwrap());
    assert_eq!(run.code, 1, "{}", run.stderr);
    run.says(&["the lock is lost"]);
    assert_eq!(serial(&database), before);
}

#[test]
fn a_lock_that_is_taken_away_ends_the_operation() {
    let Some(database) = Postgres::start() else { return };
    let lab = Lab::of(&database);
    let child = lab.begin_applying(&database, "0.1");
    let other = Lab::of(&database);
    let id = database.select("lock_id", "true").unwrap();
    other.disco("force-unlock nobody --force").ends_with(1).says(&["the state has another lock than `nobody`"]);
    other.disco(&format!("force-unlock {id} --force")).ends_with(0);
    let run = Run::of(&child.wait_with_output().unwrap());
    assert_eq!(run.code, 1, "{}", run.stderr);
    run.says(&["the lock is lost", "errored.disco.state.json"]);
    lab.disco("state push --force errored.disco.state.json").ends_with(0);
    lab.disco("apply -auto-approve").ends_with(0);
    lab.disco("plan -detailed-exitcode").ends_with(0);
}

#[test]
fn connections_that_end_are_made_anew() {
    let Some(database) = Postgres::start() else { return };
    let lab = Lab::of(&database);
    let mut child = lab.begin_applying(&database, "0.1");
    let mut ended = 0;
    while child.try_wait().unwrap().is_none() {
        let said = database.sql(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'disco' AND datname = \
             current_database()",
        );
        ended += said.parse::<u32>().unwrap();
        std::thread::sleep(Duration::from_millis(30));
    }
    let run = Run::of(&child.wait_with_output().unwrap()).ends_with(0);
    assert!(ended > 3, "{ended} connections: {}", run.stdout);
    lab.disco("plan -detailed-exitcode").ends_with(0);
}

#[test]
fn it_works_behind_a_pooler_of_transactions() {
    let Some(database) = Postgres::start() else { return };
    let Some(pooler) =
        ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer"].map(std::path::Path::new).into_iter().find(|path| path.is_file())
    else {
        let _ = writeln!(std::io::stderr(), "PgBouncer is not here: a pooler is not tested");
        return;
    };
    let folder = tempfile::Builder::new().prefix("disco-pool").tempdir_in("/tmp").unwrap().keep();
    let port = free_port();
    std::fs::write(folder.join("users"), format!("\"postgres\" \"{PASSWORD}\"\n")).unwrap();
    let settings = format!(
        "[databases]\n* = host=127.0.0.1 port={}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
         auth_type = scram-sha-256\nauth_file = {1}/users\npool_mode = transaction\ndefault_pool_size = 2\n\
         server_tls_sslmode = require\nlogfile = {1}/pooler.log\n",
        database.port(),
        folder.display()
    );
    std::fs::write(folder.join("pooler.ini"), settings).unwrap();
    if rustix::process::geteuid().is_root() {
        assert!(Command::new("chown").args(["-R", "postgres"]).arg(&folder).status().unwrap().success());
    }
    let mut program = as_postgres(pooler);
    program.arg(folder.join("pooler.ini"));
    let _guard = guarded(&program, &folder);
    wait_for_port(port);
    let lab = Lab::at(&format!("postgres://postgres@127.0.0.1:{port}/{}?sslmode=disable", database.name));
    lab.disco("apply -auto-approve").ends_with(0);
    lab.disco("plan -detailed-exitcode").ends_with(0);
    lab.disco("apply -auto-approve --var slaves=3").ends_with(0);
    lab.disco("destroy -auto-approve").ends_with(0);
    assert_eq!(database.select("lock_id", "lock_id IS NOT NULL"), None);
}

#[test]
fn certificates_are_verified() {
    let Some(database) = Postgres::start() else { return };
    let Some(authority) = database.authority() else { return };
    let at = |mode: &str| {
        Lab::at(&format!("host=localhost port={} user=postgres dbname={} {mode}", database.port(), database.name))
    };
    at("sslmode=verify-full").disco("plan").ends_with(1).says(&[
        "cannot be reached",
        "certificate",
        "sslrootcert=FILE",
    ]);
    at(&format!("sslmode=verify-full sslrootcert={}", authority.display())).disco("plan").ends_with(0);
    at("sslmode=require").disco("plan").ends_with(0);
    let by_number = format!("host=127.0.0.1 port={} user=postgres dbname={}", database.port(), database.name);
    let other = Lab::at(&format!("{by_number} sslmode=verify-full sslrootcert={}", authority.display()));
    other.disco("plan").ends_with(1).says(&["certificate"]);
    at("sslmode=verify-full sslrootcert=/nowhere/ca.crt")
        .disco("plan")
        .ends_with(1)
        .says(&["`/nowhere/ca.crt` cannot be read"]);
}

#[test]
fn what_is_wrong_with_a_database_is_said() {
    let Some(database) = Postgres::start() else { return };
    let wrong = Lab { password: "guess", ..Lab::of(&database) };
    wrong.disco("plan").ends_with(1).says(&["cannot be locked", "password authentication failed", "pg_hba.conf"]);
    let lab = Lab::of(&database);
    let run = Run::of(&lab.project.command("plan").output().unwrap()).ends_with(1);
    run.says(&["password missing", "PGPASSWORD"]);
    let missing = database.address().replace(&database.name, "nowhere_at_all");
    Lab::at(&missing).disco("plan").ends_with(1).says(&["does not exist", "CREATE DATABASE"]);
    Lab::at("postgres://postgres@127.0.0.1:1/x").disco("plan").ends_with(1).says(&["cannot be reached", "`conn_str`"]);
    Lab::with("").disco("plan").ends_with(1).says(&["no database is named", "PG_CONN_STR"]);
    Lab::at("postgres://h/d?colour=red").disco("plan").ends_with(1).says(&["none of libpq's"]);
    Lab::with("schema_name = \"My Schema\"")
        .disco("validate")
        .ends_with(1)
        .says(&["`schema_name` of the state cannot be used"]);
    let unnamed = Lab::with("");
    let mut command = unnamed.project.command("plan");
    command.env("PG_CONN_STR", database.address()).env("PGPASSWORD", PASSWORD);
    Run::of(&command.output().unwrap()).ends_with(0);
    let mut command = unnamed.project.command("plan");
    command.envs([
        ("PGHOST", "127.0.0.1"),
        ("PGUSER", "postgres"),
        ("PGPASSWORD", PASSWORD),
        ("PGDATABASE", &database.name),
    ]);
    command.env("PGPORT", database.port().to_string());
    Run::of(&command.output().unwrap()).ends_with(0);
}

#[test]
fn who_may_not_make_the_table_may_use_it() {
    let Some(database) = Postgres::start() else { return };
    let role = format!("{}_user", database.name);
    database.sql(&format!("CREATE ROLE {role} LOGIN PASSWORD '{PASSWORD}'"));
    let lab = Lab::at(&database.address().replace("postgres@", &format!("{role}@")));
    lab.disco("plan").ends_with(1).says(&["permission denied", "GRANT CREATE ON DATABASE"]);
    Lab::of(&database).disco("plan").ends_with(0);
    database.sql(&format!(
        "GRANT USAGE ON SCHEMA disco TO {role}; GRANT SELECT, INSERT, UPDATE, DELETE ON disco.state TO {role}"
    ));
    lab.disco("apply -auto-approve").ends_with(0);
    database.sql(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
}

/// The table is made once, however many begin at the same moment.
#[test]
fn many_at_once_make_one_table() {
    let Some(database) = Postgres::start() else { return };
    let labs: Vec<Lab> = (0..8)
        .map(|number| {
            Lab::with(&format!("conn_str = \"{}\"", database.address()).replace("lab", &format!("lab{number}")))
        })
        .collect();
    let children: Vec<Child> = labs
        .iter()
        .map(|lab| lab.command("plan --lock-timeout=1m").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
        .collect();
    for child in children {
        Run::of(&child.wait_with_output().unwrap()).ends_with(0);
    }
}
