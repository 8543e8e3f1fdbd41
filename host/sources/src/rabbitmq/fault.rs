//! From the HTTP client's errors to those an operator can act upon.
//! Looks at types, never at the text of a message.

use std::error::Error;
use std::io;

use rustls::{CertificateError, Error as TlsError};

use crate::{SourceError, TlsFault};

/// What went wrong between us and `at`.
pub(super) fn classify(at: &str, error: reqwest::Error) -> SourceError {
    // The URL in the error carries the whole query; `at` says where.
    let error = error.without_url();
    let at = at.to_owned();
    if let Some(tls) = find::<TlsError>(&error) {
        let fault = tls_fault(tls);
        return SourceError::Tls { at, fault, source: error.into() };
    }
    if find::<hyper::Error>(&error).is_some_and(hyper::Error::is_parse) {
        let got = "something that is not HTTP, as a TLS port does behind an http:// url".to_owned();
        return SourceError::NotManagementApi { at, got };
    }
    if error.is_connect() {
        return SourceError::Unreachable { at, source: error.into() };
    }
    SourceError::Interrupted { at, source: error.into() }
}

/// The error of this type somewhere below.
fn find<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        // An I/O error's source is its content's source: look at the content.
        next = match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(content) => Some(content),
            None => error.source(),
        };
    }
    None
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the library's lists of errors are open")]
fn tls_fault(error: &TlsError) -> TlsFault {
    match error {
        TlsError::InvalidCertificate(why) => match why {
            CertificateError::UnknownIssuer | CertificateError::BadSignature => {
                TlsFault::NotTrusted
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                TlsFault::WrongName
            }
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. } => TlsFault::OutsideValidity,
            _ => TlsFault::Other,
        },
        TlsError::InvalidMessage(_) => TlsFault::NotTls,
        _ => TlsFault::Other,
    }
}
