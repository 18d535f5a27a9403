//! `catalog refresh`: reads AWS's service reference and keeps it as the catalogue of IAM that lint works with.

use crate::cli::Exit;
use crate::cli::args::CatalogRefreshArgs;
use crate::cli::cache;
use crate::cli::output::{Output, Style};
use crate::diagnostics::Diagnostic;
use crate::domain::catalog::iam::Catalog;
use crate::domain::catalog::iam::reference::{self, IndexEntry, ServiceReference};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// How many documents are asked for at once.
const AT_ONCE: usize = 8;
/// The largest document is under two megabytes.
const LARGEST: u64 = 32 << 20;

/// Reads, keeps and tells.
pub async fn refresh(args: &CatalogRefreshArgs) -> Exit {
    let output = Output::new(Style { no_color: args.color.no_color, ..Style::default() });
    let (source, only) = (args.source.clone(), args.service.clone());
    let read = tokio::task::spawn_blocking(move || read_all(&source, &only)).await;
    let services = match read {
        Ok(Ok(services)) => services,
        Ok(Err(diagnostic)) => return output.failed(&diagnostic.into()),
        Err(e) => return output.fail("The service reference was not read", e.to_string()),
    };
    let source = format!("service reference of {} as of {}", args.source, jiff::Timestamp::now());
    let bytes = match reference::encode(&services, &source, Catalog::embedded()) {
        Ok(bytes) => bytes,
        Err(e) => return output.fail("The service reference cannot be used", format!("As a catalogue, {e}.")),
    };
    let Some(folder) = cache::folder() else {
        return output.fail("No cache folder", "Set PIPEWRIGHT_CACHE_DIR to a folder where the catalogue can be kept.");
    };
    match cache::keep_catalog(&folder, &bytes) {
        Ok(path) => {
            output.good(&format!("Kept the catalogue of {} services in {}.", services.len(), path.display()));
            Exit::Success
        }
        Err(e) => output.fail("The catalogue cannot be kept", format!("{}: {e}.", folder.display())),
    }
}

/// All documents, in the order of the index. Nothing is kept unless all were read.
fn read_all(source: &str, only: &[String]) -> Result<Vec<ServiceReference>, Diagnostic> {
    let agent: ureq::Agent = ureq::Agent::config_builder().timeout_global(Some(Duration::from_secs(30))).build().into();
    let entries = reference::index(&get(&agent, source)?).map_err(|e| odd(source, &e.to_string()))?;
    if let Some(missing) = only.iter().find(|o| !entries.iter().any(|e| e.service == **o)) {
        return Err(Diagnostic::error("No such service", format!("The reference has no service \"{missing}\".")));
    }
    let wanted: Vec<IndexEntry> =
        entries.into_iter().filter(|e| only.is_empty() || only.contains(&e.service)).collect();
    let next = Arc::new(AtomicUsize::new(0));
    let mut read: Vec<(usize, ServiceReference)> = Vec::with_capacity(wanted.len());
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..AT_ONCE.min(wanted.len()))
            .map(|_| {
                let (next, wanted, agent) = (next.clone(), &wanted, agent.clone());
                scope.spawn(move || {
                    let mut mine = Vec::new();
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        let Some(entry) = wanted.get(number) else { return Ok(mine) };
                        let found = get(&agent, &entry.url)
                            .and_then(|json| reference::service(&json).map_err(|e| odd(&entry.url, &e.to_string())));
                        match found {
                            Ok(service) => mine.push((number, service)),
                            Err(e) => {
                                // The others need not go on.
                                next.store(wanted.len(), Ordering::Relaxed);
                                return Err(e);
                            }
                        }
                    }
                })
            })
            .collect();
        for worker in workers {
            match worker.join() {
                Ok(found) => read.extend(found?),
                Err(_) => return Err(Diagnostic::error("The service reference was not read", "A reader failed.")),
            }
        }
        Ok(())
    })?;
    read.sort_by_key(|(number, _)| *number);
    Ok(read.into_iter().map(|(_, service)| service).collect())
}

fn get(agent: &ureq::Agent, url: &str) -> Result<Vec<u8>, Diagnostic> {
    let failed = |e: ureq::Error| {
        Diagnostic::error("The service reference cannot be reached", format!("{url}: {e}."))
            .hint("The catalogue in the program goes on to be used. Try again where AWS can be reached, or name a copy with -source=URL.")
    };
    let mut response = agent.get(url).call().map_err(failed)?;
    response.body_mut().with_config().limit(LARGEST).read_to_vec().map_err(failed)
}

fn odd(url: &str, why: &str) -> Diagnostic {
    Diagnostic::error("This is not the service reference", format!("What {url} holds cannot be used: {why}."))
        .hint("Is a proxy in between? -source=URL names another place.")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpListener;

    /// Answers every request by its path until the test ends; returns its address.
    fn server(answer: impl Fn(&str, &str) -> (u16, String) + Send + 'static) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let own = base.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                let mut line = String::new();
                let mut reader = BufReader::new(&stream);
                reader.read_line(&mut line).unwrap();
                let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
                while !line.trim().is_empty() {
                    line.clear();
                    reader.read_line(&mut line).unwrap();
                }
                let (status, body) = answer(&own, &path);
                let head =
                    format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
                let _ = stream.write_all(format!("{head}{body}").as_bytes());
            }
        });
        base
    }

    fn two_services(base: &str, path: &str) -> (u16, String) {
        match path {
            "/" => {
                let entry = |name: &str| format!(r#"{{"service":"{name}","url":"{base}/v1/{name}.json"}}"#);
                (200, format!("[{},{}]", entry("s3"), entry("newest")))
            }
            "/v1/s3.json" => (200, r#"{"Name":"s3","Actions":[{"Name":"GetObject"}]}"#.into()),
            "/v1/newest.json" => (200, r#"{"Name":"newest","Actions":[{"Name":"Shine"}]}"#.into()),
            _ => (404, String::new()),
        }
    }

    #[test]
    fn the_reference_is_read_kept_and_found_again() {
        let base = server(two_services);
        let services = read_all(&format!("{base}/"), &[]).unwrap();
        let bytes = reference::encode(&services, "test", Catalog::embedded()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = cache::keep_catalog(&folder.path().join("new"), &bytes).unwrap();
        let kept = Catalog::decode(&std::fs::read(path).unwrap()).unwrap();
        let both = Catalog::embedded().overlaid(kept);
        assert!(both.action("newest:Shine").is_some() && both.action("codebuild:StartBuild").is_some());
        assert!(both.action("s3:PutObject").is_none(), "the newer list of a service takes the place of the older");
        let one = read_all(&format!("{base}/"), &["newest".into()]).unwrap();
        assert_eq!(one.len(), 1);
        assert_eq!(read_all(&format!("{base}/"), &["nothing".into()]).unwrap_err().summary, "No such service");
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        let summary = |base: &str| read_all(base, &[]).unwrap_err().summary;
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        assert_eq!(summary(&format!("http://{free}/")), "The service reference cannot be reached");
        assert_eq!(summary(&server(|_, _| (503, String::new()))), "The service reference cannot be reached");
        assert_eq!(summary(&server(|_, _| (200, "<html>".into()))), "This is not the service reference");
        // One document that is missing leaves all as it is.
        let partly = server(
            |base, path| if path == "/v1/newest.json" { (404, String::new()) } else { two_services(base, path) },
        );
        assert_eq!(summary(&format!("{partly}/")), "The service reference cannot be reached");
    }
}
