//! Makes up configuration texts in all sorts of layout. Nearly all parse; the same number makes the same text.

/// A source of texts.
pub struct Layouts {
    state: u64,
    out: String,
}

impl Layouts {
    pub fn new(seed: u64) -> Self {
        Layouts { state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d, out: String::new() }
    }

    /// The text of a file.
    pub fn file(mut self) -> String {
        self.body(3);
        if self.one_in(6) {
            self.space();
            self.out.push_str("last = 1");
            self.space();
        }
        self.out
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.state >> 33) % limit
    }

    fn one_in(&mut self, limit: u64) -> bool {
        self.below(limit) == 0
    }

    fn pick(&mut self, texts: &[&str]) {
        let at = self.below(texts.len() as u64) as usize;
        self.out.push_str(texts[at]);
    }

    fn space(&mut self) {
        self.pick(&["", "", " ", " ", "  ", "\t", "   "]);
        if self.one_in(40) {
            self.pick(&["/* c */", "/*c*/ ", " /** c\n  d */"]);
        }
    }

    /// The end of a line, and perhaps empty lines and comments after it.
    fn line_end(&mut self) {
        self.pick(&["", "", "", " ", "  # c", "#c", "  // é", " /* c */ # d"]);
        self.pick(&["\n", "\n", "\n", "\n\n", "\n\n\n", "\n# c\n", "\n   // c\n", "\n/* c\n   d */\n", "\r\n"]);
    }

    /// Between brackets, where lines may end anywhere.
    fn gap(&mut self) {
        self.space();
        if self.one_in(5) {
            self.line_end();
            self.space();
        }
    }

    fn name(&mut self) {
        self.pick(&["a", "bb", "ccc", "name", "long_name_here", "é", "a-b", "in", "for_each", "var"]);
    }

    fn body(&mut self, depth: u64) {
        let items = self.below(6);
        for item in 0..items {
            self.space();
            if depth > 0 && self.one_in(3) {
                self.block(depth - 1);
            } else {
                self.name();
                // Names must not repeat in a body.
                self.out.push_str(&format!("_{item}"));
                if self.one_in(6) {
                    self.out.push_str(&"x".repeat(item as usize + 1));
                }
                self.space();
                self.out.push('=');
                self.space();
                if self.one_in(8) {
                    self.heredoc();
                    continue;
                }
                self.expression(3);
            }
            self.line_end();
        }
    }

    fn block(&mut self, depth: u64) {
        self.pick(&["resource", "variable", "b", "dynamic"]);
        self.pick(&["", " ", "  ", "\t"]);
        for _ in 0..self.below(3) {
            self.pick(&[" \"x\"", " \"long label\" ", " \"é\"", "\t\"\\\"\"", " bare", " \"\""]);
        }
        self.pick(&[" {", "{", "  {"]);
        match self.below(4) {
            0 => {
                self.pick(&["", " "]);
            }
            1 => {
                self.pick(&[" a=", "a = ", " type = "]);
                self.pick(&["1", "\"list\"", "list", "\"${b}\"", "[1,2]"]);
                self.pick(&["", " "]);
            }
            _ => {
                self.line_end();
                if self.one_in(3) {
                    self.pick(&[
                        "type = \"list\"\n",
                        "type=\"map\" # c\n",
                        "type  = set\n",
                        "type = \"string\"\n",
                        "type = map\n",
                    ]);
                }
                self.body(depth);
                self.space();
            }
        }
        self.out.push('}');
    }

    fn heredoc(&mut self) {
        self.pick(&["<<EOT\n", "<<-EOT\n"]);
        for _ in 0..self.below(4) {
            self.pick(&["  x = 1\n", "\ty\n", "\n", " # no comment\n", "%{ if a }b%{ endif }\n", "$${a} \"q\"\n"]);
            if self.one_in(3) {
                self.out.push_str("  a ${");
                self.gap();
                self.expression(1);
                self.gap();
                self.out.push_str("} b\n");
            }
        }
        self.pick(&["EOT\n", "   EOT\n", "\tEOT\n"]);
    }

    fn list(&mut self, open: &str, close: &str, depth: u64) {
        self.out.push_str(open);
        self.gap();
        let items = self.below(4);
        for item in 0..items {
            self.expression(depth);
            self.gap();
            if item + 1 < items || self.one_in(4) {
                self.out.push(',');
                self.gap();
            }
        }
        self.out.push_str(close);
    }

    fn object(&mut self, depth: u64) {
        self.out.push('{');
        self.space();
        for _ in 0..self.below(4) {
            match self.below(4) {
                0 => self.pick(&["\"k\"", "\"a b\"", "\"x${y}\"", "(a)", "1"]),
                _ => self.name(),
            }
            self.space();
            self.pick(&["=", "=", ":"]);
            self.space();
            self.expression(depth);
            match self.below(3) {
                0 => {
                    self.out.push(',');
                    self.space();
                }
                1 => self.line_end(),
                _ => {
                    self.out.push(',');
                    self.line_end();
                }
            }
            self.space();
        }
        self.out.push('}');
    }

    fn template(&mut self, depth: u64) {
        self.out.push('"');
        for _ in 0..self.below(3) {
            match self.below(4) {
                0 => self.pick(&["x", " y ", "$ ", "%%{z}", "\\n", "$${a}", "é"]),
                1 => {
                    self.pick(&["%{ if a }b%{ else }c%{endif}", "%{for x in y~}${x}%{ endfor }"]);
                }
                _ => {
                    self.pick(&["${", "${~", "${ "]);
                    self.space();
                    self.expression(depth);
                    self.pick(&["}", " }", "~}"]);
                }
            }
        }
        self.out.push('"');
    }

    fn parentheses(&mut self, depth: u64) {
        self.out.push('(');
        self.gap();
        self.expression(depth);
        self.gap();
        self.out.push(')');
    }

    fn expression(&mut self, depth: u64) {
        if depth == 0 || self.one_in(4) {
            return self.pick(&[
                "1", "0.5", "a", "true", "null", "\"s\"", "a.b", "a[0]", "a . b", "1e5", "\"\"", "a.0", "a [*].b",
                "a.*.b",
            ]);
        }
        let depth = depth - 1;
        match self.below(13) {
            0 => self.list("[", "]", depth),
            1 | 2 => self.object(depth),
            3 => self.template(depth),
            4 => {
                self.pick(&["f", "provider::p::f", "core :: f", "f "]);
                self.list("(", ")", depth);
            }
            5 => {
                self.pick(&["-", "!", "- ", "! "]);
                self.expression(depth);
            }
            6 | 7 => {
                self.expression(depth);
                self.space();
                // A dash may be part of a name.
                self.pick(&["+", " -", "*", "/", "%", "==", "!=", "<", ">=", "&&", "||", " - "]);
                self.space();
                self.expression(depth);
            }
            8 => {
                self.parentheses(depth);
                self.pick(&["?", " ? "]);
                self.parentheses(depth);
                self.pick(&[" : ", ":", " :"]);
                self.parentheses(depth);
            }
            9 => self.parentheses(depth),
            10 => {
                self.pick(&["[for x in ", "[ for k,v in ", "[for in in"]);
                self.pick(&[" ", "  "]);
                self.parentheses(depth);
                self.pick(&[":", " : "]);
                self.expression(depth);
                self.gap();
                self.out.push(']');
            }
            11 => {
                self.pick(&["{for k, v in ", "{ for x in "]);
                self.parentheses(depth);
                self.pick(&[":", " : "]);
                self.parentheses(depth);
                self.pick(&["=>", " => "]);
                self.expression(depth);
                self.pick(&["", "...", " ... ", " if a "]);
                self.out.push('}');
            }
            _ => {
                self.pick(&["a", "a.b", "f(1)", "[1]", "(a)", "a[0]"]);
                self.pick(&["[", " [", "[ "]);
                // Terraform loses `true` and `null` there.
                if self.one_in(2) {
                    self.pick(&["0", "\"k\"", "b", "\"${c}\""]);
                } else {
                    self.parentheses(depth);
                }
                self.pick(&["]", " ]"]);
                self.pick(&["", ".c", " . c", "[1]"]);
            }
        }
    }
}
