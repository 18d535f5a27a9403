//! Changes to a state that touch no object in the world: move, remove, replace-provider, taint, untaint; and what may replace what.
//!
//! Each works on a state in memory and tells what it did; persisting is the caller's. On an error the state is as it was.

use super::codec;
use super::model::{ObjectStatus, ResourceState, State};
use crate::address::{AbsResource, Mode, ModuleInstance, ProviderSource, ResourceInstance, Target};
use crate::diagnostics::{Diagnostic, Diagnostics};
use std::fmt::Display;
use std::sync::Arc;

/// What one move did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// From where.
    pub from: Target,
    /// To where.
    pub to: Target,
}

/// Moves what `source` covers to `destination` within a state (`state mv`). Objects that depended on what moved lose their
/// recorded dependencies; the next apply records them anew.
///
/// # Errors
/// A source that is not there, a destination that is taken, and kinds or types that do not fit.
pub fn mv(state: &mut State, source: &Target, destination: &Target) -> Result<Vec<Moved>, Diagnostics> {
    let mut edited = state.clone();
    let moved = match source {
        Target::Module(from) => move_module(&mut edited, from, destination)?,
        Target::Resource(from) => {
            let instance = from.instance(None);
            // Without count and for_each, a resource and its only instance have the same address.
            let single = edited.resources.get(from).is_some_and(|r| r.instances.contains_key(&None));
            if single {
                vec![move_instance(&mut edited, &instance, destination)?]
            } else {
                vec![move_resource(&mut edited, from, destination)?]
            }
        }
        Target::Instance(from) => vec![move_instance(&mut edited, from, destination)?],
    };
    for Moved { from, .. } in &moved {
        forget_dependencies(&mut edited, from);
    }
    *state = edited;
    Ok(moved)
}

fn invalid_source(what: impl Display) -> Diagnostics {
    Diagnostic::error("Invalid source address", format!("Cannot move {what}: it is not in the state.")).into()
}

fn invalid_target(from: impl Display, to: impl Display, why: &str) -> Diagnostics {
    Diagnostic::error("Invalid target address", format!("Cannot move {from} to {to}: {why}.")).into()
}

fn move_module(state: &mut State, from: &ModuleInstance, to: &Target) -> Result<Vec<Moved>, Diagnostics> {
    let Target::Module(to) = to else {
        return Err(invalid_target(from, to, "the target must also be a module"));
    };
    let inside = |module: &ModuleInstance| module.0.starts_with(&from.0);
    let mut modules: Vec<ModuleInstance> =
        state.resources.keys().map(|a| a.module.clone()).filter(|m| inside(m)).collect();
    modules.dedup();
    if modules.is_empty() {
        return Err(invalid_source(from));
    }
    let renamed = |module: &ModuleInstance| {
        let rest = module.0.get(from.0.len()..).unwrap_or_default();
        ModuleInstance(to.0.iter().chain(rest).cloned().collect())
    };
    for module in &modules {
        let target = renamed(module);
        if state.resources.keys().any(|a| a.module == target) {
            return Err(invalid_target(module, target, "there is already something in that module"));
        }
    }
    let all = std::mem::take(&mut state.resources);
    for (mut address, resource) in all {
        if inside(&address.module) {
            address.module = renamed(&address.module);
        }
        state.resources.insert(address, resource);
    }
    Ok(modules.into_iter().map(|m| Moved { to: Target::Module(renamed(&m)), from: Target::Module(m) }).collect())
}

fn check_kinds(from: &AbsResource, to: &AbsResource) -> Result<(), Diagnostics> {
    let error = |why: &str| {
        Err(Diagnostic::error("Invalid state move request", format!("Cannot move {from} to {to}: {why}.")).into())
    };
    if from.resource.mode != to.resource.mode {
        return error(match from.resource.mode {
            Mode::Managed => "a managed resource can be moved only to another managed resource address",
            _ => "a data resource can be moved only to another data resource address",
        });
    }
    if from.resource.type_name != to.resource.type_name {
        return error("the resource types differ");
    }
    Ok(())
}

