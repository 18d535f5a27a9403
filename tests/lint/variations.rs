//! Near misses: a rule's own example with one thing changed. What is wrong and one step from right must be found, what looks wrong and is not
//! must not.

use crate::fixture::findings;
use pipewright::lint;
use std::collections::BTreeSet;

/// Which example is changed.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Of {
    /// The wrong one: changed, it is right (or still wrong in another way).
    Bad,
    /// The right one.
    Good,
}
use Of::{Bad, Good};

/// Rule, example, what is replaced by what, and how many findings there are then.
const CHANGES: &[(&str, Of, &str, &str, usize)] = &[
    // One stage made by a block that is not known may be many.
    (
        "CP001",
        Bad,
        "  stage {\n    name = \"Source\"",
        "  dynamic \"stage\" {\n    for_each = var.more\n    content {\n      name = stage.value\n    }\n  }\n  stage {\n    name = \"Source\"",
        0,
    ),
    ("CP002", Bad, "category = \"Test\"", "category = var.category", 0),
    ("CP002", Good, "category = \"Build\"", "category = \"Source\"", 1),
    ("CP003", Good, "category = \"Build\"", "category = \"Source\"", 1),
    ("CP003", Good, "category = \"Build\"", "category = var.category", 0),
    // Names differ by case.
    (
        "CP004",
        Bad,
        "name = \"Build\"\n\n    action {\n      name     = \"Ecs\"",
        "name = \"build\"\n\n    action {\n      name     = \"Ecs\"",
        0,
    ),
    ("CP004", Good, "name = \"Deploy\"", "name = \"Build\"", 1),
    ("CP005", Bad, "[\"sources\"]", "[var.artifact]", 0),
    ("CP005", Good, "output_artifacts = [\"source\"]", "output_artifacts = [\"Source\"]", 1),
    (
        "CP006",
        Bad,
        "output_artifacts = [\"source\"]\n    }\n  }\n}",
        "output_artifacts = [\"Source\"]\n    }\n  }\n}",
        0,
    ),
    ("CP006", Good, "[\"built\"]", "[\"built\", \"built\"]", 1),
    ("CP007", Good, "input_artifacts = [\"built\"]", "input_artifacts = [\"built\", \"source\"]", 1),
    ("CP007", Bad, "output_artifacts = [\"done\"]", "input_artifacts = var.inputs", 0),
    (
        "CP008",
        Bad,
        "owner    = \"AWS\"\n      provider = \"Codebuild\"",
        "owner    = \"Custom\"\n      provider = \"Codebuild\"",
        0,
    ),
    ("CP008", Good, "provider = \"CodeBuild\"", "provider = \"CodeDeploy\"", 1),
    ("CP009", Bad, "BatchEnabled = \"true\"", "ProjectName = var.project", 0),
    ("CP009", Good, "input_artifacts  = [\"source\"]", "input_artifacts  = [\"source\", \"more\"]", 1),
    ("CP010", Bad, "EnvironmentVariable =", "EnvironmentVariables =", 0),
    ("CP010", Good, "ProjectName = \"shop\"", "ProjectName = \"shop\"\n        projectName = \"shop\"", 1),
    ("CP011", Bad, "BuildspecOverride = \"\"", "BuildspecOverride = var.buildspec", 0),
    ("CP012", Bad, "execution_mode = \"QUEUED\"", "execution_mode = \"SUPERSEDED\"", 0),
    ("CP012", Good, "pipeline_type = \"V2\"", "pipeline_type = var.type", 0),
    ("CP012", Good, "pipeline_type = \"V2\"", "pipeline_type = \"V1\"", 1),
    ("CP013", Bad, "result = \"ROLLBACK\"", "result = \"RETRY\"", 0),
    ("CP013", Bad, "execution_mode = \"PARALLEL\"", "execution_mode = var.mode", 0),
    ("CP014", Bad, "source_action_name = \"Source\"", "source_action_name = var.action", 0),
    ("CP014", Good, "source_action_name = \"Code\"", "source_action_name = \"code\"", 1),
    ("CP015", Bad, "region = \"us-east-1\"", "region = var.region", 0),
    ("CP015", Good, "region = \"eu-central-1\"\n    }", "region = \"eu-west-1\"\n    }", 1),
    ("CP016", Bad, "built.zip", "built_zip", 0),
    ("CP016", Good, "name = \"Build\"", "name = \"Build it\"", 1),
    ("CP017", Bad, "#{SourceVariables.CommitID}", "#{codepipeline.PipelineExecutionId}", 0),
    ("CP017", Good, "#{SourceVariables.CommitId}", "#{SourceVariable.CommitId}", 1),
    ("CP018", Bad, "input_artifacts = [\"source\"]", "input_artifacts = [\"source\", \"built\"]", 0),
    ("CP018", Good, "source::template.yml", "Source::template.yml", 1),
    ("CP019", Bad, "CODEBUILD_CLONE_REF", "CODE_ZIP", 0),
    ("CP020", Bad, "[\"web-app\", \"api\"]", "[\"web-app\"]", 0),
    ("CP020", Good, "[\"web_app\", \"api\"]", "[\"web_app\", \"a-p-i\"]", 1),
    ("CP021", Bad, "region = \"af-south-1\"", "region = var.region", 0),
    ("CP022", Bad, "PipelineName = \"shop\"", "PipelineName = \"other\"", 0),
    ("CP023", Bad, "namespace        = \"source\"", "namespace        = \"Source\"", 0),
    ("PL001", Bad, "\"Production\"", "\"Staging\"", 0),
    ("PL001", Bad, "\"Production\"", "\"Preprod\"", 0),
    ("PL001", Good, "\"Approval\"", "\"Test\"", 1),
    ("PL002", Bad, "provider = \"CodeCommit\"", "provider = \"CodeStarSourceConnection\"", 0),
    ("PL002", Good, "PollForSourceChanges = \"false\"", "PollForSourceChanges = var.poll", 0),
    ("PL002", Good, "PollForSourceChanges = \"false\"", "PollForSourceChanges = true", 1),
    ("PL003", Bad, "aws.codecommit", "aws.ecr", 0),
    ("PL003", Bad, "name          = \"push\"", "name          = \"push\"\n  state         = \"DISABLED\"", 0),
    ("PL003", Good, "PollForSourceChanges = \"false\"", "PollForSourceChanges = \"true\"", 1),
    ("PL004", Good, "aws_codepipeline.shop.arn", "var.arn", 0),
    ("PL004", Good, "aws_codepipeline.shop.arn", "aws_sns_topic.other.arn", 1),
    ("PL005", Bad, "\"0123456789abcdef0123456789abcdef01234567\"", "var.token", 0),
    ("PL005", Good, "var.github_token", "\"hunter-two-three\"", 1),
    ("PL006", Bad, "owner    = \"ThirdParty\"", "owner    = var.owner", 0),
    ("PL007", Good, "pipeline_type = \"V2\"", "pipeline_type = var.type", 0),
    ("PL007", Good, "pipeline_type = \"V2\"", "pipeline_type = \"V1\"", 1),
    // An approval is no test, a scan in a stage before is one.
    (
        "PL008",
        Bad,
        "name = \"Deploy\"\n",
        "name = \"Check\"\n    action {\n      name     = \"Scan\"\n      category = \"Test\"\n      owner    = \"AWS\"\n      provider = \"CodeBuild\"\n      version  = \"1\"\n    }\n  }\n\n  stage {\n    name = \"Deploy\"\n",
        0,
    ),
    // Beside the deployment it holds nothing up.
    (
        "PL008",
        Bad,
        "name = \"Deploy\"\n",
        "name = \"Deploy\"\n    action {\n      name     = \"Scan\"\n      category = \"Test\"\n      owner    = \"AWS\"\n      provider = \"CodeBuild\"\n      version  = \"1\"\n    }\n",
        1,
    ),
    (
        "PL009",
        Bad,
        "input_artifacts = [\"source\"]\n    }\n  }\n}",
        "input_artifacts = [var.artifact]\n    }\n  }\n}",
        0,
    ),
    ("PL009", Bad, "input_artifacts = [\"source\"]\n    }\n  }\n}", "input_artifacts = [\"built\"]\n    }\n  }\n}", 0),
    ("PL013", Bad, "CHANGE_SET_EXECUTE", "CREATE_UPDATE", 0),
    (
        "PL013",
        Bad,
        "ChangeSetName = \"next\"\n      }\n    }\n  }\n}",
        "ChangeSetName = \"other\"\n      }\n    }\n  }\n}",
        0,
    ),
    ("PL014", Good, "on_failure {", "on_success {", 1),
    ("PL014", Bad, "pipeline_type = \"V2\"", "pipeline_type = var.type", 0),
    ("PL010", Bad, "\"Production\"", "\"Staging\"", 0),
    ("PL010", Good, "execution_mode = \"QUEUED\"", "execution_mode = \"PARALLEL\"", 0),
    ("PL010", Good, "execution_mode = \"QUEUED\"", "execution_mode = \"SUPERSEDED\"", 1),
    (
        "PL011",
        Bad,
        "version  = \"1\"\n    }\n  }\n\n  stage {\n    name = \"Deploy\"",
        "version  = \"1\"\n      configuration = var.approval\n    }\n  }\n\n  stage {\n    name = \"Deploy\"",
        0,
    ),
    ("PL011", Good, "NotificationArn = aws_sns_topic.alerts.arn", "CustomData = \"look\"", 1),
    ("PL012", Bad, "name = \"Deploy\"", "name = \"Test\"", 0),
    ("PL012", Good, "CREATE_UPDATE", "REPLACE_ON_FAILURE", 1),
    ("PL015", Bad, "\"latest\"", "var.tag", 0),
    ("PL015", Good, "        ImageTag       = \"release\"\n", "", 1),
    ("PL016", Good, "ci/buildspec.yml", "version: 0.2", 1),
    ("PL016", Bad, "\"version: 0.2\\nphases:\\n  build:\\n    commands: [make]\\n\"", "var.buildspec", 0),
    ("PL017", Bad, "AllowOverrideForS3ObjectKey = \"true\"", "AllowOverrideForS3ObjectKey = \"false\"", 0),
    ("PL018", Bad, "reason     = \"\"", "reason     = var.reason", 0),
    ("PL018", Good, "Frozen until the audit of March is over", "todo", 1),
    ("PL019", Bad, "pull_request {", "pull_request {\n        events = [\"CLOSED\"]", 0),
    ("PL019", Bad, "category = \"Deploy\"", "category = \"Test\"", 0),
    ("PL020", Bad, "OpsWorks", "ECS", 0),
    ("PL021", Good, "PascalCase", "kebab-case", 2),
    ("PL022", Good, "owner = \"shop-team\"", "Owner = \"shop-team\"", 1),
    ("PL022", Good, "{\n    owner = \"shop-team\"\n  }", "var.tags", 0),
    ("IAM004", Bad, "arn:aws:s3:::shop-artifacts/*", "arn:aws:s3:::*", 0),
    ("IAM004", Bad, "\"s3:ListBucket\"", "\"s3:List*\"", 0),
    ("IAM004", Good, "\"arn:aws:s3:::shop-artifacts\", ", "", 1),
    ("IAM007", Bad, "role/*", "role/other", 0),
    ("IAM007", Bad, "Effect   = \"Allow\"", "Effect   = \"Deny\"", 0),
    // All that one broad action opens is one thing to repair; with another it is a second one.
    ("IAM007", Bad, "\"iam:PutRolePolicy\"", "\"iam:*\"", 1),
    (
        "IAM007",
        Bad,
        "\"iam:PutRolePolicy\"\n      Resource = \"arn:aws:iam::111122223333:role/*\"",
        "[\"iam:*\", \"ec2:*\"]\n      Resource = \"*\"",
        2,
    ),
    ("IAM008", Bad, "function:shop", "function:other", 0),
    ("IAM011", Bad, "\"codebuild.amazonaws.com\"", "var.service", 0),
    ("IAM011", Bad, "\"codebuild.amazonaws.com\"", "[\"codebuild.amazonaws.com\", \"codepipeline.amazonaws.com\"]", 0),
    ("IAM011", Good, "\"Allow\"", "\"Deny\"", 1),
    ("IAM015", Bad, "policy/AdministratorAccess", "policy/AdministratorAccess-Amplify", 0),
    ("IAM015", Good, "AWSCodeDeployDeployerAccess", "PowerUserAccess", 1),
    ("IAM019", Good, "range(30)", "range(300)", 1),
    ("IAM020", Good, "role/blog-pipeline", "role/shop-pipeline", 2),
    ("IAM021", Good, "shop-artifacts/*", "shop-site/*", 1),
    ("S3001", Good, "restrict_public_buckets = true", "restrict_public_buckets = false", 1),
    ("S3001", Good, "restrict_public_buckets = true", "restrict_public_buckets = var.restrict", 0),
    ("S3003", Bad, "444455556666", "111122223333", 0),
    ("S3010", Bad, "RSA_2048", "SYMMETRIC_DEFAULT", 0),
    ("S3012", Good, "aws_s3_bucket.artifacts.id", "\"other\"", 1),
    ("S3005", Good, "\"Enabled\"", "\"Suspended\"", 1),
    ("S3005", Good, "\"Enabled\"", "var.status", 0),
    ("S3006", Good, "status = \"Enabled\"", "status = \"Disabled\"", 1),
    ("S3007", Bad, "days = 3", "days = 7", 0),
    ("S3007", Good, "days = 30", "days = 6", 1),
    ("S3008", Bad, "region = \"us-east-1\"", "region = var.region", 0),
    ("S3009", Bad, "444455556666", "111122223333", 0),
    ("S3009", Good, "iam::444455556666:role/deploy\" }", "iam::777788889999:role/deploy\" }", 1),
    ("S3011", Good, "enable_key_rotation = true", "enable_key_rotation = var.rotate", 0),
    ("S3011", Good, "enable_key_rotation = true", "enable_key_rotation = false", 1),
    ("S3013", Bad, "Effect    = \"Allow\"", "Effect    = \"Deny\"", 0),
    (
        "S3013",
        Bad,
        "Principal = \"*\"",
        "Principal = \"*\"\n      Condition = { StringEquals = { \"aws:PrincipalOrgID\" = \"o-1\" } }",
        0,
    ),
    ("S3014", Bad, "force_destroy = true", "force_destroy = var.force", 0),
    ("S3014", Bad, "\"Production\"", "\"Test\"", 0),
    ("EV001", Good, "state = [\"FAILED\"]", "state = [\"SUCCEEDED\"]", 1),
    ("EV001", Good, "state = [\"FAILED\"]", "state = [{ \"anything-but\" = [\"SUCCEEDED\"] }]", 0),
    ("EV001", Good, "state = [\"FAILED\"]", "pipeline = [\"blog\"]", 1),
    ("EV003", Good, "events.amazonaws.com", "sns.amazonaws.com", 1),
    ("EV003", Good, "\"sns:Publish\"", "\"SNS:Publish\"", 0),
    (
        "EV004",
        Bad,
        "arn  = aws_sns_topic.alerts.arn\n",
        "arn  = aws_sns_topic.alerts.arn\n  dynamic \"dead_letter_config\" {\n    for_each = var.queues\n    content {\n      arn = dead_letter_config.value\n    }\n  }\n",
        0,
    ),
    (
        "EV011",
        Good,
        "topic_arn = aws_sns_topic.alerts.arn",
        "topic_arn = \"arn:aws:sns:eu-west-1:111122223333:other\"",
        1,
    ),
    ("EV011", Good, "topic_arn = aws_sns_topic.alerts.arn", "topic_arn = var.topic", 0),
    ("EV005", Good, "aws:SourceArn", "aws:PrincipalArn", 1),
    ("EV006", Good, "referenceName = [\"main\"]", "referenceName = [{ prefix = \"ma\" }]", 0),
    ("EV006", Good, "[\"main\"]", "[\"main\", \"master\"]", 0),
    ("EV006", Bad, "[\"master\"]", "[var.branch]", 0),
    ("EV007", Good, "eventbridge = true", "eventbridge = false", 1),
    ("EV007", Good, "eventbridge = true", "eventbridge = var.on", 0),
    ("EV007", Bad, "Object Created", "Object Deleted", 0),
    ("EV008", Good, "WriteOnly", "ReadOnly", 1),
    ("EV009", Good, "count = 5", "count = 6", 1),
    ("EV010", Good, "$.detail.pipeline\"", "$.detail.state\"", 0),
    ("EV010", Good, "<pipeline> failed", "<Pipeline> failed", 1),
    (
        "EV012",
        Good,
        "Resource = \"arn:aws:codepipeline:eu-west-1:111122223333:shop\"",
        "Resource = \"arn:aws:codepipeline:eu-west-1:111122223333:*\"",
        1,
    ),
    ("EV012", Bad, "Effect = \"Allow\"", "Effect = \"Deny\"", 0),
    ("CT001", Good, "is_multi_region_trail = true", "is_multi_region_trail = var.all", 0),
    ("CT001", Good, "is_multi_region_trail = true", "is_multi_region_trail = false", 1),
    ("CT002", Good, "enable_log_file_validation = true", "enable_log_file_validation = var.on", 0),
    ("CT002", Good, "enable_log_file_validation = true", "enable_log_file_validation = false", 1),
    ("CT003", Good, "aws_kms_key.trail.arn", "null", 1),
    ("CT004", Good, "${aws_s3_bucket.artifacts.arn}/", "arn:aws:s3:::other/", 1),
    ("CT005", Bad, "/aws/codepipeline/", "/aws/lambda/", 0),
    ("IGN001", Good, "billed by pipeline until the contract ends", "", 1),
    ("IGN002", Bad, "pipeline_type = \"V2\"", "pipeline_type = \"V1\"", 0),
];

