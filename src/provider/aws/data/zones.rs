//! Data `aws_availability_zones`: the zones of the region.

use crate::provider::aws::attrs::Attrs;
use crate::provider::aws::ec2_query;
use crate::provider::aws::failure::{Failure, Outcome};
use crate::provider::aws::object::Obj;
use crate::provider::aws::resource::{Cx, DataType};
use async_trait::async_trait;
use std::collections::BTreeSet;

/// The type.
pub struct Zones;

#[async_trait(?Send)]
impl DataType for Zones {
    fn name(&self) -> &'static str {
        "aws_availability_zones"
    }

    fn schema(&self) -> &'static str {
        include_str!("../schema/data.aws_availability_zones.json")
    }

    async fn read(&self, cx: &Cx<'_>, config: &Obj<'_>) -> Outcome<Attrs> {
        let form = parameters(config);
        let busy = |f: &Failure| {
            let passing = f.is(&["RequestLimitExceeded", "Unavailable", "InternalError", "ServiceUnavailable"]);
            passing.then_some("EC2 asks for patience")
        };
        let answer = cx
            .retry(cx.timeout, busy, || async { ec2_query::call(cx.aws, "DescribeAvailabilityZones", &form).await })
            .await?;
        let mut zones = ec2_query::items(&answer, "availabilityZoneInfo", ["zoneName", "zoneId", "groupName"])?;
        zones.sort();
        let (names, ids) = (config.strings("exclude_names"), config.strings("exclude_zone_ids"));
        zones.retain(|[name, id, _]| !names.contains(name) && !ids.contains(id));
        let groups: BTreeSet<&String> = zones.iter().map(|[_, _, group]| group).collect();
        Ok(Attrs::new()
            .str("id", cx.aws.region())
            .strings("names", zones.iter().map(|[name, _, _]| name))
            .strings("zone_ids", zones.iter().map(|[_, id, _]| id))
            .strings("group_names", groups))
    }
}

/// The form: filters are numbered, and so are the values of each.
fn parameters(config: &Obj<'_>) -> Vec<(String, String)> {
    let mut filters = Vec::new();
    if let Some(state) = config.string("state") {
        filters.push(("state".to_owned(), vec![state]));
    }
    for filter in config.blocks("filter") {
        filters.push((filter.str("name").to_owned(), filter.strings("values")));
    }
    let mut out = Vec::new();
    if config.bool("all_availability_zones") {
        out.push(("AllAvailabilityZones".to_owned(), "true".to_owned()));
    }
    for (i, (name, values)) in (1..).zip(filters) {
        out.push((format!("Filter.{i}.Name"), name));
        out.extend((1..).zip(values).map(|(j, value)| (format!("Filter.{i}.Value.{j}"), value)));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::value::{Type, Value};

    #[test]
    fn filters_are_numbered() {
        let values = Value::set(Type::String, vec![Value::string("a"), Value::string("b")]);
        let filter = Value::object_of([("name", Value::string("zone-type")), ("values", values)]);
        let config = Value::object_of([
            ("state", Value::string("available")),
            ("filter", Value::set(filter.ty(), vec![filter])),
        ]);
        let form = parameters(&Obj::new(&config));
        let text: Vec<String> = form.iter().map(|(k, v)| format!("{k}={v}")).collect();
        assert_eq!(
            text,
            [
                "Filter.1.Name=state",
                "Filter.1.Value.1=available",
                "Filter.2.Name=zone-type",
                "Filter.2.Value.1=a",
                "Filter.2.Value.2=b"
            ]
        );
    }
}
