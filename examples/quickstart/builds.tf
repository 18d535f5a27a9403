# The builds: one project per job, each with a log group that forgets and the smallest role that does the job.

locals {
  projects = {
    build = {
      description = "Builds the site"
      buildspec   = "ci/build.yml"
      minutes     = 15
    }
    lint = {
      description = "Checks the sources"
      buildspec   = "ci/lint.yml"
      minutes     = 10
    }
    test = {
      description = "Tests what was built"
      buildspec   = "ci/test.yml"
      minutes     = 20
    }
  }
}

resource "aws_cloudwatch_log_group" "build" {
  for_each = local.projects

  name              = local.log_group_names[each.key]
  retention_in_days = var.log_retention_days
  kms_key_id        = aws_kms_key.this.arn
}

# Only the build writes an artifact; the checks read.
module "build_role" {
  source   = "./modules/service-role"
  for_each = local.projects

  name              = "${var.name}-${each.key}"
  service           = "codebuild"
  trust_source_arns = [local.project_arns[each.key]]

  artifacts = {
    bucket_arn    = module.artifacts.arn
    pipeline_name = var.name
    kms_key_arn   = module.artifacts.kms_key_arn
    access        = each.key == "build" ? "read-write" : "read"
  }

  log_group_arns    = [local.log_group_arns[each.key]]
  report_group_arns = each.key == "test" ? ["arn:${local.partition}:codebuild:${local.region}:${local.account_id}:report-group/${var.name}-test-results"] : []
}

resource "aws_codebuild_project" "this" {
  for_each = local.projects

  name           = "${var.name}-${each.key}"
  description    = each.value.description
  service_role   = module.build_role[each.key].arn
  encryption_key = aws_kms_key.this.arn
  build_timeout  = each.value.minutes
  queued_timeout = 60

  source {
    type      = "CODEPIPELINE"
    buildspec = each.value.buildspec
  }

  artifacts {
    type = "CODEPIPELINE"
  }

  environment {
    type         = "LINUX_CONTAINER"
    compute_type = "BUILD_GENERAL1_SMALL"
    image        = "aws/codebuild/amazonlinux-x86_64-standard:5.0"
  }

  logs_config {
    cloudwatch_logs {
      group_name = aws_cloudwatch_log_group.build[each.key].name
    }
  }
}
