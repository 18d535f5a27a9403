//! The S3 backend: states and locks in a bucket, in the layout of Terraform's.
//!
//! | file | what it is for |
//! |---|---|
//! | `arguments` | what the block may say |
//! | `settings` | what it means |
//! | `layout` | which key holds what |
//! | `bucket` | the few calls to S3 |
//! | `failure` | what a failed call means to the person |
//! | `lock`, `store` | one workspace's lock and state |

mod arguments;
mod bucket;
mod failure;
mod layout;
mod lock;
mod settings;
mod store;

pub use arguments::ARGUMENTS;
pub use settings::{CustomerKey, Encryption, Settings};

use super::workspace;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::lang::value::Value;
use crate::state::model::State;
use crate::state::store::{Backend, StateStore};
use async_trait::async_trait;
use bucket::Bucket;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use store::S3Store;
use tokio::sync::OnceCell;

/// Makes S3 clients. This room does not know how credentials are found; whoever opens a backend brings one.
#[async_trait(?Send)]
pub trait Connect: Send + Sync {
    /// A client for these settings: an object with the arguments of the AWS provider's block (region, credentials, roles, endpoints,
    /// proxies, retries, account checks, `s3_use_path_style`).
    ///
    /// # Errors
    /// No region, no credentials, the wrong account.
    async fn connect(&self, connection: &Value) -> Result<aws_sdk_s3::Client, Diagnostics>;
}

/// States in a bucket.
pub struct S3Backend {
    settings: Arc<Settings>,
    connect: Arc<dyn Connect>,
    bucket: OnceCell<Bucket>,
    data_dir: PathBuf,
}

impl S3Backend {
    /// A backend; nothing is asked of S3 before the first use. Journals are kept in `data_dir`.
    pub fn new(settings: Settings, connect: Arc<dyn Connect>, data_dir: PathBuf) -> Self {
        S3Backend { settings: Arc::new(settings), connect, bucket: OnceCell::new(), data_dir }
    }

    async fn bucket(&self) -> Result<&Bucket, Diagnostics> {
        self.bucket
            .get_or_try_init(async || {
                let client = self.connect.connect(&self.settings.connection).await?;
                Ok(Bucket::new(client, Arc::clone(&self.settings)))
            })
            .await
    }

    async fn store(&self, workspace: &str) -> Result<S3Store, Diagnostics> {
        workspace::check_name(workspace)?;
        S3Store::open(self.bucket().await?.clone(), self.settings.layout.state(workspace), &self.data_dir)
    }
}

#[async_trait(?Send)]
impl Backend for S3Backend {
    fn kind(&self) -> &'static str {
        "s3"
    }

    async fn workspaces(&self) -> Result<Vec<String>, Diagnostics> {
        let layout = &self.settings.layout;
        let keys = match self.bucket().await?.keys(&layout.folder()).await {
            Ok(keys) => keys,
            // Who uses no workspaces need not be allowed to list.
            Err((true, _)) if layout.prefix == layout::DEFAULT_PREFIX => Vec::new(),
            Err((_, diagnostics)) => return Err(diagnostics),
        };
        let mut others: Vec<String> = keys.iter().filter_map(|k| layout.workspace(k)).map(str::to_owned).collect();
        others.sort();
        others.dedup();
        others.retain(|n| n != workspace::DEFAULT);
        Ok(std::iter::once(workspace::DEFAULT.to_owned()).chain(others).collect())
    }

    async fn open(&self, workspace: &str) -> Result<Arc<dyn StateStore>, Diagnostics> {
        Ok(Arc::new(self.store(workspace).await?))
    }

    /// Writes an empty state at once, because a workspace is there when its state is.
    async fn create_workspace(&self, workspace: &str) -> Result<(), Diagnostics> {
        let store = self.store(workspace).await?;
        store.lock("init", Duration::ZERO, &|_| {}).await?;
        let written = match store.read().await {
            Ok(state) if state.lineage.is_empty() && state.is_empty() => {
                store.persist(&State::default()).await.map(drop)
            }
            other => other.map(drop),
        };
        let unlocked = store.unlock().await;
        written.and(unlocked)
    }

    async fn delete_workspace(&self, workspace: &str) -> Result<(), Diagnostics> {
        workspace::check_name(workspace)?;
        if workspace == workspace::DEFAULT {
            let detail = "The workspace \"default\" always exists.";
            return Err(Diagnostic::error("Cannot delete the default workspace", detail).into());
        }
        let key = self.settings.layout.state(workspace);
        self.bucket().await?.delete(&key, None, "deleting the workspace").await.map(drop)
    }
}
