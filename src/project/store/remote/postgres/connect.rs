//! The way to a database: libpq's words for it, and its connections.

use std::sync::Arc;
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};
use tokio_postgres::{Client, Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::DatabaseFault;
use crate::project::failure::{Failure, FailureKind};

/// How long a connection is waited for, where `conn_str` does not say.
const CONNECTING: Duration = Duration::from_secs(10);

/// How long a connection is silent before it is looked after.
const IDLE: Duration = Duration::from_secs(30);

/// Where a server's socket is, where no host is named: what Debian's libpq has.
const SOCKETS: &str = "/var/run/postgresql";

/// A database, and how a connection to it is made.
#[derive(Debug)]
pub(super) struct Connector {
    config: Config,
    tls: Option<ClientConfig>,
}

/// What is asked of a server's certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Trust {
    /// It is not even encrypted.
    Plain,
    /// Whatever certificate it has; without one, too, unless it is required.
    Anybody {
        /// Whether TLS is required.
        required: bool,
    },
    /// One of the server's name by the system's authorities, or by those in that file.
    Verified(Option<String>),
}

impl Connector {
    /// The database that a definition names, and where it does not, the environment.
    ///
    /// # Errors
    /// Words that are none of libpq's; authorities that cannot be read.
    pub(super) fn new<'e>(conn_str: Option<&str>, variable: impl Fn(&str) -> Option<&'e str>) -> Result<Self, Failure> {
        let said = |name: &str| variable(name).filter(|value| !value.is_empty());
        let Some(conn_str) = conn_str.or_else(|| said("PG_CONN_STR")).or_else(|| said("PGHOST").map(|_| "")) else {
            return Err(unusable("no database is named").help(HELP));
        };
        let (rest, mode) = taken(conn_str, "sslmode");
        let (rest, authorities) = taken(&rest, "sslrootcert");
        let mut config: Config =
            rest.parse().map_err(|fault| unusable("its words are none of libpq's").because(&fault).help(HELP))?;
        if config.get_hosts().is_empty() {
            config.host(said("PGHOST").unwrap_or(SOCKETS));
        }
        if config.get_ports().is_empty()
            && let Some(port) = said("PGPORT")
        {
            let port = port.parse().map_err(|_| unusable(&format!("`{port}` in PGPORT is no port")).help(HELP))?;
            config.port(port);
        }
        if config.get_user().is_none()
            && let Some(user) = said("PGUSER")
        {
            config.user(user);
        }
        if config.get_password().is_none()
            && let Some(password) = said("PGPASSWORD")
        {
            config.password(password);
        }
        if config.get_dbname().is_none()
            && let Some(name) = said("PGDATABASE")
        {
            config.dbname(name);
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECTING);
        }
        if config.get_application_name().is_none() {
            config.application_name("disco");
        }
        config.keepalives_idle(IDLE).tcp_user_timeout(super::PATIENCE);
        if config.get_hosts().len() > 1 && config.get_target_session_attrs() == TargetSessionAttrs::Any {
            config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        let mode = mode.or_else(|| said("PGSSLMODE").map(str::to_owned));
        let authorities = authorities.or_else(|| said("PGSSLROOTCERT").map(str::to_owned));
        let trust = Trust::of(mode.as_deref(), authorities, config.get_hosts())?;
        config.ssl_mode(match &trust {
            Trust::Plain => SslMode::Disable,
            Trust::Anybody { required: false } => SslMode::Prefer,
            Trust::Anybody { required: true } | Trust::Verified(_) => SslMode::Require,
        });
        Ok(Self { config, tls: trust.client()? })
    }

    /// `postgres://HOST/DATABASE`, without who signs in.
    pub(super) fn shown(&self) -> String {
        let hosts = self.config.get_hosts().iter().enumerate().map(|(at, host)| {
            let ports = self.config.get_ports();
            let port = ports.get(at).or_else(|| ports.first()).filter(|port| **port != 5432);
            let host = match host {
                Host::Tcp(name) if name.contains(':') => format!("[{name}]"),
                Host::Tcp(name) => name.clone(),
                #[cfg(unix)]
                Host::Unix(path) => path.display().to_string(),
            };
            port.map_or_else(|| host.clone(), |port| format!("{host}:{port}"))
        });
        let hosts: Vec<String> = hosts.collect();
        let name = self.config.get_dbname().or_else(|| self.config.get_user()).unwrap_or_default();
        format!("postgres://{}/{name}", hosts.join(","))
    }

    /// Another connection, which lives as long as what is asked with it.
    pub(super) async fn connect(&self, what: &'static str) -> Result<Client, DatabaseFault> {
        let failed = |fault| DatabaseFault::of(what, fault, false);
        let client = if let Some(tls) = &self.tls {
            let (client, connection) =
                self.config.connect(MakeRustlsConnect::new(tls.clone())).await.map_err(failed)?;
            tokio::spawn(connection);
            client
        } else {
            let (client, connection) = self.config.connect(NoTls).await.map_err(failed)?;
            tokio::spawn(connection);
            client
        };
        Ok(client)
    }
}

