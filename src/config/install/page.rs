//! Where an ordinary web address says its module is: the header `X-Terraform-Get`, or a `terraform-get` meta tag.

use super::failure::Failure;
use super::http::{Http, refused};
use super::registry::resolve;
use crate::config::source::{RemoteSource, without_password};
use url::Url;

/// Asks the address, with `terraform-get=1` added to its query.
pub(super) fn follow(source: &RemoteSource, http: &Http) -> Result<RemoteSource, Failure> {
    let text = source.url_without(&["archive", "checksum"]);
    let invalid = |e| Failure::download(format!("{} is not a URL: {e}.", source.shown()));
    let mut url = Url::parse(&text).map_err(invalid)?;
    url.query_pairs_mut().append_pair("terraform-get", "1");
    let answer = http.get(&url)?;
    if !(200..300).contains(&answer.status) {
        return Err(refused(&url, &answer));
    }
    let came_from = answer.url.clone();
    let found = match answer.header("x-terraform-get") {
        Some(found) => Some(found.to_owned()),
        None => meta(&String::from_utf8_lossy(&answer.bytes()?)),
    };
    let Some(found) = found else {
        let shown = without_password(&source.url);
        return Err(Failure::download(format!(
            "{shown} does not tell where the module is: it has neither a header X-Terraform-Get nor a terraform-get meta tag."
        ))
        .hint("For an archive whose address has another ending, add ?archive=zip (or tar.gz); for a git repository write git:: before the address."));
    };
    resolve(&found, &came_from).map_err(|why| {
        let found = without_password(&found);
        Failure::download(format!("{} says its module is at \"{found}\". {why}", without_password(&source.url)))
    })
}

/// The content of the first `<meta name="terraform-get" content="…">` in the page's head.
fn meta(page: &str) -> Option<String> {
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        rest = rest.get(at + 1..)?;
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.split_once("-->")?.1;
            continue;
        }
        let end = rest.find('>')?;
        let tag = rest.get(..end)?;
        rest = rest.get(end..)?;
        let name = tag.split(|c: char| c.is_whitespace()).next().unwrap_or_default().trim_end_matches('/');
        if name.eq_ignore_ascii_case("body") || name.eq_ignore_ascii_case("/head") {
            return None;
        }
        if name.eq_ignore_ascii_case("meta") && attribute(tag, "name").as_deref() == Some("terraform-get") {
            return attribute(tag, "content").filter(|c| !c.is_empty());
        }
    }
    None
}

/// An attribute of a tag, with or without quotes.
fn attribute(tag: &str, wanted: &str) -> Option<String> {
    let mut rest = tag.split_once(|c: char| c.is_whitespace())?.1;
    loop {
        rest = rest.trim_start();
        let (name, after) = rest.split_once('=')?;
        let after = after.trim_start();
        let (value, next) = match after.chars().next()? {
            quote @ ('"' | '\'') => after.get(1..)?.split_once(quote)?,
            _ => after.split_once(|c: char| c.is_whitespace()).unwrap_or((after, "")),
        };
        // `<meta charset name="x">`: a name without value comes before.
        let name = name.split_whitespace().next_back().unwrap_or_default();
        if name.eq_ignore_ascii_case(wanted) {
            let plain = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
            return Some(plain.iter().fold(value.to_owned(), |text, (escaped, c)| text.replace(escaped, c)));
        }
        rest = next;
    }
}

#[cfg(test)]
mod tests {
    use super::meta;

    #[test]
    fn the_tag_is_found_in_the_head_only() {
        let tag = "<meta name=\"terraform-get\" content=\"https://x/y.zip?a=1&amp;b=2\" />";
        assert_eq!(
            meta(&format!("<!doctype html><html><head>{tag}</head>")).as_deref(),
            Some("https://x/y.zip?a=1&b=2")
        );
        assert_eq!(meta("<HEAD><META charset content='c' NAME=terraform-get>").as_deref(), Some("c"));
        assert_eq!(meta(&format!("<head><!-- {tag} --></head>")), None);
        assert_eq!(meta(&format!("<head></head>{tag}")), None);
        assert_eq!(meta(&format!("<body>{tag}</body>")), None);
        for broken in
            ["", "<", "<meta", "<meta name", "<meta name=terraform-get>", "<!--", "<meta name=\"terraform-get"]
        {
            assert_eq!(meta(broken), None, "{broken}");
        }
    }
}
