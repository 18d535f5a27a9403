//! Every function of the language, by name: parameters as `terraform metadata functions -json` has them, type of the result, and the
//! Rust function that does the work.

use super::call::{Call, Function, FunctionError, Outcome, Param};
use super::{
    charset, collection as col, conversion as conv, crypto, date, encoding as enc, filesystem as fs, format,
    network as net, numeric as num, regular as re, sets, string as txt, structure as map, template, yaml_decode,
    yaml_encode,
};
use crate::lang::value::{Type, Value};

type TypeResult = Result<Type, FunctionError>;

// Types of results.
fn text(_: &[Value]) -> TypeResult {
    Ok(Type::String)
}
fn number(_: &[Value]) -> TypeResult {
    Ok(Type::Number)
}
fn truth(_: &[Value]) -> TypeResult {
    Ok(Type::Bool)
}
fn texts(_: &[Value]) -> TypeResult {
    Ok(Type::list(Type::String))
}
fn numbers(_: &[Value]) -> TypeResult {
    Ok(Type::list(Type::Number))
}
fn text_set(_: &[Value]) -> TypeResult {
    Ok(Type::set(Type::String))
}
fn text_lists(_: &[Value]) -> TypeResult {
    Ok(Type::map(Type::list(Type::String)))
}
fn any(_: &[Value]) -> TypeResult {
    Ok(Type::Dynamic)
}

// Parameters by type.
const fn of_any(name: &'static str) -> Param {
    Param::new(name, || Type::Dynamic)
}
const fn of_text(name: &'static str) -> Param {
    Param::new(name, || Type::String)
}
const fn of_number(name: &'static str) -> Param {
    Param::new(name, || Type::Number)
}
const fn of_list(name: &'static str) -> Param {
    Param::new(name, || Type::list(Type::Dynamic))
}
const fn of_texts(name: &'static str) -> Param {
    Param::new(name, || Type::list(Type::String))
}
const fn of_truths(name: &'static str) -> Param {
    Param::new(name, || Type::list(Type::Bool))
}
const fn of_set(name: &'static str) -> Param {
    Param::new(name, || Type::set(Type::Dynamic)).dynamic()
}
const fn of_text_lists(name: &'static str) -> Param {
    Param::new(name, || Type::map(Type::list(Type::String)))
}
/// Anything at all is passed on as it is.
const fn of_all(name: &'static str) -> Param {
    of_any(name).null().unknown().marked().dynamic()
}
/// A path whose marks the message must respect.
const fn of_path(name: &'static str) -> Param {
    of_text(name).marked().unknown()
}

const TEXT: &[Param] = &[of_text("str")];
const NUMBER: &[Param] = &[of_number("num")];
const PATH: &[Param] = &[of_text("path")];
const CONVERTED: &[Param] = &[of_all("v")];
const VALUE: &[Param] = &[of_all("value")];

