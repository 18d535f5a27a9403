merge({ for k, v in var.map : k => v }, { c = [for x in var.list : try(x + 1, x)] }, zipmap(["d"], [coalesce(var.null, "e")]))
