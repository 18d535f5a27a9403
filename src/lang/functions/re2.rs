//! Regular expressions in RE2 syntax, as Terraform reads them, for the `regex` crate.
//!
//! The two are close, but not the same: `\d \s \w \b` mean ASCII only in RE2; classes there know no set operations; braces that
//! are no repetition are literal; `\Q…\E` quotes; any ASCII punctuation may be escaped; repeated repetition, look-around and
//! back-references are errors. The pattern is rewritten, and what RE2 refuses is refused with its words.

use regex::Regex;

/// Why a pattern is refused, and which part of it.
#[derive(Debug, Clone, PartialEq)]
pub struct PatternError {
    /// `missing closing )`
    pub reason: String,
    /// The part.
    pub part: String,
}

/// Largest compiled size of a pattern, in bytes.
const SIZE_LIMIT: usize = 16 << 20;
/// Largest number in a repetition.
const MOST_REPEATS: u32 = 1000;

/// Compiles a pattern in RE2 syntax.
pub fn compile(pattern: &str) -> Result<Regex, PatternError> {
    let rewritten =
        Rewriter { pattern, at: 0, out: String::new(), open: Vec::new(), repeats: (1, 1), repeated: None, empty: true }
            .run()?;
    regex::RegexBuilder::new(&rewritten).size_limit(SIZE_LIMIT).build().map_err(|e| match e {
        regex::Error::CompiledTooBig(_) => error("expression nests too deeply or is too large", pattern),
        _ => {
            let text = e.to_string();
            let reason = text.rsplit("error: ").next().unwrap_or("invalid expression").trim();
            error(reason, pattern)
        }
    })
}

fn error(reason: &str, part: &str) -> PatternError {
    PatternError { reason: reason.to_owned(), part: part.to_owned() }
}

/// An open parenthesis: what the repetitions before it multiply to.
struct Open {
    repeats: u32,
}

struct Rewriter<'a> {
    pattern: &'a str,
    at: usize,
    out: String,
    /// Open parentheses.
    open: Vec<Open>,
    /// What the repetitions in what was just read multiply to, and the most that those before it in the same group do.
    repeats: (u32, u32),
    /// Where the repetition just read starts.
    repeated: Option<usize>,
    /// Whether there is nothing yet that a repetition could apply to.
    empty: bool,
}