const fn f(
    name: &'static str,
    params: &'static [Param],
    ty: fn(&[Value]) -> TypeResult,
    run: fn(&Call<'_>) -> Outcome,
) -> Function {
    Function::new(name, params, ty, run)
}

/// `can` is decided by the evaluator; a value that got here had no error.
fn can(_: &Call<'_>) -> Outcome {
    Ok(Value::bool(true))
}

/// `try` is decided by the evaluator; arguments that got here had no error.
fn first(call: &Call<'_>) -> Outcome {
    match call.args.first() {
        Some(value) => Ok(value.clone()),
        None => Err("at least one argument is required".into()),
    }
}

/// Sorted by name.
pub static TABLE: &[Function] = &[
    f("abs", &[of_number("num").dynamic().marked()], number, num::abs),
    f("abspath", PATH, text, fs::abspath),
    f("alltrue", &[of_truths("list")], truth, col::alltrue),
    f("anytrue", &[of_truths("list")], truth, col::anytrue),
    f("base64decode", &[of_path("str")], text, enc::base64decode),
    f("base64encode", TEXT, text, enc::base64encode),
    f("base64gzip", TEXT, text, enc::base64gzip),
    f("base64sha256", TEXT, text, crypto::base64sha256),
    f("base64sha512", TEXT, text, crypto::base64sha512),
    f("basename", PATH, text, fs::basename),
    f("bcrypt", TEXT, text, crypto::bcrypt).variadic(of_number("cost")).impure(),
    f("can", &[of_all("expression")], truth, can),
    f("ceil", NUMBER, number, num::ceil),
    f("chomp", TEXT, text, txt::chomp),
    f("chunklist", &[of_list("list").marked(), of_number("size").marked()], col::chunklist_type, col::chunklist),
    f("cidrhost", &[of_text("prefix"), of_number("hostnum")], text, net::cidrhost),
    f("cidrnetmask", &[of_text("prefix")], text, net::cidrnetmask),
    f("cidrsubnet", &[of_text("prefix"), of_number("newbits"), of_number("netnum")], text, net::cidrsubnet),
    f("cidrsubnets", &[of_text("prefix")], texts, net::cidrsubnets).variadic(of_number("newbits")),
    f("coalesce", &[], col::coalesce_type, col::coalesce).variadic(of_any("vals").unknown().dynamic().null()),
    f("coalescelist", &[], col::coalescelist_type, col::coalescelist)
        .variadic(of_any("vals").unknown().dynamic().null()),
    f("compact", &[of_texts("list")], texts, col::compact),
    f("concat", &[], col::concat_type, col::concat).variadic(of_any("seqs").marked()),
    f("contains", &[of_any("list"), of_any("value")], truth, col::contains),
    f("csvdecode", TEXT, enc::csvdecode_type, enc::csvdecode),
    f("dirname", PATH, text, fs::dirname),
    f("distinct", &[of_list("list")], col::same_type, col::distinct),
    f("element", &[of_any("list").marked(), of_number("index")], col::element_type, col::element).nullable(),
    f("endswith", &[of_text("str"), of_text("suffix")], truth, txt::endswith),
    f("ephemeralasnull", VALUE, col::same_type, conv::ephemeralasnull).nullable(),
    f("file", &[of_path("path")], text, fs::file),
    f("filebase64", &[of_path("path")], text, fs::filebase64),
    f("filebase64sha256", PATH, text, crypto::filebase64sha256),
    f("filebase64sha512", PATH, text, crypto::filebase64sha512),
    f("fileexists", &[of_path("path")], truth, fs::fileexists),
    f("filemd5", PATH, text, crypto::filemd5),
    f("fileset", &[of_path("path"), of_path("pattern")], text_set, fs::fileset),
    f("filesha1", PATH, text, crypto::filesha1),
    f("filesha256", PATH, text, crypto::filesha256),
    f("filesha512", PATH, text, crypto::filesha512),
    f("flatten", &[of_any("list").marked()], col::flatten_type, col::flatten),
    f("floor", NUMBER, number, num::floor),
    f("format", &[of_text("format")], text, format::format).variadic(of_any("args").null().unknown()),
    f("formatdate", &[of_text("format"), of_text("time")], text, date::formatdate),
    f("formatlist", &[of_text("format")], texts, format::formatlist).variadic(of_any("args").null().unknown()),
    f("indent", &[of_number("spaces"), of_text("str")], text, txt::indent),
    f("index", &[of_any("list"), of_any("value")], number, col::index),
    f("issensitive", VALUE, truth, conv::issensitive),
    f("join", &[of_text("separator")], text, txt::join).variadic(of_texts("lists")),
    f("jsondecode", TEXT, enc::jsondecode_type, enc::jsondecode).nullable(),
    f("jsonencode", &[of_any("val").null().unknown().dynamic()], text, enc::jsonencode),
    f("keys", &[of_any("inputMap").unknown().marked()], map::keys_type, map::keys),
    f("length", &[of_any("value").dynamic().unknown().marked()], col::length_type, col::length),
    f("list", &[], col::list_removed, first).variadic(of_any("vals").null().unknown().dynamic()),
    f("log", &[of_number("num"), of_number("base")], number, num::log),
    f(
        "lookup",
        &[of_any("inputMap").marked().unknown(), of_text("key").marked().unknown()],
        map::lookup_type,
        map::lookup,
    )
    .variadic(of_all("default"))
    .nullable(),
    f("lower", &[of_text("str").dynamic()], text, txt::lower),
    f("map", &[], col::map_removed, first).variadic(of_any("vals").null().unknown().dynamic()),
    f("matchkeys", &[of_list("values"), of_list("keys"), of_list("searchset")], col::matchkeys_type, col::matchkeys),
    f("max", &[], number, num::max).variadic(of_number("numbers").dynamic()),
    f("md5", TEXT, text, crypto::md5),
    f("merge", &[], map::merge_type, map::merge).variadic(of_any("maps").dynamic().null().marked()),
    f("min", &[], number, num::min).variadic(of_number("numbers").dynamic()),
    f("nonsensitive", VALUE, col::same_type, conv::nonsensitive).nullable(),
    f("one", &[of_any("list")], col::one_type, col::one).nullable(),
    f(
        "parseint",
        &[of_any("number").marked().unknown(), of_number("base").marked().unknown()],
        num::parseint_type,
        num::parseint,
    ),
    f("pathexpand", PATH, text, fs::pathexpand),
    f("plantimestamp", &[], text, date::plantimestamp).nullable(),
    f("pow", &[of_number("num"), of_number("power")], number, num::pow),
    f("range", &[], numbers, num::range).variadic(of_number("params")),
    f("regex", &[of_text("pattern"), of_text("string")], re::regex_type, re::regex),
    f("regexall", &[of_text("pattern"), of_text("string")], re::regexall_type, re::regexall),
    f("replace", &[of_text("str"), of_text("substr"), of_text("replace")], text, re::replace),
    f("reverse", &[of_any("list").marked()], col::reverse_type, col::reverse),
    f("rsadecrypt", &[of_text("ciphertext"), of_text("privatekey")], text, crypto::rsadecrypt),
    f("sensitive", VALUE, col::same_type, conv::sensitive).nullable(),
    f("setintersection", &[of_set("first_set")], sets::common_type, sets::intersection).variadic(of_set("other_sets")),
    f("setproduct", &[], sets::product_type, sets::product).variadic(of_any("sets").marked().unknown()),
    f("setsubtract", &[of_set("a"), of_set("b")], sets::common_type, sets::subtract),
    f("setunion", &[of_set("first_set")], sets::common_type, sets::union).variadic(of_set("other_sets")),
    f("sha1", TEXT, text, crypto::sha1),
    f("sha256", TEXT, text, crypto::sha256),
    f("sha512", TEXT, text, crypto::sha512),
    f("signum", NUMBER, number, num::signum),
    f(
        "slice",
        &[of_any("list").marked(), of_number("start_index"), of_number("end_index")],
        col::slice_type,
        col::slice,
    ),
    f("sort", &[of_texts("list").unknown()], texts, txt::sort),
    f("split", &[of_text("separator"), of_text("str")], texts, txt::split),
    f("startswith", &[of_text("str").unknown(), of_text("prefix")], truth, txt::startswith),
    f("strcontains", &[of_text("str"), of_text("substr")], truth, txt::strcontains).nullable(),
    f("strrev", &[of_text("str").dynamic()], text, txt::strrev),
    f(
        "substr",
        &[of_text("str").dynamic(), of_number("offset").dynamic(), of_number("length").dynamic()],
        text,
        txt::substr,
    ),
    f("sum", &[of_any("list")], number, num::sum),
    f("templatefile", &[of_path("path"), of_any("vars").marked().unknown()], any, template::templatefile).nullable(),
    f("templatestring", &[of_text("template"), of_any("vars")], text, template::templatestring),
    f("textdecodebase64", &[of_text("source"), of_text("encoding")], text, charset::textdecodebase64),
    f("textencodebase64", &[of_text("string"), of_text("encoding")], text, charset::textencodebase64),
    f("timeadd", &[of_text("timestamp"), of_text("duration")], text, date::timeadd),
    f("timecmp", &[of_text("timestamp_a"), of_text("timestamp_b")], number, date::timecmp),
    f("timestamp", &[], text, date::timestamp).impure(),
    f("title", TEXT, text, txt::title),
    f("tobool", CONVERTED, conv::bool_type, conv::to).nullable(),
    f("tolist", CONVERTED, conv::list_type, conv::to).nullable(),
    f("tomap", CONVERTED, conv::map_type, conv::to).nullable(),
    f("tonumber", CONVERTED, conv::number_type, conv::to).nullable(),
    f("toset", CONVERTED, conv::set_type, conv::to).nullable(),
    f("tostring", CONVERTED, conv::string_type, conv::to).nullable(),
    f("transpose", &[of_text_lists("values")], text_lists, map::transpose),
    f("trim", &[of_text("str"), of_text("cutset")], text, txt::trim),
    f("trimprefix", &[of_text("str"), of_text("prefix")], text, txt::trimprefix),
    f("trimspace", TEXT, text, txt::trimspace),
    f("trimsuffix", &[of_text("str"), of_text("suffix")], text, txt::trimsuffix),
    f("try", &[], any, first).variadic(of_all("expressions")).nullable(),
    f("upper", &[of_text("str").dynamic()], text, txt::upper),
    f("urlencode", TEXT, text, enc::urlencode),
    f("uuid", &[], text, crypto::uuid).impure(),
    f("uuidv5", &[of_text("namespace"), of_text("name")], text, crypto::uuidv5),
    f("values", &[of_any("mapping").marked()], map::values_type, map::values),
    f("yamldecode", &[of_text("src")], any, yaml_decode::yamldecode).nullable(),
    f("yamlencode", &[of_any("value").null().dynamic()], text, yaml_encode::yamlencode).nullable(),
    f("zipmap", &[of_texts("keys").marked(), of_any("values").marked()], map::zipmap_type, map::zipmap),
];
