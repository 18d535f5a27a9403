# What the role may do. Each statement answers to one variable and is left out with it.

locals {
  artifact_stores = var.artifacts == null ? [] : [var.artifacts]
  is_pipeline     = var.service == "codepipeline"

  # CodePipeline puts artifacts into a folder named after the pipeline and cuts that name at 20 characters.
  artifact_objects = [
    for store in local.artifact_stores :
    store.pipeline_name == null ? "${store.bucket_arn}/*" :
    length(store.pipeline_name) <= 20 ? "${store.bucket_arn}/${store.pipeline_name}/*" :
    "${store.bucket_arn}/${substr(store.pipeline_name, 0, 20)}*/*"
  ]
  artifact_writers = [for store in local.artifact_stores : store if store.access == "read-write"]

  batch_projects  = [for project in var.codebuild_projects : project.arn if project.batch]
  single_projects = [for project in var.codebuild_projects : project.arn if !project.batch]

  stacks = {
    for stack in var.cloudformation_stacks : stack.name => {
      arn              = "arn:${local.partition}:cloudformation:${local.region}:${local.account_id}:stack/${stack.name}/*"
      sid              = replace(stack.name, "-", "")
      role_arn         = stack.role_arn
      change_set_names = stack.change_set_names
      passes_role      = length(setsubtract(stack.action_modes, ["CHANGE_SET_EXECUTE"])) > 0
      direct = distinct(flatten([for mode in sort(stack.action_modes) : lookup({
        CREATE_UPDATE      = ["cloudformation:CreateStack", "cloudformation:DescribeStackEvents", "cloudformation:DescribeStacks", "cloudformation:UpdateStack"]
        REPLACE_ON_FAILURE = ["cloudformation:CreateStack", "cloudformation:DeleteStack", "cloudformation:DescribeStackEvents", "cloudformation:DescribeStacks", "cloudformation:UpdateStack"]
        DELETE_ONLY        = ["cloudformation:DeleteStack", "cloudformation:DescribeStackEvents", "cloudformation:DescribeStacks"]
        CHANGE_SET_REPLACE = ["cloudformation:DescribeStacks"]
        CHANGE_SET_EXECUTE = ["cloudformation:DescribeStackEvents", "cloudformation:DescribeStacks"]
      }, mode, [])]))
      change_sets = distinct(flatten([for mode in sort(stack.action_modes) : lookup({
        CHANGE_SET_REPLACE = ["cloudformation:CreateChangeSet", "cloudformation:DeleteChangeSet", "cloudformation:DescribeChangeSet"]
        CHANGE_SET_EXECUTE = ["cloudformation:DescribeChangeSet", "cloudformation:ExecuteChangeSet"]
      }, mode, [])]))
    }
  }
  change_set_stacks = { for name, stack in local.stacks : name => stack if length(stack.change_sets) > 0 }
  passed_role_arns  = distinct([for stack in values(local.stacks) : stack.role_arn if stack.passes_role])

  encrypted_sources     = [for source in var.s3_sources : source.kms_key_arn if source.kms_key_arn != null]
  encrypted_deployments = [for deployment in var.s3_deployments : deployment.kms_key_arn if deployment.kms_key_arn != null]
  encrypted_topics      = [for topic in var.approval_topics : topic.kms_key_arn if topic.kms_key_arn != null]
  acl_deployments       = [for deployment in var.s3_deployments : deployment if deployment.canned_acl]

  statement_count = (
    length(local.artifact_stores) + length(var.connection_arns) + length(var.codebuild_projects) + length(var.s3_sources) +
    length(var.s3_deployments) + length(var.cloudformation_stacks) + length(var.approval_topics) + length(var.action_role_arns) +
    length(var.log_group_arns) + length(var.report_group_arns) + length(var.pipeline_arns) + length(var.additional_statements)
  )
}

