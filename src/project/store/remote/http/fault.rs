//! What can go wrong between here and a server for states.

use std::time::Duration;

use http::StatusCode;

/// A request that came to nothing.
#[derive(Debug, thiserror::Error)]
pub(in crate::project) enum HttpFault {
    /// It has not left: the server cannot be reached.
    #[error("cannot {what}: the server cannot be reached")]
    Unreachable {
        /// What was asked.
        what: &'static str,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// It may have arrived; no whole answer came.
    #[error("cannot {what}: the server has not answered")]
    Unanswered {
        /// What was asked.
        what: &'static str,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// An S3 store writes whatever the conditions of a request say.
    #[error("cannot lock the state: this store ignores the conditions of requests")]
    Conditions,
    /// An S3 store does not say by which tag an object is known again.
    #[error("cannot read the state: this store gives objects no ETag")]
    Untagged,
    /// The server says no.
    #[error("cannot {what}: the server answers {status}{said}")]
    Refused {
        /// What was asked.
        what: &'static str,
        /// Its status.
        status: StatusCode,
        /// Its words, after a colon, if it has any.
        said: String,
        /// Whether the same may come to a good end a little later.
        passes: bool,
        /// How long it asks to wait.
        retry_after: Option<Duration>,
    },
}

impl HttpFault {
    /// Whether the same may come to a good end a little later.
    pub(in super::super) fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Unanswered { .. } => true,
            Self::Conditions | Self::Untagged => false,
            Self::Refused { passes, .. } => *passes,
        }
    }

    /// Whether what was asked may be done.
    pub(in super::super) fn may_have_arrived(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Conditions | Self::Untagged => false,
            Self::Unanswered { .. } => true,
            Self::Refused { status, .. } => status.is_server_error(),
        }
    }

    pub(in super::super) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// The way out, of an S3 store.
    pub(super) fn help_for_s3(&self) -> &'static str {
        match self {
            Self::Unreachable { .. } | Self::Unanswered { .. } => {
                "look whether `endpoint` in `state \"s3\"` is right and the store runs, then run again"
            }
            Self::Conditions | Self::Untagged => {
                "keep the state in a store that judges `If-Match` and `If-None-Match` (Amazon S3, MinIO, Ceph 20 do): without \
                 them two people at once would lose what one of them did"
            }
            Self::Refused { status, .. } => match status.as_u16() {
                401 | 403 => {
                    "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to a key that may read, write and delete this object and the \
                     one with `.lock` at its end"
                }
                404 => "make the bucket, or correct `bucket`: DISCO makes none",
                300..=399 => "write the region of the bucket as `region`, or its address as `endpoint`",
                _ => "look what the store says, then run again",
            },
        }
    }

    /// The way out.
    pub(super) fn help(&self) -> &'static str {
        match self {
            Self::Conditions | Self::Untagged | Self::Unreachable { .. } | Self::Unanswered { .. } => {
                "look whether `address` is right and the server runs, then run again"
            }
            Self::Refused { status, .. } => match status.as_u16() {
                401 | 403 => {
                    "set `username` and `password` in `state \"http\"`, or DISCO_HTTP_USERNAME and DISCO_HTTP_PASSWORD"
                }
                404 | 405 | 501 => {
                    "name a server that speaks Terraform's protocol for states over HTTP, locks included, and its methods \
                     and addresses: `lock_address`, `lock_method`, …"
                }
                300..=399 => "write the address that it points to as `address`",
                _ => "look into the server's log, then run again",
            },
        }
    }
}
