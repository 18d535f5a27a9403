//! Which functions take texts as they are: put them together, keep them in collections or write them out, without looking at their
//! characters. The others cannot work on texts of which a part is known only later.

/// Sorted.
const WHOLE: &[&str] = &[
    "alltrue",
    "anytrue",
    "can",
    "chomp",
    "chunklist",
    "coalesce",
    "coalescelist",
    "compact",
    "concat",
    "element",
    "flatten",
    "format",
    "formatlist",
    "indent",
    "issensitive",
    "join",
    "jsonencode",
    "keys",
    "list",
    "lookup",
    "map",
    "merge",
    "nonsensitive",
    "one",
    "range",
    "reverse",
    "sensitive",
    "slice",
    "templatefile",
    "templatestring",
    "tolist",
    "tomap",
    "toset",
    "tostring",
    "transpose",
    "trimspace",
    "try",
    "type",
    "values",
    "yamlencode",
    "zipmap",
];

/// Whether a function (without `core::`) only moves texts about.
pub fn keeps_texts_whole(name: &str) -> bool {
    WHOLE.binary_search(&name).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_in_order() {
        assert!(WHOLE.is_sorted());
        assert!(keeps_texts_whole("jsonencode") && !keeps_texts_whole("substr"));
    }
}
