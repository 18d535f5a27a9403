//! Lifecycle rules: from blocks to S3 and back, what unset attributes are planned as, and when two lists of rules mean the same.

use super::super::attrs::Attrs;
use super::super::failure::Outcome;
use super::super::object::Obj;
use super::super::time;
use crate::lang::value::{Type, Value};
use aws_sdk_s3::types::{
    AbortIncompleteMultipartUpload, ExpirationStatus, LifecycleExpiration, LifecycleRule, LifecycleRuleAndOperator,
    LifecycleRuleFilter, NoncurrentVersionExpiration, NoncurrentVersionTransition, Tag, Transition,
    TransitionStorageClass,
};
use std::collections::{BTreeMap, BTreeSet};

/// The configured rules with the values unset attributes get.
pub fn planned(rules: &Value) -> Value {
    each(rules, &|rule| {
        let mut out = default(rule, "prefix", Value::string(""));
        out = inside(&out, "expiration", &|e| {
            let e = default(e, "days", Value::number(0));
            default(&e, "expired_object_delete_marker", Value::bool(false))
        });
        out = inside(&out, "transition", &|t| {
            let dated = t.get("date").is_some_and(|d| !d.is_null());
            if dated { t.clone() } else { default(t, "days", Value::number(0)) }
        });
        inside(&out, "filter", &|f| {
            let f = inside(f, "and", &|and| {
                let and = default(and, "prefix", Value::string(""));
                let and = default(&and, "object_size_greater_than", Value::number(0));
                default(&and, "object_size_less_than", Value::number(0))
            });
            let others = ["and", "tag", "object_size_greater_than", "object_size_less_than"];
            let set =
                |name: &&str| f.get(name).is_some_and(|v| !v.is_null() && v.elements().is_none_or(|e| !e.is_empty()));
            if others.iter().any(set) { f.clone() } else { default(&f, "prefix", Value::string("")) }
        })
    })
}

fn default(object: &Value, name: &str, value: Value) -> Value {
    if object.get(name).is_some_and(Value::is_null) { object.with_field(name, value) } else { object.clone() }
}

fn inside(object: &Value, name: &str, change: &dyn Fn(&Value) -> Value) -> Value {
    match object.get(name) {
        Some(blocks) => object.with_field(name, each(blocks, change)),
        None => object.clone(),
    }
}

fn each(blocks: &Value, change: &dyn Fn(&Value) -> Value) -> Value {
    let element = blocks.ty().element().cloned().unwrap_or(Type::Dynamic);
    let Some(items) = blocks.elements() else { return blocks.clone() };
    let items = items.iter().map(change).collect();
    if matches!(blocks.ty(), Type::Set(_)) { Value::set(element, items) } else { Value::list(element, items) }
}