impl Trust {
    /// What `sslmode` asks for. Where nobody says it, a certificate is verified unless the server is on this machine.
    fn of(mode: Option<&str>, authorities: Option<String>, hosts: &[Host]) -> Result<Self, Failure> {
        let is_socket = |host: &Host| !matches!(host, Host::Tcp(_));
        let is_here = |host: &Host| match host {
            Host::Tcp(name) => name == "localhost" || name.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback()),
            #[cfg(unix)]
            Host::Unix(_) => true,
        };
        let authorities = authorities.filter(|file| file != "system");
        // What libpq asks of names for `verify-ca` is less; nobody is let in who should not be.
        let verifies =
            mode.is_none_or(|mode| mode.strip_prefix("verify").is_some_and(|of| ["-ca", "-full"].contains(&of)));
        match mode {
            _ if hosts.iter().all(is_socket) => Ok(Self::Plain),
            Some("disable") => Ok(Self::Plain),
            // As libpq has it: an authority that is named is meant to be asked.
            Some("require") if authorities.is_some() => Ok(Self::Verified(authorities)),
            Some("allow" | "prefer") => Ok(Self::Anybody { required: false }),
            Some("require") => Ok(Self::Anybody { required: true }),
            None if hosts.iter().all(is_here) && authorities.is_none() => Ok(Self::Anybody { required: false }),
            _ if verifies => Ok(Self::Verified(authorities)),
            other => Err(unusable(&format!("`{}` is no `sslmode`", other.unwrap_or_default()))
                .help("use `disable`, `prefer`, `require` or `verify-full`")),
        }
    }

    /// What makes TLS of it.
    fn client(&self) -> Result<Option<ClientConfig>, Failure> {
        let failed = |fault: rustls::Error| unusable("TLS cannot be had").because(&fault);
        let provider = Arc::new(ring::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(failed)?;
        Ok(Some(match self {
            Self::Plain => return Ok(None),
            Self::Anybody { .. } => {
                let anybody = Arc::new(Anybody(provider));
                builder.dangerous().with_custom_certificate_verifier(anybody).with_no_client_auth()
            }
            Self::Verified(None) => builder.with_platform_verifier().map_err(failed)?.with_no_client_auth(),
            Self::Verified(Some(file)) => {
                let unread = |fault: &dyn std::error::Error| {
                    unusable(&format!("the authorities in `{file}` cannot be read"))
                        .because(fault)
                        .help("name a file of PEM certificates as `sslrootcert`")
                };
                let mut roots = RootCertStore::empty();
                for certificate in CertificateDer::pem_file_iter(file).map_err(|fault| unread(&fault))? {
                    let certificate = certificate.map_err(|fault| unread(&fault))?;
                    roots.add(certificate).map_err(|fault| unread(&fault))?;
                }
                builder.with_root_certificates(roots).with_no_client_auth()
            }
        }))
    }
}

const HELP: &str = "write `conn_str = \"postgres://USER@HOST/DATABASE\"` in `state \"postgres\"`, or set PG_CONN_STR, or PGHOST and \
                    PGDATABASE";

fn unusable(why: &str) -> Failure {
    Failure::new(FailureKind::Definition, format!("the database of the state cannot be used: {why}"))
}

