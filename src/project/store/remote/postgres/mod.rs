//! A PostgreSQL database: a state is a row, and so is its lock, which is a lease on the database's clock.
//!
//! Nothing depends on a session, so that it works behind a pooler of transactions: each statement stands for itself, unnamed. A
//! write is one statement that names the lock and what is to be there, and lengthens the lease. Heat cannot check a lease: so
//! whoever takes one that has run out waits until a call that its holder may have sent last has ended.

mod connect;
mod fault;

use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Row};

use super::lease::{LockInfo, NOBODY_KNOWN, NotLocked, RemoteLock};
use super::{ATTEMPTS, Contested, Expected, Write, changed, pause};
use crate::model::PostgresPlace;
use crate::project::failure::Failure;
use connect::Connector;
pub(super) use fault::DatabaseFault;

/// How long a lease lasts without being renewed.
const LEASE: Duration = Duration::from_secs(20);

/// How long after its end nobody else takes it: as long as the last call to Heat may last, and some more.
const GRACE: Duration = Duration::from_secs(40);

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// Whoever makes the table keeps others from doing so at the same moment: PostgreSQL's own check does not.
const MAKING: i64 = 0x6469_7363_6f31;

/// The database, the row, and the connection to it.
#[derive(Clone, Debug)]
pub(super) struct Database {
    connector: Arc<Connector>,
    schema: String,
    name: String,
    workspace: String,
    /// `postgres://HOST/DATABASE/SCHEMA/NAME`
    pub(super) shown: String,
    client: Arc<tokio::sync::Mutex<Option<Arc<Client>>>>,
}

