//! Logging in: key, certificate, password, agent.

use super::host_key::Trust;
use super::{Error, Login, Machine};
use russh::MethodKind;
use russh::client::{AuthResult, Handle, KeyboardInteractiveAuthResponse};
use russh::keys::agent::AgentIdentity;
use russh::keys::agent::client::AgentClient;
use russh::keys::{Certificate, PrivateKey, PrivateKeyWithHashAlg, PublicKey, decode_secret_key};
use std::sync::Arc;

/// Keys read before connecting, so that a wrong one is told at once.
pub(super) struct Credentials<'a> {
    key: Option<Arc<PrivateKey>>,
    certificate: Option<Certificate>,
    login: &'a Login,
}

impl<'a> Credentials<'a> {
    /// Reads the keys. An error does not go away by trying again.
    pub(super) fn read(login: &'a Login) -> Result<Self, Error> {
        let key = login.private_key.as_deref().map(|text| {
            decode_secret_key(text, None).map(Arc::new).map_err(|error| {
                Error::lasting(match error {
                    russh::keys::Error::KeyIsEncrypted => "the private key is protected by a passphrase; give a key without one, or put it into the SSH agent".to_owned(),
                    _ => format!("the private key cannot be read: {error}"),
                })
            })
        });
        let certificate = login.certificate.as_deref().map(|text| {
            let parsed = Certificate::from_openssh(text.trim());
            parsed.map_err(|error| Error::lasting(format!("the certificate cannot be read: {error}")))
        });
        let (key, certificate) = (key.transpose()?, certificate.transpose()?);
        if certificate.is_some() && key.is_none() {
            return Err(Error::lasting("a certificate needs the private key that belongs to it"));
        }
        Ok(Credentials { key, certificate, login })
    }

    /// Logs in by the first way the server accepts.
    pub(super) async fn log_in(&self, handle: &mut Handle<Trust>, machine: &Machine) -> Result<(), Error> {
        let mut tried = Vec::new();
        let user = machine.user.as_str();
        if let Some(key) = &self.key {
            let result = match &self.certificate {
                Some(certificate) => {
                    handle.authenticate_openssh_cert(user, Arc::clone(key), certificate.clone()).await?
                }
                None => {
                    let hash = handle.best_supported_rsa_hash().await?.flatten();
                    let key = PrivateKeyWithHashAlg::new(Arc::clone(key), hash);
                    handle.authenticate_publickey(user, key).await?
                }
            };
            if result.success() {
                return Ok(());
            }
            tried.push("private key");
        }
        if let Some(password) = &self.login.password {
            let result = handle.authenticate_password(user, password.as_str()).await?;
            if result.success() {
                return Ok(());
            }
            tried.push("password");
            if allows(&result, MethodKind::KeyboardInteractive) && answer(handle, user, password).await? {
                return Ok(());
            }
        }
        if self.login.agent {
            if self.ask_agent(handle, user).await? {
                return Ok(());
            }
            tried.push("SSH agent");
        }
        if tried.is_empty() {
            if handle.authenticate_none(user).await?.success() {
                return Ok(());
            }
            return Err(Error::lasting(format!(
                "there is no way to log in to {} as {user}: give private_key or password, or let an SSH agent run",
                machine.host
            )));
        }
        Err(Error::passing(format!("{} refused to log in {user} (tried: {})", machine.host, tried.join(", "))))
    }

    async fn ask_agent(&self, handle: &mut Handle<Trust>, user: &str) -> Result<bool, Error> {
        let unavailable = |error: russh::keys::Error| Error::lasting(format!("the SSH agent does not answer: {error}"));
        let mut agent = AgentClient::connect_env().await.map_err(unavailable)?;
        let mut identities = agent.request_identities().await.map_err(unavailable)?;
        if let Some(wanted) = &self.login.agent_identity {
            identities.sort_by_key(|identity| !is_identity(identity, wanted));
        }
        let hash = handle.best_supported_rsa_hash().await?.flatten();
        for identity in identities {
            let result = match identity {
                AgentIdentity::PublicKey { key, .. } => {
                    let hash = hash.filter(|_| key.algorithm().is_rsa());
                    handle.authenticate_publickey_with(user, key, hash, &mut agent).await
                }
                AgentIdentity::Certificate { certificate, .. } => {
                    let hash = hash.filter(|_| certificate.algorithm().is_rsa());
                    handle.authenticate_certificate_with(user, certificate, hash, &mut agent).await
                }
            };
            // A key the agent does not want to use is not the last one.
            if result.is_ok_and(|result| result.success()) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn is_identity(identity: &AgentIdentity, wanted: &str) -> bool {
    let (comment, key) = match identity {
        AgentIdentity::PublicKey { key, comment } => (comment, key.key_data()),
        AgentIdentity::Certificate { certificate, comment } => (comment, certificate.public_key()),
    };
    let text = std::fs::read_to_string(wanted).unwrap_or_else(|_| wanted.to_owned());
    comment == wanted || PublicKey::from_openssh(text.trim()).is_ok_and(|wanted| wanted.key_data() == key)
}

fn allows(result: &AuthResult, method: MethodKind) -> bool {
    match result {
        AuthResult::Success => false,
        AuthResult::Failure { remaining_methods, .. } => remaining_methods.contains(&method),
    }
}

/// Answers every question of the server with the password.
async fn answer(handle: &mut Handle<Trust>, user: &str, password: &str) -> Result<bool, Error> {
    let mut response = handle.authenticate_keyboard_interactive_start(user, None).await?;
    // A server may ask again; some ask for ever.
    for _ in 0..8 {
        match response {
            KeyboardInteractiveAuthResponse::Success => return Ok(true),
            KeyboardInteractiveAuthResponse::Failure { .. } => return Ok(false),
            KeyboardInteractiveAuthResponse::InfoRequest { prompts, .. } => {
                let answers = prompts.iter().map(|_| password.to_owned()).collect();
                response = handle.authenticate_keyboard_interactive_respond(answers).await?;
            }
        }
    }
    Ok(false)
}
