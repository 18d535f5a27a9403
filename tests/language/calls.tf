locals {
  us   = terraform_data.u.id
  un   = length(terraform_data.u.id)
  ud   = terraform_data.u.output
  secl = ["a", var.sec]
  ml   = { a = [1, 2], b = [3] }
}
