//! Bytes that are written in base64.

use base64::engine::{GeneralPurpose, GeneralPurposeConfig};
use base64::{DecodeError, Engine as _, alphabet};

use crate::expression::functions::{Call, Fault};

/// The usual alphabet; what the last digit says beyond the last byte is not looked at.
const LENIENT: GeneralPurpose =
    GeneralPurpose::new(&alphabet::STANDARD, GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true));

/// The bytes that the first argument writes in base64, line ends aside.
pub(super) fn from_base64(call: &Call<'_, '_>) -> Result<Vec<u8>, Fault> {
    let text: String = call.text(0).chars().filter(|char| !matches!(char, '\r' | '\n')).collect();
    LENIENT.decode(&text).map_err(|error| match error {
        DecodeError::InvalidByte(at, byte) => {
            let found = text.get(at..).and_then(|rest| rest.chars().next()).unwrap_or(char::from(byte));
            Fault::at(0, format!("not valid base64: found {found:?} at byte {at}"))
                .help("use A-Z, a-z, 0-9, `+` and `/`, with `=` at the end")
        }
        _ => Fault::at(0, "not valid base64: it is cut off").help("add `=` up to a multiple of four characters"),
    })
}
