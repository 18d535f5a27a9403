# A release pipeline in one plain file: no modules, nothing hidden.
#
# Tags and release branches start it. Executions queue up instead of overtaking each other, approvers are asked in working
# hours only, and a variable turns a run into a rehearsal that ends before production.

terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

provider "aws" {
  default_tags {
    tags = {
      Project = var.name
    }
  }
}

# What can be set ------------------------------------------------------------------------------------------------------

variable "name" {
  description = "Name of the pipeline and prefix of everything around it."
  type        = string
  default     = "release"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.name))
    error_message = "Use 3 to 20 lower-case letters, digits and hyphens, starting with a letter."
  }
}

variable "source_provider" {
  description = "Where the repository lives: GitHub, GitLab or Bitbucket."
  type        = string
  default     = "GitLab"

  validation {
    condition     = contains(["GitHub", "GitLab", "Bitbucket"], var.source_provider)
    error_message = "Choose GitHub, GitLab or Bitbucket."
  }
}

variable "repository" {
  description = "Repository to deliver, as group/name. GitLab allows nested groups."
  type        = string
  default     = "example/shop"

  validation {
    condition     = can(regex("^[^/[:space:]]+(/[^/[:space:]]+)+$", var.repository))
    error_message = "Write the repository as group/name."
  }
}

variable "branch" {
  description = "Branch that is delivered when the pipeline is started by hand."
  type        = string
  default     = "main"
}

variable "release_tags" {
  description = "Patterns of the git tags that start a release."
  type        = list(string)
  default     = ["v*"]

  validation {
    condition     = length(var.release_tags) >= 1 && length(var.release_tags) <= 8
    error_message = "A trigger takes 1 to 8 patterns."
  }
}

variable "artifact_days" {
  description = "Days for which artifacts are kept."
  type        = number
  default     = 30
}

variable "approval_days" {
  description = "Days for which an approval waits for an answer."
  type        = number
  default     = 5
}

variable "release_window" {
  description = "When approvers may be asked: a cron expression with seconds first, and its time zone."
  type = object({
    cron      = string
    time_zone = optional(string, "UTC")
  })
  default = {
    cron = "* * 8-16 ? * MON-THU"
  }

  validation {
    condition     = contains([6, 7], length(split(" ", var.release_window.cron)))
    error_message = "The cron expression has six fields, seconds first, and may have a seventh for the year."
  }
}

variable "alert_email" {
  description = "Who hears of failures and approvals. Nobody when left out."
  type        = string
  default     = null
}

# Names and ARNs -------------------------------------------------------------------------------------------------------

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  region     = data.aws_region.current.name
  in_region  = "${local.region}:${local.account_id}"

  project_arn = "arn:${local.partition}:codebuild:${local.in_region}:project/${var.name}"
  rule_arn    = "arn:${local.partition}:events:${local.in_region}:rule/${var.name}-not-delivered"
  topic_arn   = "arn:${local.partition}:sns:${local.in_region}:${var.name}-notices"
  log_group   = "/aws/codebuild/${var.name}"

  # One project serves both actions; each passes what to do.
  jobs = {
    build = [{ name = "JOB", value = "build" }, { name = "VERSION", value = "#{Commit.CommitId}" }]
    test  = [{ name = "JOB", value = "test" }]
  }

  # Artifacts go away by themselves, releases stay.
  buckets = {
    artifacts = { expiration_days = var.artifact_days }
    releases  = { expiration_days = null }
  }
}

# The key: artifacts, logs and notices ---------------------------------------------------------------------------------

data "aws_iam_policy_document" "key" {
  statement {
    sid       = "IamInThisAccountDecides"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:${local.partition}:iam::${local.account_id}:root"]
    }
  }

  statement {
    sid       = "RulePublishesEncrypted"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "kms:EncryptionContext:aws:sns:topicArn"
      values   = [local.topic_arn]
    }
  }

  statement {
    sid       = "LogsEncrypt"
    actions   = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["logs.${local.region}.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "kms:EncryptionContext:aws:logs:arn"
      values   = ["arn:${local.partition}:logs:${local.in_region}:log-group:${local.log_group}"]
    }
  }
}

resource "aws_kms_key" "release" {
  description             = "Encrypts artifacts, logs and notices of ${var.name}"
  enable_key_rotation     = true
  deletion_window_in_days = 7
  policy                  = data.aws_iam_policy_document.key.json
}

resource "aws_kms_alias" "release" {
  name          = "alias/${var.name}"
  target_key_id = aws_kms_key.release.key_id
}

