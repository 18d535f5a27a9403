//! Words for a POSIX shell.

/// The text as one word of a POSIX shell.
pub fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=@%+,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shell_would_take_apart_is_quoted() {
        assert_eq!(quoted("/tmp/a.sh"), "/tmp/a.sh");
        assert_eq!(quoted("it's a $x"), "'it'\\''s a $x'");
        assert_eq!(quoted(""), "''");
    }
}
