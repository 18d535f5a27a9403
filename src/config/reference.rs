//! Static references as addresses: which resource an expression names, what `moved`, `removed` and `import` point at.

use crate::address::{InstanceKey, Mode, ModulePath, Resource};
use crate::lang::syntax::ast::{Expr, ExprKind, Traversal, TraversalStep};

/// First names that never begin a resource type in a reference.
const OTHER_ROOTS: [&str; 11] =
    ["var", "local", "module", "each", "count", "self", "path", "terraform", "data", "ephemeral", "check"];

/// The resource a reference names, and how many of its steps that takes: `aws_iam_role.r` takes one, `data.aws_region.r` two.
pub(super) fn resource_of(reference: &Traversal) -> Option<(Resource, usize)> {
    let step = |i: usize| match reference.steps.get(i) {
        Some(TraversalStep::Attr(name)) => Some(name.name.to_string()),
        _ => None,
    };
    let root = &*reference.root.name;
    match root {
        "data" => Some((Resource::data(step(0)?, step(1)?), 2)),
        "ephemeral" => Some((Resource { mode: Mode::Ephemeral, type_name: step(0)?, name: step(1)? }, 2)),
        "resource" => Some((Resource::managed(step(0)?, step(1)?), 2)),
        _ if OTHER_ROOTS.contains(&root) => None,
        _ => Some((Resource::managed(root, step(0)?), 1)),
    }
}

/// What `moved` and `removed` point at, relative to their module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Endpoint {
    /// Module calls on the way, each with whether it has a key.
    calls: Vec<(String, bool)>,
    /// The resource and whether it has a key; `None` for a module.
    resource: Option<(Resource, bool)>,
}

impl Endpoint {
    pub(super) fn is_module(&self) -> bool {
        self.resource.is_none()
    }

    pub(super) fn mode(&self) -> Option<Mode> {
        self.resource.as_ref().map(|(r, _)| r.mode)
    }

    pub(super) fn has_keys(&self) -> bool {
        self.calls.iter().any(|(_, key)| *key) || self.resource.as_ref().is_some_and(|(_, key)| *key)
    }
}

/// Reads an address such as `module.a["x"].aws_iam_role.r[0]`; the error is a sentence.
pub(super) fn endpoint(reference: &Traversal) -> Result<Endpoint, String> {
    let mut names = vec![(reference.root.name.to_string(), false)];
    for step in &reference.steps {
        match step {
            TraversalStep::Attr(name) => names.push((name.name.to_string(), false)),
            TraversalStep::Index(key, _) => {
                if key.as_str().is_none() && key.as_i64().is_none_or(|n| n < 0) {
                    return Err("An instance key is a string or a whole number that is not negative.".into());
                }
                match names.last_mut() {
                    Some((_, keyed @ false)) => *keyed = true,
                    _ => return Err("Only one instance key may follow a name.".into()),
                }
            }
        }
    }
    of_names(names.into_iter())
}

fn of_names(mut names: impl Iterator<Item = (String, bool)>) -> Result<Endpoint, String> {
    let mut calls = Vec::new();
    let mut next = names.next();
    while let Some((word, keyed)) = next.take() {
        if word != "module" {
            next = Some((word, keyed));
            break;
        }
        let call = names.next().filter(|_| !keyed);
        calls.push(call.ok_or("\"module.\" must be followed by a module name.")?);
        next = names.next();
    }
    let Some((first, first_keyed)) = next else { return Ok(Endpoint { calls, resource: None }) };
    let (mode, type_name, type_keyed) = match first.as_str() {
        "data" | "ephemeral" | "resource" => {
            let mode = match first.as_str() {
                "data" => Mode::Data,
                "ephemeral" => Mode::Ephemeral,
                _ => Mode::Managed,
            };
            let (name, keyed) =
                names.next().ok_or_else(|| format!("\"{first}.\" must be followed by a resource type and name."))?;
            (mode, name, keyed || first_keyed)
        }
        root if OTHER_ROOTS.contains(&root) => {
            return Err(format!("\"{root}\" does not begin the address of a resource or module."));
        }
        _ => (Mode::Managed, first, first_keyed),
    };
    let (name, keyed) = names
        .next()
        .filter(|_| !type_keyed)
        .ok_or_else(|| format!("Resource type \"{type_name}\" must be followed by a resource name."))?;
    if let Some((extra, _)) = names.next() {
        return Err(format!("\"{extra}\" is too much: the address must end with the resource's name or instance key."));
    }
    Ok(Endpoint { calls, resource: Some((Resource { mode, type_name, name }, keyed)) })
}

/// The resource an `import` goes to, whose keys may be computed; the error is a sentence.
pub(super) fn import_target(expr: &Expr) -> Result<(ModulePath, Resource), String> {
    let mut names = Vec::new();
    let mut at = expr;
    let mut keyed = false;
    loop {
        match &at.kind {
            ExprKind::Variable(name) => {
                names.push((name.name.to_string(), keyed));
                break;
            }
            ExprKind::GetAttr(source, name) => {
                names.push((name.name.to_string(), keyed));
                keyed = false;
                at = source;
            }
            ExprKind::Index(source, _) if !keyed => {
                keyed = true;
                at = source;
            }
            _ => return Err("The address of a resource or resource instance is required here.".into()),
        }
    }
    names.reverse();
    let endpoint = of_names(names.into_iter())?;
    let module = ModulePath(endpoint.calls.iter().map(|(name, _)| name.clone()).collect());
    match endpoint.resource {
        Some((resource, _)) => Ok((module, resource)),
        None => Err("A resource is required here, not a module.".into()),
    }
}

/// The key of a static index step.
pub(super) fn instance_key(step: &TraversalStep) -> Option<InstanceKey> {
    match step {
        TraversalStep::Attr(_) => None,
        TraversalStep::Index(key, _) => match key.as_str() {
            Some(text) => Some(InstanceKey::Str(text.to_owned())),
            None => u64::try_from(key.as_i64()?).ok().map(InstanceKey::Int),
        },
    }
}
