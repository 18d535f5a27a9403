output "name" {
  description = "Name of the bucket. It is known once the bucket is private, encrypted and versioned, so what uses it waits for that."
  value       = aws_s3_bucket.this.id

  depends_on = [
    aws_s3_bucket_policy.this,
    aws_s3_bucket_server_side_encryption_configuration.this,
    aws_s3_bucket_versioning.this,
  ]
}

output "arn" {
  description = "ARN of the bucket."
  value       = aws_s3_bucket.this.arn
}

output "kms_key_arn" {
  description = "ARN of the key that encrypts the bucket: the given one or the one created here."
  value       = local.key_arn
}
