//! Hashes, identifiers and decryption.

use super::call::{Call, FunctionError, Outcome};
use super::encoding::{from_base64, to_base64};
use super::filesystem;
use crate::lang::value::{Value, quote};
use rsa::pkcs1::DecodeRsaPrivateKey;
use rsa::pkcs8::DecodePrivateKey;
use rsa::{BigUint, Pkcs1v15Encrypt, RsaPrivateKey};
use sha2::Digest;
use uuid::Uuid;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        out.push_str(&format!("{byte:02x}"));
        out
    })
}

fn hash_text<D: Digest>(call: &Call<'_>, encode: fn(&[u8]) -> String) -> Outcome {
    Ok(Value::string(encode(&D::digest(call.text(0)?.as_bytes()))))
}

fn hash_file<D: Digest>(call: &Call<'_>, encode: fn(&[u8]) -> String) -> Outcome {
    Ok(Value::string(encode(&D::digest(filesystem::read(call.context, call.text(0)?)?))))
}

pub fn md5(call: &Call<'_>) -> Outcome {
    hash_text::<md5::Md5>(call, hex)
}

pub fn sha1(call: &Call<'_>) -> Outcome {
    hash_text::<sha1::Sha1>(call, hex)
}

pub fn sha256(call: &Call<'_>) -> Outcome {
    hash_text::<sha2::Sha256>(call, hex)
}

pub fn sha512(call: &Call<'_>) -> Outcome {
    hash_text::<sha2::Sha512>(call, hex)
}

pub fn base64sha256(call: &Call<'_>) -> Outcome {
    hash_text::<sha2::Sha256>(call, to_base64)
}

pub fn base64sha512(call: &Call<'_>) -> Outcome {
    hash_text::<sha2::Sha512>(call, to_base64)
}

pub fn filemd5(call: &Call<'_>) -> Outcome {
    hash_file::<md5::Md5>(call, hex)
}

pub fn filesha1(call: &Call<'_>) -> Outcome {
    hash_file::<sha1::Sha1>(call, hex)
}

pub fn filesha256(call: &Call<'_>) -> Outcome {
    hash_file::<sha2::Sha256>(call, hex)
}

pub fn filesha512(call: &Call<'_>) -> Outcome {
    hash_file::<sha2::Sha512>(call, hex)
}

pub fn filebase64sha256(call: &Call<'_>) -> Outcome {
    hash_file::<sha2::Sha256>(call, to_base64)
}

pub fn filebase64sha512(call: &Call<'_>) -> Outcome {
    hash_file::<sha2::Sha512>(call, to_base64)
}

pub fn bcrypt(call: &Call<'_>) -> Outcome {
    if call.args.len() > 2 {
        return Err("bcrypt() takes no more than two arguments".into());
    }
    let cost = if call.args.len() == 2 { call.whole(1)? } else { 10 };
    let failed = |reason: String| FunctionError::call(format!("error occured generating password {reason}"));
    if cost > 31 {
        return Err(failed(format!("crypto/bcrypt: cost {cost} is outside allowed range (4,31)")));
    }
    let cost = if cost < 4 { 10 } else { cost as u32 };
    let text = call.text(0)?;
    if text.len() > 72 {
        return Err(failed("bcrypt: password length exceeds 72 bytes".to_owned()));
    }
    let hash = bcrypt::hash_with_result(text, cost).map_err(|e| failed(e.to_string()))?;
    Ok(Value::string(hash.format_for_version(bcrypt::Version::TwoA)))
}

/// Random in all its bits, unlike a version 4 identifier.
pub fn uuid(_: &Call<'_>) -> Outcome {
    let (mut bytes, more) = (Uuid::new_v4().into_bytes(), Uuid::new_v4().into_bytes());
    for (to, from) in [(6, 0), (8, 1)] {
        if let (Some(to), Some(from)) = (bytes.get_mut(to), more.get(from)) {
            *to = *from;
        }
    }
    Ok(Value::string(Uuid::from_bytes(bytes).to_string()))
}

