variable "name" {
  description = "Prefix of the topic and the rules, usually the name of the pipeline: up to 40 letters, digits, hyphens and underscores."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,40}$", var.name))
    error_message = "Use 1 to 40 letters, digits, hyphens and underscores."
  }
}

variable "pipeline_names" {
  description = "Names of the pipelines to watch."
  type        = set(string)
  nullable    = false

  validation {
    condition     = length(var.pipeline_names) > 0
    error_message = "Name at least one pipeline: a rule without one would speak for every pipeline of the account."
  }

  validation {
    condition     = alltrue([for name in var.pipeline_names : can(regex("^[A-Za-z0-9.@_-]{1,100}$", name))])
    error_message = "A pipeline name has 1 to 100 letters, digits and . @ - _"
  }
}

variable "notify_on" {
  description = "What to tell about: pipeline_failed, stage_failed, approval_rejected (also when nobody answered in time), approval_needed."
  type        = set(string)
  default     = ["pipeline_failed", "stage_failed", "approval_rejected"]
  nullable    = false

  validation {
    condition     = length(var.notify_on) > 0 && length(setsubtract(var.notify_on, ["pipeline_failed", "stage_failed", "approval_rejected", "approval_needed"])) == 0
    error_message = "Choose from pipeline_failed, stage_failed, approval_rejected and approval_needed."
  }
}

variable "kms_key" {
  description = <<-EOT
    Customer managed key that encrypts the topic. Leave it out to have the module create one. A given key's policy must
    let events.amazonaws.com call kms:Decrypt and kms:GenerateDataKey, or no alert arrives. The key aws/sns does not work
    here: EventBridge cannot use it.
  EOT
  type = object({
    arn = string
  })
  default = null
}

variable "kms_deletion_window_in_days" {
  description = "Days between the deletion of the key that this module creates and its end. Unused when kms_key is given."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.kms_deletion_window_in_days >= 7 && var.kms_deletion_window_in_days <= 30
    error_message = "KMS waits 7 to 30 days."
  }
}

variable "email_subscriptions" {
  description = "E-mail addresses that get the alerts. Each has to confirm the mail that SNS sends first."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for address in var.email_subscriptions : can(regex("^[^@[:space:]]+@[^@[:space:]]+$", address))])
    error_message = "Each subscription is an e-mail address."
  }
}

variable "tags" {
  description = "Tags of every object of this module."
  type        = map(string)
  default     = {}
  nullable    = false
}