const DECLARED: &[&str] = &[
    "more",
    "category",
    "artifact",
    "inputs",
    "project",
    "buildspec",
    "type",
    "mode",
    "action",
    "region",
    "poll",
    "arn",
    "token",
    "owner",
    "approval",
    "tag",
    "reason",
    "tags",
    "service",
    "restrict",
    "status",
    "queues",
    "topic",
    "rotate",
    "force",
    "branch",
    "on",
    "all",
];

fn changed(text: &str) -> String {
    let mut out = text.to_owned();
    let mut declared = String::new();
    for name in DECLARED.iter().filter(|name| text.contains(&format!("var.{name}"))) {
        if !text.contains(&format!("variable \"{name}\"")) {
            declared.push_str(&format!("\nvariable \"{name}\" {{}}\n"));
        }
    }
    // Declarations belong into the first file of the example.
    let at = out.find("# file: ").unwrap_or(out.len());
    out.insert_str(at, &declared);
    out
}

#[test]
fn one_step_beside_its_example_a_rule_says_what_it_should() {
    let mut wrong = Vec::new();
    for (id, of, from, to, count) in CHANGES {
        let rule = lint::find(id).unwrap();
        let example = if *of == Bad { rule.bad } else { rule.good };
        if !example.contains(from) {
            wrong.push(format!("{id}: the example has no {from:?}:\n{example}"));
            continue;
        }
        let said = findings(id, &changed(&example.replacen(from, to, 1)));
        if said.len() != *count {
            wrong.push(format!("{id} {of:?}, {from:?} to {to:?}: {count} expected, said {said:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), CHANGES.len(), wrong.join("\n\n"));
}

/// Rules whose near misses are whole texts, in the files beside this one.
const ELSEWHERE: &[&str] = &[
    "EV002", "IAM001", "IAM002", "IAM003", "IAM005", "IAM006", "IAM009", "IAM010", "IAM012", "IAM013", "IAM014",
    "IAM016", "IAM017", "IAM018", "IAM022", "IAM023", "S3002", "S3004", "S3015", "EV013",
];

#[test]
fn every_rule_has_near_misses() {
    let texts = [
        include_str!("near_misses.rs"),
        include_str!("permissions.rs"),
        include_str!("repairs.rs"),
        include_str!("owners.rs"),
    ]
    .concat();
    let mut seen: BTreeSet<&str> = CHANGES.iter().map(|c| c.0).collect();
    seen.extend(ELSEWHERE.iter().filter(|id| texts.contains(&format!("\"{id}\""))));
    let without: Vec<&str> = lint::rules().map(|r| r.id).filter(|id| !seen.contains(id)).collect();
    assert_eq!(without, Vec::<&str>::new());
}
