//! Comma-separated values as `csvdecode` reads them: quoted fields may span lines, empty lines are skipped, every row has as many fields as the
//! first.

/// Rows of a text; after an error no more come.
pub struct Reader<'a> {
    rest: &'a str,
    line: usize,
    fields: Option<usize>,
}

impl<'a> Reader<'a> {
    /// Reads from the start.
    pub fn new(text: &'a str) -> Self {
        Reader { rest: text, line: 0, fields: None }
    }

    /// The next line without its end, and whether it had one.
    fn next_line(&mut self) -> Option<(&'a str, bool)> {
        if self.rest.is_empty() {
            return None;
        }
        self.line += 1;
        let (line, rest, ended) = match self.rest.split_once('\n') {
            Some((line, rest)) => (line, rest, true),
            None => (self.rest, "", false),
        };
        self.rest = rest;
        // A carriage return belongs to the line end, also at the end of the text.
        Some((line.strip_suffix('\r').unwrap_or(line), ended))
    }

    fn failed<T>(&mut self, line: usize, reason: &str) -> Result<T, String> {
        self.rest = "";
        Err(format!("CSV parse error on line {line}: {reason}"))
    }

    fn row(&mut self) -> Option<Result<Vec<String>, String>> {
        let (mut line, mut ended) = self.next_line()?;
        while line.is_empty() && ended {
            (line, ended) = self.next_line()?;
        }
        if line.is_empty() {
            return None;
        }
        let start = self.line;
        let mut row = Vec::new();
        loop {
            let Some(mut quoted) = line.strip_prefix('"') else {
                let (field, more) = match line.split_once(',') {
                    Some((field, more)) => (field, Some(more)),
                    None => (line, None),
                };
                if field.contains('"') {
                    return Some(self.failed(self.line, "bare \" in non-quoted field"));
                }
                row.push(field.to_owned());
                match more {
                    Some(more) => line = more,
                    None => break,
                }
                continue;
            };
            let mut field = String::new();
            let after = loop {
                match quoted.split_once('"') {
                    Some((text, after)) => {
                        field.push_str(text);
                        match after.strip_prefix('"') {
                            Some(more) => {
                                field.push('"');
                                quoted = more;
                            }
                            None => break after,
                        }
                    }
                    None => {
                        field.push_str(quoted);
                        if ended {
                            field.push('\n');
                        }
                        match self.next_line() {
                            Some((next, next_ended)) => (quoted, ended) = (next, next_ended),
                            None => return Some(self.failed(self.line, "extraneous or missing \" in quoted-field")),
                        }
                    }
                }
            };
            row.push(field);
            match after.strip_prefix(',') {
                Some(more) => line = more,
                None if after.is_empty() => break,
                None => return Some(self.failed(self.line, "extraneous or missing \" in quoted-field")),
            }
        }
        match self.fields {
            None => self.fields = Some(row.len()),
            Some(n) if n != row.len() => return Some(self.failed(start, "wrong number of fields")),
            Some(_) => {}
        }
        Some(Ok(row))
    }
}

impl Iterator for Reader<'_> {
    type Item = Result<Vec<String>, String>;

    fn next(&mut self) -> Option<Self::Item> {
        self.row()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<Vec<String>> {
        Reader::new(text).map(Result::unwrap).collect()
    }

    #[test]
    fn fields_may_be_quoted_and_span_lines() {
        assert_eq!(rows("a,\"b\r\nc\"\r\n,\n"), [["a", "b\nc"], ["", ""]]);
        assert_eq!(rows("\"a\"\"b\"\n\n\nc"), [["a\"b"], ["c"]]);
    }

    #[test]
    fn a_quote_inside_a_plain_field_is_an_error() {
        let error = Reader::new("a\nb\"c").nth(1).unwrap().unwrap_err();
        assert_eq!(error, "CSV parse error on line 2: bare \" in non-quoted field");
    }
}