/// What is asked with.
type Parameters<'a> = &'a [(&'a (dyn ToSql + Sync), Type)];

impl Database {
    /// That of a place. `variable` asks the environment.
    ///
    /// # Errors
    /// A database that is named nowhere, or in words that are none of libpq's.
    pub(super) fn new<'e>(
        place: &PostgresPlace,
        workspace: &str,
        variable: impl Fn(&str) -> Option<&'e str>,
    ) -> Result<Self, Failure> {
        let connector = Connector::new(place.conn_str.as_ref().map(|said| said.value.as_str()), variable)?;
        let (schema, name) = (place.schema_name.clone(), place.name.clone());
        let shown = format!("{}/{schema}/{name}", connector.shown());
        let connector = Arc::new(connector);
        Ok(Self { connector, schema, name, workspace: workspace.to_owned(), shown, client: Arc::default() })
    }

    /// The same with a connection of this thread's own.
    pub(super) fn anew(&self) -> Self {
        Self { client: Arc::default(), ..self.clone() }
    }

    /// The state's bytes; `None` where there is none.
    pub(super) async fn load(&self) -> Result<Option<Vec<u8>>, DatabaseFault> {
        let sql = "SELECT content FROM {table} WHERE name = $1 AND workspace = $2";
        let rows = match self.ask("read the state", sql, &[]).await {
            Err(fault) if fault.is_without_table() => return Ok(None),
            other => other?,
        };
        rows.first().map_or(Ok(None), |row| read("read the state", row, 0))
    }

    /// Writes the state once, and lengthens the lease.
    pub(super) async fn write(&self, write: Write<'_>) -> Result<(), Contested> {
        let Write { bytes, expected, lock, may_have_arrived } = write;
        let lock = lock.unwrap_or_default();
        let (there, seen) = match expected {
            Expected::Anything => ("true", None),
            Expected::Nothing => ("content IS NULL", None),
            Expected::These(seen) => ("sha256(content) = $5", Some(seen)),
        };
        let lasts = interval(LEASE);
        let seen = seen.map(|seen| Sha256::digest(seen).to_vec());
        // What has arrived before, unanswered, arrives once more.
        let there = if may_have_arrived { format!("({there} OR content = $3)") } else { there.to_owned() };
        let sql = format!(
            "UPDATE {{table}} SET content = $3, written_at = clock_timestamp(), expires_at = clock_timestamp() + {lasts} \
             WHERE name = $1 AND workspace = $2 AND lock_id = $4 AND {there} RETURNING true"
        );
        let mut parameters: Vec<(&(dyn ToSql + Sync), Type)> = vec![(&bytes, Type::BYTEA), (&lock, Type::TEXT)];
        if let Some(seen) = &seen {
            parameters.push((seen, Type::BYTEA));
        }
        if !self.ask_once("write the state", &sql, &parameters).await?.is_empty() {
            return Ok(());
        }
        let sql = "SELECT content IS NOT NULL, lock_id, lock_info FROM {table} WHERE name = $1 AND workspace = $2";
        let rows = self.ask_once("read the state", sql, &[]).await?;
        let Some(row) = rows.first() else { return Err(Contested::Lost(NOBODY_KNOWN.to_owned())) };
        let holder: Option<String> = read("read the lock of the state", row, 1)?;
        match holder {
            Some(holder) if holder == lock => Err(changed(read("read the state", row, 0)?)),
            None => Err(Contested::Lost(NOBODY_KNOWN.to_owned())),
            Some(_) => Err(Contested::Lost(match info(row, 2)? {
                Some(holder) => format!("it is {holder} that has it now"),
                None => NOBODY_KNOWN.to_owned(),
            })),
        }
    }

    /// Deletes the state; its lock stays until it is given back.
    pub(super) async fn remove(&self, lock: Option<&str>) -> Result<(), DatabaseFault> {
        let sql = "UPDATE {table} SET content = NULL WHERE name = $1 AND workspace = $2 AND lock_id = $3";
        self.ask("delete the state", sql, &[(&lock.unwrap_or_default(), Type::TEXT)]).await.map(drop)
    }

    /// Takes the lock if nobody has it; how long it lasts.
    pub(super) async fn lock(&self, wanted: &LockInfo) -> Result<Option<Duration>, NotLocked> {
        const WHAT: &str = "lock the state";
        let (lasts, waits) = (interval(LEASE), interval(GRACE));
        let sql = format!(
            "INSERT INTO {{table}} AS kept (name, workspace, lock_id, lock_info, expires_at) \
             VALUES ($1, $2, $3, $4, clock_timestamp() + {lasts}) \
             ON CONFLICT (name, workspace) DO UPDATE SET lock_id = $3, lock_info = $4, expires_at = clock_timestamp() + {lasts} \
             WHERE kept.lock_id IS NULL OR kept.lock_id = $3 OR kept.expires_at + {waits} < clock_timestamp() RETURNING true"
        );
        let said = serde_json::to_string(wanted).unwrap_or_default();
        let parameters: Parameters<'_> = &[(&wanted.id, Type::TEXT), (&said, Type::TEXT)];
        let rows = match self.ask(WHAT, &sql, parameters).await {
            Err(fault) if fault.is_without_table() => {
                self.make_table().await?;
                self.ask(WHAT, &sql, parameters).await?
            }
            other => other?,
        };
        if !rows.is_empty() {
            return Ok(Some(LEASE));
        }
        let sql = format!(
            "SELECT lock_info, greatest(1, ceil(extract(epoch FROM expires_at + {waits} - clock_timestamp())))::bigint \
             FROM {{table}} WHERE name = $1 AND workspace = $2 AND lock_id IS NOT NULL"
        );
        let rows = self.ask("read the lock of the state", &sql, &[]).await?;
        let Some(row) = rows.first() else { return Err(NotLocked::Held { holder: None, lasts: Some(LEASE) }) };
        let left: Option<i64> = read(WHAT, row, 1)?;
        let lasts = left.and_then(|left| u64::try_from(left).ok()).map(Duration::from_secs);
        Err(NotLocked::Held { holder: info(row, 0)?, lasts })
    }

    /// Takes the lock again, which nobody else has taken meanwhile.
    pub(super) async fn renew(&self, own: &LockInfo) -> Result<Option<Duration>, NotLocked> {
        let lasts = interval(LEASE);
        let sql = format!(
            "UPDATE {{table}} SET expires_at = clock_timestamp() + {lasts} \
             WHERE name = $1 AND workspace = $2 AND lock_id = $3 RETURNING true"
        );
        if !self.ask("lock the state", &sql, &[(&own.id, Type::TEXT)]).await?.is_empty() {
            return Ok(Some(LEASE));
        }
        match self.locked().await? {
            RemoteLock::Free => Err(NotLocked::Held { holder: None, lasts: None }),
            RemoteLock::Held(holder) => Err(NotLocked::Held { holder, lasts: None }),
        }
    }

    /// Gives the lock back, or takes it from whoever has it. What never had a state leaves nothing.
    pub(super) async fn unlock(&self, own: &LockInfo) -> Result<(), DatabaseFault> {
        let sql = "WITH gone AS (DELETE FROM {table} WHERE name = $1 AND workspace = $2 AND lock_id = $3 AND content IS NULL), \
                   free AS (UPDATE {table} SET lock_id = NULL, lock_info = NULL, expires_at = NULL \
                   WHERE name = $1 AND workspace = $2 AND lock_id = $3 AND content IS NOT NULL) \
                   SELECT lock_id, lock_info FROM {table} WHERE name = $1 AND workspace = $2 AND lock_id <> $3";
        // Read as it was before: whoever has it then is another one.
        let rows = match self.ask("unlock the state", sql, &[(&own.id, Type::TEXT)]).await {
            Err(fault) if fault.is_without_table() => return Ok(()),
            other => other?,
        };
        let Some(row) = rows.first() else { return Ok(()) };
        let holder = info(row, 1)?.map_or_else(|| "somebody else".to_owned(), |holder| holder.to_string());
        Err(DatabaseFault::OfAnother(holder))
    }

    /// Who has the lock.
    pub(super) async fn locked(&self) -> Result<RemoteLock, DatabaseFault> {
        let sql = "SELECT lock_info FROM {table} WHERE name = $1 AND workspace = $2 AND lock_id IS NOT NULL";
        let rows = match self.ask("read the lock of the state", sql, &[]).await {
            Err(fault) if fault.is_without_table() => return Ok(RemoteLock::Free),
            other => other?,
        };
        rows.first().map_or(Ok(RemoteLock::Free), |row| Ok(RemoteLock::Held(info(row, 0)?)))
    }

    /// Makes schema and table. A schema that is there is not asked for again: that needs a right which many users do not have.
    async fn make_table(&self) -> Result<(), DatabaseFault> {
        let (schema, table) = (&self.schema, self.table());
        let sql = format!(
            "DO $$ BEGIN PERFORM pg_advisory_xact_lock({MAKING}); \
             IF to_regnamespace('{schema}') IS NULL THEN CREATE SCHEMA {schema}; END IF; \
             CREATE TABLE IF NOT EXISTS {table} (name text NOT NULL, workspace text NOT NULL, content bytea, \
             written_at timestamptz, lock_id text, lock_info text, expires_at timestamptz, PRIMARY KEY (name, workspace)); \
             END $$"
        );
        self.run("make the table of states", &sql, &[]).await.map(drop)
    }

    fn table(&self) -> String {
        format!("{}.state", self.schema)
    }

    /// Asks what may be asked twice, until there is an answer. `$1` and `$2` are the row's.
    async fn ask(&self, what: &'static str, sql: &str, more: Parameters<'_>) -> Result<Vec<Row>, DatabaseFault> {
        let mut attempt = 1;
        loop {
            match self.ask_once(what, sql, more).await {
                Err(fault) if fault.may_pass() && attempt < ATTEMPTS => pause(attempt, None).await,
                other => return other,
            }
            attempt += 1;
        }
    }

    /// Asks once.
    async fn ask_once(&self, what: &'static str, sql: &str, more: Parameters<'_>) -> Result<Vec<Row>, DatabaseFault> {
        let row: [(&(dyn ToSql + Sync), Type); 2] = [(&self.name, Type::TEXT), (&self.workspace, Type::TEXT)];
        let parameters = [&row, more].concat();
        self.run(what, &sql.replace("{table}", &self.table()), &parameters).await
    }

    async fn run(&self, what: &'static str, sql: &str, parameters: Parameters<'_>) -> Result<Vec<Row>, DatabaseFault> {
        let client = self.client(what).await?;
        let asked = Box::pin(client.query_typed(sql, parameters));
        if let Ok(answer) = tokio::time::timeout(PATIENCE, asked).await {
            return answer.map_err(|fault| DatabaseFault::of(what, fault, true));
        }
        // What comes late is not read by anybody else.
        *self.client.lock().await = None;
        Err(DatabaseFault::late(what))
    }

    /// The connection, or another one where that has ended.
    async fn client(&self, what: &'static str) -> Result<Arc<Client>, DatabaseFault> {
        let mut kept = self.client.lock().await;
        if let Some(client) = kept.as_ref().filter(|client| !client.is_closed()) {
            return Ok(Arc::clone(client));
        }
        let client = Arc::new(Box::pin(self.connector.connect(what)).await?);
        *kept = Some(Arc::clone(&client));
        Ok(client)
    }
}

/// A time in SQL.
fn interval(time: Duration) -> String {
    format!("interval '{} seconds'", time.as_secs())
}

/// A value of a row.
fn read<'r, T: tokio_postgres::types::FromSql<'r>>(
    what: &'static str,
    row: &'r Row,
    column: usize,
) -> Result<T, DatabaseFault> {
    row.try_get(column).map_err(|fault| DatabaseFault::of(what, fault, true))
}

/// Who has a lock, as a row says.
fn info(row: &Row, column: usize) -> Result<Option<LockInfo>, DatabaseFault> {
    let said: Option<String> = read("read the lock of the state", row, column)?;
    Ok(said.and_then(|said| LockInfo::read(said.as_bytes())))
}
