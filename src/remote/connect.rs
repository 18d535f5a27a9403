//! Opening a session: through proxy and bastion, with patience.

use super::host_key::Trust;
use super::login::Credentials;
use super::{Error, Machine, Target};
use russh::client::{self, Handle};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// The longest one attempt may take.
const ATTEMPT: Duration = Duration::from_secs(60);
/// Waits between attempts: they double from the first to the last.
const WAITS: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(10)];

/// A machine that has let us in.
pub struct Session {
    pub(super) handle: Handle<Trust>,
    /// Carries the connection; must live as long.
    _bastion: Option<Handle<Trust>>,
}

impl Session {
    /// Connects and logs in. Tries again until the target's timeout has passed, unless the error is one that stays. `say` is told why it
    /// tries again; cancelling ends the wait.
    ///
    /// # Errors
    /// The last error.
    pub async fn open(
        target: &Target,
        say: &(dyn Fn(String) + Sync),
        cancel: &CancellationToken,
    ) -> Result<Self, Error> {
        let end = Instant::now() + target.timeout;
        let [mut wait, longest] = WAITS;
        let mut told = String::new();
        loop {
            let limit = ATTEMPT.min(end.saturating_duration_since(Instant::now()));
            let attempt = async {
                let attempt = tokio::time::timeout(limit, attempt(target)).await;
                attempt.unwrap_or_else(|_| Err(Error::passing("no answer in time")))
            };
            let error = tokio::select! {
                result = attempt => match result {
                    Ok(session) => return Ok(session),
                    Err(error) => error,
                },
                () = cancel.cancelled() => return Err(Error::lasting("interrupted while connecting")),
            };
            if error.lasting {
                return Err(error);
            }
            if Instant::now() + wait >= end {
                let seconds = target.timeout.as_secs();
                return Err(Error::passing(format!("timeout after {seconds} s; last error: {error}")));
            }
            if told != error.message {
                say(format!("Not connected yet: {error}"));
                told = error.message;
            }
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = cancel.cancelled() => return Err(Error::lasting("interrupted while connecting")),
            }
            wait = (wait * 2).min(longest);
        }
    }

    /// Says good-bye; the machine ends what still runs in the session.
    pub async fn close(self) {
        // The other side may be gone already, which is what is wanted.
        let _ = self.handle.disconnect(russh::Disconnect::ByApplication, "", "").await;
    }
}

async fn attempt(target: &Target) -> Result<Session, Error> {
    let outer = target.bastion.as_ref().unwrap_or(&target.machine);
    let stream = match &target.proxy {
        Some(proxy) => proxy.connect(&outer.host, outer.port).await?,
        None => {
            let reached = TcpStream::connect((outer.host.as_str(), outer.port)).await;
            reached.map_err(|error| Error::passing(format!("{}:{}: {error}", outer.host, outer.port)))?
        }
    };
    let first = enter(outer, stream).await?;
    if target.bastion.is_none() {
        return Ok(Session { handle: first, _bastion: None });
    }
    let inner = &target.machine;
    let channel =
        first.channel_open_direct_tcpip(inner.host.as_str(), u32::from(inner.port), "127.0.0.1", 0).await.map_err(
            |error| Error::passing(format!("{} does not reach {}:{}: {error}", outer.host, inner.host, inner.port)),
        )?;
    let handle = enter(inner, channel.into_stream()).await?;
    Ok(Session { handle, _bastion: Some(first) })
}

/// Speaks SSH over a stream: checks the host's key and logs in.
async fn enter<S>(machine: &Machine, stream: S) -> Result<Handle<Trust>, Error>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let credentials = Credentials::read(&machine.login)?;
    let (trust, refused) = Trust::new(&machine.host, machine.host_key.as_deref())?;
    let config = client::Config {
        keepalive_interval: Some(Duration::from_secs(2)),
        keepalive_max: 15,
        nodelay: true,
        ..client::Config::default()
    };
    let mut handle =
        client::connect_stream(Arc::new(config), stream, trust).await.map_err(|error| refused.or(error))?;
    credentials.log_in(&mut handle, machine).await?;
    Ok(handle)
}
