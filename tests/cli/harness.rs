//! A folder with files, and the program run in it with an environment that holds only what the test says.

use serde_json::Value as Json;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// A folder to run in.
pub struct Folder {
    dir: tempfile::TempDir,
    environment: Vec<(String, String)>,
}

/// What a run ended with.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Folder {
    /// With `main.tf`.
    pub fn new(main: &str) -> Self {
        let folder = Folder { dir: tempfile::tempdir().unwrap(), environment: Vec::new() };
        folder.write("main.tf", main);
        folder
    }

    /// Sets a variable of the environment for all runs.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    /// The state file, parsed.
    pub fn state(&self) -> Json {
        serde_json::from_str(&self.read("terraform.tfstate")).expect("the state file parses")
    }

    /// Addresses (without keys) the state file holds.
    pub fn managed(&self) -> Vec<String> {
        let state = self.state();
        let list = state["resources"].as_array().unwrap();
        list.iter().map(|r| format!("{}.{}", r["type"].as_str().unwrap(), r["name"].as_str().unwrap())).collect()
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pipewright"));
        command.args(args).current_dir(self.dir.path()).env_clear().stdin(Stdio::null());
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("HOME", self.dir.path());
        command.env("AWS_EC2_METADATA_DISABLED", "true");
        command.envs(self.environment.iter().map(|(k, v)| (k, v)));
        command
    }

    pub fn run(&self, args: &[&str]) -> Ran {
        Ran::from(self.command(args).output().unwrap())
    }

    /// Like [`Folder::run`]; the test fails unless it ends with 0.
    pub fn ok(&self, args: &[&str]) -> Ran {
        let ran = self.run(args);
        assert_eq!(ran.code, Some(0), "{args:?}: {ran:?}");
        ran
    }

    /// Like [`Folder::run`]; the test fails unless it ends with 1.
    pub fn fails(&self, args: &[&str]) -> Ran {
        let ran = self.run(args);
        assert_eq!(ran.code, Some(1), "{args:?}: {ran:?}");
        ran
    }

    /// `apply -auto-approve`, which must succeed.
    pub fn apply(&self) -> Ran {
        self.ok(&["apply", "-auto-approve", "-input=false"])
    }

    /// Starts the program and leaves it running.
    pub fn start(&self, args: &[&str]) -> Running {
        Running(Some(self.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()))
    }

    /// Waits until a file is there.
    pub fn wait_for(&self, name: &str) {
        wait(name, || self.path(name).exists());
    }
}

/// Waits until something is so.
pub fn wait(what: &str, mut so: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(30);
    while !so() {
        assert!(Instant::now() < end, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Ran {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Ran {
    /// Fails unless standard error holds every one of these, whatever way its lines are broken.
    #[track_caller]
    pub fn says(&self, texts: &[&str]) -> &Self {
        let flat = flat(&self.err);
        for text in texts {
            assert!(flat.contains(text), "{text:?} is missing in:\n{}", self.err);
        }
        self
    }

    /// The same of standard output.
    #[track_caller]
    pub fn shows(&self, texts: &[&str]) -> &Self {
        let flat = flat(&self.out);
        for text in texts {
            assert!(flat.contains(text), "{text:?} is missing in:\n{}", self.out);
        }
        self
    }

    /// Standard output as one JSON document.
    pub fn json(&self) -> Json {
        serde_json::from_str(&self.out).expect("standard output is JSON")
    }
}

fn flat(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().filter(|w| !matches!(*w, "│" | "|")).collect();
    words.join(" ")
}

/// A running program; killed when the test ends before it.
pub struct Running(Option<Child>);

impl Running {
    /// Asks it to stop, as Ctrl-C does.
    pub fn interrupt(&self) {
        let id = self.0.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    }

    /// Ends it at once.
    pub fn kill(mut self) {
        let mut child = self.0.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Waits for its end.
    pub fn end(mut self) -> Ran {
        Ran::from(self.0.take().unwrap().wait_with_output().unwrap())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Whether a file holds valid JSON.
pub fn is_json(path: &Path) -> bool {
    std::fs::read_to_string(path).is_ok_and(|t| serde_json::from_str::<Json>(&t).is_ok())
}

/// The emulator's address, or a note that the test was skipped.
pub fn emulator() -> Option<String> {
    let address = std::env::var("AWS_ENDPOINT_URL").ok().filter(|v| !v.is_empty());
    if address.is_none() {
        eprintln!("skipped: AWS_ENDPOINT_URL does not name an emulator");
    }
    address
}

/// A folder whose AWS calls go to the emulator, into an account of its own.
pub fn on_emulator(main: &str) -> Option<(Folder, String)> {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let address = emulator()?;
    let number = u64::from(std::process::id()) * 1000 + u64::from(NEXT.fetch_add(1, Ordering::Relaxed));
    let account = format!("5{:011}", number % 100_000_000_000);
    let folder = Folder::new(main)
        .env("AWS_ENDPOINT_URL", &address)
        .env("AWS_ACCESS_KEY_ID", &account)
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_REGION", "us-east-1");
    Some((folder, account))
}

/// Makes the next calls of an operation in an account fail or wait.
pub fn fault(body: &Json) {
    post("/_pipewright/faults", "Content-Type: application/json\r\n", body);
}

/// Calls an operation of an AWS API that speaks JSON, past the program: `AmazonSSM.PutParameter`.
pub fn aws_call(account: &str, service: &str, operation: &str, body: &Json) {
    aws_call_in("us-east-1", account, service, operation, body);
}

/// The same in a region.
pub fn aws_call_in(region: &str, account: &str, service: &str, operation: &str, body: &Json) {
    post("/", &signed(region, account, service, operation), body);
}

/// Calls an operation that must be refused.
pub fn aws_refuses_in(region: &str, account: &str, service: &str, operation: &str, body: &Json) {
    let answer = answer("/", &signed(region, account, service, operation), body);
    assert!(answer.starts_with("HTTP/1.1 4") || answer.starts_with("HTTP/1.0 4"), "{answer}");
}

fn signed(region: &str, account: &str, service: &str, operation: &str) -> String {
    format!(
        "Content-Type: application/x-amz-json-1.1\r\nX-Amz-Target: {operation}\r\nAuthorization: AWS4-HMAC-SHA256 Credential={account}/20260101/{region}/{service}/aws4_request, SignedHeaders=host, Signature=0\r\n"
    )
}

/// Posts JSON to the emulator, which must like it.
fn post(path: &str, headers: &str, body: &Json) {
    let answer = answer(path, headers, body);
    assert!(answer.starts_with("HTTP/1.1 2") || answer.starts_with("HTTP/1.0 2"), "{answer}");
}

fn answer(path: &str, headers: &str, body: &Json) -> String {
    let address = emulator().unwrap();
    let host = address.trim_start_matches("http://").trim_end_matches('/');
    let body = body.to_string();
    let mut stream = std::net::TcpStream::connect(host).unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {host}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    use std::io::{Read, Write};
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}