data "aws_iam_policy_document" "work" {
  # Artifacts ------------------------------------------------------------------------------------------------------

  dynamic "statement" {
    for_each = local.is_pipeline ? local.artifact_stores : []

    content {
      sid       = "SeeArtifactBucket"
      actions   = ["s3:GetBucketAcl", "s3:GetBucketLocation", "s3:GetBucketVersioning"]
      resources = [statement.value.bucket_arn]

      condition {
        test     = "StringEquals"
        variable = "aws:ResourceAccount"
        values   = [local.account_id]
      }
    }
  }

  dynamic "statement" {
    for_each = local.artifact_stores

    content {
      sid       = "ReadArtifacts"
      actions   = ["s3:GetObject", "s3:GetObjectVersion"]
      resources = local.artifact_objects
    }
  }

  dynamic "statement" {
    for_each = local.artifact_writers

    content {
      sid = "WriteArtifacts"
      # A connection's source action uploads with an ACL.
      actions   = length(var.connection_arns) > 0 ? ["s3:PutObject", "s3:PutObjectAcl"] : ["s3:PutObject"]
      resources = local.artifact_objects
    }
  }

  dynamic "statement" {
    for_each = [for store in local.artifact_stores : store if store.kms_key_arn != null]

    content {
      sid       = "FindArtifactKey"
      actions   = ["kms:DescribeKey"]
      resources = [statement.value.kms_key_arn]
    }
  }

  dynamic "statement" {
    for_each = [for store in local.artifact_stores : store if store.kms_key_arn != null]

    content {
      sid = "UseArtifactKeyThroughS3"
      actions = concat(["kms:Decrypt"], statement.value.access == "read" ? [] : [
        "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo",
      ])
      resources = [statement.value.kms_key_arn]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["s3.${local.region}.amazonaws.com"]
      }
    }
  }

  # Sources --------------------------------------------------------------------------------------------------------

  dynamic "statement" {
    for_each = length(var.connection_arns) > 0 ? [var.connection_arns] : []

    content {
      sid = "UseConnections"
      # The service was renamed; both names are asked for, whichever of the two the ARN carries.
      actions   = ["codeconnections:UseConnection", "codestar-connections:UseConnection"]
      resources = statement.value
    }
  }

  dynamic "statement" {
    for_each = length(var.s3_sources) > 0 ? [var.s3_sources] : []

    content {
      sid       = "SeeSourceBuckets"
      actions   = ["s3:GetBucketAcl", "s3:GetBucketLocation", "s3:GetBucketVersioning"]
      resources = distinct([for source in statement.value : source.bucket_arn])

      condition {
        test     = "StringEquals"
        variable = "aws:ResourceAccount"
        values   = [local.account_id]
      }
    }
  }

  dynamic "statement" {
    for_each = length(var.s3_sources) > 0 ? [var.s3_sources] : []

    content {
      sid       = "ReadSourceObjects"
      actions   = ["s3:GetObject", "s3:GetObjectVersion"]
      resources = [for source in statement.value : "${source.bucket_arn}/${source.object_key}"]
    }
  }

  dynamic "statement" {
    for_each = length(local.encrypted_sources) > 0 ? [local.encrypted_sources] : []

    content {
      sid       = "DecryptSources"
      actions   = ["kms:Decrypt"]
      resources = distinct(statement.value)

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["s3.${local.region}.amazonaws.com"]
      }
    }
  }

  # Builds ---------------------------------------------------------------------------------------------------------

  dynamic "statement" {
    for_each = length(local.single_projects) > 0 ? [local.single_projects] : []

    content {
      sid       = "RunBuilds"
      actions   = ["codebuild:BatchGetBuilds", "codebuild:StartBuild", "codebuild:StopBuild"]
      resources = statement.value
    }
  }

  dynamic "statement" {
    for_each = length(local.batch_projects) > 0 ? [local.batch_projects] : []

    content {
      sid       = "RunBatchBuilds"
      actions   = ["codebuild:BatchGetBuildBatches", "codebuild:StartBuildBatch", "codebuild:StopBuildBatch"]
      resources = statement.value
    }
  }

  dynamic "statement" {
    for_each = length(var.log_group_arns) > 0 ? [var.log_group_arns] : []

    content {
      sid       = "WriteLogs"
      actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
      resources = [for arn in statement.value : "${trimsuffix(arn, ":*")}:*"]
    }
  }

  dynamic "statement" {
    for_each = length(var.report_group_arns) > 0 ? [var.report_group_arns] : []

    content {
      sid = "ReportTests"
      actions = [
        "codebuild:BatchPutCodeCoverages", "codebuild:BatchPutTestCases", "codebuild:CreateReport",
        "codebuild:CreateReportGroup", "codebuild:UpdateReport",
      ]
      resources = statement.value
    }
  }

  # Approvals and other roles --------------------------------------------------------------------------------------

  dynamic "statement" {
    for_each = length(var.approval_topics) > 0 ? [var.approval_topics] : []

    content {
      sid       = "AskForApproval"
      actions   = ["sns:Publish"]
      resources = [for topic in statement.value : topic.arn]
    }
  }

  dynamic "statement" {
    for_each = length(local.encrypted_topics) > 0 ? [local.encrypted_topics] : []

    content {
      sid       = "UseTopicKeyThroughSns"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = distinct(statement.value)

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["sns.${local.region}.amazonaws.com"]
      }
    }
  }

  dynamic "statement" {
    for_each = length(var.action_role_arns) > 0 ? [var.action_role_arns] : []

    content {
      sid       = "AssumeActionRoles"
      actions   = ["sts:AssumeRole"]
      resources = statement.value
    }
  }

  # Deployments ----------------------------------------------------------------------------------------------------

  dynamic "statement" {
    for_each = length(var.s3_deployments) > 0 ? [var.s3_deployments] : []

    content {
      sid       = "SeeDeploymentBuckets"
      actions   = ["s3:GetBucketAcl", "s3:GetBucketLocation", "s3:GetBucketVersioning"]
      resources = distinct([for deployment in statement.value : deployment.bucket_arn])

      condition {
        test     = "StringEquals"
        variable = "aws:ResourceAccount"
        values   = [local.account_id]
      }
    }
  }

  dynamic "statement" {
    for_each = length(var.s3_deployments) > 0 ? [var.s3_deployments] : []

    content {
      sid       = "WriteDeployments"
      actions   = ["s3:PutObject"]
      resources = [for deployment in statement.value : "${deployment.bucket_arn}/${deployment.key_pattern}"]
    }
  }

  dynamic "statement" {
    for_each = length(local.acl_deployments) > 0 ? [local.acl_deployments] : []

    content {
      sid       = "SetDeploymentAcls"
      actions   = ["s3:PutObjectAcl", "s3:PutObjectVersionAcl"]
      resources = [for deployment in statement.value : "${deployment.bucket_arn}/${deployment.key_pattern}"]
    }
  }

  dynamic "statement" {
    for_each = length(local.encrypted_deployments) > 0 ? [local.encrypted_deployments] : []

    content {
      sid       = "EncryptDeployments"
      actions   = ["kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"]
      resources = distinct(statement.value)

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["s3.${local.region}.amazonaws.com"]
      }
    }
  }

  dynamic "statement" {
    for_each = local.stacks

    content {
      sid       = "ChangeStack${statement.value.sid}"
      actions   = statement.value.direct
      resources = [statement.value.arn]
    }
  }

  dynamic "statement" {
    for_each = local.change_set_stacks

    content {
      sid       = "ChangeSetsOf${statement.value.sid}"
      actions   = statement.value.change_sets
      resources = [statement.value.arn]

      dynamic "condition" {
        for_each = length(statement.value.change_set_names) > 0 ? [statement.value.change_set_names] : []

        content {
          test     = "StringEqualsIfExists"
          variable = "cloudformation:ChangeSetName"
          values   = condition.value
        }
      }
    }
  }

  dynamic "statement" {
    for_each = length(local.passed_role_arns) > 0 ? [local.passed_role_arns] : []

    content {
      sid       = "PassStackRoles"
      actions   = ["iam:PassRole"]
      resources = statement.value

      condition {
        test     = "StringEquals"
        variable = "iam:PassedToService"
        values   = ["cloudformation.amazonaws.com"]
      }
    }
  }

  # Starting -------------------------------------------------------------------------------------------------------

  dynamic "statement" {
    for_each = length(var.pipeline_arns) > 0 ? [var.pipeline_arns] : []

    content {
      sid       = "StartPipelines"
      actions   = ["codepipeline:StartPipelineExecution"]
      resources = statement.value
    }
  }

  # The rest -------------------------------------------------------------------------------------------------------

  dynamic "statement" {
    for_each = var.additional_statements

    content {
      sid       = statement.value.sid
      actions   = statement.value.actions
      resources = statement.value.resources

      dynamic "condition" {
        for_each = statement.value.conditions

        content {
          test     = condition.value.test
          variable = condition.value.variable
          values   = condition.value.values
        }
      }
    }
  }
}
