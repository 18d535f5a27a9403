//! Parts that the examples of rules share, so that each shows only what it is about.

/// A pipeline `shop` of these stages and blocks.
macro_rules! pipeline {
    ($($part:expr),* $(,)?) => {
        concat!(
            "resource \"aws_codepipeline\" \"shop\" {\n  name     = \"shop\"\n  role_arn = aws_iam_role.shop.arn\n\n",
            "  artifact_store {\n    type     = \"S3\"\n    location = \"shop-artifacts\"\n  }\n",
            $("\n", $part,)*
            "}\n"
        )
    };
}

/// A pipeline `shop` of type V2 of these stages and blocks.
macro_rules! pipeline_v2 {
    ($($part:expr),* $(,)?) => { pipeline!("  pipeline_type = \"V2\"\n", $($part,)*) };
}

/// A stage of these actions.
macro_rules! stage {
    ($name:literal $(, $part:expr)* $(,)?) => {
        concat!("  stage {\n    name = \"", $name, "\"\n", $("\n", $part,)* "  }\n")
    };
}

/// An action; the last part is what stands beside its type.
macro_rules! action {
    ($name:literal, $category:literal, $owner:literal, $provider:literal, $rest:expr) => {
        concat!(
            "    action {\n      name     = \"",
            $name,
            "\"\n      category = \"",
            $category,
            "\"\n      owner    = \"",
            $owner,
            "\"\n      provider = \"",
            $provider,
            "\"\n      version  = \"1\"\n",
            $rest,
            "    }\n"
        )
    };
}

/// A source action that takes commits through a connection and makes the artifact `source`.
macro_rules! connected {
    () => {
        action!(
            "Code",
            "Source",
            "AWS",
            "CodeStarSourceConnection",
            "      output_artifacts = [\"source\"]\n      configuration = {\n        ConnectionArn    = aws_codestarconnections_connection.github.arn\n        FullRepositoryId = \"acme/shop\"\n        BranchName       = \"main\"\n      }\n"
        )
    };
}

/// A stage with such a source action.
macro_rules! source {
    () => {
        stage!("Source", connected!())
    };
}

/// A stage that builds `source` into `built`.
macro_rules! build {
    () => {
        stage!(
            "Build",
            action!(
                "Build",
                "Build",
                "AWS",
                "CodeBuild",
                "      input_artifacts  = [\"source\"]\n      output_artifacts = [\"built\"]\n      configuration = {\n        ProjectName = \"shop\"\n      }\n"
            )
        )
    };
}

/// An action that deploys `built`.
macro_rules! ecs {
    () => {
        action!(
            "Ecs",
            "Deploy",
            "AWS",
            "ECS",
            "      input_artifacts = [\"built\"]\n      configuration = {\n        ClusterName = \"shop\"\n        ServiceName = \"shop\"\n      }\n"
        )
    };
}

/// An action that waits for approval and tells a topic.
macro_rules! approval {
    () => {
        action!(
            "Approve",
            "Approval",
            "AWS",
            "Manual",
            "      configuration = {\n        NotificationArn = aws_sns_topic.alerts.arn\n      }\n"
        )
    };
}
