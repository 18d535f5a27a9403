//! Reads module packages in S3 for `init`, over the sessions of the AWS provider: one way to find credentials, one HTTP set-up.

use crate::config::install::{Objects, S3Place};
use crate::lang::value::{Fields, Value};
use crate::provider::aws::aws::Aws;
use crate::provider::aws::failure::Failure;
use crate::provider::aws::settings::Settings;
use std::collections::HashMap;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::runtime::Handle;

/// Reads them. Made inside the runtime, used by threads outside of it.
pub struct S3Objects {
    runtime: Handle,
    clients: Mutex<HashMap<S3Place, aws_sdk_s3::Client>>,
}

impl S3Objects {
    /// A reader; credentials are looked up when the first package is read. Must be called inside the runtime.
    pub fn new() -> Arc<Self> {
        Arc::new(S3Objects { runtime: Handle::current(), clients: Mutex::default() })
    }

    /// A client for whoever the address names.
    fn client(&self, place: &S3Place) -> Result<aws_sdk_s3::Client, String> {
        let who = S3Place { bucket: String::new(), key: String::new(), version: None, ..place.clone() };
        let known = self.clients.lock().unwrap_or_else(PoisonError::into_inner).get(&who).cloned();
        if let Some(client) = known {
            return Ok(client);
        }
        let connected = self.runtime.block_on(Aws::connect(Settings::from_config(&connection(&who))));
        let session = connected.map_err(|problems| {
            problems.iter().map(|p| format!("{}: {}", p.summary, p.detail)).collect::<Vec<_>>().join(" ")
        })?;
        let client = session.s3().clone();
        self.clients.lock().unwrap_or_else(PoisonError::into_inner).insert(who, client.clone());
        Ok(client)
    }
}

/// The provider block that connects as the address says.
fn connection(place: &S3Place) -> Value {
    let text = |value: &str| Value::string(value);
    let mut fields = Fields::new();
    let mut set = |name: &str, value: Value| drop(fields.insert(name.into(), value));
    set("region", text(&place.region));
    set("s3_use_path_style", Value::bool(true));
    for skipped in ["skip_credentials_validation", "skip_requesting_account_id", "skip_region_validation"] {
        set(skipped, Value::bool(true));
    }
    if let Some(profile) = &place.profile {
        set("profile", text(profile));
    }
    if let Some((id, secret, token)) = &place.keys {
        set("access_key", text(id));
        set("secret_key", text(secret));
        if !token.is_empty() {
            set("token", text(token));
        }
    }
    if let Some(endpoint) = &place.endpoint {
        set("endpoints", Value::object_of([("s3", text(endpoint))]));
    }
    Value::object(fields)
}

fn told(failure: Failure, doing: &str) -> String {
    let diagnostic = failure.diagnostic(doing);
    format!("{}: {}", diagnostic.summary, diagnostic.detail)
}

impl Objects for S3Objects {
    fn list(&self, place: &S3Place) -> Result<Vec<String>, String> {
        let client = self.client(place)?;
        self.runtime.block_on(async {
            let mut keys = Vec::new();
            let mut pages = client.list_objects_v2().bucket(&place.bucket).prefix(&place.key).into_paginator().send();
            while let Some(page) = pages.next().await {
                let page = page.map_err(|e| told(Failure::from(e), "listing the module's objects"))?;
                keys.extend(page.contents.unwrap_or_default().into_iter().filter_map(|object| object.key));
            }
            Ok(keys)
        })
    }

    fn read(&self, place: &S3Place, key: &str, into: &mut dyn Write) -> Result<(), String> {
        let client = self.client(place)?;
        self.runtime.block_on(async {
            let call = client.get_object().bucket(&place.bucket).key(key).set_version_id(place.version.clone());
            let answer = call.send().await.map_err(|e| told(Failure::from(e), "reading the module's package"))?;
            let mut body = answer.body;
            while let Some(chunk) = body.next().await {
                let chunk = chunk.map_err(|e| format!("The answer of S3 broke off: {e}."))?;
                into.write_all(&chunk).map_err(|e| format!("{e}."))?;
            }
            Ok(())
        })
    }
}
