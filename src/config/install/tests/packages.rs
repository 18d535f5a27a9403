//! Archives over HTTP, pages that lead to them, objects of S3.

use super::server::{Reply, Server};
use super::*;
use std::io::Write;

/// A zip archive of some files.
pub fn zip(files: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in files {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A tar.gz archive of some files.
pub fn tar_gz(files: &[(&str, &str)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
    for (name, text) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, name, text.as_bytes()).unwrap();
    }
    builder.into_inner().unwrap().finish().unwrap()
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest;
    sha2::Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

const MODULE: &[(&str, &str)] =
    &[("main.tf", "output \"v\" {\n  value = 1\n}\n"), ("sub/main.tf", "output \"w\" {\n  value = 1\n}\n")];

#[test]
fn archives_are_fetched_once_and_then_needed_no_more() {
    let (plain, packed) = (zip(MODULE), tar_gz(MODULE));
    let server = Server::start(move |request| match request.target.as_str() {
        "/m.zip" | "/no-ending?x=1" => Reply::ok(plain.clone()),
        "/m.tar.gz" => Reply::ok(packed.clone()),
        "/moved.zip" => Reply::status(302).with("Location", "/m.zip"),
        _ => Reply::status(404),
    });
    let place = Place::new(&[]);
    place.calls(&[
        ("a", &server.url("/m.zip")),
        ("b", &server.url("/m.zip//sub")),
        ("c", &server.url("/m.tar.gz")),
        ("d", &server.url("/no-ending?archive=zip&x=1")),
        ("e", &server.url("/moved.zip")),
    ]);
    let (lines, d) = place.install(false);
    assert!(d.is_empty(), "{d:?}");
    assert_eq!(lines.iter().filter(|l| l.starts_with("Downloading")).count(), 4, "{lines:?}");
    assert_eq!(server.asked().iter().filter(|t| *t == "/m.zip").count(), 2, "a and b share one, e is sent to it");
    assert_eq!(place.outputs("b"), ["w"]);
    for name in ["a", "c", "d", "e"] {
        assert_eq!(place.outputs(name), ["v"], "{name}");
    }
    let asked = server.asked().len();
    let (lines, d) = place.install(false);
    assert!(d.is_empty() && lines.iter().all(|l| l.starts_with("- ")), "{lines:?}");
    assert_eq!(server.asked().len(), asked, "what is installed needs no network");
    place.install(true);
    assert!(server.asked().len() > asked);
}

#[test]
fn a_checksum_is_kept_or_the_package_refused() {
    let body = zip(MODULE);
    let good = sha256(&body);
    let list = format!("{}  other.zip\n{good}  m.zip\n", "0".repeat(64));
    let server = Server::start(move |request| match request.target.as_str() {
        "/m.zip" => Reply::ok(body.clone()),
        "/SHA256SUMS" => Reply::ok(list.clone()),
        _ => Reply::status(404),
    });
    for (checksum, summaries) in [
        (format!("sha256:{good}"), vec![]),
        (good.clone(), vec![]),
        (format!("file:{}", server.url("/SHA256SUMS")), vec![]),
        (format!("sha256:{}", "0".repeat(64)), vec!["Checksum mismatch"]),
        ("sha256:xyz".into(), vec!["Failed to download module"]),
        (format!("file:{}", server.url("/missing")), vec!["Failed to download module"]),
    ] {
        let place = Place::new(&[]);
        place.calls(&[("a", &server.url(&format!("/m.zip?checksum={checksum}")))]);
        assert_eq!(place.summaries(), summaries, "{checksum}");
        assert_eq!(place.installed("a"), summaries.is_empty());
        assert_eq!(place.leftovers(), Vec::<String>::new());
    }
}

#[test]
fn pages_lead_to_packages() {
    let body = zip(&[("top/main.tf", "output \"v\" {\n  value = 1\n}\n")]);
    let server = Server::start(move |request| match request.target.as_str() {
        "/m.zip" => Reply::ok(body.clone()),
        "/header?terraform-get=1" => Reply::status(204).with("X-Terraform-Get", "./m.zip//top"),
        "/meta?a=b&terraform-get=1" => {
            Reply::ok("<html><head><meta name=\"terraform-get\" content=\"/m.zip//*\"></head></html>")
        }
        "/loop?terraform-get=1" => Reply::ok("").with("X-Terraform-Get", "/loop"),
        "/nothing?terraform-get=1" => Reply::ok("<html><head></head></html>"),
        _ => Reply::status(404),
    });
    let place = Place::new(&[]);
    place.calls(&[("a", &server.url("/header")), ("b", &server.url("/meta?a=b"))]);
    assert_eq!(place.summaries(), Vec::<String>::new());
    assert_eq!((place.outputs("a"), place.outputs("b")), (vec!["v".to_owned()], vec!["v".to_owned()]));
    for (path, said) in [("/loop", "more than 10 times"), ("/nothing", "neither a header"), ("/missing", "404")] {
        let place = Place::new(&[]);
        place.calls(&[("a", &server.url(path))]);
        let (_, d) = place.install(false);
        let first = d.iter().next().unwrap();
        assert!(first.detail.contains(said), "{first:?}");
        assert!(first.hint.is_some() || path == "/loop");
    }
}

#[test]
fn a_download_that_breaks_off_leaves_nothing_and_keeps_what_was_there() {
    let whole = zip(MODULE);
    let broken = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let now = std::sync::Arc::clone(&broken);
    let server = Server::start(move |_| {
        let mut reply = Reply::ok(whole.clone());
        if now.load(std::sync::atomic::Ordering::Relaxed) {
            reply.length = Some(reply.body.len() + 1000);
        }
        reply
    });
    let place = Place::new(&[]);
    place.calls(&[("a", &server.url("/m.zip"))]);
    assert_eq!(place.summaries(), Vec::<String>::new());
    broken.store(true, std::sync::atomic::Ordering::Relaxed);
    let (_, d) = place.install(true);
    assert!(d.iter().next().unwrap().detail.contains("broke off"), "{d:?}");
    assert_eq!(place.outputs("a"), ["v"], "the former download is still there");
    assert_eq!(place.leftovers(), Vec::<String>::new());
}

#[test]
fn servers_that_fail_once_are_asked_again() {
    let body = zip(MODULE);
    let tries = std::sync::atomic::AtomicU32::new(0);
    let server = Server::start(move |_| match tries.fetch_add(1, std::sync::atomic::Ordering::Relaxed) {
        0 => Reply::status(503),
        _ => Reply::ok(body.clone()),
    });
    let place = Place::new(&[]);
    place.calls(&[("a", &server.url("/m.zip"))]);
    assert_eq!(place.summaries(), Vec::<String>::new());
    assert_eq!(server.asked().len(), 2);
}

#[test]
fn users_come_from_the_address_or_from_netrc() {
    let body = zip(MODULE);
    let server = Server::start(move |request| match request.authorization.as_deref() {
        // me:secret
        Some("Basic bWU6c2VjcmV0") => Reply::ok(body.clone()),
        _ => Reply::status(401),
    });
    let place = Place::new(&[]);
    place.calls(&[("a", &format!("http://me:secret@{}/m.zip", server.address))]);
    let (lines, d) = place.install(false);
    assert!(d.is_empty(), "{d:?}");
    assert!(lines.iter().all(|l| !l.contains("secret")), "{lines:?}");
    let mut place = Place::new(&[("home/.netrc", "machine 127.0.0.1 login me password secret\n")]);
    place.calls(&[("a", &server.url("/m.zip"))]);
    let (_, d) = place.install(false);
    assert!(d.iter().next().unwrap().hint.as_ref().unwrap().contains(".netrc"));
    let home = place.0.path().join("home").display().to_string();
    place.1.environment.push(("HOME".into(), home));
    assert_eq!(place.summaries(), Vec::<String>::new());
}

#[test]
fn unsafe_archives_are_refused_whole() {
    let body = zip(&[("main.tf", ""), ("../../../../evil.tf", "x")]);
    let server = Server::start(move |_| Reply::ok(body.clone()));
    let place = Place::new(&[]);
    place.calls(&[("a", &server.url("/m.zip"))]);
    assert_eq!(place.summaries(), ["Unsafe module archive"]);
    assert!(!place.installed("a") && place.leftovers().is_empty());
    assert!(!place.0.path().join("evil.tf").exists() && !place.0.path().join("root/evil.tf").exists());
}

#[test]
fn unreachable_hosts_are_told() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let place = Place::new(&[]);
    place.calls(&[("a", &format!("http://{free}/m.zip"))]);
    let (_, d) = place.install(false);
    let first = d.iter().next().unwrap();
    assert!(first.detail.contains("cannot be reached"), "{first:?}");
    assert!(first.span.is_some() && first.hint.is_some());
}

struct Bucket;

impl Objects for Bucket {
    fn list(&self, place: &S3Place) -> Result<Vec<String>, String> {
        assert_eq!(place.bucket, "b");
        Ok(["dir/main.tf", "dir/sub/", "dir/sub/x.tf"].map(str::to_owned).to_vec())
    }

    fn read(&self, place: &S3Place, key: &str, into: &mut dyn Write) -> Result<(), String> {
        match key {
            "m.zip" if place.region == "eu-west-1" => into.write_all(&zip(MODULE)).map_err(|e| e.to_string()),
            "dir/main.tf" => into.write_all(b"output \"d\" {\n  value = 1\n}\n").map_err(|e| e.to_string()),
            "dir/sub/x.tf" => Ok(()),
            _ => Err("There is no such key.".into()),
        }
    }
}

#[test]
fn objects_of_s3_are_archives_or_folders() {
    let mut place = Place::new(&[]);
    place.1.objects = Some(std::sync::Arc::new(Bucket));
    place.calls(&[
        ("a", "s3::https://s3-eu-west-1.amazonaws.com/b/m.zip//sub"),
        ("b", "s3::https://s3.eu-west-1.amazonaws.com/b/dir"),
    ]);
    assert_eq!(place.summaries(), Vec::<String>::new());
    assert_eq!((place.outputs("a"), place.outputs("b")), (vec!["w".to_owned()], vec!["d".to_owned()]));
    place.calls(&[("a", "s3::https://s3-eu-west-1.amazonaws.com/b/other.zip")]);
    let (_, d) = place.install(false);
    assert!(d.iter().next().unwrap().detail.contains("no such key"), "{d:?}");
}
