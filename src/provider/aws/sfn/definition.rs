//! What Step Functions would refuse of a definition at apply, as far as it shows without asking: the JSON, the state it starts at,
//! and states that are named but not there.

use serde_json::Value as Json;

/// The first thing wrong with it.
pub fn fault(text: &str) -> Option<String> {
    let json: Json = match serde_json::from_str(text) {
        Ok(json) => json,
        Err(error) => return Some(format!("The definition is not valid JSON: {error}.")),
    };
    machine(&json, "/")
}

fn machine(json: &Json, at: &str) -> Option<String> {
    let Some(states) = json.get("States").and_then(Json::as_object) else {
        return Some(format!("{at}States: the definition needs an object of states."));
    };
    let Some(start) = json.get("StartAt").and_then(Json::as_str) else {
        return Some(format!("{at}StartAt: the definition must name the state it starts at."));
    };
    let missing = |field: &str, name: &str| format!("{at}{field}: there is no state {name:?} in {at}States.");
    if !states.contains_key(start) {
        return Some(missing("StartAt", start));
    }
    states.iter().find_map(|(name, state)| {
        let place = format!("{at}States/{name}/");
        if state.get("Type").and_then(Json::as_str).is_none() {
            return Some(format!("{place}Type: every state needs a type, such as Task or Pass."));
        }
        let direct = ["Next", "Default"].into_iter().filter_map(|field| Some((field, state.get(field)?.as_str()?)));
        let listed = ["Choices", "Catch"].into_iter().flat_map(|field| {
            let items = state.get(field).and_then(Json::as_array).into_iter().flatten();
            items.filter_map(move |item| Some((field, item.get("Next")?.as_str()?)))
        });
        let wrong = direct.chain(listed).find(|(_, next)| !states.contains_key(*next));
        if let Some((field, next)) = wrong {
            return Some(missing(&format!("States/{name}/{field}"), next));
        }
        let branches = state.get("Branches").and_then(Json::as_array).into_iter().flatten();
        let inner = branches.chain(state.get("ItemProcessor")).chain(state.get("Iterator"));
        inner.enumerate().find_map(|(i, inner)| machine(inner, &format!("{place}{i}/")))
    })
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
mod tests {
    use super::*;

    #[test]
    fn a_sound_definition_passes() {
        let text = r#"{"StartAt":"A","States":{"A":{"Type":"Choice","Choices":[{"Next":"B"}],"Default":"B"},
            "B":{"Type":"Parallel","End":true,"Branches":[{"StartAt":"C","States":{"C":{"Type":"Pass","End":true}}}]}}}"#;
        assert_eq!(fault(text), None);
    }

    #[test]
    fn what_is_missing_is_named_with_its_place() {
        assert!(fault("{").unwrap().contains("not valid JSON"));
        assert!(fault("{}").unwrap().starts_with("/States"));
        assert!(fault(r#"{"StartAt":"X","States":{"A":{"Type":"Pass"}}}"#).unwrap().contains("\"X\""));
        let nested = r#"{"StartAt":"A","States":{"A":{"Type":"Map","ItemProcessor":{"StartAt":"B","States":{"B":{"Type":"Pass","Next":"Z"}}}}}}"#;
        assert_eq!(fault(nested).unwrap(), "/States/A/0/States/B/Next: there is no state \"Z\" in /States/A/0/States.");
    }
}
