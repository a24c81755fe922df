//! What can go wrong between here and a database.

use std::error::Error as _;
use std::io;

use tokio_postgres::error::SqlState;

/// Something that was asked and came to nothing.
#[derive(Debug, thiserror::Error)]
pub(in crate::project) enum DatabaseFault {
    /// There is no connection.
    #[error("cannot {what}: the database cannot be reached")]
    Unreachable {
        /// What was asked.
        what: &'static str,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Something is lacking with which a connection could be made.
    #[error("cannot {what}: {why}")]
    Lacking {
        /// What was asked.
        what: &'static str,
        /// The library's words.
        why: String,
    },
    /// It may have arrived; no whole answer came.
    #[error("cannot {what}: the database has not answered")]
    Unanswered {
        /// What was asked.
        what: &'static str,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The database says no.
    #[error("cannot {what}: the database answers {message} ({})", .state.code())]
    Refused {
        /// What was asked.
        what: &'static str,
        /// PostgreSQL's code for it.
        state: SqlState,
        /// Its words.
        message: String,
    },
    /// Somebody else has the lock that was to be given back.
    #[error("cannot unlock the state: it is {0} that has it now")]
    OfAnother(String),
}

impl DatabaseFault {
    /// What a library says when something was asked, or was about to be.
    pub(super) fn of(what: &'static str, fault: tokio_postgres::Error, was_sent: bool) -> Self {
        match fault.as_db_error() {
            Some(said) => {
                let clean = said.message().chars().filter(|letter| !letter.is_control()).take(200).collect();
                Self::Refused { what, state: said.code().clone(), message: clean }
            }
            // The library has no better mark for it.
            None if fault.to_string() == "invalid configuration" => {
                Self::Lacking { what, why: fault.source().map_or_else(|| fault.to_string(), ToString::to_string) }
            }
            None if was_sent => Self::Unanswered { what, source: Box::new(fault) },
            None => Self::Unreachable { what, source: Box::new(fault) },
        }
    }

    /// No answer in time.
    pub(super) fn late(what: &'static str) -> Self {
        Self::Unanswered { what, source: Box::new(io::Error::from(io::ErrorKind::TimedOut)) }
    }

    /// Whether the table is not there yet.
    pub(super) fn is_without_table(&self) -> bool {
        matches!(self, Self::Refused { state, .. } if [SqlState::UNDEFINED_TABLE, SqlState::INVALID_SCHEMA_NAME].contains(state))
    }

    /// Whether the same may come to a good end a little later: the server starts, stops, fails over or is busy.
    pub(in super::super) fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Unanswered { .. } => true,
            Self::OfAnother(_) | Self::Lacking { .. } => false,
            Self::Refused { state, .. } => {
                state.code().starts_with("08")
                    || [
                        SqlState::TOO_MANY_CONNECTIONS,
                        SqlState::ADMIN_SHUTDOWN,
                        SqlState::CRASH_SHUTDOWN,
                        SqlState::CANNOT_CONNECT_NOW,
                        SqlState::T_R_SERIALIZATION_FAILURE,
                        SqlState::T_R_DEADLOCK_DETECTED,
                        SqlState::READ_ONLY_SQL_TRANSACTION,
                        SqlState::DUPLICATE_TABLE,
                        SqlState::UNIQUE_VIOLATION,
                    ]
                    .contains(state)
            }
        }
    }

    /// Whether what was asked may be done.
    pub(in super::super) fn may_have_arrived(&self) -> bool {
        match self {
            Self::Unanswered { .. } => true,
            Self::Unreachable { .. } | Self::Lacking { .. } | Self::OfAnother(_) => false,
            Self::Refused { state, .. } => [SqlState::ADMIN_SHUTDOWN, SqlState::CRASH_SHUTDOWN].contains(state),
        }
    }

    /// The way out.
    pub(in super::super) fn help(&self) -> &'static str {
        match self {
            Self::Unreachable { source, .. } if is_about_certificates(source.as_ref()) => {
                "name the authority of the server's certificate: `sslmode=verify-full sslrootcert=FILE` in `conn_str`; \
                 `sslmode=require` believes any certificate"
            }
            Self::Unreachable { .. } | Self::Unanswered { .. } => {
                "look whether `conn_str` in `state \"postgres\"` is right and the server runs, then run again"
            }
            Self::Lacking { .. } => "write it into `conn_str`, or set PGPASSWORD, PGUSER, PGHOST or PGDATABASE",
            Self::OfAnother(_) => "run `disco force-unlock` to see who has it",
            Self::Refused { state, .. } => match state.code() {
                "28P01" | "28000" => {
                    "write the user and the password into `conn_str`, or set PGUSER and PGPASSWORD; who may sign in from where \
                     is in the server's pg_hba.conf"
                }
                "3D000" => "make the database (CREATE DATABASE), or correct its name in `conn_str`: DISCO makes none",
                "42501" => {
                    "let this user make the schema (GRANT CREATE ON DATABASE), or make the table for it and let it read and \
                     write there"
                }
                "25006" => {
                    "name the server that may be written to: `target_session_attrs=read-write` with several hosts"
                }
                code if code.starts_with("53") => "make room on the database's server, then run again",
                _ => "look into the server's log, then run again",
            },
        }
    }
}

/// Whether it is a certificate that a connection failed of.
fn is_about_certificates(fault: &(dyn std::error::Error + 'static)) -> bool {
    let mut cause = Some(fault);
    while let Some(fault) = cause {
        let inner = fault.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        if fault.is::<rustls::Error>() || inner.and_then(|inner| inner.downcast_ref::<rustls::Error>()).is_some() {
            return true;
        }
        cause = fault.source();
    }
    false
}
