//! A bucket of its own for each test, and backends on it.

use pipewright::diagnostics::{Diagnostics, Sources};
use pipewright::lang::syntax::parse_body;
use pipewright::lang::value::{Type, Value};
use pipewright::provider::aws::aws::Aws;
use pipewright::provider::aws::settings::Settings;
use pipewright::state::backend::local::LocalPaths;
use pipewright::state::backend::selection::Selected;
use pipewright::state::backend::{self, BackendOptions, s3};
use pipewright::state::model::{OutputValue, State};
use pipewright::state::store::{Backend, StateStore};
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

/// A bucket and a folder.
pub struct Place {
    pub bucket: String,
    pub dir: TempDir,
    pub client: aws_sdk_s3::Client,
}

struct Connect;

#[async_trait::async_trait(?Send)]
impl s3::Connect for Connect {
    async fn connect(&self, connection: &Value) -> Result<aws_sdk_s3::Client, Diagnostics> {
        Ok(Aws::connect(Settings::from_config(connection)).await?.s3().clone())
    }
}

/// A fresh place; `None` (and a note) without an emulator.
pub async fn place() -> Option<Place> {
    if std::env::var_os("AWS_ENDPOINT_URL").is_none_or(|v| v.is_empty()) {
        eprintln!("skipped: AWS_ENDPOINT_URL does not name an emulator");
        return None;
    }
    let connection = Value::object_of([("s3_use_path_style", Value::bool(true))]);
    let client = s3::Connect::connect(&Connect, &connection).await.unwrap();
    let bucket = format!("state-{}", uuid::Uuid::new_v4().simple());
    client.create_bucket().bucket(&bucket).send().await.unwrap();
    Some(Place { bucket, dir: tempfile::tempdir().unwrap(), client })
}

/// Like [`place`], where Terraform is there too.
pub async fn place_with_terraform() -> Option<Place> {
    if std::process::Command::new("terraform").arg("version").output().is_err() {
        eprintln!("skipped: terraform is not on the PATH");
        return None;
    }
    place().await
}

/// The first backend block of a text.
pub fn block(text: &str) -> pipewright::config::model::Backend {
    let file = Sources::new().add("main.tf", text);
    let (body, problems) = parse_body(file, text);
    assert!(problems.is_empty(), "{problems:?}");
    let block = body.blocks[0].clone();
    pipewright::config::model::Backend { kind: block.labels[0].clone(), body: block.body, span: block.header }
}

impl Place {
    /// The block of a backend in this bucket.
    pub fn block(&self, more: &str) -> String {
        let bucket = &self.bucket;
        format!(
            "backend \"s3\" {{\n  bucket = \"{bucket}\"\n  key = \"a/b.tfstate\"\n  use_path_style = true\n  {more}\n}}\n"
        )
    }

    pub fn open(&self, text: &str) -> Arc<dyn Backend> {
        open(&Selected::of_block(&block(text), &[]).unwrap(), self.dir.path())
    }

    /// A locking backend in this bucket.
    pub fn backend(&self) -> Arc<dyn Backend> {
        self.open(&self.block("use_lockfile = true"))
    }

    pub async fn store(&self) -> Arc<dyn StateStore> {
        self.backend().open("default").await.unwrap()
    }

    pub async fn put(&self, key: &str, body: &str) {
        let body = body.as_bytes().to_vec().into();
        self.client.put_object().bucket(&self.bucket).key(key).body(body).send().await.unwrap();
    }

    pub async fn text(&self, key: &str) -> String {
        let object = self.client.get_object().bucket(&self.bucket).key(key).send().await.unwrap();
        String::from_utf8(object.body.collect().await.unwrap().to_vec()).unwrap()
    }

    pub async fn keys(&self) -> Vec<String> {
        let listed = self.client.list_objects_v2().bucket(&self.bucket).send().await.unwrap();
        listed.contents.unwrap_or_default().into_iter().filter_map(|o| o.key).collect()
    }
}

pub fn open(selected: &Selected, dir: &Path) -> Arc<dyn Backend> {
    let options = BackendOptions {
        root: dir.to_owned(),
        data_dir: dir.join(".terraform"),
        paths: LocalPaths::default(),
        connect: Arc::new(Connect),
    };
    backend::open(Some(selected), &options).unwrap().0
}

/// A state with one output.
pub fn state(value: &str) -> State {
    let mut state = State::default();
    set(&mut state, value);
    state
}

pub fn set(state: &mut State, value: &str) {
    let output = OutputValue { value: Value::string(value), ty: Type::String, sensitive: false };
    state.outputs.insert("o".into(), output);
}

/// Summary, detail and hint of all messages.
pub fn words(diagnostics: &Diagnostics) -> String {
    let each = |d: &pipewright::diagnostics::Diagnostic| {
        format!("{}\n{}\n{}\n", d.summary, d.detail, d.hint.clone().unwrap_or_default())
    };
    diagnostics.iter().map(each).collect()
}
