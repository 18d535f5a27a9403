//! What is wrong with a text that should be JSON, in the words of Go's decoder, which the original provider repeats.

/// The first fault, and how many bytes were read when it showed.
pub fn fault(text: &str) -> Option<(String, usize)> {
    let mut reader = Reader { bytes: text.as_bytes(), at: 0 };
    reader.document().err()
}

struct Reader<'t> {
    bytes: &'t [u8],
    at: usize,
}

type Read = Result<(), (String, usize)>;

/// Deeper nesting is refused, as Go does.
const DEEPEST: usize = 10_000;

enum Open {
    Array,
    Object,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    /// The fault of the byte that stands here, or of the end.
    fn wrong<T>(&self, context: &str) -> Result<T, (String, usize)> {
        match self.peek() {
            None => Err(("unexpected end of JSON input".to_owned(), self.bytes.len())),
            Some(byte) => Err((format!("invalid character {} {context}", shown(byte)), self.at + 1)),
        }
    }

    fn document(&mut self) -> Read {
        let mut open: Vec<Open> = Vec::new();
        loop {
            self.space();
            // A value, or what opens one.
            match self.peek() {
                Some(b'{') => {
                    self.at += 1;
                    self.space();
                    if self.peek() == Some(b'}') {
                        self.at += 1;
                    } else {
                        open.push(Open::Object);
                        self.key("looking for beginning of object key string")?;
                        continue;
                    }
                }
                Some(b'[') => {
                    self.at += 1;
                    self.space();
                    if self.peek() == Some(b']') {
                        self.at += 1;
                    } else {
                        open.push(Open::Array);
                        continue;
                    }
                }
                Some(b'"') => self.string()?,
                Some(b'-' | b'0'..=b'9') => self.number()?,
                Some(b't') => self.word("true")?,
                Some(b'f') => self.word("false")?,
                Some(b'n') => self.word("null")?,
                _ => return self.wrong("looking for beginning of value"),
            }
            if open.len() > DEEPEST {
                return Err(("exceeded max depth".to_owned(), self.at));
            }
            // What follows a value: closings, then a comma or the end.
            loop {
                self.space();
                match (open.last(), self.peek()) {
                    (None, None) => return Ok(()),
                    (None, Some(_)) => return self.wrong("after top-level value"),
                    (Some(Open::Array), Some(b']')) | (Some(Open::Object), Some(b'}')) => {
                        self.at += 1;
                        open.pop();
                    }
                    (Some(Open::Array), Some(b',')) => {
                        self.at += 1;
                        break;
                    }
                    (Some(Open::Object), Some(b',')) => {
                        self.at += 1;
                        self.space();
                        self.key("looking for beginning of object key string")?;
                        break;
                    }
                    (Some(Open::Array), _) => return self.wrong("after array element"),
                    (Some(Open::Object), _) => return self.wrong("after object key:value pair"),
                }
            }
        }
    }

    fn key(&mut self, context: &str) -> Read {
        if self.peek() != Some(b'"') {
            return self.wrong(context);
        }
        self.string()?;
        self.space();
        if self.peek() != Some(b':') {
            return self.wrong("after object key");
        }
        self.at += 1;
        Ok(())
    }

    fn string(&mut self) -> Read {
        self.at += 1;
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => {
                    self.at += 1;
                    match self.peek() {
                        Some(b'b' | b'f' | b'n' | b'r' | b't' | b'\\' | b'/' | b'"') => self.at += 1,
                        Some(b'u') => {
                            self.at += 1;
                            for _ in 0..4 {
                                if !self.peek().is_some_and(|b| b.is_ascii_hexdigit()) {
                                    return self.wrong("in \\u hexadecimal character escape");
                                }
                                self.at += 1;
                            }
                        }
                        _ => return self.wrong("in string escape code"),
                    }
                }
                Some(0..=0x1f) | None => return self.wrong("in string literal"),
                Some(_) => self.at += 1,
            }
        }
    }

    fn number(&mut self) -> Read {
        let digit = |byte: Option<u8>| byte.is_some_and(|b| b.is_ascii_digit());
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek() {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.digits(),
            _ => return self.wrong("in numeric literal"),
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            if !digit(self.peek()) {
                return self.wrong("after decimal point in numeric literal");
            }
            self.digits();
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            if !digit(self.peek()) {
                return self.wrong("in exponent of numeric literal");
            }
            self.digits();
        }
        Ok(())
    }

    fn digits(&mut self) {
        while self.peek().is_some_and(|b| b.is_ascii_digit()) {
            self.at += 1;
        }
    }

    fn word(&mut self, word: &str) -> Read {
        self.at += 1;
        for expected in word.bytes().skip(1) {
            if self.peek() != Some(expected) {
                return self.wrong(&format!("in literal {word} (expecting {})", shown(expected)));
            }
            self.at += 1;
        }
        Ok(())
    }
}