# The buckets ----------------------------------------------------------------------------------------------------------

resource "aws_s3_bucket" "this" {
  for_each = local.buckets

  bucket = "${var.name}-${each.key}-${local.account_id}-${local.region}"
}

resource "aws_s3_bucket_public_access_block" "this" {
  for_each = aws_s3_bucket.this

  bucket                  = each.value.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_versioning" "this" {
  for_each = aws_s3_bucket.this

  bucket = each.value.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  for_each = aws_s3_bucket.this

  bucket = each.value.id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.release.arn
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  for_each = local.buckets

  bucket = aws_s3_bucket_versioning.this[each.key].bucket

  rule {
    id     = "clean-up"
    status = "Enabled"

    filter {}

    dynamic "expiration" {
      for_each = each.value.expiration_days[*]

      content {
        days = expiration.value
      }
    }

    noncurrent_version_expiration {
      noncurrent_days = 7
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }

  lifecycle {
    precondition {
      condition     = var.artifact_days > var.approval_days
      error_message = "Artifacts expire after ${var.artifact_days} days, but an approval waits for up to ${var.approval_days}: the release would find its artifact gone."
    }
  }
}

data "aws_iam_policy_document" "bucket" {
  for_each = aws_s3_bucket.this

  statement {
    sid       = "DenyPlainHttp"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [each.value.arn, "${each.value.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_s3_bucket_policy" "this" {
  for_each = aws_s3_bucket_public_access_block.this

  bucket = each.value.bucket
  policy = data.aws_iam_policy_document.bucket[each.key].json
}

# The builds -----------------------------------------------------------------------------------------------------------

resource "aws_cloudwatch_log_group" "build" {
  name              = local.log_group
  retention_in_days = 30
  kms_key_id        = aws_kms_key.release.arn
}

data "aws_iam_policy_document" "build_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["codebuild.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account_id]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [local.project_arn]
    }
  }
}

# Both roles move artifacts of this one pipeline: the folder carries its name.
data "aws_iam_policy_document" "move_artifacts" {
  statement {
    sid       = "MoveArtifacts"
    actions   = ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"]
    resources = ["${aws_s3_bucket.this["artifacts"].arn}/${var.name}/*"]
  }

  statement {
    sid       = "FindArtifactKey"
    actions   = ["kms:DescribeKey"]
    resources = [aws_kms_key.release.arn]
  }

  statement {
    sid       = "UseArtifactKeyThroughS3"
    actions   = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"]
    resources = [aws_kms_key.release.arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["s3.${local.region}.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "build" {
  source_policy_documents = [data.aws_iam_policy_document.move_artifacts.json]

  statement {
    sid       = "WriteLogs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.build.arn}:*"]
  }
}

resource "aws_iam_role" "build" {
  name               = "${var.name}-build"
  description        = "CodeBuild runs the jobs of ${var.name} with it"
  assume_role_policy = data.aws_iam_policy_document.build_trust.json
}

resource "aws_iam_role_policy" "build" {
  name   = "work"
  role   = aws_iam_role.build.id
  policy = data.aws_iam_policy_document.build.json
}

resource "aws_codebuild_project" "release" {
  name           = var.name
  description    = "Runs the job that the action names in JOB"
  service_role   = aws_iam_role.build.arn
  encryption_key = aws_kms_key.release.arn
  build_timeout  = 20
  queued_timeout = 60

  source {
    type      = "CODEPIPELINE"
    buildspec = "buildspec.yml"
  }

  artifacts {
    type = "CODEPIPELINE"
  }

  environment {
    type         = "ARM_CONTAINER"
    compute_type = "BUILD_GENERAL1_SMALL"
    image        = "aws/codebuild/amazonlinux-aarch64-standard:3.0"
  }

  logs_config {
    cloudwatch_logs {
      group_name = aws_cloudwatch_log_group.build.name
    }
  }

  depends_on = [aws_iam_role_policy.build]
}

# The pipeline ---------------------------------------------------------------------------------------------------------

resource "aws_codestarconnections_connection" "source" {
  name          = var.name
  provider_type = var.source_provider
}

data "aws_iam_policy_document" "pipeline_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["codepipeline.amazonaws.com"]
    }

    # AWS does not document this key for CodePipeline: drop it if CreatePipeline answers that the role cannot be assumed.
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account_id]
    }
  }
}

