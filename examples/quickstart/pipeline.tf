# The pipeline: source, build, two checks side by side, then a change set that somebody has to approve.

module "pipeline_role" {
  source = "./modules/service-role"

  name                 = "${var.name}-pipeline"
  service              = "codepipeline"
  trust_source_account = var.trust_source_account

  artifacts = {
    bucket_arn    = module.artifacts.arn
    pipeline_name = var.name
    kms_key_arn   = module.artifacts.kms_key_arn
  }

  connection_arns    = [aws_codestarconnections_connection.github.arn]
  codebuild_projects = [for project in aws_codebuild_project.this : { arn = project.arn }]
  approval_topics    = [{ arn = aws_sns_topic.approvals.arn, kms_key_arn = aws_kms_key.this.arn }]
  s3_deployments     = [{ bucket_arn = local.site_bucket_arn }]

  cloudformation_stacks = [{
    name             = local.stack_name
    action_modes     = ["CHANGE_SET_REPLACE", "CHANGE_SET_EXECUTE"]
    change_set_names = ["${local.stack_name}-release"]
    role_arn         = module.stack_role.arn
  }]
}

# What app/template.yml may do: keep one bucket.
module "stack_role" {
  source = "./modules/service-role"

  name                 = "${var.name}-stack"
  service              = "cloudformation"
  trust_source_account = var.trust_source_account

  additional_statements = [{
    sid = "KeepSiteBucket"
    actions = [
      "s3:CreateBucket", "s3:DeleteBucket", "s3:DeleteBucketPolicy", "s3:GetBucketPolicy", "s3:GetBucketPublicAccessBlock",
      "s3:GetBucketTagging", "s3:GetBucketVersioning", "s3:GetEncryptionConfiguration", "s3:ListBucket", "s3:PutBucketPolicy",
      "s3:PutBucketPublicAccessBlock", "s3:PutBucketTagging", "s3:PutBucketVersioning", "s3:PutEncryptionConfiguration",
    ]
    resources = [local.site_bucket_arn]
  }]
}

resource "aws_codepipeline" "this" {
  name           = var.name
  role_arn       = module.pipeline_role.arn
  pipeline_type  = "V2"
  execution_mode = "QUEUED"

  artifact_store {
    type     = "S3"
    location = module.artifacts.name

    encryption_key {
      type = "KMS"
      id   = module.artifacts.kms_key_arn
    }
  }

  trigger {
    provider_type = "CodeStarSourceConnection"

    git_configuration {
      source_action_name = "GitHub"

      push {
        branches {
          includes = [var.branch]
        }
      }
    }
  }

  stage {
    name = "Source"

    action {
      name             = "GitHub"
      category         = "Source"
      owner            = "AWS"
      provider         = "CodeStarSourceConnection"
      version          = "1"
      namespace        = "Commit"
      output_artifacts = ["source"]

      configuration = {
        ConnectionArn    = aws_codestarconnections_connection.github.arn
        FullRepositoryId = var.repository
        BranchName       = var.branch
      }
    }
  }

  stage {
    name = "Build"

    action {
      name             = "Build"
      category         = "Build"
      owner            = "AWS"
      provider         = "CodeBuild"
      version          = "1"
      input_artifacts  = ["source"]
      output_artifacts = ["site"]

      configuration = {
        ProjectName = aws_codebuild_project.this["build"].name
      }
    }
  }

  # Equal run orders: both checks run at the same time.
  stage {
    name = "Test"

    action {
      name            = "Lint"
      category        = "Test"
      owner           = "AWS"
      provider        = "CodeBuild"
      version         = "1"
      run_order       = 1
      input_artifacts = ["source"]

      configuration = {
        ProjectName = aws_codebuild_project.this["lint"].name
      }
    }

    action {
      name            = "Test"
      category        = "Test"
      owner           = "AWS"
      provider        = "CodeBuild"
      version         = "1"
      run_order       = 1
      input_artifacts = ["source", "site"]

      # The test is written in the sources and looks at what was built from them.
      configuration = {
        ProjectName   = aws_codebuild_project.this["test"].name
        PrimarySource = "source"
      }
    }

    on_failure {
      result = "RETRY"

      retry_configuration {
        retry_mode = "FAILED_ACTIONS"
      }
    }
  }

  # The change set is made first, so that the approver sees what will change.
  stage {
    name = "Deploy"

    action {
      name            = "PrepareChangeSet"
      category        = "Deploy"
      owner           = "AWS"
      provider        = "CloudFormation"
      version         = "1"
      run_order       = 1
      input_artifacts = ["source"]

      configuration = {
        ActionMode         = "CHANGE_SET_REPLACE"
        StackName          = local.stack_name
        ChangeSetName      = "${local.stack_name}-release"
        RoleArn            = module.stack_role.arn
        TemplatePath       = "source::template.yml"
        ParameterOverrides = jsonencode({ BucketName = local.site_bucket })
      }
    }

    action {
      name               = "Approve"
      category           = "Approval"
      owner              = "AWS"
      provider           = "Manual"
      version            = "1"
      run_order          = 2
      timeout_in_minutes = 3 * 24 * 60

      configuration = {
        NotificationArn    = aws_sns_topic_policy.approvals.arn
        CustomData         = "Release #{Commit.CommitId} by #{Commit.AuthorDisplayName}: #{Commit.CommitMessage}"
        ExternalEntityLink = "https://github.com/${var.repository}/commit/#{Commit.CommitId}"
      }
    }

    action {
      name      = "ExecuteChangeSet"
      category  = "Deploy"
      owner     = "AWS"
      provider  = "CloudFormation"
      version   = "1"
      run_order = 3

      configuration = {
        ActionMode    = "CHANGE_SET_EXECUTE"
        StackName     = local.stack_name
        ChangeSetName = "${local.stack_name}-release"
      }
    }

    action {
      name            = "UploadSite"
      category        = "Deploy"
      owner           = "AWS"
      provider        = "S3"
      version         = "1"
      run_order       = 4
      input_artifacts = ["site"]

      configuration = {
        BucketName = local.site_bucket
        Extract    = "true"
      }
    }

    on_failure {
      result = "ROLLBACK"
    }
  }
}
