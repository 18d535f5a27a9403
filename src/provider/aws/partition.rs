//! Partitions of AWS: which a region belongs to, and the names that follow from it.

/// A partition.
#[derive(Debug, PartialEq, Eq)]
pub struct Partition {
    /// `aws`.
    pub id: &'static str,
    /// `amazonaws.com`.
    pub dns_suffix: &'static str,
    /// `com.amazonaws`.
    pub reverse_dns_prefix: &'static str,
    prefixes: &'static [&'static str],
}

/// As the AWS SDKs list them (partitions.json of the endpoint rules).
pub static PARTITIONS: &[Partition] = &[
    Partition {
        id: "aws-cn",
        dns_suffix: "amazonaws.com.cn",
        reverse_dns_prefix: "cn.com.amazonaws",
        prefixes: &["cn-"],
    },
    Partition {
        id: "aws-us-gov",
        dns_suffix: "amazonaws.com",
        reverse_dns_prefix: "com.amazonaws",
        prefixes: &["us-gov-"],
    },
    Partition { id: "aws-iso", dns_suffix: "c2s.ic.gov", reverse_dns_prefix: "gov.ic.c2s", prefixes: &["us-iso-"] },
    Partition {
        id: "aws-iso-b",
        dns_suffix: "sc2s.sgov.gov",
        reverse_dns_prefix: "gov.sgov.sc2s",
        prefixes: &["us-isob-"],
    },
    Partition {
        id: "aws-iso-e",
        dns_suffix: "cloud.adc-e.uk",
        reverse_dns_prefix: "uk.adc-e.cloud",
        prefixes: &["eu-isoe-"],
    },
    Partition {
        id: "aws-iso-f",
        dns_suffix: "csp.hci.ic.gov",
        reverse_dns_prefix: "gov.ic.hci.csp",
        prefixes: &["us-isof-"],
    },
    Partition { id: "aws-eusc", dns_suffix: "amazonaws.eu", reverse_dns_prefix: "eu.amazonaws", prefixes: &["eusc-"] },
    COMMERCIAL,
];

/// The commercial one.
const COMMERCIAL: Partition = Partition {
    id: "aws",
    dns_suffix: "amazonaws.com",
    reverse_dns_prefix: "com.amazonaws",
    prefixes: &["us-", "eu-", "ap-", "sa-", "ca-", "me-", "af-", "il-", "mx-"],
};

/// The commercial one, for where nothing says which.
pub fn commercial() -> &'static Partition {
    static AWS: Partition = COMMERCIAL;
    &AWS
}

/// The partition of a region; `None` when it does not look like one.
pub fn of_region(region: &str) -> Option<&'static Partition> {
    let ends_in_digit = region.chars().next_back().is_some_and(|c| c.is_ascii_digit());
    let found = PARTITIONS.iter().find(|p| p.prefixes.iter().any(|prefix| region.starts_with(prefix)));
    found.filter(|_| ends_in_digit && region.matches('-').count() >= 2)
}

/// The partition with this id.
pub fn by_id(id: &str) -> Option<&'static Partition> {
    PARTITIONS.iter().find(|p| p.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_fitting_prefix_wins() {
        assert_eq!(of_region("us-gov-west-1").map(|p| p.id), Some("aws-us-gov"));
        assert_eq!(of_region("us-east-1").map(|p| p.id), Some("aws"));
        assert_eq!(of_region("us-isob-east-1").map(|p| p.id), Some("aws-iso-b"));
        assert_eq!(of_region("mars-north-1"), None);
        assert_eq!(of_region("us-east"), None);
    }
}