pub fn uuidv5(call: &Call<'_>) -> Outcome {
    let namespace = match call.text(0)? {
        "dns" => Uuid::NAMESPACE_DNS,
        "url" => Uuid::NAMESPACE_URL,
        "oid" => Uuid::NAMESPACE_OID,
        "x500" => Uuid::NAMESPACE_X500,
        other => {
            parse_uuid(other).map_err(|reason| format!("uuidv5() doesn't support namespace {other} ({reason})"))?
        }
    };
    Ok(Value::string(Uuid::new_v5(&namespace, call.text(1)?.as_bytes()).to_string()))
}

fn parse_uuid(text: &str) -> Result<Uuid, String> {
    let plain = match text.len() {
        36 | 32 => Some(text),
        45 => match text.get(..9) {
            Some(prefix) if prefix.eq_ignore_ascii_case("urn:uuid:") => text.get(9..),
            prefix => return Err(format!("invalid urn prefix: {}", quote(prefix.unwrap_or_default()))),
        },
        38 => text.get(1..37),
        length => return Err(format!("invalid UUID length: {length}")),
    };
    plain.and_then(|text| Uuid::parse_str(text).ok()).ok_or_else(|| "invalid UUID format".to_owned())
}

pub fn rsadecrypt(call: &Call<'_>) -> Outcome {
    let text = call.text(0)?;
    let Some(bytes) = from_base64(text) else {
        let message = format!("failed to decode input {}: cipher text must be base64-encoded", quote(text));
        return Err(FunctionError::argument(0, message));
    };
    let key = private_key(call.text(1)?).map_err(|e| FunctionError::argument(1, e))?;
    let plain = key.decrypt(Pkcs1v15Encrypt, &bytes).map_err(|e| format!("failed to decrypt: {e}"))?;
    match String::from_utf8(plain) {
        Ok(text) => Ok(Value::string_normalized(&text)),
        Err(_) => Err("failed to decrypt: the result is not valid UTF-8".into()),
    }
}

fn private_key(text: &str) -> Result<RsaPrivateKey, String> {
    let Some(at) = text.find("-----BEGIN ") else { return Err("invalid private key: ssh: no key found".to_owned()) };
    let pem = text.get(at..).unwrap_or_default();
    let kind = pem.strip_prefix("-----BEGIN ").and_then(|rest| rest.split_once("-----")).map_or("", |(kind, _)| kind);
    if pem.contains("ENCRYPTED") {
        return Err("invalid private key: ssh: this private key is passphrase protected".to_owned());
    }
    let invalid = |reason: String| format!("invalid private key: {reason}");
    match kind {
        "RSA PRIVATE KEY" => RsaPrivateKey::from_pkcs1_pem(pem.trim()).map_err(|e| invalid(e.to_string())),
        "PRIVATE KEY" => RsaPrivateKey::from_pkcs8_pem(pem.trim()).map_err(|e| invalid(e.to_string())),
        "OPENSSH PRIVATE KEY" => {
            open_ssh_key(pem).ok_or_else(|| invalid("ssh: this is not an RSA key without passphrase".to_owned()))
        }
        other => Err(invalid(format!("ssh: unsupported key type {}", quote(other)))),
    }
}

/// Reads fields of the form the OpenSSH key file has: a length of four bytes, then as many bytes.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(head)
    }

    fn number(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let n = self.number()?;
        self.take(n as usize)
    }

    fn integer(&mut self) -> Option<BigUint> {
        self.bytes().map(BigUint::from_bytes_be)
    }
}

/// An unencrypted RSA key in the format of PROTOCOL.key of OpenSSH.
fn open_ssh_key(pem: &str) -> Option<RsaPrivateKey> {
    let body: String = pem.lines().filter(|line| !line.starts_with("-----")).map(str::trim).collect();
    let bytes = from_base64(&body)?;
    let mut file = Fields(bytes.strip_prefix(b"openssh-key-v1\0")?);
    if file.bytes()? != b"none" {
        return None;
    }
    let (_kdf, _options, keys, _public) = (file.bytes()?, file.bytes()?, file.number()?, file.bytes()?);
    let mut private = Fields(file.bytes()?);
    if keys != 1 || private.number()? != private.number()? || private.bytes()? != b"ssh-rsa" {
        return None;
    }
    let (n, e, d, _inverse) = (private.integer()?, private.integer()?, private.integer()?, private.integer()?);
    let primes = vec![private.integer()?, private.integer()?];
    let key = RsaPrivateKey::from_components(n, e, d, primes).ok()?;
    key.validate().ok()?;
    Some(key)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]
