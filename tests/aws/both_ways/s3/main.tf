data "aws_canonical_user_id" "me" {}

data "aws_caller_identity" "me" {}

locals {
  prefix = "both-${data.aws_caller_identity.me.account_id}"
}

resource "aws_s3_bucket" "plain" {
  bucket = "${local.prefix}-plain"
}

resource "aws_s3_bucket" "versioned" {
  bucket = "${local.prefix}-versioned"
}

resource "aws_s3_bucket" "logs" {
  bucket = "${local.prefix}-logs"
}

resource "aws_s3_bucket_versioning" "versioned" {
  bucket = aws_s3_bucket.versioned.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_ownership_controls" "logs" {
  bucket = aws_s3_bucket.logs.id

  rule {
    object_ownership = "BucketOwnerPreferred"
  }
}

resource "aws_s3_bucket_acl" "logs" {
  bucket = aws_s3_bucket_ownership_controls.logs.bucket
  acl    = "log-delivery-write"
}

resource "aws_s3_bucket_ownership_controls" "plain" {
  bucket = aws_s3_bucket.plain.id

  rule {
    object_ownership = "ObjectWriter"
  }
}

resource "aws_s3_bucket_acl" "plain" {
  bucket = aws_s3_bucket_ownership_controls.plain.bucket

  access_control_policy {
    owner {
      id = data.aws_canonical_user_id.me.id
    }
    grant {
      permission = "READ"
      grantee {
        type = "CanonicalUser"
        id   = data.aws_canonical_user_id.me.id
      }
    }
    grant {
      permission = "READ_ACP"
      grantee {
        type = "Group"
        uri  = "http://acs.amazonaws.com/groups/s3/LogDelivery"
      }
    }
  }
}

resource "aws_s3_bucket_logging" "plain" {
  bucket        = aws_s3_bucket.plain.id
  target_bucket = aws_s3_bucket.logs.id
  target_prefix = "plain/"

  target_object_key_format {
    partitioned_prefix {
      partition_date_source = "EventTime"
    }
  }
}

resource "aws_s3_bucket_notification" "plain" {
  bucket      = aws_s3_bucket.plain.id
  eventbridge = true

  topic {
    topic_arn     = aws_sns_topic.events.arn
    events        = ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]
    filter_prefix = "in/"
  }
}

resource "aws_sns_topic" "events" {
  name = "bucket-events"
}

resource "aws_s3_object" "text" {
  bucket       = aws_s3_bucket.plain.id
  key          = "a.json"
  content      = jsonencode({ a = 1 })
  content_type = "application/json"
  tags         = { App = "x" }
}

resource "aws_s3_object" "file" {
  bucket      = aws_s3_bucket_versioning.versioned.bucket
  key         = "main.tf"
  source      = "${path.module}/main.tf"
  source_hash = filemd5("${path.module}/main.tf")
  metadata    = { owner = "team" }
}

resource "aws_s3_object" "base64" {
  bucket         = aws_s3_bucket.plain.id
  key            = "dir/b.bin"
  content_base64 = "AAECAw=="
  storage_class  = "STANDARD_IA"
}

data "aws_s3_object" "text" {
  bucket = aws_s3_object.text.bucket
  key    = aws_s3_object.text.key
}

data "aws_s3_objects" "all" {
  bucket     = aws_s3_bucket.plain.id
  depends_on = [aws_s3_object.text, aws_s3_object.base64]
}

output "body" {
  value = data.aws_s3_object.text.body
}
