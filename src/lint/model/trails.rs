//! CloudTrail trails and which objects' data events they record.

use super::{Found, Model, Object};
use crate::domain::pattern::Verdict;
use crate::lang::value::symbol;

impl<'c> Model<'c> {
    /// Whether a trail made here records who writes objects of a bucket.
    pub fn records_writes(&self, bucket: &Object<'_>) -> Verdict {
        self.all("aws_cloudtrail").fold(Verdict::No, |v, trail| v.or(self.trail_records(trail, Watched::Here(bucket))))
    }

    /// The same of a bucket that is not made here, by its name.
    pub fn records_writes_of(&self, name: &str) -> Verdict {
        self.all("aws_cloudtrail").fold(Verdict::No, |v, trail| v.or(self.trail_records(trail, Watched::Named(name))))
    }

    fn trail_records(&self, trail: &Object<'_>, bucket: Watched<'_>) -> Verdict {
        let mut verdict = Verdict::No;
        if trail.get("enable_logging").bool() == Some(false) {
            return verdict;
        }
        if trail.get("event_selector").is_unknown() || trail.get("advanced_event_selector").is_unknown() {
            return Verdict::Maybe;
        }
        for selector in trail.blocks("event_selector") {
            if selector.get("read_write_type").str() == "ReadOnly" {
                continue;
            }
            for resource in selector.blocks("data_resource").iter().filter(|r| r.get("type").str() == "AWS::S3::Object")
            {
                for value in resource.get("values").elements() {
                    verdict = verdict.or(self.covers(value.text().map(|t| t.0), bucket));
                }
            }
        }
        for selector in trail.blocks("advanced_event_selector") {
            let fields = selector.blocks("field_selector");
            let of = |name: &str| fields.iter().find(|f| f.get("field").str() == name);
            let is = |name: &str, wanted: &str| {
                of(name).is_some_and(|f| f.get("equals").elements().iter().any(|e| e.str() == wanted))
            };
            if !is("eventCategory", "Data") || !is("resources.type", "AWS::S3::Object") || is("readOnly", "true") {
                continue;
            }
            verdict = verdict.or(match of("resources.ARN") {
                None => Verdict::Yes,
                Some(field) => {
                    let values = ["starts_with", "equals"].into_iter().flat_map(|n| field.get(n).elements());
                    values.fold(Verdict::No, |v, value| v.or(self.covers(value.text().map(|t| t.0), bucket)))
                }
            });
        }
        verdict
    }

    fn covers(&self, arn: Option<&str>, bucket: Watched<'_>) -> Verdict {
        match arn {
            None => Verdict::Maybe,
            // All buckets.
            Some("arn:aws:s3" | "arn:aws:s3:::") => Verdict::Yes,
            Some(arn) => match (self.bucket_of(arn), bucket) {
                (Found::Here(found), Watched::Here(bucket)) => Verdict::of(found.address() == bucket.address()),
                (Found::Unknown, _) => Verdict::Maybe,
                (Found::Elsewhere, Watched::Named(name)) => {
                    let named = arn.split_once(":::").map_or("", |(_, rest)| rest).split('/').next();
                    Verdict::of(named == Some(name)).or(Verdict::of(symbol::has_symbol(arn)).and(Verdict::Maybe))
                }
                _ => Verdict::No,
            },
        }
    }
}

/// A bucket that trails may watch.
#[derive(Clone, Copy)]
enum Watched<'w> {
    Here(&'w Object<'w>),
    Named(&'w str),
}
