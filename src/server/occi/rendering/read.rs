//! What a request says.

use http::Method;

use super::quoting::{parts, unquoted};
use super::{ATTRIBUTE, CATEGORY, Format, LOCATION, not_known};
use crate::server::occi::message::OcciRequest;
use crate::server::occi::refusal::{Refusal, RefusalKind};

/// More attributes than any cluster has.
const MOST: usize = 256;

/// What a request says in any format.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// Its categories.
    pub categories: Vec<Category>,
    /// Its attributes, in order; quotes are removed.
    pub attributes: Vec<(String, String)>,
}

/// What a thing is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Category {
    /// `disco`
    pub term: String,
    /// `http://schemas.cloudcomplab.ch/occi/sm#`
    pub scheme: String,
}

impl Content {
    /// The value of an attribute.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    fn read_categories(&mut self, text: &str) -> Result<(), Refusal> {
        for part in parts(text, ',')? {
            self.categories.push(category(part)?);
        }
        Ok(())
    }

    fn read_attributes(&mut self, text: &str) -> Result<(), Refusal> {
        for part in parts(text, ',')? {
            // What is there may be a secret: it is not repeated.
            let Some((name, value)) = part.split_once('=') else {
                return Err(Refusal::invalid(format!(
                    "attribute {} of `{ATTRIBUTE}` has no `=`; write `NAME=\"VALUE\"`, with a comma after each but the last",
                    self.attributes.len() + 1
                )));
            };
            if self.attributes.len() == MOST {
                return Err(Refusal::invalid(format!("there are more than {MOST} attributes")));
            }
            self.attributes.push((unquoted(name).trim().to_owned(), unquoted(value)));
        }
        Ok(())
    }
}

/// Reads what a request says, from its headers or its body, as its `Content-Type` has it. A request that says nothing may
/// have any.
///
/// # Errors
/// A format that there is not, or that requests cannot have; a quote that is not closed; what is neither category nor
/// attribute.
pub fn read(request: &OcciRequest) -> Result<Content, Refusal> {
    let mut content = Content::default();
    let (categories, attributes) = (request.list(CATEGORY)?, request.list(ATTRIBUTE)?);
    let in_headers = categories.is_some() || attributes.is_some();
    if !in_headers && request.body.iter().all(u8::is_ascii_whitespace) {
        return Ok(content);
    }
    let given = request.single("Content-Type")?.filter(|given| !given.is_empty());
    let format = match &given {
        None if in_headers => Format::Occi,
        None => Format::Plain,
        Some(given) => match Format::named(given) {
            Some(format) => format,
            // What is looked at has no content but a filter.
            None if request.method == Method::GET || request.method == Method::HEAD => return Ok(content),
            None => return Err(Refusal::new(RefusalKind::NotAcceptable, not_known("Content-Type", given))),
        },
    };
    match format {
        Format::Occi => {
            content.read_categories(&categories.unwrap_or_default())?;
            content.read_attributes(&attributes.unwrap_or_default())?;
        }
        Format::Plain => read_lines(&request.body, &mut content)?,
        Format::UriList | Format::Json => {
            return Err(Refusal::invalid(format!(
                "a request cannot be `{}`; use `{}` or `{}`",
                format.mime_type(),
                Format::Occi.mime_type(),
                Format::Plain.mime_type()
            )));
        }
    }
    Ok(content)
}

fn read_lines(body: &[u8], content: &mut Content) -> Result<(), Refusal> {
    let text = std::str::from_utf8(body).map_err(|_| Refusal::invalid("the body is not UTF-8"))?;
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let (name, value) = line.split_once(':').unwrap_or_default();
        let is = |word: &str| name.trim().eq_ignore_ascii_case(word);
        if is(CATEGORY) {
            content.read_categories(value)?;
        } else if is(ATTRIBUTE) {
            content.read_attributes(value)?;
        } else if !is(LOCATION) && !is("Link") {
            return Err(Refusal::invalid(format!(
                "line {} of the body does not begin with `{CATEGORY}:` or `{ATTRIBUTE}:`",
                number + 1
            )));
        }
    }
    Ok(())
}

/// `disco; scheme="…"; class="kind";`
fn category(text: &str) -> Result<Category, Refusal> {
    let mut pieces = parts(text, ';')?.into_iter();
    let term = pieces.next().map(unquoted).unwrap_or_default();
    let scheme = pieces.find_map(|piece| {
        let (name, value) = piece.split_once('=')?;
        name.trim().eq_ignore_ascii_case("scheme").then(|| unquoted(value))
    });
    match scheme {
        Some(scheme) => Ok(Category { term, scheme }),
        None => Err(Refusal::invalid(format!("category `{}` has no `scheme`", super::escaped(&term)))),
    }
}