data "aws_iam_policy_document" "pipeline" {
  source_policy_documents = [data.aws_iam_policy_document.move_artifacts.json]

  statement {
    sid       = "UploadSourceWithAcl"
    actions   = ["s3:PutObjectAcl"]
    resources = ["${aws_s3_bucket.this["artifacts"].arn}/${var.name}/*"]
  }

  statement {
    sid       = "SeeBuckets"
    actions   = ["s3:GetBucketAcl", "s3:GetBucketLocation", "s3:GetBucketVersioning"]
    resources = [for bucket in aws_s3_bucket.this : bucket.arn]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceAccount"
      values   = [local.account_id]
    }
  }

  # The service was renamed; both names are asked for.
  statement {
    sid       = "UseConnection"
    actions   = ["codeconnections:UseConnection", "codestar-connections:UseConnection"]
    resources = [aws_codestarconnections_connection.source.arn]
  }

  statement {
    sid       = "RunBuilds"
    actions   = ["codebuild:BatchGetBuilds", "codebuild:StartBuild", "codebuild:StopBuild"]
    resources = [aws_codebuild_project.release.arn]
  }

  statement {
    sid       = "WriteReleases"
    actions   = ["s3:PutObject"]
    resources = ["${aws_s3_bucket.this["releases"].arn}/${var.name}/*"]
  }

  statement {
    sid       = "AskForApproval"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.notices.arn]
  }

  statement {
    sid       = "UseTopicKeyThroughSns"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [aws_kms_key.release.arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["sns.${local.region}.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "pipeline" {
  name               = "${var.name}-pipeline"
  description        = "CodePipeline runs ${var.name} with it"
  assume_role_policy = data.aws_iam_policy_document.pipeline_trust.json
}

resource "aws_iam_role_policy" "pipeline" {
  name   = "work"
  role   = aws_iam_role.pipeline.id
  policy = data.aws_iam_policy_document.pipeline.json
}

resource "aws_codepipeline" "release" {
  name           = var.name
  role_arn       = aws_iam_role.pipeline.arn
  pipeline_type  = "V2"
  execution_mode = "QUEUED"

  artifact_store {
    type     = "S3"
    location = aws_s3_bucket_policy.this["artifacts"].bucket

    encryption_key {
      type = "KMS"
      id   = aws_kms_key.release.arn
    }
  }

  variable {
    name          = "rehearsal"
    default_value = "no"
  }

  # Two ways in: a release tag, or a push to a release branch that changes more than words.
  trigger {
    provider_type = "CodeStarSourceConnection"

    git_configuration {
      source_action_name = "Repository"

      push {
        tags {
          includes = var.release_tags
          excludes = ["*-rc*"]
        }
      }

      push {
        branches {
          includes = ["release/**"]
        }

        file_paths {
          excludes = ["docs/**", "**.md"]
        }
      }
    }
  }

  stage {
    name = "Source"

    action {
      name             = "Repository"
      category         = "Source"
      owner            = "AWS"
      provider         = "CodeStarSourceConnection"
      version          = "1"
      namespace        = "Commit"
      output_artifacts = ["source"]

      configuration = {
        ConnectionArn        = aws_codestarconnections_connection.source.arn
        FullRepositoryId     = var.repository
        BranchName           = var.branch
        OutputArtifactFormat = "CODE_ZIP"
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
      run_order        = 1
      input_artifacts  = ["source"]
      output_artifacts = ["package"]

      configuration = {
        ProjectName          = aws_codebuild_project.release.name
        EnvironmentVariables = jsonencode(local.jobs.build)
      }
    }

    action {
      name            = "Test"
      category        = "Test"
      owner           = "AWS"
      provider        = "CodeBuild"
      version         = "1"
      run_order       = 2
      input_artifacts = ["source", "package"]

      configuration = {
        ProjectName          = aws_codebuild_project.release.name
        PrimarySource        = "source"
        EnvironmentVariables = jsonencode(local.jobs.test)
      }
    }

    on_failure {
      result = "RETRY"

      retry_configuration {
        retry_mode = "FAILED_ACTIONS"
      }
    }
  }

  stage {
    name = "Approval"

    # Outside working hours nobody is asked: the stage fails and can be retried in the morning.
    before_entry {
      condition {
        result = "FAIL"

        rule {
          name = "WorkingHours"

          rule_type_id {
            category = "Rule"
            owner    = "AWS"
            provider = "DeploymentWindow"
            version  = "1"
          }

          configuration = {
            Cron     = var.release_window.cron
            TimeZone = var.release_window.time_zone
          }
        }
      }
    }

    action {
      name               = "Release"
      category           = "Approval"
      owner              = "AWS"
      provider           = "Manual"
      version            = "1"
      timeout_in_minutes = var.approval_days * 24 * 60

      configuration = {
        NotificationArn = aws_sns_topic_policy.notices.arn
        CustomData      = "Release #{Commit.CommitId} by #{Commit.AuthorDisplayName}? Rehearsal: #{variables.rehearsal}"
      }
    }
  }

  stage {
    name = "Production"

    # A rehearsal ends here: when the variable says something else than "no", the stage is skipped.
    before_entry {
      condition {
        result = "SKIP"

        rule {
          name = "NotARehearsal"

          rule_type_id {
            category = "Rule"
            owner    = "AWS"
            provider = "VariableCheck"
            version  = "1"
          }

          configuration = {
            Variable = "#{variables.rehearsal}"
            Operator = "EQ"
            Value    = "no"
          }
        }
      }
    }

    action {
      name            = "Publish"
      category        = "Deploy"
      owner           = "AWS"
      provider        = "S3"
      version         = "1"
      input_artifacts = ["package"]

      configuration = {
        BucketName = aws_s3_bucket_policy.this["releases"].bucket
        Extract    = "false"
        ObjectKey  = "${var.name}/#{Commit.CommitId}.zip"
      }
    }

    on_failure {
      result = "ROLLBACK"
    }
  }

  depends_on = [
    aws_iam_role_policy.pipeline,
    aws_s3_bucket_server_side_encryption_configuration.this,
    aws_s3_bucket_versioning.this,
  ]

  lifecycle {
    precondition {
      condition     = alltrue([for job in values(local.jobs) : length(jsonencode(job)) <= 1000])
      error_message = "A configuration value of an action has at most 1000 characters: pass less to the jobs."
    }

    precondition {
      condition     = var.approval_days * 24 * 60 <= 86400 && var.approval_days >= 1
      error_message = "An approval waits for 1 to 60 days."
    }
  }
}

# Who is told ----------------------------------------------------------------------------------------------------------

resource "aws_sns_topic" "notices" {
  name              = "${var.name}-notices"
  kms_master_key_id = aws_kms_key.release.arn
}

data "aws_iam_policy_document" "notices" {
  statement {
    sid       = "RulePublishes"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.notices.arn]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [local.rule_arn]
    }
  }

  statement {
    sid       = "DenyPlainHttp"
    effect    = "Deny"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.notices.arn]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_sns_topic_policy" "notices" {
  arn    = aws_sns_topic.notices.arn
  policy = data.aws_iam_policy_document.notices.json
}

resource "aws_sns_topic_subscription" "notices" {
  count = var.alert_email == null ? 0 : 1

  topic_arn = aws_sns_topic.notices.arn
  protocol  = "email"
  endpoint  = var.alert_email
}

resource "aws_cloudwatch_event_rule" "not_delivered" {
  name        = "${var.name}-not-delivered"
  description = "An execution of ${var.name} ended without a release"

  # CANCELED with one L: that is how events spell it.
  event_pattern = jsonencode({
    source        = ["aws.codepipeline"]
    "detail-type" = ["CodePipeline Pipeline Execution State Change"]
    detail = {
      pipeline = [aws_codepipeline.release.name]
      state    = ["FAILED", "CANCELED", "STOPPED"]
    }
  })
}

resource "aws_cloudwatch_event_target" "not_delivered" {
  rule      = aws_cloudwatch_event_rule.not_delivered.name
  target_id = "sns"
  arn       = aws_sns_topic_policy.notices.arn

  input_transformer {
    input_paths = {
      pipeline  = "$.detail.pipeline"
      execution = "$.detail.execution-id"
      state     = "$.detail.state"
      time      = "$.time"
    }

    input_template = "\"Pipeline <pipeline> ended with <state> at <time> (execution <execution>).\""
  }
}

# What to look at afterwards -------------------------------------------------------------------------------------------

output "pipeline_arn" {
  description = "ARN of the pipeline."
  value       = aws_codepipeline.release.arn
}

output "connection_arn" {
  description = "ARN of the connection. It waits in state PENDING until somebody completes it in the console."
  value       = aws_codestarconnections_connection.source.arn
}

output "rehearse" {
  description = "Command that starts a rehearsal."
  value       = "aws codepipeline start-pipeline-execution --name ${aws_codepipeline.release.name} --variables name=rehearsal,value=yes"
}

output "releases" {
  description = "Where releases are found."
  value       = "s3://${aws_s3_bucket.this["releases"].bucket}/${var.name}/"
}