fn move_resource(state: &mut State, from: &AbsResource, to: &Target) -> Result<Moved, Diagnostics> {
    let Target::Resource(to) = to else {
        return Err(invalid_target(
            from,
            to,
            "the source is a whole resource, so the target must be a whole resource too, not an instance or a module",
        ));
    };
    let Some(resource) = state.resources.remove(from) else {
        return Err(invalid_source(from));
    };
    check_kinds(from, to)?;
    if state.resources.contains_key(to) {
        return Err(invalid_target(from, to, "there is already a resource at that address"));
    }
    state.resources.insert(to.clone(), resource);
    Ok(Moved { from: Target::Resource(from.clone()), to: Target::Resource(to.clone()) })
}

fn move_instance(state: &mut State, from: &ResourceInstance, to: &Target) -> Result<Moved, Diagnostics> {
    let to = match to {
        Target::Instance(to) => to.clone(),
        Target::Resource(to) => to.instance(None),
        Target::Module(_) => return Err(invalid_target(from, to, "the target must also be a resource instance")),
    };
    let (old, new) = (from.abs_resource(), to.abs_resource());
    check_kinds(&old, &new)?;
    if state.resources.get(&new).is_some_and(|r| r.instances.contains_key(&to.key)) {
        return Err(invalid_target(from, &to, "there is already a resource instance at that address"));
    }
    let Some(source) = state.resources.get_mut(&old) else { return Err(invalid_source(from)) };
    let Some(instance) = source.instances.remove(&from.key) else { return Err(invalid_source(from)) };
    let provider = source.provider.clone();
    if source.instances.is_empty() {
        state.resources.remove(&old);
    }
    let place = state.resources.entry(new).or_insert_with(|| ResourceState {
        provider,
        instances: std::collections::BTreeMap::new(),
        unknown: serde_json::Map::new(),
    });
    place.instances.insert(to.key.clone(), instance);
    let target = |i: ResourceInstance| match i.key {
        None => Target::Resource(i.abs_resource()),
        Some(_) => Target::Instance(i),
    };
    Ok(Moved { from: target(from.clone()), to: target(to) })
}

/// Dependencies are configuration addresses; one that may mean what moved is not to be trusted any more.
fn forget_dependencies(state: &mut State, moved: &Target) {
    let (module, resource) = match moved {
        Target::Module(m) => (m.path(), None),
        Target::Resource(r) => (r.module.path(), Some(&r.resource)),
        Target::Instance(i) => (i.module.path(), Some(&i.resource)),
    };
    let affected = |dependency: &str| {
        let Ok(Target::Resource(dependency)) = dependency.parse::<Target>() else { return false };
        let path = dependency.module.path();
        match resource {
            Some(resource) => path == module && dependency.resource == *resource,
            None => path.0.starts_with(&module.0),
        }
    };
    for instance in state.resources.values_mut().flat_map(|r| r.instances.values_mut()) {
        if let Some(current) = &mut instance.current
            && current.dependencies.iter().any(|d| affected(d))
        {
            Arc::make_mut(current).dependencies.clear();
        }
    }
}

/// Removes every instance the targets cover (`state rm`); tells which. The objects stay in the world.
///
/// # Errors
/// When a target covers nothing.
pub fn rm(state: &mut State, targets: &[Target]) -> Result<Vec<ResourceInstance>, Diagnostics> {
    let mut errors = Diagnostics::new();
    let mut removed = Vec::new();
    for target in targets {
        let found: Vec<ResourceInstance> = state.instances().map(|(a, _, _)| a).filter(|a| target.covers(a)).collect();
        if found.is_empty() {
            errors.push(nothing_at(state, target));
        }
        removed.extend(found);
    }
    let ((), _) = errors.into_result(())?;
    removed.sort();
    removed.dedup();
    for address in &removed {
        let resource = address.abs_resource();
        if let Some(r) = state.resources.get_mut(&resource) {
            r.instances.remove(&address.key);
            if r.instances.is_empty() {
                state.resources.remove(&resource);
            }
        }
    }
    Ok(removed)
}