/// The rules as S3 takes them.
pub fn wanted(rules: &[Obj<'_>]) -> Outcome<Vec<LifecycleRule>> {
    rules.iter().map(rule).collect()
}

fn rule(r: &Obj<'_>) -> Outcome<LifecycleRule> {
    let mut out = LifecycleRule::builder().id(r.str("id")).status(ExpirationStatus::from(r.str("status")));
    match r.block("filter") {
        Some(f) => out = out.filter(filter(&f)?),
        None => {
            #[allow(deprecated, reason = "rules of the older form have a prefix")]
            let with_prefix = out.prefix(r.str("prefix"));
            out = with_prefix;
        }
    }
    if let Some(e) = r.block("expiration") {
        let marker = e.bool("expired_object_delete_marker").then_some(true);
        let expiration = LifecycleExpiration::builder()
            .set_date(e.opt("date").and_then(time::parse))
            .set_days(e.int32("days").filter(|d| *d != 0))
            .set_expired_object_delete_marker(marker);
        out = out.expiration(expiration.build());
    }
    if let Some(a) = r.block("abort_incomplete_multipart_upload") {
        let days = a.int32("days_after_initiation");
        let abort = AbortIncompleteMultipartUpload::builder().set_days_after_initiation(days);
        out = out.abort_incomplete_multipart_upload(abort.build());
    }
    if let Some(n) = r.block("noncurrent_version_expiration") {
        let expiration = NoncurrentVersionExpiration::builder()
            .set_noncurrent_days(n.int32("noncurrent_days"))
            .set_newer_noncurrent_versions(n.int32("newer_noncurrent_versions").filter(|v| *v != 0));
        out = out.noncurrent_version_expiration(expiration.build());
    }
    for n in r.blocks("noncurrent_version_transition") {
        let transition = NoncurrentVersionTransition::builder()
            .set_noncurrent_days(n.int32("noncurrent_days"))
            .set_newer_noncurrent_versions(n.int32("newer_noncurrent_versions").filter(|v| *v != 0))
            .storage_class(TransitionStorageClass::from(n.str("storage_class")));
        out = out.noncurrent_version_transitions(transition.build());
    }
    for t in r.blocks("transition") {
        let date = t.opt("date").and_then(time::parse);
        let days = t.int32("days").filter(|_| date.is_none());
        let class = TransitionStorageClass::from(t.str("storage_class"));
        out = out.transitions(Transition::builder().set_date(date).set_days(days).storage_class(class).build());
    }
    Ok(out.build()?)
}

fn filter(f: &Obj<'_>) -> Outcome<LifecycleRuleFilter> {
    let out = LifecycleRuleFilter::builder();
    if let Some(and) = f.block("and") {
        let tags: Outcome<Vec<Tag>> =
            and.string_map("tags").iter().map(|(k, v)| Ok(Tag::builder().key(k).value(v).build()?)).collect();
        let all = LifecycleRuleAndOperator::builder()
            .set_prefix(and.string("prefix"))
            .set_object_size_greater_than(and.int("object_size_greater_than").filter(|n| *n != 0))
            .set_object_size_less_than(and.int("object_size_less_than").filter(|n| *n != 0))
            .set_tags(Some(tags?).filter(|t| !t.is_empty()));
        return Ok(out.and(all.build()).build());
    }
    if let Some(tag) = f.block("tag") {
        return Ok(out.tag(Tag::builder().key(tag.str("key")).value(tag.str("value")).build()?).build());
    }
    let (greater, less) = (f.int("object_size_greater_than"), f.int("object_size_less_than"));
    if greater.is_some() || less.is_some() {
        return Ok(out.set_object_size_greater_than(greater).set_object_size_less_than(less).build());
    }
    Ok(out.prefix(f.str("prefix")).build())
}

/// The blocks that show rules of S3.
pub fn shown(rules: Vec<LifecycleRule>) -> Vec<Attrs> {
    rules.into_iter().map(show).collect()
}

fn show(r: LifecycleRule) -> Attrs {
    #[allow(deprecated, reason = "rules of the older form have a prefix")]
    let prefix = r.prefix.unwrap_or_default();
    let transition = |t: Transition| {
        let days = t.days.filter(|_| t.date.is_none()).or(if t.date.is_none() { Some(0) } else { None });
        let attrs = Attrs::new().opt("date", t.date.as_ref().map(time::rfc3339)).int("days", days);
        attrs.opt("storage_class", t.storage_class.map(|c| c.as_str().to_owned()))
    };
    let noncurrent = |t: NoncurrentVersionTransition| {
        let attrs = Attrs::new().int("noncurrent_days", t.noncurrent_days);
        attrs
            .int("newer_noncurrent_versions", t.newer_noncurrent_versions)
            .opt("storage_class", t.storage_class.map(|c| c.as_str().to_owned()))
    };
    let expiration = r.expiration.map(|e| {
        Attrs::new()
            .opt("date", e.date.as_ref().map(time::rfc3339))
            .int("days", Some(e.days.unwrap_or(0)))
            .bool("expired_object_delete_marker", e.expired_object_delete_marker.unwrap_or(false))
    });
    let abort = r.abort_incomplete_multipart_upload;
    let old = r.noncurrent_version_expiration.map(|n| {
        let attrs = Attrs::new().int("noncurrent_days", n.noncurrent_days);
        attrs.int("newer_noncurrent_versions", n.newer_noncurrent_versions)
    });
    Attrs::new()
        .opt("id", r.id)
        .str("status", r.status.as_str())
        .str("prefix", prefix)
        .block("filter", r.filter.map(show_filter))
        .block("expiration", expiration)
        .block(
            "abort_incomplete_multipart_upload",
            abort.map(|a| Attrs::new().int("days_after_initiation", a.days_after_initiation)),
        )
        .block("noncurrent_version_expiration", old)
        .blocks(
            "noncurrent_version_transition",
            r.noncurrent_version_transitions.unwrap_or_default().into_iter().map(noncurrent),
        )
        .blocks("transition", r.transitions.unwrap_or_default().into_iter().map(transition))
}

fn show_filter(f: LifecycleRuleFilter) -> Attrs {
    let alone =
        f.and.is_none() && f.tag.is_none() && f.object_size_greater_than.is_none() && f.object_size_less_than.is_none();
    let and = f.and.map(|and| {
        let tags: BTreeMap<String, String> =
            and.tags.unwrap_or_default().into_iter().map(|t| (t.key, t.value)).collect();
        let attrs = Attrs::new()
            .str("prefix", and.prefix.unwrap_or_default())
            .int("object_size_greater_than", Some(and.object_size_greater_than.unwrap_or(0)))
            .int("object_size_less_than", Some(and.object_size_less_than.unwrap_or(0)));
        if tags.is_empty() { attrs } else { attrs.map("tags", tags) }
    });
    let attrs = Attrs::new()
        .block("and", and)
        .block("tag", f.tag.map(|t| Attrs::new().str("key", t.key).str("value", t.value)))
        .int("object_size_greater_than", f.object_size_greater_than)
        .int("object_size_less_than", f.object_size_less_than);
    if alone {
        attrs.str("prefix", f.prefix.unwrap_or_default())
    } else {
        attrs.opt("prefix", f.prefix.filter(|p| !p.is_empty()))
    }
}

/// What rules mean, in an order of their own: how S3 writes an empty filter or a zero does not count.
pub fn meaning(rules: &[LifecycleRule]) -> BTreeSet<String> {
    let date = |d: Option<&aws_smithy_types::DateTime>| d.map(time::rfc3339).unwrap_or_default();
    let mut out = BTreeSet::new();
    for r in rules {
        #[allow(deprecated, reason = "rules of the older form have a prefix")]
        let mut prefix = r.prefix.clone().unwrap_or_default();
        let (mut tags, mut sizes) = (BTreeSet::new(), (0, 0));
        if let Some(f) = &r.filter {
            let and = f.and.as_ref();
            let inner = [f.prefix.as_deref(), and.and_then(|a| a.prefix.as_deref())]
                .into_iter()
                .flatten()
                .find(|p| !p.is_empty());
            prefix = inner.map(str::to_owned).unwrap_or(prefix);
            tags.extend(
                f.tag.iter().chain(and.iter().flat_map(|a| a.tags())).map(|t| format!("{}={}", t.key, t.value)),
            );
            sizes = (
                f.object_size_greater_than.or(and.and_then(|a| a.object_size_greater_than)).unwrap_or(0),
                f.object_size_less_than.or(and.and_then(|a| a.object_size_less_than)).unwrap_or(0),
            );
        }
        let expiration = r.expiration.as_ref().map_or_else(String::new, |e| {
            let marker = e.expired_object_delete_marker.unwrap_or(false);
            format!("{} {} {marker}", date(e.date.as_ref()), e.days.unwrap_or(0))
        });
        let expiration = if expiration == " 0 false" { String::new() } else { expiration };
        let abort = r.abort_incomplete_multipart_upload.as_ref().and_then(|a| a.days_after_initiation).unwrap_or(0);
        let old = r.noncurrent_version_expiration.as_ref();
        let old = old.map(|n| (n.noncurrent_days.unwrap_or(0), n.newer_noncurrent_versions.unwrap_or(0)));
        let transitions: BTreeSet<String> = r
            .transitions()
            .iter()
            .map(|t| format!("{} {} {:?}", date(t.date.as_ref()), t.days.unwrap_or(0), t.storage_class))
            .collect();
        let noncurrent: BTreeSet<String> = r
            .noncurrent_version_transitions()
            .iter()
            .map(|t| {
                let newer = t.newer_noncurrent_versions.unwrap_or(0);
                format!("{} {newer} {:?}", t.noncurrent_days.unwrap_or(0), t.storage_class)
            })
            .collect();
        let status = r.status.as_str();
        let id = r.id.as_deref().unwrap_or_default();
        out.insert(format!(
            "rule {id}: {status}, prefix \"{prefix}\", tags {tags:?}, sizes {sizes:?}, expiration \"{expiration}\", abort {abort}, \
             noncurrent {old:?} {noncurrent:?}, transitions {transitions:?}"
        ));
    }
    out
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

    fn built(f: Option<LifecycleRuleFilter>, prefix: Option<&str>) -> LifecycleRule {
        let rule = LifecycleRule::builder().id("a").status(ExpirationStatus::Enabled).set_filter(f);
        #[allow(deprecated, reason = "rules of the older form have a prefix")]
        let rule = rule.set_prefix(prefix.map(str::to_owned));
        rule.build().unwrap()
    }

    #[test]
    fn an_empty_filter_means_the_empty_prefix() {
        let filter = LifecycleRuleFilter::builder().build();
        let by_prefix = LifecycleRuleFilter::builder().prefix("").build();
        assert_eq!(meaning(&[built(Some(filter), None)]), meaning(&[built(None, Some(""))]));
        assert_eq!(meaning(&[built(Some(by_prefix), None)]), meaning(&[built(None, None)]));
    }

    #[test]
    fn another_prefix_means_another_rule() {
        assert_ne!(meaning(&[built(None, Some("a/"))]), meaning(&[built(None, Some("b/"))]));
    }
}
