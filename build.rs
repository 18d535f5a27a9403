//! How the program is linked.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

/// The functions that commands run, in the order in which they are to lie in the program. Written by `benches/link_order.py`; the first line names the
/// compiler whose symbols these are.
const ORDER: &str = "benches/link-order.txt";

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    // Not of the list: only the linker reads it, and a new one is not worth compiling everything again.
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|v| v == value);
    if !(is("CARGO_CFG_TARGET_OS", "linux")
        && is("CARGO_CFG_TARGET_ENV", "gnu")
        && is("CARGO_CFG_TARGET_ARCH", "x86_64"))
    {
        return;
    }
    // At a fixed address, as Go's programs are: the loader then need not go over 5 MB of tables and rewrite the pages they
    // point to before a command starts, which would be a tenth of the memory of a plan.
    println!("cargo:rustc-link-arg-bins=-no-pie");
    // What runs lies together, so that a plan has a tenth of the code in memory and not most of it.
    if is("PROFILE", "release") && own_linker() && made_for_this_compiler() {
        let folder = env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
        // Each as an argument of its own: a path may hold commas.
        for arg in [
            &format!("--symbol-ordering-file={}", Path::new(&folder).join(ORDER).display()),
            "--no-warn-symbol-ordering",
        ] {
            println!("cargo:rustc-link-arg-bins=-Xlinker");
            println!("cargo:rustc-link-arg-bins={arg}");
        }
    }
}

/// Whether the compiler links with the linker it brings along, which knows the option.
fn own_linker() -> bool {
    env::var_os("RUSTC_LINKER").is_none()
        && !env::var("CARGO_ENCODED_RUSTFLAGS").is_ok_and(|flags| flags.contains("link"))
}

fn made_for_this_compiler() -> bool {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let Ok(version) = Command::new(rustc).arg("-V").output() else { return false };
    let order = fs::read_to_string(ORDER).unwrap_or_default();
    order.lines().next() == Some(format!("# {}", String::from_utf8_lossy(&version.stdout).trim()).as_str())
}
