locals {
  s       = terraform_data.u.id
  d       = jsondecode(local.s)
  l       = split(",", local.s)
  n       = length(local.s)
  b       = local.s == "x"
  m       = tomap({ for x in tolist(["a"]) : x => local.s })
  st      = toset(local.l)
  id_null = jsondecode(local.s) == null ? null : { a = local.s }
  sens    = sensitive("secret")
  sensb   = sensitive(true)
  sensn   = sensitive(1)
  sensl   = sensitive(["a", "b"])
  sensm   = sensitive({ a = 1 })
  plainm  = { secret = 1 }
  plainl  = [1, 2]
  tpl     = "t-$${x}"
}