impl<'a> Rewriter<'a> {
    fn rest(&self) -> &'a str {
        self.pattern.get(self.at..).unwrap_or_default()
    }

    fn part(&self, from: usize) -> &'a str {
        self.pattern.get(from..self.at).unwrap_or_default()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.rest().chars().next()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn eat(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        if found {
            self.at += text.len();
        }
        found
    }

    fn literal(&mut self, c: char) {
        if c.is_ascii_punctuation() || c.is_ascii_whitespace() || c.is_control() {
            self.out.push_str(&format!("\\x{{{:x}}}", c as u32));
        } else {
            self.out.push(c);
        }
    }

    fn run(mut self) -> Result<String, PatternError> {
        loop {
            let start = self.at;
            let Some(c) = self.next() else { break };
            let mut repeats = false;
            let flagless = c == '(' && self.rest().starts_with("?)");
            if !flagless
                && !matches!(c, ')' | '*' | '+' | '?')
                && (c != '{' || repetition_counts(self.rest()).is_none())
            {
                self.repeats = (1, self.repeats.0.max(self.repeats.1));
            }
            match c {
                // Sets no flag: what stands before it is still what a repetition repeats.
                '(' if self.eat("?)") => continue,
                '(' => {
                    self.group(start)?;
                    self.empty = true;
                    self.repeated = None;
                    continue;
                }
                ')' => {
                    let Some(open) = self.open.pop() else {
                        return Err(error("unexpected )", self.pattern));
                    };
                    self.repeats = (self.repeats.0.max(self.repeats.1), open.repeats);
                    self.out.push(')');
                }
                '|' => {
                    self.out.push('|');
                    self.empty = true;
                    self.repeated = None;
                    continue;
                }
                '[' => self.class(start)?,
                '*' | '+' | '?' => {
                    self.repetition(start, &c.to_string())?;
                    repeats = true;
                }
                '{' => match repetition_counts(self.rest()) {
                    Some((length, least, most)) => {
                        self.at += length;
                        let text = self.part(start);
                        if least > MOST_REPEATS || most.is_some_and(|most| most > MOST_REPEATS || most < least) {
                            return Err(error("invalid repeat count", text));
                        }
                        self.repetition(start, text)?;
                        self.multiply(start, least, most)?;
                        repeats = true;
                    }
                    None => self.literal('{'),
                },
                '\\' => self.escape(start)?,
                '^' | '$' | '.' => self.out.push(c),
                c => self.literal(c),
            }
            self.empty = false;
            if !repeats {
                self.repeated = None;
            }
        }
        if self.open.is_empty() { Ok(self.out) } else { Err(error("missing closing )", self.pattern)) }
    }

    fn repetition(&mut self, start: usize, text: &str) -> Result<(), PatternError> {
        if self.empty {
            return Err(error("missing argument to repetition operator", text));
        }
        let lazy = self.eat("?");
        if let Some(before) = self.repeated {
            return Err(error("invalid nested repetition operator", self.part(before)));
        }
        self.repeated = Some(start);
        self.out.push_str(text);
        if lazy {
            self.out.push('?');
        }
        Ok(())
    }

    /// Repetitions within each other repeat what is innermost no more than a single one may.
    fn multiply(&mut self, start: usize, least: u32, most: Option<u32>) -> Result<(), PatternError> {
        let times = most.unwrap_or(least);
        self.repeats.0 = self.repeats.0.max(1).saturating_mul(times);
        match self.repeats.0 > MOST_REPEATS {
            true => Err(error("invalid repeat count", self.part(start))),
            false => Ok(()),
        }
    }

    fn group(&mut self, start: usize) -> Result<(), PatternError> {
        self.open.push(Open { repeats: self.repeats.1 });
        self.repeats = (1, 1);
        if !self.eat("?") {
            self.out.push('(');
            return Ok(());
        }
        if self.rest().starts_with("P<") && self.rest().len() > 2
            || self.rest().starts_with('<') && self.rest().len() > 1
        {
            self.eat("P");
            self.eat("<");
            let Some(end) = self.rest().find('>') else {
                return Err(error("invalid named capture", self.pattern.get(start..).unwrap_or_default()));
            };
            let name = self.rest().get(..end).unwrap_or_default();
            self.at += end + 1;
            if name.is_empty() || !name.bytes().all(|b| b == b'_' || b.is_ascii_alphanumeric()) {
                return Err(error("invalid named capture", self.part(start)));
            }
            // Here names may start with a digit, and several groups may share one.
            let plain = !name.starts_with(|c: char| c.is_ascii_digit()) && !name.starts_with(NAME_PREFIX);
            if plain && !self.out.contains(&format!("(?P<{name}>")) {
                self.out.push_str(&format!("(?P<{name}>"));
            } else {
                self.out.push_str(&format!("(?P<{NAME_PREFIX}{start}_{name}>"));
            }
            return Ok(());
        }
        // Flags: (?i) and (?i:…).
        let flags_at = self.at;
        let mut minus = false;
        loop {
            match self.next() {
                Some('i' | 'm' | 's' | 'U') => {}
                Some('-') if !minus => minus = true,
                Some(end @ (':' | ')')) => {
                    let flags = self.part(flags_at).trim_end_matches(end);
                    if flags.ends_with('-') {
                        return Err(error("invalid or unsupported Perl syntax", self.part(start)));
                    }
                    self.out.push_str(&format!("(?{flags}{end}"));
                    if end == ')'
                        && let Some(open) = self.open.pop()
                    {
                        self.repeats = (1, open.repeats);
                    }
                    return Ok(());
                }
                Some(_) => return Err(error("invalid or unsupported Perl syntax", self.part(start))),
                None => return Err(error("invalid or unsupported Perl syntax", self.part(start))),
            }
        }
    }

    fn escape(&mut self, start: usize) -> Result<(), PatternError> {
        let Some(c) = self.next() else { return Err(error("trailing backslash at end of expression", "")) };
        match c {
            'd' => self.out.push_str("[0-9]"),
            'D' => self.out.push_str("[^0-9]"),
            's' => self.out.push_str("[\\t\\n\\x0c\\r ]"),
            'S' => self.out.push_str("[^\\t\\n\\x0c\\r ]"),
            'w' => self.out.push_str("[0-9A-Za-z_]"),
            'W' => self.out.push_str("[^0-9A-Za-z_]"),
            'b' => self.out.push_str("(?-u:\\b)"),
            'B' => self.out.push_str("(?-u:\\B)"),
            'A' | 'z' => {
                self.out.push('\\');
                self.out.push(c);
            }
            'Q' => {
                let end = self.rest().find("\\E");
                let text = self.rest().get(..end.unwrap_or(self.rest().len())).unwrap_or_default();
                self.at += text.len() + if end.is_some() { 2 } else { 0 };
                text.chars().for_each(|c| self.literal(c));
            }
            'p' | 'P' => self.property(start, c == 'P')?,
            _ => {
                let c = self.character(start, c)?;
                self.literal(c);
            }
        }
        Ok(())
    }

    /// `\pL`, `\p{Greek}`, `\p{^Greek}`
    fn property(&mut self, start: usize, mut negated: bool) -> Result<(), PatternError> {
        let name = if self.eat("{") {
            let Some(end) = self.rest().find('}') else {
                return Err(error("invalid character class range", self.pattern.get(start..).unwrap_or_default()));
            };
            let name = self.rest().get(..end).unwrap_or_default();
            self.at += end + 1;
            name
        } else {
            let from = self.at;
            self.next();
            self.part(from)
        };
        let name = match name.strip_prefix('^') {
            Some(name) => {
                negated = !negated;
                name
            }
            None => name,
        };
        let letter = if negated { 'P' } else { 'p' };
        let text = match name {
            "Any" if negated => "[^\\x{0}-\\x{10ffff}]".to_owned(),
            "Any" => "[\\x{0}-\\x{10ffff}]".to_owned(),
            // Half of a surrogate pair is no character of a text.
            "Cs" if negated => "[\\x{0}-\\x{10ffff}]".to_owned(),
            "Cs" => "[^\\x{0}-\\x{10ffff}]".to_owned(),
            // Without the characters that are not assigned.
            "C" => format!(
                "[\\{letter}{{Cc}}{}\\{letter}{{Cf}}{}\\{letter}{{Co}}]",
                if negated { "&&" } else { "" },
                if negated { "&&" } else { "" }
            ),
            name if CATEGORIES.contains(&name) => format!("\\{letter}{{{name}}}"),
            name if SCRIPTS.split_whitespace().any(|script| script == name) => format!("\\{letter}{{Script={name}}}"),
            _ => return Err(error("invalid character class range", self.part(start))),
        };
        self.out.push_str(&text);
        Ok(())
    }

    /// The character an escape stands for.
    fn character(&mut self, start: usize, c: char) -> Result<char, PatternError> {
        let wrong = |this: &Self| Err(error("invalid escape sequence", this.part(start)));
        match c {
            'a' => Ok('\u{7}'),
            'f' => Ok('\u{c}'),
            'n' => Ok('\n'),
            'r' => Ok('\r'),
            't' => Ok('\t'),
            'v' => Ok('\u{b}'),
            'x' => {
                let digits = if self.eat("{") {
                    let Some(end) = self.rest().find('}') else { return wrong(self) };
                    let digits = self.rest().get(..end).unwrap_or_default();
                    self.at += end + 1;
                    digits
                } else {
                    let from = self.at;
                    self.next();
                    self.next();
                    self.part(from)
                };
                let short = !self.part(start).ends_with('}') && digits.len() < 2;
                match u32::from_str_radix(digits, 16).ok().and_then(char::from_u32) {
                    Some(c) if !short && !digits.starts_with('+') => Ok(c),
                    _ => wrong(self),
                }
            }
            // Octal, unless it could be a reference to a group.
            '0'..='7' if c == '0' || self.rest().starts_with(|d: char| ('0'..='7').contains(&d)) => {
                let mut value = c.to_digit(8).unwrap_or(0);
                for _ in 0..2 {
                    match self.rest().chars().next().and_then(|d| d.to_digit(8)) {
                        Some(digit) => {
                            value = value * 8 + digit;
                            self.at += 1;
                        }
                        None => break,
                    }
                }
                char::from_u32(value).map_or_else(|| wrong(self), Ok)
            }
            c if c.is_ascii() && !c.is_ascii_alphanumeric() => Ok(c),
            _ => wrong(self),
        }
    }

    fn class(&mut self, start: usize) -> Result<(), PatternError> {
        let missing = || error("missing closing ]", self.pattern.get(start..).unwrap_or_default());
        let missing_error = missing();
        self.out.push('[');
        if self.eat("^") {
            self.out.push('^');
        }
        let mut first = true;
        loop {
            let item = self.at;
            let Some(c) = self.next() else { return Err(missing_error) };
            if c == ']' && !first {
                self.out.push(']');
                return Ok(());
            }
            first = false;
            if c == '['
                && self.rest().starts_with(':')
                && let Some(end) = self.rest().find(":]")
            {
                let name = self.rest().get(1..end).unwrap_or_default();
                let plain = name.strip_prefix('^').unwrap_or(name);
                self.at += end + 2;
                if !POSIX_CLASSES.contains(&plain) {
                    return Err(error("invalid character class range", self.part(item)));
                }
                self.out.push_str(&format!("[:{name}:]"));
                continue;
            }
            if c == '\\' && self.rest().starts_with(['d', 'D', 's', 'S', 'w', 'W', 'p', 'P']) {
                self.escape(item)?;
                continue;
            }
            let low = self.class_character(item, c)?;
            self.literal(low);
            if self.rest().starts_with('-') && !self.rest().starts_with("-]") {
                self.eat("-");
                let from = self.at;
                let Some(c) = self.next() else { return Err(missing_error) };
                let high = self.class_character(from, c)?;
                if high < low {
                    return Err(error("invalid character class range", self.part(item)));
                }
                self.out.push('-');
                self.literal(high);
            }
        }
    }

    fn class_character(&mut self, start: usize, c: char) -> Result<char, PatternError> {
        if c != '\\' {
            return Ok(c);
        }
        match self.next() {
            Some(escaped) => self.character(start, escaped),
            None => Err(error("trailing backslash at end of expression", "")),
        }
    }
}

