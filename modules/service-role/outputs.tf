output "arn" {
  description = "ARN of the role. It is known once the role may do its work, so what uses it waits for that."
  value       = aws_iam_role.this.arn

  depends_on = [aws_iam_role_policy.this]
}

output "name" {
  description = "Name of the role, for further policies."
  value       = aws_iam_role.this.name
}

output "policy_json" {
  description = "The policy of the role, for reading and for tests."
  value       = data.aws_iam_policy_document.work.json
}