pub fn nothing_at(state: &State, target: &Target) -> Diagnostic {
    let wanted = target.to_string();
    let known: Vec<String> = state.instances().map(|(a, _, _)| a.to_string()).collect();
    let error = Diagnostic::error("No matching objects found", format!("The state holds nothing at {wanted}."));
    match crate::lang::eval::did_you_mean(&wanted, known.iter().map(String::as_str)) {
        Some(close) => error.hint(format!("Did you mean {close}?")),
        None => error.hint("`pipewright state list` shows what is there."),
    }
}

/// Resources whose provider would change, or did: from one source to another (`state replace-provider`).
pub fn with_provider(state: &State, from: &ProviderSource) -> Vec<AbsResource> {
    state.resources.iter().filter(|(_, r)| r.provider.source == *from).map(|(a, _)| a.clone()).collect()
}

/// Gives all resources of one provider to another (`state replace-provider`); tells which.
pub fn replace_provider(state: &mut State, from: &ProviderSource, to: &ProviderSource) -> Vec<AbsResource> {
    let changed = with_provider(state, from);
    for address in &changed {
        if let Some(resource) = state.resources.get_mut(address) {
            resource.provider.source = to.clone();
        }
    }
    changed
}

/// Marks an object to be replaced by the next apply (`taint`), or takes the mark away (`untaint`).
///
/// # Errors
/// An address that is not in the state, is no managed resource, or (untaint) is not tainted.
pub fn set_taint(state: &mut State, address: &ResourceInstance, status: ObjectStatus) -> Result<(), Diagnostics> {
    if address.resource.mode != Mode::Managed {
        let detail = format!("Only managed resources can be tainted; {address} is none.");
        return Err(Diagnostic::error("Invalid resource address", detail).into());
    }
    let found = state
        .resources
        .get_mut(&address.abs_resource())
        .and_then(|r| r.instances.get_mut(&address.key))
        .and_then(|i| i.current.as_mut());
    let Some(object) = found else {
        let target = match address.key {
            None => Target::Resource(address.abs_resource()),
            Some(_) => Target::Instance(address.clone()),
        };
        let mut error = nothing_at(state, &target);
        error.summary = "No such resource instance".into();
        return Err(error.into());
    };
    if status == ObjectStatus::Ready && object.status == ObjectStatus::Ready {
        let detail = format!("{address} is not marked as tainted, so there is nothing to take away.");
        return Err(Diagnostic::error("Resource instance is not tainted", detail).into());
    }
    Arc::make_mut(object).status = status;
    Ok(())
}

/// Whether an object may be imported to an address: it must be free.
///
/// # Errors
/// When something is there already.
pub fn check_import(state: &State, address: &ResourceInstance) -> Result<(), Diagnostics> {
    if address.resource.mode != Mode::Managed {
        let detail = format!("{address} is no managed resource; only those can be imported.");
        return Err(Diagnostic::error("Invalid import address", detail).into());
    }
    if state.current(address).is_some() {
        let detail =
            format!("{address} is managed already. To import another object there, remove it from the state first.");
        return Err(Diagnostic::error("Resource already managed", detail)
            .hint(format!("`pipewright state rm '{address}'` forgets it without destroying it."))
            .into());
    }
    Ok(())
}