const POSIX_CLASSES: [&str; 14] = [
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper", "word",
    "xdigit",
];

/// The general categories that Go's `unicode` package names, and so RE2.
const CATEGORIES: [&str; 35] = [
    "L", "Ll", "Lm", "Lo", "Lt", "Lu", "M", "Mc", "Me", "Mn", "N", "Nd", "Nl", "No", "P", "Pc", "Pd", "Pe", "Pf", "Pi",
    "Po", "Ps", "S", "Sc", "Sk", "Sm", "So", "Z", "Zl", "Zp", "Zs", "Cc", "Cf", "Co", "Cs",
];

/// The scripts of Unicode 15.0, by the names of Go's `unicode` package.
const SCRIPTS: &str = "\
    Adlam Ahom Anatolian_Hieroglyphs Arabic Armenian Avestan Balinese Bamum Bassa_Vah Batak Bengali Bhaiksuki Bopomofo \
    Brahmi Braille Buginese Buhid Canadian_Aboriginal Carian Caucasian_Albanian Chakma Cham Cherokee Chorasmian Common \
    Coptic Cuneiform Cypriot Cypro_Minoan Cyrillic Deseret Devanagari Dives_Akuru Dogra Duployan Egyptian_Hieroglyphs \
    Elbasan Elymaic Ethiopic Georgian Glagolitic Gothic Grantha Greek Gujarati Gunjala_Gondi Gurmukhi Han Hangul \
    Hanifi_Rohingya Hanunoo Hatran Hebrew Hiragana Imperial_Aramaic Inherited Inscriptional_Pahlavi Inscriptional_Parthian \
    Javanese Kaithi Kannada Katakana Kawi Kayah_Li Kharoshthi Khitan_Small_Script Khmer Khojki Khudawadi Lao Latin Lepcha \
    Limbu Linear_A Linear_B Lisu Lycian Lydian Mahajani Makasar Malayalam Mandaic Manichaean Marchen Masaram_Gondi \
    Medefaidrin Meetei_Mayek Mende_Kikakui Meroitic_Cursive Meroitic_Hieroglyphs Miao Modi Mongolian Mro Multani Myanmar \
    Nabataean Nag_Mundari Nandinagari New_Tai_Lue Newa Nko Nushu Nyiakeng_Puachue_Hmong Ogham Ol_Chiki Old_Hungarian \
    Old_Italic Old_North_Arabian Old_Permic Old_Persian Old_Sogdian Old_South_Arabian Old_Turkic Old_Uyghur Oriya Osage \
    Osmanya Pahawh_Hmong Palmyrene Pau_Cin_Hau Phags_Pa Phoenician Psalter_Pahlavi Rejang Runic Samaritan Saurashtra \
    Sharada Shavian Siddham SignWriting Sinhala Sogdian Sora_Sompeng Soyombo Sundanese Syloti_Nagri Syriac Tagalog \
    Tagbanwa Tai_Le Tai_Tham Tai_Viet Takri Tamil Tangsa Tangut Telugu Thaana Thai Tibetan Tifinagh Tirhuta Toto Ugaritic \
    Vai Vithkuqi Wancho Warang_Citi Yezidi Yi Zanabazar_Square";