mod tests {
    use super::super::call::testing::*;

    #[test]
    fn hashes_of_text() {
        assert_eq!(run("md5", &[s("hello")]).unwrap(), s("5d41402abc4b2a76b9719d911017c592"));
        assert_eq!(run("sha1", &[s("hello")]).unwrap(), s("aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d"));
        assert_eq!(run("base64sha256", &[s("")]).unwrap(), s("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="));
        assert!(run("sha512", &[s("é")]).unwrap().as_str().unwrap().starts_with("9e2ad28633f24451"));
    }

    #[test]
    fn passwords_are_hashed_in_the_common_format() {
        let hash = run("bcrypt", &[s("x"), n(4)]).unwrap();
        assert!(hash.as_str().unwrap().starts_with("$2a$04$"));
        assert_eq!(
            error("bcrypt", &[s("x"), n(40)]),
            "error occured generating password crypto/bcrypt: cost 40 is outside allowed range (4,31)"
        );
    }

    #[test]
    fn names_make_stable_identifiers() {
        assert_eq!(
            run("uuidv5", &[s("url"), s("https://www.terraform.io/")]).unwrap(),
            s("9db6f67c-dd95-5ea0-aa5b-e70e5c5f7cf5")
        );
        assert_eq!(error("uuidv5", &[s("x"), s("y")]), "uuidv5() doesn't support namespace x (invalid UUID length: 1)");
        assert_eq!(run("uuid", &[]).unwrap().as_str().unwrap().len(), 36);
    }

    #[test]
    fn what_cannot_be_decrypted_says_why() {
        assert_eq!(
            error("rsadecrypt", &[s("x"), s("y")]),
            "failed to decode input \"x\": cipher text must be base64-encoded"
        );
        assert_eq!(error("rsadecrypt", &[s(""), s("")]), "invalid private key: ssh: no key found");
    }

    #[test]
    fn decryption_reverses_encryption_with_each_key_format() {
        use rsa::pkcs1::EncodeRsaPrivateKey;
        use rsa::pkcs8::EncodePrivateKey;
        use rsa::traits::{PrivateKeyParts, PublicKeyParts};
        let mut random = rsa::rand_core::OsRng;
        let key = rsa::RsaPrivateKey::new(&mut random, 512).unwrap();
        let secret = key.to_public_key().encrypt(&mut random, rsa::Pkcs1v15Encrypt, b"secret").unwrap();
        let secret = s(&super::to_base64(&secret));
        let pkcs1 = key.to_pkcs1_pem(rsa::pkcs1::LineEnding::LF).unwrap();
        let pkcs8 = key.to_pkcs8_pem(rsa::pkcs8::LineEnding::LF).unwrap();
        let mut file = b"openssh-key-v1\0".to_vec();
        let field = |out: &mut Vec<u8>, bytes: &[u8]| {
            out.extend((bytes.len() as u32).to_be_bytes());
            out.extend(bytes);
        };
        let mut private = vec![0, 0, 0, 1, 0, 0, 0, 1];
        field(&mut private, b"ssh-rsa");
        for number in [key.n(), key.e(), key.d(), key.d(), &key.primes()[0], &key.primes()[1]] {
            field(&mut private, &number.to_bytes_be());
        }
        [&b"none"[..], b"none", b""].iter().for_each(|text| field(&mut file, text));
        file.extend(1u32.to_be_bytes());
        field(&mut file, b"");
        field(&mut file, &private);
        let ssh = format!(
            "-----BEGIN OPENSSH PRIVATE KEY-----\n{}\n-----END OPENSSH PRIVATE KEY-----\n",
            super::to_base64(&file)
        );
        for pem in [pkcs1.as_str(), pkcs8.as_str(), &ssh] {
            assert_eq!(run("rsadecrypt", &[secret.clone(), s(pem)]).unwrap(), s("secret"));
        }
    }
}
