//! Modules whose packages are objects of a bucket.

use crate::fixture::place;
use std::io::Write;
use std::process::Command;

#[tokio::test]
async fn modules_are_installed_from_a_bucket() {
    let Some(place) = place().await else { return };
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("sub/main.tf", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(b"output \"v\" {\n  value = 1\n}\n").unwrap();
    let zip = zip.finish().unwrap().into_inner();
    for (key, body) in [("m.zip", zip.as_slice()), ("folder/main.tf", b""), ("folder/x/y.tf", b"")] {
        let body = aws_sdk_s3::primitives::ByteStream::from(body.to_vec());
        place.client.put_object().bucket(&place.bucket).key(key).body(body).send().await.unwrap();
    }
    let call = |name: &str, path: &str| {
        let at = format!("s3::https://s3.us-east-1.amazonaws.com/{}/{path}", place.bucket);
        format!("module \"{name}\" {{\n  source = \"{at}\"\n}}\n")
    };
    let write = |text: &str| std::fs::write(place.dir.path().join("main.tf"), text).unwrap();
    let init = || {
        let output =
            Command::new(env!("CARGO_BIN_EXE_pipewright")).arg("init").current_dir(place.dir.path()).output().unwrap();
        (output.status.code(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
    };
    write(&(call("a", "m.zip//sub") + &call("b", "folder")));
    let (code, said) = init();
    assert_eq!(code, Some(0), "{said}");
    assert!(place.dir.path().join(".terraform/modules/a/sub/main.tf").exists());
    assert!(place.dir.path().join(".terraform/modules/b/x/y.tf").exists());
    write(&call("a", "missing.zip"));
    let (code, said) = init();
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("Failed to download module") && said.contains("missing.zip"), "{said}");
}
