//! A real PostgreSQL for tests: one server for all of them, a database for each.
//!
//! `DISCO_TEST_POSTGRES` names another server, by an address of a superuser: `postgres://postgres@HOST:PORT`.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use super::Run;

/// Who signs in, and with what: nobody may see it.
pub(crate) const PASSWORD: &str = "lab-password-that-nobody-may-see";

/// A server that ends with the process of the tests, however that ends.
struct Server {
    host: String,
    port: u16,
    bin: PathBuf,
    folder: Option<PathBuf>,
    _guard: Option<Guarded>,
}

/// A database of its own.
pub(crate) struct Postgres {
    server: &'static Server,
    pub(crate) name: String,
}

/// The newest programs of PostgreSQL that are here.
fn programs() -> Option<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin"))).filter(|(_, bin)| bin.join("initdb").is_file())
        })
        .collect();
    versions.sort();
    versions.pop().map(|(_, bin)| bin)
}

/// A program, as a user that a server runs as: none runs as root.
pub(crate) fn as_postgres(program: &Path) -> Command {
    if !rustix::process::geteuid().is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).arg(program);
    command
}

/// A port that nobody has.
pub(crate) fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Waits until something listens.
pub(crate) fn wait_for_port(port: u16) {
    let begun = Instant::now();
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(begun.elapsed() < Duration::from_mins(1), "nothing listens on {port}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A program that ends when this goes, or this process does, and its folder with it.
pub(crate) struct Guarded(Child);

impl Drop for Guarded {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

/// Starts a program that ends with what is returned.
pub(crate) fn guarded(program: &Command, folder: &Path) -> Guarded {
    let words = std::iter::once(program.get_program()).chain(program.get_args());
    let script = "folder=$1; shift; \"$@\" </dev/null >\"$folder/log\" 2>&1 & cat >/dev/null; kill -QUIT $!; kill -TERM $!; wait; rm -rf \"$folder\"";
    let mut command = Command::new("sh");
    command.args(["-c", script, "sh"]).arg(folder).args(words);
    Guarded(command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
}

impl Server {
    fn start(bin: PathBuf) -> Self {
        let folder = tempfile::Builder::new().prefix("disco-pg").tempdir_in("/tmp").unwrap().keep();
        let data = folder.join("data");
        let password = folder.join("password");
        std::fs::write(&password, PASSWORD).unwrap();
        if rustix::process::geteuid().is_root() {
            let owned = Command::new("chown").arg("-R").arg("postgres").arg(&folder).status().unwrap();
            assert!(owned.success());
        }
        let made = as_postgres(&bin.join("initdb"))
            .args(["-N", "-U", "postgres", "-A", "scram-sha-256", "--no-locale", "-E", "UTF8", "--pwfile"])
            .arg(&password)
            .arg("-D")
            .arg(&data)
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        certificates(&folder);
        let port = free_port();
        let mut settings = std::fs::OpenOptions::new().append(true).open(data.join("postgresql.conf")).unwrap();
        writeln!(
            settings,
            "port = {port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = '{}'\nfsync = off\nmax_connections = 200\n\
             ssl = on\nssl_cert_file = '{1}/server.crt'\nssl_key_file = '{1}/server.key'",
            folder.display(),
            folder.display()
        )
        .unwrap();
        let mut program = as_postgres(&bin.join("postgres"));
        program.arg("-D").arg(&data);
        let guard = guarded(&program, &folder);
        let begun = Instant::now();
        let ready = || {
            let mut asked = Command::new(bin.join("pg_isready"));
            asked.args(["-q", "-h", "127.0.0.1", "-p", &port.to_string()]).status().unwrap().success()
        };
        while !ready() {
            assert!(begun.elapsed() < Duration::from_mins(1), "the server does not start");
            std::thread::sleep(Duration::from_millis(50));
        }
        Self { host: "127.0.0.1".to_owned(), port, bin, folder: Some(folder), _guard: Some(guard) }
    }

    fn of(address: &str, bin: PathBuf) -> Self {
        let host = address.rsplit_once('@').map_or(address, |(_, host)| host);
        let (host, port) = host.split_once(':').unwrap_or((host, "5432"));
        Self { host: host.to_owned(), port: port.parse().unwrap(), bin, folder: None, _guard: None }
    }
}

/// An authority of our own and a certificate of `localhost` by it.
fn certificates(folder: &Path) {
    let script = "set -e; umask 077; openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
                  -subj /CN=authority -keyout ca.key -out ca.crt; \
                  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost -keyout server.key -out server.csr; \
                  printf 'subjectAltName=DNS:localhost' > names; \
                  openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile names -out server.crt";
    let shell = as_postgres(Path::new("sh")).args(["-c", script]).current_dir(folder).output().unwrap();
    assert!(shell.status.success(), "{}", String::from_utf8_lossy(&shell.stderr));
}

impl Postgres {
    /// A database; `None`, told aloud, where there is no PostgreSQL.
    pub(crate) fn start() -> Option<Self> {
        static SERVER: OnceLock<Option<Server>> = OnceLock::new();
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let server = SERVER.get_or_init(|| {
            let bin = programs()?;
            Some(match std::env::var("DISCO_TEST_POSTGRES") {
                Ok(address) => Server::of(&address, bin),
                Err(_) => Server::start(bin),
            })
        });
        let Some(server) = server.as_ref() else {
            let _ = writeln!(std::io::stderr(), "PostgreSQL is not here: states in it are not tested");
            return None;
        };
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("disco_test_{}_{number}", std::process::id());
        let database = Self { server, name };
        database.run("postgres", &format!("CREATE DATABASE {}", database.name));
        Some(database)
    }

    /// The port of the server.
    pub(crate) fn port(&self) -> u16 {
        self.server.port
    }

    /// The authority of the server's certificate, where it is ours.
    pub(crate) fn authority(&self) -> Option<PathBuf> {
        self.server.folder.as_ref().map(|folder| folder.join("ca.crt"))
    }

    /// Its address, without a password.
    pub(crate) fn address(&self) -> String {
        format!("postgres://postgres@{}:{}/{}", self.server.host, self.server.port, self.name)
    }

    /// What psql answers to a statement, a line a row.
    #[track_caller]
    pub(crate) fn sql(&self, statement: &str) -> String {
        self.run(&self.name, statement)
    }

    /// A value of a state's row; `None` where there is no such row, or no table yet.
    pub(crate) fn select(&self, what: &str, which: &str) -> Option<String> {
        if self.sql("SELECT to_regclass('disco.state')").is_empty() {
            return None;
        }
        Some(self.sql(&format!("SELECT {what} FROM disco.state WHERE {which}"))).filter(|row| !row.is_empty())
    }

    #[track_caller]
    fn run(&self, database: &str, statement: &str) -> String {
        let mut command = Command::new(self.server.bin.join("psql"));
        command
            .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", "postgres", "-h", &self.server.host])
            .args(["-p", &self.server.port.to_string(), "-d", database, "-c", statement])
            .env("PGPASSWORD", PASSWORD);
        let run = Run::of(&command.output().unwrap()).ends_with(0);
        run.stdout.trim_end().to_owned()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.run("postgres", &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
        }
    }
}
