//! An S3 store: the state is an object, and its lock another one beside it.
//!
//! Both are written under conditions (`If-None-Match: *`, `If-Match: TAG`), which the store judges by itself. Not every store
//! knows them, and one that does not answers as if all were well: so whoever takes the lock asks for it twice, and for a tag
//! that it cannot have. Only a store that refuses both, because of the condition, is written to.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use rusty_s3::actions::{DeleteObject, GetObject, PutObject, S3Action};
use rusty_s3::{Bucket, Credentials, UrlStyle};

use super::ask::{Ask, Over, Prepared};
use crate::model::S3Place;
use crate::project::failure::{Failure, FailureKind};

/// How long a signed request is good.
const GOOD: Duration = Duration::from_mins(5);

/// Where a region is that nobody names.
const REGION: &str = "us-east-1";

/// The store, and who asks.
#[derive(Clone, Debug)]
pub(super) struct S3 {
    bucket: Bucket,
    credentials: Option<Credentials>,
    key: String,
    /// `s3://BUCKET/KEY`
    pub(super) shown: String,
}

impl S3 {
    /// That of a place. `variable` asks the environment.
    ///
    /// # Errors
    /// An endpoint or a bucket that cannot be.
    pub(super) fn new<'e>(place: &S3Place, variable: impl Fn(&str) -> Option<&'e str>) -> Result<Self, Failure> {
        let said = |name: &str| variable(name).filter(|value| !value.is_empty()).map(str::to_owned);
        let region = place.region.clone().or_else(|| said("AWS_REGION")).or_else(|| said("AWS_DEFAULT_REGION"));
        let region = region.unwrap_or_else(|| REGION.to_owned());
        let endpoint =
            place.endpoint.clone().or_else(|| said("AWS_ENDPOINT_URL_S3")).or_else(|| said("AWS_ENDPOINT_URL"));
        // Stores that are not Amazon's seldom have a name for each bucket.
        let by_path = place.use_path_style.unwrap_or(endpoint.is_some());
        let endpoint = endpoint.unwrap_or_else(|| format!("https://s3.{region}.amazonaws.com"));
        let style = if by_path { UrlStyle::Path } else { UrlStyle::VirtualHost };
        let unusable = |fault: &dyn std::error::Error| {
            Failure::new(FailureKind::Definition, format!("the S3 store at {endpoint} cannot be used"))
                .because(fault)
                .help("write `endpoint = \"https://s3.example.org\"` in `state \"s3\"`, or set AWS_ENDPOINT_URL_S3")
        };
        let url = reqwest::Url::parse(&endpoint).map_err(|fault| unusable(&fault))?;
        let bucket = Bucket::new(url, style, place.bucket.clone(), region).map_err(|fault| unusable(&fault))?;
        let text = |text: &Option<crate::model::Text>| text.as_ref().map(|text| text.value.clone());
        let access_key = text(&place.access_key).or_else(|| said("AWS_ACCESS_KEY_ID"));
        let secret_key = text(&place.secret_key).or_else(|| said("AWS_SECRET_ACCESS_KEY"));
        let token = said("AWS_SESSION_TOKEN").filter(|_| place.access_key.is_none());
        let credentials = access_key.zip(secret_key).map(|(key, secret)| match token {
            Some(token) => Credentials::new_with_token(key, secret, token),
            None => Credentials::new(key, secret),
        });
        let shown = format!("s3://{}/{}", place.bucket, place.key);
        Ok(Self { bucket, credentials, key: place.key.clone(), shown })
    }

    /// A question as it is sent.
    pub(super) fn prepare(&self, ask: &Ask<'_>) -> Prepared {
        let lock = format!("{}.lock", self.key);
        match ask {
            Ask::Read => self.get(&self.key),
            Ask::ReadLock => self.get(&lock),
            Ask::Write { bytes, over, .. } => self.put(&self.key, bytes.to_vec(), *over),
            Ask::Lock(info, over) => self.put(&lock, serde_json::to_vec(info).unwrap_or_default(), *over),
            Ask::Remove { .. } => self.delete(&self.key, None),
            Ask::Unlock(_, tag) => self.delete(&lock, *tag),
        }
    }

    fn get(&self, key: &str) -> Prepared {
        let url = GetObject::new(&self.bucket, self.credentials.as_ref(), key).sign(GOOD);
        Prepared { method: Method::GET, url: url.into(), headers: HeaderMap::new(), body: None }
    }

    fn delete(&self, key: &str, tag: Option<&str>) -> Prepared {
        let action = DeleteObject::new(&self.bucket, self.credentials.as_ref(), key);
        let (url, headers) = under(action, tag.map(Over::Tag));
        Prepared { method: Method::DELETE, url, headers, body: None }
    }

    fn put(&self, key: &str, body: Vec<u8>, over: Over<'_>) -> Prepared {
        let action = PutObject::new(&self.bucket, self.credentials.as_ref(), key);
        let (url, headers) = under(action, Some(over));
        Prepared { method: Method::PUT, url, headers, body: Some(body) }
    }
}

/// The signed address of something that is done under a condition, and the header that says it, which is signed, too.
fn under<'a>(mut action: impl S3Action<'a>, over: Option<Over<'a>>) -> (String, HeaderMap) {
    let mut headers = HeaderMap::new();
    let condition: Option<(HeaderName, &str)> = over.map(|over| match over {
        Over::Nothing => (header::IF_NONE_MATCH, "*"),
        Over::Tag(tag) => (header::IF_MATCH, tag),
    });
    if let Some((name, value)) = condition
        && let Ok(said) = HeaderValue::from_str(value)
    {
        action.headers_mut().insert(name.as_str().to_owned(), value.to_owned());
        headers.insert(name, said);
    }
    (action.sign(GOOD).into(), headers)
}