/// Whether a whole state may take another's place (`state push`, migration): an empty one always gives way; else the lineage must
/// be the same and the serial must not be smaller, nor equal with other content.
///
/// # Errors
/// A sentence with both values.
pub fn check_replacement(present: &State, new: &State) -> Result<(), Diagnostics> {
    if present.lineage.is_empty() && present.serial == 0 && present.is_empty() {
        return Ok(());
    }
    let refuse = |detail: String| {
        Err(Diagnostic::error("Cannot overwrite the state", detail)
            .hint("If the new state is certainly the right one, repeat with -force.")
            .into())
    };
    if !present.lineage.is_empty() && !new.lineage.is_empty() && present.lineage != new.lineage {
        return refuse(format!(
            "The states are unrelated: the present one has lineage \"{}\", the new one \"{}\".",
            present.lineage, new.lineage
        ));
    }
    if present.serial > new.serial {
        return refuse(format!(
            "The present state has serial {}, which is newer than {} of the new one.",
            present.serial, new.serial
        ));
    }
    if present.serial == new.serial && codec::digest(present) != codec::digest(new) {
        return refuse(format!("Both states have serial {}, but they differ.", new.serial));
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::state::model::ObjectState;

    fn state(addresses: &[&str]) -> State {
        let mut state = State::default();
        for address in addresses {
            let address: ResourceInstance = address.parse().unwrap();
            let provider = "provider[\"registry.terraform.io/hashicorp/aws\"]".parse().unwrap();
            let object = ObjectState { dependencies: vec!["aws_iam_role.r".into()], ..ObjectState::default() };
            state.set_current(&address, &provider, Some(object));
        }
        state
    }

    fn addresses(state: &State) -> Vec<String> {
        state.instances().map(|(a, _, _)| a.to_string()).collect()
    }

    fn t(text: &str) -> Target {
        text.parse().unwrap()
    }

    fn summary<T: std::fmt::Debug>(result: Result<T, Diagnostics>) -> String {
        result.unwrap_err().iter().next().unwrap().summary.clone()
    }

    #[test]
    fn a_single_resource_moves_to_a_key_and_back() {
        let mut s = state(&["aws_iam_role.a"]);
        mv(&mut s, &t("aws_iam_role.a"), &t("aws_iam_role.b[\"k\"]")).unwrap();
        assert_eq!(addresses(&s), ["aws_iam_role.b[\"k\"]"]);
        mv(&mut s, &t("aws_iam_role.b[\"k\"]"), &t("module.m.aws_iam_role.c")).unwrap();
        assert_eq!(addresses(&s), ["module.m.aws_iam_role.c"]);
    }

    #[test]
    fn a_resource_with_instances_moves_whole() {
        let mut s = state(&["aws_iam_role.a[0]", "aws_iam_role.a[1]"]);
        mv(&mut s, &t("aws_iam_role.a"), &t("aws_iam_role.b")).unwrap();
        assert_eq!(addresses(&s), ["aws_iam_role.b[0]", "aws_iam_role.b[1]"]);
        assert!(mv(&mut s, &t("aws_iam_role.b"), &t("aws_iam_role.c[0]")).is_err());
    }

    #[test]
    fn a_module_moves_with_its_children() {
        let mut s =
            state(&["module.a.aws_iam_role.r", "module.a.module.x[0].aws_iam_role.r", "module.ab.aws_iam_role.r"]);
        let moved = mv(&mut s, &t("module.a"), &t("module.b[\"k\"]")).unwrap();
        assert_eq!(moved.len(), 2);
        assert_eq!(
            addresses(&s),
            [
                "module.ab.aws_iam_role.r",
                "module.b[\"k\"].aws_iam_role.r",
                "module.b[\"k\"].module.x[0].aws_iam_role.r"
            ]
        );
    }

    #[test]
    fn moves_that_cannot_be_are_refused_and_change_nothing() {
        let mut s = state(&["aws_iam_role.a", "aws_iam_role.b", "module.m.aws_iam_role.a"]);
        let before = s.clone();
        assert_eq!(summary(mv(&mut s, &t("aws_iam_role.x"), &t("aws_iam_role.y"))), "Invalid source address");
        assert_eq!(summary(mv(&mut s, &t("aws_iam_role.a"), &t("aws_iam_role.b"))), "Invalid target address");
        assert_eq!(summary(mv(&mut s, &t("aws_iam_role.a"), &t("aws_s3_bucket.b"))), "Invalid state move request");
        assert_eq!(summary(mv(&mut s, &t("aws_iam_role.a"), &t("data.aws_iam_role.b"))), "Invalid state move request");
        assert_eq!(summary(mv(&mut s, &t("module.m"), &t("aws_iam_role.c"))), "Invalid target address");
        assert_eq!(summary(mv(&mut s, &t("module.q"), &t("module.r"))), "Invalid source address");
        assert_eq!(s, before);
    }

    #[test]
    fn dependents_of_what_moved_lose_their_recorded_dependencies() {
        let mut s = state(&["aws_iam_role.r", "aws_s3_bucket.b"]);
        mv(&mut s, &t("aws_iam_role.r"), &t("aws_iam_role.q")).unwrap();
        let bucket = s.current(&"aws_s3_bucket.b".parse().unwrap()).unwrap();
        assert!(bucket.dependencies.is_empty());
    }

    #[test]
    fn rm_removes_what_the_targets_cover() {
        let mut s = state(&["aws_iam_role.a[0]", "aws_iam_role.a[1]", "module.m.aws_iam_role.b"]);
        assert_eq!(rm(&mut s, &[t("aws_iam_role.a[1]"), t("module.m")]).unwrap().len(), 2);
        assert_eq!(addresses(&s), ["aws_iam_role.a[0]"]);
        assert_eq!(summary(rm(&mut s, &[t("aws_iam_role.q")])), "No matching objects found");
    }

    #[test]
    fn a_provider_is_replaced_everywhere() {
        let mut s = state(&["aws_iam_role.a", "module.m.aws_iam_role.b"]);
        let (from, to) = ("hashicorp/aws".parse().unwrap(), "registry.acme.corp/acme/aws".parse().unwrap());
        assert_eq!(replace_provider(&mut s, &from, &to).len(), 2);
        assert!(with_provider(&s, &from).is_empty());
    }

    #[test]
    fn taint_and_untaint() {
        let mut s = state(&["aws_iam_role.a"]);
        let a = "aws_iam_role.a".parse().unwrap();
        assert_eq!(summary(set_taint(&mut s, &a, ObjectStatus::Ready)), "Resource instance is not tainted");
        set_taint(&mut s, &a, ObjectStatus::Tainted).unwrap();
        assert_eq!(s.current(&a).unwrap().status, ObjectStatus::Tainted);
        set_taint(&mut s, &a, ObjectStatus::Ready).unwrap();
        let missing = "aws_iam_role.b".parse().unwrap();
        let error = set_taint(&mut s, &missing, ObjectStatus::Tainted).unwrap_err();
        assert_eq!(error.iter().next().unwrap().hint.as_deref(), Some("Did you mean aws_iam_role.a?"));
    }

    #[test]
    fn an_import_needs_a_free_place() {
        let s = state(&["aws_iam_role.a"]);
        assert_eq!(summary(check_import(&s, &"aws_iam_role.a".parse().unwrap())), "Resource already managed");
        assert_eq!(summary(check_import(&s, &"data.aws_iam_role.q".parse().unwrap())), "Invalid import address");
        check_import(&s, &"aws_iam_role.b".parse().unwrap()).unwrap();
    }

    #[test]
    fn a_state_gives_way_only_to_its_own_newer_self() {
        let with = |lineage: &str, serial| State { lineage: lineage.into(), serial, ..state(&["aws_iam_role.a"]) };
        check_replacement(&State::default(), &with("x", 1)).unwrap();
        check_replacement(&with("x", 1), &with("x", 2)).unwrap();
        check_replacement(&with("x", 2), &with("x", 2)).unwrap();
        assert!(check_replacement(&with("x", 1), &with("y", 2)).is_err());
        assert!(check_replacement(&with("x", 3), &with("x", 2)).is_err());
        let other = State { lineage: "x".into(), serial: 2, ..state(&["aws_iam_role.b"]) };
        assert!(check_replacement(&with("x", 2), &other).is_err());
    }
}
