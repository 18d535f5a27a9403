//! Configurations with the commands that were run on them, and what Terraform 1.11.4 answered: exit codes, messages with their places,
//! planned changes, outputs, printed text. `answers.jsonl` holds one case a line.

use crate::harness::Folder;
use regex::Regex;
use serde_json::{Map, Value as Json, json};
use std::io::Write;
use std::process::{Output, Stdio};

/// What differs from run to run by its nature.
struct Changing(Vec<(Regex, &'static str)>);

impl Changing {
    fn new() -> Self {
        let uuid = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
        let time = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z";
        Changing(vec![(Regex::new(uuid).unwrap(), "UUID"), (Regex::new(time).unwrap(), "TS")])
    }

    fn out_of(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (pattern, name)| pattern.replace_all(&text, *name).into_owned())
    }

    fn out_of_json(&self, json: &Json) -> Json {
        serde_json::from_str(&self.out_of(&json.to_string())).unwrap()
    }
}

fn run(folder: &Folder, step: &Json) -> Output {
    let args: Vec<&str> = step["args"].as_array().unwrap().iter().map(|a| a.as_str().unwrap()).collect();
    let mut command = folder.command(&args);
    for (name, value) in step["env"].as_object().into_iter().flatten() {
        command.env(name, value.as_str().unwrap());
    }
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // The command may end without reading.
    let _ = child.stdin.take().unwrap().write_all(step["stdin"].as_str().unwrap_or_default().as_bytes());
    child.wait_with_output().unwrap()
}

/// Severity, summary, and the place if there is one.
fn diagnostic(json: &Json) -> Vec<Json> {
    let mut out = vec![json["severity"].clone(), json["summary"].clone()];
    if let Some(range) = json.get("range").filter(|r| r.is_object()) {
        out.extend([range["filename"].clone(), range["start"]["line"].clone()]);
    }
    out
}

/// Every message Terraform gives is given, and no other. Where it names a place, that place is named.
fn diagnostics_differ(expected: &Json, mut found: Vec<Vec<Json>>) -> Option<String> {
    for wanted in expected.as_array().unwrap() {
        let wanted = wanted.as_array().unwrap();
        let fits = |d: &Vec<Json>| d[..2] == wanted[..2] && (wanted.len() == 2 || d == wanted);
        match found.iter().position(fits) {
            Some(at) => drop(found.remove(at)),
            None => return Some(format!("{wanted:?} is missing among {found:?}")),
        }
    }
    (!found.is_empty()).then(|| format!("too much: {found:?}"))
}

fn lines(text: &str) -> Vec<Json> {
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

fn changes(document: &Json) -> Json {
    let of = |c: &Json| {
        let change = &c["change"];
        json!([
            c["address"],
            c["previous_address"],
            c["deposed"],
            change["actions"],
            c["action_reason"],
            change["importing"],
            change["after"],
            change["after_unknown"],
            change["after_sensitive"]
        ])
    };
    document["resource_changes"].as_array().into_iter().flatten().map(of).collect()
}

fn outputs(document: &Json) -> Json {
    let of =
        |(name, o): (&String, &Json)| json!([name, o["actions"], o["after"], o["after_unknown"], o["after_sensitive"]]);
    document["output_changes"].as_object().into_iter().flatten().map(of).collect()
}

fn checks(document: &Json) -> Json {
    let of = |c: &Json| (c["address"]["to_display"].clone(), c["status"].clone());
    let mut all: Vec<_> = document["checks"].as_array().into_iter().flatten().map(of).collect();
    all.sort_by_key(|(address, _)| address.to_string());
    all.into_iter().map(|(address, status)| json!([address, status])).collect()
}

/// Which attribute of which resource, in the order of their texts: Terraform's own changes from run to run.
fn relevant(document: &Json) -> Json {
    let all = document["relevant_attributes"].as_array().into_iter().flatten();
    let mut all: Vec<Json> = all.map(|r| json!([r["resource"], r["attribute"]])).collect();
    all.sort_by_key(ToString::to_string);
    Json::Array(all)
}

/// What of the answer differs.
fn differs(folder: &Folder, step: &Json, output: &Output, changing: &Changing) -> Option<String> {
    let expected = &step["expect"];
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if json!(output.status.code()) != expected["code"] {
        return Some(format!("ended with {:?}\n{out}{err}", output.status.code()));
    }
    if let Some(wanted) = expected.get("diagnostics") {
        let found = match serde_json::from_str::<Json>(&out) {
            Ok(document) if document.get("diagnostics").is_some() => {
                document["diagnostics"].as_array().unwrap().iter().map(diagnostic).collect()
            }
            _ => {
                lines(&out).iter().filter(|l| l["type"] == "diagnostic").map(|l| diagnostic(&l["diagnostic"])).collect()
            }
        };
        if let Some(difference) = diagnostics_differ(wanted, found) {
            return Some(difference);
        }
    }
    let mut parts: Vec<(&str, Json)> = Vec::new();
    if expected.get("changes").is_some() {
        let shown = folder.ok(&["show", "-json", ".p"]).out;
        let document: Json = serde_json::from_str(&shown).unwrap();
        parts = vec![("changes", changes(&document)), ("outputs", outputs(&document)), ("checks", checks(&document))];
        if expected.get("variables").is_some() {
            parts.push(("variables", document["variables"].clone()));
            parts.push(("relevant", relevant(&document)));
        }
    }
    if expected.get("summary").is_some() {
        let last = lines(&out).into_iter().rfind(|l| l["type"] == "change_summary");
        parts.push(("summary", last.map_or(Json::Null, |mut l| l["changes"].take())));
    }
    if expected.get("values").is_some() {
        let all = lines(&out);
        let last = all.iter().rfind(|l| l["type"] == "outputs").map(|l| l["outputs"].clone());
        let values: Map<String, Json> = last
            .iter()
            .filter_map(Json::as_object)
            .flatten()
            .map(|(name, o)| (name.clone(), json!([o["value"], o["type"], o["sensitive"], o["action"]])))
            .collect();
        parts.push(("values", Json::Object(values)));
    }
    if expected.get("json").is_some() {
        parts.push(("json", serde_json::from_str(&out).unwrap_or(Json::Null)));
    }
    if expected.get("out").is_some() {
        parts.push(("out", json!(out)));
    }
    parts.into_iter().find_map(|(name, found)| {
        let found = changing.out_of_json(&found);
        (expected[name] != found).then(|| format!("{name}:\nTerraform {}\nhere      {found}", expected[name]))
    })
}

fn case(case: &Json, changing: &Changing) -> Vec<String> {
    let mut folder = Folder::new("");
    std::fs::remove_file(folder.path("main.tf")).unwrap();
    for (name, value) in case["env"].as_object().into_iter().flatten() {
        folder = folder.env(name, value.as_str().unwrap());
    }
    let write = |files: &Json| {
        for (name, text) in files.as_object().unwrap() {
            folder.write(name, text.as_str().unwrap());
        }
    };
    write(&case["files"]);
    let mut problems = Vec::new();
    for step in case["steps"].as_array().unwrap() {
        if let Some(files) = step.get("write") {
            write(files);
            continue;
        }
        let output = run(&folder, step);
        if step.get("expect").is_some()
            && let Some(difference) = differs(&folder, step, &output, changing)
        {
            problems.push(format!("{} {}: {difference}", case["name"], step["args"]));
        }
    }
    problems
}

#[test]
fn commands_answer_as_terraform_does() {
    let changing = Changing::new();
    let cases: Vec<Json> = lines(include_str!("answers.jsonl"));
    assert!(cases.len() > 50);
    let next = std::sync::atomic::AtomicUsize::new(0);
    let problems = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(row) = cases.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) {
                    let found = case(row, &changing);
                    problems.lock().unwrap().extend(found);
                }
            });
        }
    });
    let problems = problems.into_inner().unwrap();
    assert!(problems.is_empty(), "{}", problems.join("\n\n"));
}