/// Stands before a number, `_` and the name of a group, where the name itself cannot stand: it starts with a digit or was there before.
const NAME_PREFIX: &str = "_re2_";

/// The name of a group as the pattern has it.
pub fn group_name<'a>(name: &'a str) -> &'a str {
    let given = |name: &'a str| name.strip_prefix(NAME_PREFIX)?.split_once('_').map(|(_, name)| name);
    given(name).unwrap_or(name)
}

/// `n}`, `n,}` or `n,m}`: the length of the text, and the counts.
fn repetition_counts(text: &str) -> Option<(usize, u32, Option<u32>)> {
    let end = text.find('}')?;
    let inner = text.get(..end)?;
    let count = |t: &str| -> Option<u32> {
        let fine = !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit()) && (t.len() == 1 || !t.starts_with('0'));
        fine.then(|| t.parse().unwrap_or(u32::MAX))
    };
    let (least, most) = match inner.split_once(',') {
        None => {
            let n = count(inner)?;
            (n, Some(n))
        }
        Some((least, "")) => (count(least)?, None),
        Some((least, most)) => (count(least)?, Some(count(most)?)),
    };
    Some((end + 1, least, most))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        compile(pattern).unwrap().is_match(text)
    }

    fn refused(pattern: &str) -> String {
        let e = compile(pattern).unwrap_err();
        format!("{} in {}", e.reason, e.part)
    }

    #[test]
    fn perl_classes_are_ascii() {
        assert!(!matches(r"\s", "\u{a0}") && matches(r"\s", " "));
        assert!(!matches(r"\d", "٣") && !matches(r"^\w$", "é") && matches(r"\pL", "é"));
        assert!(matches(r"\bé", "aé") && matches(r"[\d\s]", " ") && matches(r"a\Bb", "ab"));
    }

    #[test]
    fn classes_have_no_set_operations() {
        assert!(matches("^[a&&b]$", "&") && matches("^[a[b]$", "[") && matches("^[~~]$", "~"));
        assert!(matches("^[]a]$", "]") && matches("^[a-]$", "-") && matches("^[[:alpha:]_]$", "_"));
    }

    #[test]
    fn a_hyphen_that_makes_no_range_is_one_wherever_it_stands() {
        assert!(matches("^[^a-z-+]$", ".") && !matches("^[^a-z-+]$", "-") && matches("^[a-c-e]$", "-"));
        assert!(matches(r"^[\w-.]$", "-") && matches("^[[:alpha:]-z]$", "-"));
    }

    #[test]
    fn properties_are_categories_and_scripts() {
        assert!(matches(r"\p{Greek}", "α") && matches(r"\P{Lu}", "a") && matches(r"^\p{Cs}|α$", "α"));
        assert!(matches(r"\pC", "\u{ad}") && !matches(r"\pC", "a") && matches(r"^\PC$", "a"));
        assert!(matches(r"[\pC]", "\u{ad}") && matches(r"^[^\PC]$", "\u{ad}"));
    }

    #[test]
    fn repetitions_may_nest_up_to_a_thousand() {
        assert!(matches("^(?:(?:a{10}){10}){10}$", &"a".repeat(1000)) && matches("(a*){1000}", ""));
        assert!(matches("((a{10}){0}){1000}", "") && matches("a{1000}b{1000}|", ""));
    }

    #[test]
    fn braces_that_repeat_nothing_are_literal() {
        assert!(matches("^a{,2}$", "a{,2}") && matches("^{$", "{") && matches("^a{2}$", "aa") && matches("^}$", "}"));
    }

    #[test]
    fn groups_may_share_a_name_or_start_with_a_digit() {
        let regex = compile("(?P<n>a)(?P<n>b)(?P<1>c)").unwrap();
        let names: Vec<&str> = regex.capture_names().flatten().map(group_name).collect();
        assert_eq!(names, ["n", "n", "1"]);
        assert!(regex.is_match("abc") && matches("^a(?)*$", "aaa") && matches("(?)a", "a"));
    }

    #[test]
    fn quoting_and_escapes() {
        assert!(
            matches(r"^\Qa.b*\E$", "a.b*") && matches(r"^\<\>\-\/$", "<>-/") && matches(r"^\x41\101\x{42}$", "AAB")
        );
    }

    #[test]
    fn spaces_and_hashes_are_literal() {
        assert!(matches("^a #b$", "a #b"));
    }

    #[test]
    fn what_re2_refuses_is_refused_in_its_words() {
        for (pattern, text) in [
            ("(?=a)", "invalid or unsupported Perl syntax in (?="),
            ("(?<=a)", "invalid named capture in (?<=a)"),
            ("(?<", "invalid or unsupported Perl syntax in (?<"),
            ("(?P<", "invalid or unsupported Perl syntax in (?P"),
            (r"\x4", r"invalid escape sequence in \x4"),
            ("(a{100}){100}", "invalid repeat count in {100}"),
            ("(?:a{10}|b{20}){60}", "invalid repeat count in {60}"),
            ("(a{0,500}){3}?", "invalid repeat count in {3}?"),
            (r"\p{Letter}", r"invalid character class range in \p{Letter}"),
            (r"\p{Grek}", r"invalid character class range in \p{Grek}"),
            ("a**", "invalid nested repetition operator in **"),
            ("[z-a]", "invalid character class range in z-a"),
            (r"\8", r"invalid escape sequence in \8"),
            (r"\1", r"invalid escape sequence in \1"),
            ("a{1001}", "invalid repeat count in {1001}"),
            ("[a", "missing closing ] in [a"),
            ("a)", "unexpected ) in a)"),
            ("(a", "missing closing ) in (a"),
            ("*a", "missing argument to repetition operator in *"),
            (r"a\", "trailing backslash at end of expression in "),
            ("(?i", "invalid or unsupported Perl syntax in (?i"),
            ("(?P<n", "invalid named capture in (?P<n"),
            (r"\pX", r"invalid character class range in \pX"),
        ] {
            assert_eq!(refused(pattern), text, "{pattern}");
        }
    }
}
