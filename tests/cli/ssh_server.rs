//! An SSH server on a free port of this machine: logs in by password, key or agent, runs commands in a shell, and opens connections for
//! those who use it as a bastion.

use russh::keys::ssh_key::LineEnding;
use russh::keys::ssh_key::private::{Ed25519Keypair, KeypairData};
use russh::keys::{PrivateKey, PublicKey};
use russh::server::{Auth, ChannelOpenHandle, Config, Handler, Msg, Session, VerifiedPublicKey, run_stream};
use russh::{Channel, ChannelId, Pty};
use std::collections::HashMap;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub const USER: &str = "deploy";
pub const PASSWORD: &str = "the-password";

/// A key made from one repeated byte: tests need no randomness.
pub fn key(seed: u8) -> PrivateKey {
    PrivateKey::new(KeypairData::from(Ed25519Keypair::from_seed(&[seed; 32])), "test").unwrap()
}

/// In the form configurations have it.
pub fn pem(key: &PrivateKey) -> String {
    key.to_openssh(LineEnding::LF).unwrap().to_string()
}

/// A server that runs as long as it is there.
pub struct Server {
    pub port: u16,
    pub host_key: String,
    seen: Arc<Mutex<Vec<String>>>,
    _runtime: tokio::runtime::Runtime,
}

impl Server {
    /// Lets in `USER` with `PASSWORD` or with the key.
    pub fn start(host_key: &PrivateKey, user_key: &PrivateKey) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let port = listener.local_addr().unwrap().port();
        let config = Arc::new(Config {
            keys: vec![host_key.clone()],
            auth_rejection_time: Duration::ZERO,
            auth_rejection_time_initial: Some(Duration::ZERO),
            ..Config::default()
        });
        let seen = Arc::new(Mutex::new(Vec::new()));
        let client = Client { user_key: user_key.public_key().clone(), seen: seen.clone(), channels: HashMap::new() };
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (config, client) = (config.clone(), client.fresh());
                tokio::spawn(async move {
                    if let Ok(session) = run_stream(config, stream, client).await {
                        let _ = session.await;
                    }
                });
            }
        });
        let host_key = host_key.public_key().to_openssh().unwrap();
        Server { port, host_key, seen, _runtime: runtime }
    }

    /// What clients did: ways to log in, connections through, commands.
    pub fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

struct Client {
    user_key: PublicKey,
    seen: Arc<Mutex<Vec<String>>>,
    channels: HashMap<ChannelId, Channel<Msg>>,
}

impl Client {
    fn fresh(&self) -> Client {
        Client { user_key: self.user_key.clone(), seen: self.seen.clone(), channels: HashMap::new() }
    }

    fn note(&self, text: String) {
        self.seen.lock().unwrap().push(text);
    }

    fn admit(&self, how: &str, user: &str, right: bool) -> Auth {
        self.note(format!("{how} {user} {right}"));
        if right && user == USER { Auth::Accept } else { Auth::reject() }
    }
}

impl Handler for Client {
    type Error = russh::Error;

    async fn auth_password(&mut self, user: &str, password: &str) -> Result<Auth, russh::Error> {
        Ok(self.admit("password", user, password == PASSWORD))
    }

    async fn auth_publickey(&mut self, user: &str, key: VerifiedPublicKey<'_>) -> Result<Auth, russh::Error> {
        Ok(self.admit("key", user, key.public_key.key_data() == self.user_key.key_data()))
    }

    async fn channel_open_session(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), russh::Error> {
        self.channels.insert(channel.id(), channel);
        reply.accept().await;
        Ok(())
    }

    async fn channel_open_direct_tcpip(
        &mut self,
        channel: Channel<Msg>,
        host: &str,
        port: u32,
        _: &str,
        _: u32,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), russh::Error> {
        self.note(format!("through to {host}"));
        let Ok(mut out) = TcpStream::connect((host, u16::try_from(port).unwrap())).await else { return Ok(()) };
        reply.accept().await;
        tokio::spawn(async move {
            let mut stream = channel.into_stream();
            let _ = tokio::io::copy_bidirectional(&mut stream, &mut out).await;
        });
        Ok(())
    }

    async fn pty_request(
        &mut self,
        channel: ChannelId,
        _: &str,
        _: u32,
        _: u32,
        _: u32,
        _: u32,
        _: &[(Pty, u32)],
        session: &mut Session,
    ) -> Result<(), russh::Error> {
        session.channel_success(channel)
    }

    async fn exec_request(&mut self, id: ChannelId, command: &[u8], session: &mut Session) -> Result<(), russh::Error> {
        let command = String::from_utf8_lossy(command).into_owned();
        self.note(command.clone());
        session.channel_success(id)?;
        let channel = self.channels.remove(&id).unwrap();
        tokio::spawn(serve(channel, command));
        Ok(())
    }
}

/// Runs a command with the channel as its input and output.
async fn serve(channel: Channel<Msg>, command: String) {
    let mut process = tokio::process::Command::new("/bin/sh");
    process.args(["-c", &command]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = process.kill_on_drop(true).spawn().unwrap();
    let (mut input, mut output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let mut errors = child.stderr.take().unwrap();
    let (mut read, write) = channel.split();
    let feed = tokio::spawn(async move {
        let mut reader = read.make_reader();
        let mut buffer = vec![0; 4096];
        while let Ok(count @ 1..) = reader.read(&mut buffer).await {
            if input.write_all(&buffer[..count]).await.is_err() {
                break;
            }
        }
    });
    let mut text = Vec::new();
    let mut buffer = vec![0; 4096];
    while let Ok(count @ 1..) = output.read(&mut buffer).await {
        write.data_bytes(buffer[..count].to_vec()).await.unwrap();
    }
    errors.read_to_end(&mut text).await.unwrap();
    let status = child.wait().await.unwrap();
    let _ = write.extended_data_bytes(1, text).await;
    let _ = write.exit_status(u32::try_from(status.code().unwrap_or(255)).unwrap()).await;
    let _ = write.eof().await;
    let _ = write.close().await;
    feed.abort();
}
