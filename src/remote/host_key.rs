//! Whether a server is the one it should be.

use super::Error;
use russh::client;
use russh::keys::{HashAlg, PublicKey, PublicKeyOrCertificate};
use std::sync::{Arc, Mutex, PoisonError};

/// Compares the server's key with the expected one.
pub(super) struct Trust {
    host: String,
    expected: Option<PublicKey>,
    refused: Refused,
}

/// Why the server was refused, if it was; for the one who opened the connection.
#[derive(Clone, Default)]
pub(super) struct Refused(Arc<Mutex<Option<String>>>);

impl Refused {
    /// The reason as an error that does not go away, else the given error.
    pub(super) fn or(&self, error: impl Into<Error>) -> Error {
        let reason = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        reason.map_or_else(|| error.into(), Error::lasting)
    }
}

impl Trust {
    /// `key` is a public key in the one-line form of OpenSSH, with or without a host name in front.
    pub(super) fn new(host: &str, key: Option<&str>) -> Result<(Self, Refused), Error> {
        let expected = key.map(parse).transpose()?;
        let refused = Refused::default();
        Ok((Trust { host: host.to_owned(), expected, refused: refused.clone() }, refused))
    }

    fn check(&self, expected: &PublicKey, shown: &PublicKeyOrCertificate) -> Result<(), String> {
        let Some(certificate) = shown.certificate() else {
            return match shown.public_key().key_data() == expected.key_data() {
                true => Ok(()),
                false => Err(format!(
                    "the host key of {} is {}, and not the one given as host_key ({}); somebody may stand between this machine and it",
                    self.host,
                    shown.public_key().fingerprint(HashAlg::Sha256),
                    expected.fingerprint(HashAlg::Sha256)
                )),
            };
        };
        let authority = expected.fingerprint(HashAlg::Sha256);
        let refuse = |why: &str| Err(format!("the host certificate of {} {why}", self.host));
        if !certificate.cert_type().is_host() {
            return refuse("is not one for hosts");
        }
        let names = certificate.valid_principals();
        if !names.is_empty() && !names.contains(&self.host) {
            return refuse("is for other names");
        }
        match certificate.validate([&authority]) {
            Ok(()) => Ok(()),
            Err(_) => refuse("is not signed by the key given as host_key, or not valid now"),
        }
    }
}

fn parse(text: &str) -> Result<PublicKey, Error> {
    let text = text.trim();
    let direct = PublicKey::from_openssh(text);
    let found = direct.or_else(|error| {
        let rest = text.split_once(char::is_whitespace).map(|(_, rest)| rest.trim());
        rest.map_or(Err(error), PublicKey::from_openssh)
    });
    found.map_err(|error| Error::lasting(format!("host_key is not a public key in OpenSSH form: {error}")))
}

impl client::Handler for Trust {
    type Error = russh::Error;

    async fn check_server_key(&mut self, shown: &PublicKeyOrCertificate) -> Result<bool, russh::Error> {
        let Some(expected) = &self.expected else { return Ok(true) };
        match self.check(expected, shown) {
            Ok(()) => Ok(true),
            Err(reason) => {
                *self.refused.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(reason);
                Ok(false)
            }
        }
    }
}
