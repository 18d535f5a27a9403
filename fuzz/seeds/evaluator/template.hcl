"a ${upper(var.text)} %{ for x in var.list ~} ${jsonencode(x)} %{ endfor ~} %{ if var.unknown == "x" }${var.secret}%{ else }é%{ endif }"
