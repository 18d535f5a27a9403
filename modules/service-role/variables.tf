variable "name" {
  description = "Name of the role: up to 64 letters, digits and _+=,.@-"
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_+=,.@-]{1,64}$", var.name))
    error_message = "A role name has 1 to 64 letters, digits and _+=,.@-"
  }
}

variable "service" {
  description = "Who assumes the role: codepipeline, codebuild, cloudformation (deploys a stack) or events (starts a pipeline)."
  type        = string
  nullable    = false

  validation {
    condition     = contains(["codepipeline", "codebuild", "cloudformation", "events"], var.service)
    error_message = "Choose codepipeline, codebuild, cloudformation or events."
  }
}

variable "description" {
  description = "What the role is for. Made from service when left out."
  type        = string
  default     = null
}

variable "path" {
  description = "Path of the role."
  type        = string
  default     = "/"
  nullable    = false

  validation {
    condition     = can(regex("^/([!-~]+/)?$", var.path))
    error_message = "A path starts and ends with a slash."
  }
}

variable "permissions_boundary" {
  description = "ARN of the policy that bounds the role, where the account asks for one."
  type        = string
  default     = null
}

variable "trust_source_account" {
  description = <<-EOT
    Whether the service may assume the role only for this account (condition aws:SourceAccount). AWS documents the key for
    CodeBuild and EventBridge. Turn it off when CreatePipeline answers that CodePipeline is not authorized to assume the role.
  EOT
  type        = bool
  default     = true
  nullable    = false
}

variable "trust_source_arns" {
  description = "ARNs of the projects, stacks or rules for which the service may assume the role (condition aws:SourceArn). Empty: any of this account."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "artifacts" {
  description = <<-EOT
    Artifact store of the pipeline.
      bucket_arn     bucket that holds the artifacts
      pipeline_name  narrows the objects to the folder of this pipeline; leave it out only for a bucket that is used by one pipeline
      kms_key_arn    customer managed key of the bucket
      access         read, or read-write
  EOT
  type = object({
    bucket_arn    = string
    pipeline_name = optional(string)
    kms_key_arn   = optional(string)
    access        = optional(string, "read-write")
  })
  default = null

  validation {
    condition     = var.artifacts == null ? true : contains(["read", "read-write"], var.artifacts.access)
    error_message = "The access to the artifacts is read or read-write."
  }
}

variable "connection_arns" {
  description = "Connections to GitHub, GitLab or Bitbucket that source actions use."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "codebuild_projects" {
  description = "Projects that actions run. batch: the action sets BatchEnabled."
  type = list(object({
    arn   = string
    batch = optional(bool, false)
  }))
  default  = []
  nullable = false
}

variable "s3_sources" {
  description = "Buckets that source actions read, the object key of each and the customer managed key of the bucket."
  type = list(object({
    bucket_arn  = string
    object_key  = string
    kms_key_arn = optional(string)
  }))
  default  = []
  nullable = false
}

variable "s3_deployments" {
  description = <<-EOT
    Buckets that deploy actions write.
      bucket_arn   the bucket
      key_pattern  keys that the action writes
      kms_key_arn  customer managed key of the bucket or of KMSEncryptionKeyARN
      canned_acl   whether the action sets CannedACL
  EOT
  type = list(object({
    bucket_arn  = string
    key_pattern = optional(string, "*")
    kms_key_arn = optional(string)
    canned_acl  = optional(bool, false)
  }))
  default  = []
  nullable = false
}

variable "cloudformation_stacks" {
  description = <<-EOT
    Stacks that deploy actions change.
      name              name of the stack
      action_modes      ActionMode of each action on it
      role_arn          role that the actions pass to CloudFormation
      change_set_names  narrows the change set modes to these names
  EOT
  type = list(object({
    name             = string
    action_modes     = set(string)
    role_arn         = string
    change_set_names = optional(list(string), [])
  }))
  default  = []
  nullable = false

  validation {
    condition = alltrue([
      for stack in var.cloudformation_stacks :
      length(stack.action_modes) > 0 && length(setsubtract(stack.action_modes, ["CREATE_UPDATE", "REPLACE_ON_FAILURE", "DELETE_ONLY", "CHANGE_SET_REPLACE", "CHANGE_SET_EXECUTE"])) == 0
    ])
    error_message = "An action mode is CREATE_UPDATE, REPLACE_ON_FAILURE, DELETE_ONLY, CHANGE_SET_REPLACE or CHANGE_SET_EXECUTE."
  }

  validation {
    condition     = alltrue([for stack in var.cloudformation_stacks : can(regex("^[A-Za-z][A-Za-z0-9-]{0,127}$", stack.name))])
    error_message = "A stack name has 1 to 128 letters, digits and hyphens and starts with a letter."
  }
}

variable "approval_topics" {
  description = "Topics that manual approvals notify, with the customer managed key of each."
  type = list(object({
    arn         = string
    kms_key_arn = optional(string)
  }))
  default  = []
  nullable = false
}

variable "action_role_arns" {
  description = "Roles that actions of the pipeline run with (role_arn of an action)."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "log_group_arns" {
  description = "Log groups that builds write. They have to exist: the role may not create any, so that each has a retention."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "report_group_arns" {
  description = "Test report groups that builds fill."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "pipeline_arns" {
  description = "Pipelines that an event rule starts."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "additional_statements" {
  description = "What the description above cannot say. Actions are spelled out, without wildcards."
  type = list(object({
    sid       = string
    actions   = list(string)
    resources = list(string)
    conditions = optional(list(object({
      test     = string
      variable = string
      values   = list(string)
    })), [])
  }))
  default  = []
  nullable = false

  validation {
    condition     = alltrue(flatten([for statement in var.additional_statements : [for action in statement.actions : can(regex("^[a-z0-9-]+:[A-Za-z0-9]+$", action))]]))
    error_message = "Spell each action out, such as s3:GetObject: a wildcard grants what nobody has read."
  }

  validation {
    condition     = alltrue([for statement in var.additional_statements : can(regex("^[A-Za-z0-9]+$", statement.sid))])
    error_message = "A sid has letters and digits only."
  }

  validation {
    condition     = !contains(flatten([for statement in var.additional_statements : statement.actions]), "iam:PassRole") || alltrue([for statement in var.additional_statements : contains(statement.actions, "iam:PassRole") ? contains([for condition in statement.conditions : condition.variable], "iam:PassedToService") : true])
    error_message = "A statement that allows iam:PassRole needs a condition on iam:PassedToService."
  }
}

variable "tags" {
  description = "Tags of the role."
  type        = map(string)
  default     = {}
  nullable    = false
}
