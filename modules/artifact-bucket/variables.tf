variable "name" {
  description = "Name of the bucket: 3 to 63 lower-case letters, digits and hyphens. Bucket names are unique across all accounts, so put the account id into it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.name))
    error_message = "A bucket name has 3 to 63 lower-case letters, digits and hyphens, and starts and ends with a letter or digit."
  }
}

variable "kms_key" {
  description = "Customer managed key that encrypts the bucket. Leave it out to have the module create one. It is an object so that the plan knows whether a key was given before the key exists."
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

variable "expiration_days" {
  description = "Days after which an object expires. Keep it longer than the longest wait for an approval (7 days unless the action says otherwise), or the artifact is gone when the approval comes."
  type        = number
  default     = 90
  nullable    = false

  validation {
    condition     = var.expiration_days >= 8 && floor(var.expiration_days) == var.expiration_days
    error_message = "Give whole days, at least 8: an approval may wait for 7."
  }
}

variable "noncurrent_expiration_days" {
  description = "Days for which an overwritten or expired version is still kept."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.noncurrent_expiration_days >= 1 && floor(var.noncurrent_expiration_days) == var.noncurrent_expiration_days
    error_message = "Give whole days, at least 1."
  }
}

variable "abort_multipart_days" {
  description = "Days after which the parts of an unfinished upload are removed."
  type        = number
  default     = 7
  nullable    = false

  validation {
    condition     = var.abort_multipart_days >= 1 && floor(var.abort_multipart_days) == var.abort_multipart_days
    error_message = "Give whole days, at least 1."
  }
}

variable "additional_policy_documents" {
  description = "JSON policy documents merged into the bucket policy, next to the statement that denies plain HTTP."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "force_destroy" {
  description = "Whether destroying the bucket also deletes what it holds. Leave it off where artifacts are evidence of what was released."
  type        = bool
  default     = false
  nullable    = false
}

variable "tags" {
  description = "Tags of every object of this module."
  type        = map(string)
  default     = {}
  nullable    = false
}
