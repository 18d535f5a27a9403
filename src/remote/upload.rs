//! Files to another machine, by the protocol of `scp`.

use super::{Error, Session, quoted};
use russh::client::Msg;
use russh::{Channel, ChannelMsg};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

impl Session {
    /// Writes a text to a file with mode 0644. `path` is the file, or a folder that exists, in which the file is then called `name`.
    pub async fn write(&self, text: &[u8], name: &str, path: &str) -> Result<(), Error> {
        let mut sink = Sink::open(self, path, "").await?;
        sink.send(text, text.len() as u64, 0o644, name).await?;
        sink.close().await
    }

    /// Copies a file or folder. A file goes to `path`, or into it when that is a folder. A folder goes into the folder `path`, which must
    /// exist; with a slash at its end only what is in it goes there.
    pub async fn copy(&self, source: &str, path: &str) -> Result<(), Error> {
        let unreadable = |error: std::io::Error| Error::lasting(format!("cannot read {source}: {error}"));
        let meta = tokio::fs::metadata(source).await.map_err(unreadable)?;
        let from = Path::new(source);
        let name = from.file_name().map(|n| n.to_string_lossy().into_owned());
        if !meta.is_dir() {
            let mut sink = Sink::open(self, path, "").await?;
            sink.file(from, name.as_deref().unwrap_or("file")).await?;
            return sink.close().await;
        }
        let mut sink = Sink::open(self, path, "-r ").await?;
        match name.filter(|_| !source.ends_with('/')) {
            Some(name) => sink.folder(from, &name).await?,
            None => sink.entries(from).await?,
        }
        sink.close().await
    }
}

/// The other end: `scp -t`.
struct Sink {
    channel: Channel<Msg>,
    /// Received and not yet looked at.
    pending: Vec<u8>,
    /// What the other end complained of.
    complaint: Vec<u8>,
    status: Option<u32>,
}

impl Sink {
    async fn open(session: &Session, path: &str, options: &str) -> Result<Self, Error> {
        let channel = session.handle.channel_open_session().await?;
        channel.exec(true, format!("scp {options}-t {}", quoted(path))).await?;
        let mut sink = Sink { channel, pending: Vec::new(), complaint: Vec::new(), status: None };
        sink.acknowledged().await?;
        Ok(sink)
    }

    async fn file(&mut self, path: &Path, name: &str) -> Result<(), Error> {
        let unreadable = |error: std::io::Error| Error::lasting(format!("cannot read {}: {error}", path.display()));
        let file = tokio::fs::File::open(path).await.map_err(unreadable)?;
        let meta = file.metadata().await.map_err(unreadable)?;
        self.send(file, meta.len(), meta.permissions().mode() & 0o777, name).await
    }

    async fn folder(&mut self, path: &Path, name: &str) -> Result<(), Error> {
        let mode = tokio::fs::metadata(path).await.map_or(0o755, |meta| meta.permissions().mode() & 0o777);
        self.command(&format!("D{mode:04o} 0 {}\n", one_line(name)?)).await?;
        self.entries(path).await?;
        self.command("E\n").await
    }

    /// Everything in a folder, in the order of names; links are followed.
    async fn entries(&mut self, path: &Path) -> Result<(), Error> {
        let unreadable = |error: std::io::Error| Error::lasting(format!("cannot read {}: {error}", path.display()));
        let mut names = Vec::new();
        let mut entries = tokio::fs::read_dir(path).await.map_err(unreadable)?;
        while let Some(entry) = entries.next_entry().await.map_err(unreadable)? {
            names.push(entry.file_name());
        }
        names.sort();
        for name in names {
            let inner = path.join(&name);
            let name = name.to_string_lossy();
            if tokio::fs::metadata(&inner).await.map_err(unreadable)?.is_dir() {
                // A folder that holds itself through links ends with the system's limit on links in a path.
                Box::pin(self.folder(&inner, &name)).await?;
            } else {
                self.file(&inner, &name).await?;
            }
        }
        Ok(())
    }

    async fn send(
        &mut self,
        content: impl tokio::io::AsyncRead + Unpin,
        size: u64,
        mode: u32,
        name: &str,
    ) -> Result<(), Error> {
        use tokio::io::AsyncReadExt;
        self.command(&format!("C{mode:04o} {size} {}\n", one_line(name)?)).await?;
        self.channel.data(content.take(size)).await?;
        self.channel.data_bytes(vec![0]).await?;
        self.acknowledged().await
    }

    async fn command(&mut self, line: &str) -> Result<(), Error> {
        self.channel.data_bytes(line.as_bytes().to_vec()).await?;
        self.acknowledged().await
    }

    /// Waits for the other end's word on the last step.
    async fn acknowledged(&mut self) -> Result<(), Error> {
        let Some(code) = self.next().await else { return Err(self.failed()) };
        if code == 0 {
            return Ok(());
        }
        let mut message = Vec::new();
        while let Some(byte) = self.next().await
            && byte != b'\n'
        {
            message.push(byte);
        }
        Err(Error::lasting(String::from_utf8_lossy(&message).trim().to_owned()))
    }

    async fn next(&mut self) -> Option<u8> {
        while self.pending.is_empty() {
            match self.channel.wait().await? {
                ChannelMsg::Data { data } => self.pending.extend_from_slice(&data),
                ChannelMsg::ExtendedData { data, .. } => self.complaint.extend_from_slice(&data),
                ChannelMsg::ExitStatus { exit_status } => self.status = Some(exit_status),
                ChannelMsg::Failure => return None,
                _ => {}
            }
        }
        Some(self.pending.remove(0))
    }

    async fn close(mut self) -> Result<(), Error> {
        self.channel.eof().await?;
        while self.next().await.is_some() {}
        match self.status {
            None | Some(0) => Ok(()),
            Some(_) => Err(self.failed()),
        }
    }

    fn failed(&self) -> Error {
        let text = String::from_utf8_lossy(&self.complaint);
        Error::lasting(match (self.status, text.trim()) {
            (Some(127), _) => "the machine has no scp, which receives files".to_owned(),
            (_, "") => "the machine ended the transfer".to_owned(),
            (_, text) => format!("the machine ended the transfer: {text}"),
        })
    }
}

/// A name the protocol can carry.
fn one_line(name: &str) -> Result<&str, Error> {
    if name.contains(['\n', '\r', '/']) || name.is_empty() {
        return Err(Error::lasting(format!("the name {name:?} cannot be sent")));
    }
    Ok(name)
}
