//! Commands and files on other machines, over SSH: what `remote-exec` and `file` provisioners need.
//!
//! Settings go in, lines of output come out. This room knows neither configurations nor values. It connects with the patience that a
//! machine needs that has only just been made: until the timeout of the [`Target`] every refusal may still turn into a welcome.

mod command;
mod connect;
mod host_key;
mod login;
mod proxy;
mod shell;
mod upload;

pub use connect::Session;
pub use proxy::{Proxy, ProxyScheme};
pub use shell::quoted;

use std::time::Duration;

/// A machine to connect to and how to get there.
#[derive(Debug, Clone)]
pub struct Target {
    /// The machine itself.
    pub machine: Machine,
    /// The machine to go through, if it cannot be reached directly.
    pub bastion: Option<Machine>,
    /// A proxy in front of the first of them.
    pub proxy: Option<Proxy>,
    /// How long to try to connect.
    pub timeout: Duration,
}

/// A machine that speaks SSH.
#[derive(Debug, Clone)]
pub struct Machine {
    /// Name or address.
    pub host: String,
    /// Port of its SSH server.
    pub port: u16,
    /// User to log in as.
    pub user: String,
    /// Ways to log in, tried in the order of the fields.
    pub login: Login,
    /// The machine's public key, or that of the authority which signed it, in the one-line form of OpenSSH. Without one every key is
    /// accepted.
    pub host_key: Option<String>,
}

/// Ways to log in.
#[derive(Clone, Default)]
pub struct Login {
    /// Private key in PEM or OpenSSH form, not encrypted.
    pub private_key: Option<String>,
    /// OpenSSH certificate that belongs to the key.
    pub certificate: Option<String>,
    /// Password; also the answer to what the server asks.
    pub password: Option<String>,
    /// Whether to ask the agent at `SSH_AUTH_SOCK`.
    pub agent: bool,
    /// Comment or public key of the agent's key to try first.
    pub agent_identity: Option<String>,
}

/// Which ways there are; no secrets.
impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Login")
            .field("private_key", &self.private_key.is_some())
            .field("certificate", &self.certificate.is_some())
            .field("password", &self.password.is_some())
            .field("agent", &self.agent)
            .field("agent_identity", &self.agent_identity)
            .finish()
    }
}

/// Why something on another machine did not work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// What happened, without full stop.
    pub message: String,
    /// Whether trying again cannot help.
    pub lasting: bool,
}

impl Error {
    fn passing(message: impl Into<String>) -> Self {
        Error { message: message.into(), lasting: false }
    }

    fn lasting(message: impl Into<String>) -> Self {
        Error { message: message.into(), lasting: true }
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

impl From<russh::Error> for Error {
    fn from(error: russh::Error) -> Self {
        Error::passing(match error {
            russh::Error::IO(error) => error.to_string(),
            russh::Error::Disconnect | russh::Error::HUP => "the connection was closed".to_owned(),
            other => other.to_string(),
        })
    }
}
