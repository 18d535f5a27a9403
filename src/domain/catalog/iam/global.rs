//! Global condition keys: those that every request may carry (AWS's page "AWS global condition context keys").

use super::catalog::KeyType;

/// Name (a part that people choose is `${TagKey}`), type, whether it has several values.
const KEYS: &[(&str, KeyType, bool)] = &[
    ("aws:AssumedRoot", KeyType::Bool, false),
    ("aws:CalledVia", KeyType::String, true),
    ("aws:CalledViaFirst", KeyType::String, false),
    ("aws:CalledViaLast", KeyType::String, false),
    ("aws:ChatbotSourceArn", KeyType::Arn, false),
    ("aws:CurrentTime", KeyType::Date, false),
    ("aws:Ec2InstanceSourcePrivateIPv4", KeyType::IpAddress, false),
    ("aws:Ec2InstanceSourceVpc", KeyType::String, false),
    ("aws:EpochTime", KeyType::Date, false),
    ("aws:FederatedProvider", KeyType::String, false),
    ("aws:IsMcpServiceAction", KeyType::Bool, false),
    ("aws:MultiFactorAuthAge", KeyType::Numeric, false),
    ("aws:MultiFactorAuthPresent", KeyType::Bool, false),
    ("aws:PrincipalAccount", KeyType::String, false),
    ("aws:PrincipalArn", KeyType::Arn, false),
    ("aws:PrincipalIsAWSService", KeyType::Bool, false),
    ("aws:PrincipalOrgID", KeyType::String, false),
    ("aws:PrincipalOrgPaths", KeyType::String, true),
    ("aws:PrincipalServiceName", KeyType::String, false),
    ("aws:PrincipalServiceNamesList", KeyType::String, true),
    ("aws:PrincipalTag/${TagKey}", KeyType::String, false),
    ("aws:PrincipalType", KeyType::String, false),
    ("aws:referer", KeyType::String, false),
    ("aws:RequestTag/${TagKey}", KeyType::String, false),
    ("aws:RequestedRegion", KeyType::String, false),
    ("aws:ResourceAccount", KeyType::String, false),
    ("aws:ResourceOrgID", KeyType::String, false),
    ("aws:ResourceOrgPaths", KeyType::String, true),
    ("aws:ResourceTag/${TagKey}", KeyType::String, false),
    ("aws:SecureTransport", KeyType::Bool, false),
    ("aws:SourceAccount", KeyType::String, false),
    ("aws:SourceArn", KeyType::Arn, false),
    ("aws:SourceIdentity", KeyType::String, false),
    ("aws:SourceIp", KeyType::IpAddress, false),
    ("aws:SourceOrgID", KeyType::String, false),
    ("aws:SourceOrgPaths", KeyType::String, true),
    ("aws:SourceOwner", KeyType::String, false),
    ("aws:SourceVpc", KeyType::String, false),
    ("aws:SourceVpcArn", KeyType::Arn, false),
    ("aws:SourceVpce", KeyType::String, false),
    ("aws:SourceVpceAccount", KeyType::String, false),
    ("aws:SourceVpceOrgID", KeyType::String, false),
    ("aws:SourceVpceOrgPaths", KeyType::String, true),
    ("aws:TagKeys", KeyType::String, true),
    ("aws:TokenIssueTime", KeyType::Date, false),
    ("aws:UserAgent", KeyType::String, false),
    ("aws:userid", KeyType::String, false),
    ("aws:username", KeyType::String, false),
    ("aws:VpceAccount", KeyType::String, false),
    ("aws:VpceMultiRegion", KeyType::Bool, false),
    ("aws:VpceOrgID", KeyType::String, false),
    ("aws:VpceOrgPaths", KeyType::String, true),
    ("aws:ViaAWSService", KeyType::Bool, false),
    ("aws:VpcSourceIp", KeyType::IpAddress, false),
    ("ec2:RoleDelivery", KeyType::Numeric, false),
    ("ec2:SourceInstanceArn", KeyType::Arn, false),
    ("glue:CredentialIssuingService", KeyType::String, false),
    ("glue:RoleAssumedBy", KeyType::String, false),
    ("identitystore:UserId", KeyType::String, false),
    ("lambda:SourceFunctionArn", KeyType::Arn, false),
    ("ssm:SourceInstanceArn", KeyType::Arn, false),
];

/// Type of a global key and whether it has several values; `None` if the key, in any case, is not a global one.
pub fn global_key(name: &str) -> Option<(KeyType, bool)> {
    let found = KEYS.iter().find(|(known, ..)| match known.split_once("${") {
        None => known.eq_ignore_ascii_case(name),
        Some((prefix, _)) => {
            name.len() > prefix.len() && name.get(..prefix.len()).is_some_and(|n| n.eq_ignore_ascii_case(prefix))
        }
    })?;
    Some((found.1, found.2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_in_any_case() {
        assert_eq!(global_key("AWS:sourceARN"), Some((KeyType::Arn, false)));
        assert_eq!(global_key("aws:PrincipalTag/team"), Some((KeyType::String, false)));
        assert_eq!(global_key("aws:PrincipalTag/"), None);
        assert_eq!(global_key("aws:SourceArm"), None);
    }
}
