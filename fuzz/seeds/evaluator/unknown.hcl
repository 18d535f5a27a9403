[length(var.any), var.unknown == null ? 1 : 2, { (var.unknown) = var.secret }, flatten([var.list, [var.any]]), regexall("(?P<x>[a-z]+)-?", var.text)...]