/// Takes what libpq knows and the library does not out of a connection string: the rest, and the value.
fn taken(conn_str: &str, key: &str) -> (String, Option<String>) {
    if let Some((before, query)) = conn_str.split_once('?').filter(|_| conn_str.contains("://")) {
        let is_it = |pair: &&str| pair.split_once('=').is_some_and(|(name, _)| name == key);
        let (found, kept): (Vec<&str>, Vec<&str>) = query.split('&').partition(is_it);
        let value = found
            .last()
            .and_then(|pair| pair.split_once('='))
            .map(|(_, value)| percent_encoding::percent_decode_str(value).decode_utf8_lossy().into_owned());
        let rest = if kept.is_empty() { before.to_owned() } else { format!("{before}?{}", kept.join("&")) };
        return (rest, value);
    }
    if conn_str.contains("://") {
        return (conn_str.to_owned(), None);
    }
    let (mut kept, mut value) = (Vec::new(), None);
    for word in words(conn_str) {
        match word.split_once('=') {
            Some((name, said)) if name.trim() == key => value = Some(plain(said)),
            _ => kept.push(word),
        }
    }
    (kept.join(" "), value)
}

/// The settings of a connection string, as they are written: blanks between quotes separate nothing.
fn words(conn_str: &str) -> Vec<&str> {
    let (mut words, mut begin, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (at, letter) in conn_str.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '\'' => quoted = !quoted,
            letter if letter.is_whitespace() && !quoted => {
                words.push(&conn_str[begin..at]);
                begin = at + letter.len_utf8();
            }
            _ => {}
        }
    }
    words.push(&conn_str[begin..]);
    words.retain(|word| !word.is_empty());
    words
}

/// A value without its quotes and escapes.
fn plain(value: &str) -> String {
    let value = value.trim();
    let inner = value.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')).unwrap_or(value);
    let (mut plain, mut letters) = (String::new(), inner.chars());
    while let Some(letter) = letters.next() {
        plain.extend(if letter == '\\' { letters.next() } else { Some(letter) });
    }
    plain
}

/// Believes any certificate, as `sslmode=require` does; that the server has its key is looked at.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_library_does_not_know_is_taken_out() {
        let cases = [
            (
                "postgres://u@h/d?sslmode=verify-full&connect_timeout=3",
                "postgres://u@h/d?connect_timeout=3",
                Some("verify-full"),
            ),
            ("postgres://u@h/d?sslmode=require", "postgres://u@h/d", Some("require")),
            ("postgresql://u:a%3Fb@h/d", "postgresql://u:a%3Fb@h/d", None),
            ("host=h password='a b' sslmode='verify-full' user=u", "host=h password='a b' user=u", Some("verify-full")),
            (r"host=h password=it\'s sslmode=require", r"host=h password=it\'s", Some("require")),
            ("password='sslmode=no' host=h", "password='sslmode=no' host=h", None),
            ("", "", None),
        ];
        for (from, rest, value) in cases {
            assert_eq!(taken(from, "sslmode"), (rest.to_owned(), value.map(str::to_owned)), "{from}");
        }
    }

    #[test]
    fn certificates_are_verified_unless_somebody_says_otherwise() {
        let trust = |conn_str: &str, mode| Trust::of(mode, None, conn_str.parse::<Config>().unwrap().get_hosts());
        assert_eq!(trust("host=db.example.org", None).unwrap(), Trust::Verified(None));
        assert_eq!(trust("host=127.0.0.1,db.example.org", None).unwrap(), Trust::Verified(None));
        assert_eq!(trust("host=127.0.0.1", None).unwrap(), Trust::Anybody { required: false });
        assert_eq!(trust("host=/run/postgresql", Some("verify-full")).unwrap(), Trust::Plain);
        assert_eq!(trust("host=db.example.org", Some("require")).unwrap(), Trust::Anybody { required: true });
        assert_eq!(trust("host=db.example.org", Some("disable")).unwrap(), Trust::Plain);
        assert!(trust("host=db.example.org", Some("sometimes")).unwrap_err().message.contains("sslmode"));
    }

    #[test]
    fn who_signs_in_is_not_shown() {
        let shown = |conn_str: &str| Connector::new(Some(conn_str), |_| None).unwrap().shown();
        assert_eq!(
            shown("postgres://me:secret@db.example.org/states?sslmode=require"),
            "postgres://db.example.org/states"
        );
        assert_eq!(shown("host=a,b port=5433 dbname=x password=secret sslmode=disable"), "postgres://a:5433,b:5433/x");
        let fault = Connector::new(Some("postgres://me:secret@db/x?color=red"), |_| None).unwrap_err();
        assert!(!format!("{fault:?}").contains("secret"), "{fault:?}");
    }
}
