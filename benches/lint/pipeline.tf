resource "aws_kms_key" "NAME" {
  enable_key_rotation = true
}

resource "aws_s3_bucket" "NAME" {
  bucket = "NAME-artifacts"
}

resource "aws_s3_bucket_public_access_block" "NAME" {
  bucket                  = aws_s3_bucket.NAME.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_lifecycle_configuration" "NAME" {
  bucket = aws_s3_bucket.NAME.id

  rule {
    id     = "expire"
    status = "Enabled"

    expiration {
      days = 5
    }
  }
}

resource "aws_iam_role" "NAME" {
  name = "NAME-pipeline"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "codepipeline.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "NAME" {
  name = "pipeline"
  role = aws_iam_role.NAME.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:PutObject", "s3:GetBucketVersioning"]
        Resource = [aws_s3_bucket.NAME.arn, "${aws_s3_bucket.NAME.arn}/*"]
      },
      {
        Effect   = "Allow"
        Action   = ["codebuild:StartBuild", "codebuild:BatchGetBuilds"]
        Resource = aws_codebuild_project.NAME.arn
      },
    ]
  })
}

resource "aws_iam_role" "NAME_build" {
  name = "NAME-build"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "codebuild.amazonaws.com" } }]
  })
}

resource "aws_codebuild_project" "NAME" {
  name         = "NAME"
  service_role = aws_iam_role.NAME_build.arn

  artifacts {
    type = "CODEPIPELINE"
  }

  environment {
    compute_type = "BUILD_GENERAL1_SMALL"
    image        = "aws/codebuild/standard:7.0"
    type         = "LINUX_CONTAINER"
  }

  source {
    type = "CODEPIPELINE"
  }
}

resource "aws_codepipeline" "NAME" {
  name          = "NAME"
  role_arn      = aws_iam_role.NAME.arn
  pipeline_type = "V2"

  artifact_store {
    type     = "S3"
    location = aws_s3_bucket.NAME.bucket

    encryption_key {
      type = "KMS"
      id   = aws_kms_key.NAME.arn
    }
  }

  stage {
    name = "Source"

    action {
      name             = "Code"
      category         = "Source"
      owner            = "AWS"
      provider         = "CodeCommit"
      version          = "1"
      output_artifacts = ["source"]

      configuration = {
        RepositoryName       = "NAME"
        BranchName           = "main"
        PollForSourceChanges = "false"
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
      output_artifacts = ["built"]

      configuration = {
        ProjectName = aws_codebuild_project.NAME.name
      }
    }
  }

  stage {
    name = "Approval"

    action {
      name     = "Release"
      category = "Approval"
      owner    = "AWS"
      provider = "Manual"
      version  = "1"

      configuration = {
        NotificationArn = aws_sns_topic.NAME.arn
      }
    }
  }

  stage {
    name = "Prod"

    action {
      name            = "Deploy"
      category        = "Deploy"
      owner           = "AWS"
      provider        = "ECS"
      version         = "1"
      input_artifacts = ["built"]

      configuration = {
        ClusterName = "NAME"
        ServiceName = "NAME"
      }
    }
  }
}

resource "aws_sns_topic" "NAME" {
  name = "NAME-alerts"
}

resource "aws_cloudwatch_event_rule" "NAME_start" {
  name = "NAME-start"
  event_pattern = jsonencode({
    source        = ["aws.codecommit"]
    "detail-type" = ["CodeCommit Repository State Change"]
    detail        = { referenceType = ["branch"], referenceName = ["main"] }
  })
}

resource "aws_iam_role" "NAME_start" {
  name = "NAME-start"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "events.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "NAME_start" {
  name = "start"
  role = aws_iam_role.NAME_start.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "codepipeline:StartPipelineExecution", Resource = aws_codepipeline.NAME.arn }]
  })
}

resource "aws_cloudwatch_event_target" "NAME_start" {
  rule     = aws_cloudwatch_event_rule.NAME_start.name
  arn      = aws_codepipeline.NAME.arn
  role_arn = aws_iam_role.NAME_start.arn
}

resource "aws_cloudwatch_event_rule" "NAME_failed" {
  name = "NAME-failed"
  event_pattern = jsonencode({
    source        = ["aws.codepipeline"]
    "detail-type" = ["CodePipeline Pipeline Execution State Change"]
    detail        = { pipeline = [aws_codepipeline.NAME.name], state = ["FAILED"] }
  })
}

resource "aws_cloudwatch_event_target" "NAME_failed" {
  rule = aws_cloudwatch_event_rule.NAME_failed.name
  arn  = aws_sns_topic.NAME.arn
}

resource "aws_sns_topic_policy" "NAME" {
  arn = aws_sns_topic.NAME.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "sns:Publish"
      Resource  = aws_sns_topic.NAME.arn
      Condition = { ArnEquals = { "aws:SourceArn" = aws_cloudwatch_event_rule.NAME_failed.arn } }
    }]
  })
}
