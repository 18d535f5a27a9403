//! `.netrc`: users and passwords by host.

/// The file's text: `$NETRC`, else `~/.netrc`.
pub(super) fn text(environment: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let path = environment("NETRC").filter(|p| !p.is_empty()).map(std::path::PathBuf::from).or_else(|| {
        let home = environment("HOME").filter(|h| !h.is_empty())?;
        Some(std::path::Path::new(&home).join(".netrc"))
    })?;
    std::fs::read_to_string(path).ok()
}

/// User and password for a host; those after `default` for all others.
pub(super) fn find(text: &str, host: &str) -> Option<(String, String)> {
    let lines = text.lines().map(|line| if line.trim_start().starts_with('#') { "" } else { line });
    let mut words = lines.flat_map(str::split_whitespace);
    let mut found: Option<(String, String)> = None;
    let mut ours = false;
    while let Some(word) = words.next() {
        match word {
            "machine" | "default" => {
                if found.is_some() {
                    break;
                }
                ours = word == "default" || words.next() == Some(host);
                found = ours.then(Default::default);
            }
            "login" | "password" | "account" => {
                let value = words.next().unwrap_or_default();
                if let Some((login, password)) = found.as_mut().filter(|_| ours) {
                    match word {
                        "login" => value.clone_into(login),
                        "password" => value.clone_into(password),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    found.filter(|(login, password)| !login.is_empty() || !password.is_empty())
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn the_host_counts_before_the_default() {
        let text = "# machine c login no password no\nmachine a login u1 password p1\nmachine b\n  login u2\n  password p2\ndefault login d password e\n";
        let user = |name: &str, password: &str| Some((name.to_owned(), password.to_owned()));
        assert_eq!(find(text, "a"), user("u1", "p1"));
        assert_eq!(find(text, "b"), user("u2", "p2"));
        assert_eq!(find(text, "c"), user("d", "e"));
        assert_eq!(find("machine a login x", "b"), None);
        assert_eq!(find("", "b"), None);
    }
}