/// A byte as Go quotes it.
fn shown(byte: u8) -> String {
    match byte {
        b'\'' => "'\\''".to_owned(),
        b'"' => "'\"'".to_owned(),
        b'\\' => "'\\\\'".to_owned(),
        b'\n' => "'\\n'".to_owned(),
        b'\r' => "'\\r'".to_owned(),
        b'\t' => "'\\t'".to_owned(),
        0x20..=0x7e => format!("'{}'", char::from(byte)),
        0..=0x7f => format!("'\\x{byte:02x}'"),
        // Go shows the byte as if it were a character.
        _ => format!("'{}'", char::from(byte)),
    }
}

/// Why a text is no IAM policy document, if it is none; what stands after `contains an invalid JSON policy: `.
pub fn policy_fault(text: &str) -> Option<String> {
    let text = text.trim();
    Some(match text.as_bytes().first()? {
        b'{' => {
            let (message, offset) = fault(text)?;
            format!("{message}, at byte offset {offset}")
        }
        b'[' => "contains a JSON array, not a JSON object".to_owned(),
        b'"' => {
            let base = "contains a JSON-encoded string, not a JSON-encoded object";
            let content: String = serde_json::from_str(text).unwrap_or_default();
            match content {
                _ if content.ends_with(".json") => {
                    format!("{base}: have you passed a JSON-encoded filename instead of the content of that file?")
                }
                _ if content.starts_with('{') => format!("{base}: have you double-encoded your JSON data?"),
                _ => base.to_owned(),
            }
        }
        _ => "not a JSON object".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_told_as_go_tells_them() {
        for (text, wanted) in [
            ("nope", "invalid character 'o' in literal null (expecting 'u') 2"),
            ("{", "unexpected end of JSON input 1"),
            ("", "unexpected end of JSON input 0"),
            ("{a:1}", "invalid character 'a' looking for beginning of object key string 2"),
            ("{\"a\" 1}", "invalid character '1' after object key 6"),
            ("{\"a\":1 \"b\"}", "invalid character '\"' after object key:value pair 8"),
            ("[1 2]", "invalid character '2' after array element 4"),
            ("[1,]", "invalid character ']' looking for beginning of value 4"),
            ("{\"a\":1,}", "invalid character '}' looking for beginning of object key string 8"),
            ("{} x", "invalid character 'x' after top-level value 4"),
            ("\"a\nb\"", "invalid character '\\n' in string literal 3"),
            ("\"\\q\"", "invalid character 'q' in string escape code 3"),
            ("\"\\u12x\"", "invalid character 'x' in \\u hexadecimal character escape 6"),
            ("1.x", "invalid character 'x' after decimal point in numeric literal 3"),
            ("-x", "invalid character 'x' in numeric literal 2"),
            ("1e+", "unexpected end of JSON input 3"),
        ] {
            let told = fault(text).map(|(message, offset)| format!("{message} {offset}"));
            assert_eq!(told.as_deref(), Some(wanted), "{text:?}");
        }
    }

    #[test]
    fn what_serde_reads_has_no_fault_and_the_other_way_round() {
        for text in [
            "{\"a\":[1,-2.5e3,true,null,{\"b\":\"\\u00e9\"}]}",
            " [ ] ",
            "{ }",
            "\"x\"",
            "0",
            "01",
            "[",
            "tru",
            "{\"a\"}",
            "\"\u{1}\"",
        ] {
            assert_eq!(fault(text).is_none(), serde_json::from_str::<serde_json::Value>(text).is_ok(), "{text:?}");
        }
    }

    #[test]
    fn a_policy_must_be_an_object() {
        assert_eq!(policy_fault("{\"Version\":\"2012-10-17\"}"), None);
        assert_eq!(policy_fault("nope").as_deref(), Some("not a JSON object"));
        assert_eq!(policy_fault("[]").as_deref(), Some("contains a JSON array, not a JSON object"));
        assert_eq!(policy_fault("{").as_deref(), Some("unexpected end of JSON input, at byte offset 1"));
        assert!(policy_fault("\"policy.json\"").is_some_and(|told| told.contains("filename")));
    }
}
