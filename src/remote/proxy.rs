//! Getting out through a proxy: HTTP CONNECT and SOCKS5.

use super::Error;
use base64::Engine;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A proxy.
#[derive(Clone)]
pub struct Proxy {
    /// Its protocol.
    pub scheme: ProxyScheme,
    /// Name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// User and password, if it wants them.
    pub user: Option<(String, String)>,
}

impl std::fmt::Debug for Proxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} {}:{}", self.scheme, self.host, self.port)
    }
}

/// Protocols of proxies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProxyScheme {
    /// HTTP CONNECT.
    Http,
    /// SOCKS version 5.
    Socks5,
}

/// The longest answer of a proxy that is read, in bytes.
const MAX_ANSWER: usize = 16 << 10;

impl Proxy {
    /// A connection to a machine through the proxy.
    pub(super) async fn connect(&self, host: &str, port: u16) -> Result<TcpStream, Error> {
        let reach = |error: std::io::Error| Error::passing(format!("proxy {}:{}: {error}", self.host, self.port));
        let mut stream = TcpStream::connect((self.host.as_str(), self.port)).await.map_err(reach)?;
        let done = match self.scheme {
            ProxyScheme::Http => self.tunnel(&mut stream, host, port).await,
            ProxyScheme::Socks5 => self.socks(&mut stream, host, port).await,
        };
        match done.map_err(reach)? {
            Ok(()) => Ok(stream),
            Err(why) => Err(Error::passing(format!("proxy {}:{} {why}", self.host, self.port))),
        }
    }

    async fn tunnel(&self, stream: &mut TcpStream, host: &str, port: u16) -> std::io::Result<Result<(), String>> {
        let login = self.user.as_ref().map(|(user, password)| {
            let text = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
            format!("Proxy-Authorization: Basic {text}\r\n")
        });
        let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
        let login = login.unwrap_or_default();
        let request = format!("CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n{login}\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            if answer.len() > MAX_ANSWER {
                return Ok(Err("does not answer in HTTP".into()));
            }
            answer.push(stream.read_u8().await?);
        }
        let text = String::from_utf8_lossy(&answer);
        let status = text.lines().next().unwrap_or_default().to_owned();
        Ok(match status.split_whitespace().nth(1) {
            Some(code) if code.starts_with('2') => Ok(()),
            _ => Err(format!("refused: {status}")),
        })
    }

    /// RFC 1928 and 1929.
    async fn socks(&self, stream: &mut TcpStream, host: &str, port: u16) -> std::io::Result<Result<(), String>> {
        let method = if self.user.is_some() { 2 } else { 0 };
        stream.write_all(&[5, 1, method]).await?;
        if [stream.read_u8().await?, stream.read_u8().await?] != [5, method] {
            return Ok(Err("does not accept this way to log in".into()));
        }
        let short = |text: &str| u8::try_from(text.len()).ok();
        if let Some((user, password)) = &self.user {
            let (Some(user_length), Some(password_length)) = (short(user), short(password)) else {
                return Ok(Err("takes no user or password longer than 255 bytes".into()));
            };
            let mut request = vec![1, user_length];
            request.extend(user.as_bytes());
            request.push(password_length);
            request.extend(password.as_bytes());
            stream.write_all(&request).await?;
            let _version = stream.read_u8().await?;
            if stream.read_u8().await? != 0 {
                return Ok(Err("refused user or password".into()));
            }
        }
        let Some(length) = short(host) else { return Ok(Err("takes no longer name".into())) };
        let mut request = vec![5, 1, 0, 3, length];
        request.extend(host.as_bytes());
        request.extend(port.to_be_bytes());
        stream.write_all(&request).await?;
        let mut head = [0; 4];
        stream.read_exact(&mut head).await?;
        let [_, code, _, kind] = head;
        let rest = match kind {
            1 => 4,
            4 => 16,
            3 => usize::from(stream.read_u8().await?),
            _ => return Ok(Err("does not answer in SOCKS5".into())),
        };
        stream.read_exact(&mut vec![0; rest + 2]).await?;
        Ok(match code {
            0 => Ok(()),
            2 => Err("does not allow this connection".into()),
            4 => Err("cannot reach the host".into()),
            5 => Err("was refused by the host".into()),
            code => Err(format!("failed with code {code}")),
        })
    }
}
