#!/usr/bin/env python3
"""Writes benches/link-order.txt: the functions that commands run, so that the linker can put them side by side.

usage: localstack/emulator run -- benches/link_order.py

The program holds the code of two dozen AWS services, of which a plan runs a tenth. Spread over the whole file that tenth would make the
system read in most of it; side by side it is what a plan needs and no more. build.rs hands the list to the linker. Names hold a
hash of compiler and dependencies: written for another compiler the list is not used, and a name that is gone is passed over, so an
old list costs memory, never correctness. Write it anew after a change of the compiler or of Cargo.lock, or when the benchmarks show that memory grew.

Needs valgrind and nm, and the emulator around it.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from measure import ROOT

LIST = ROOT / "benches/link-order.txt"
# What comes first is what is wanted closest together: the plan that finds nothing to do, as it is run most often.
COMMANDS = [
    ["plan", "-input=false", "-detailed-exitcode"],
    ["plan", "-input=false", "-destroy", "-out=tfplan"],
    ["plan", "-input=false", "-refresh-only"],
    ["drift"],
    ["apply", "-input=false", "-auto-approve", "-var=n=3"],
    ["show", "-json"],
    ["validate"],
    ["lint"],
    ["fmt", "-check"],
    ["destroy", "-auto-approve"],
]


def run(*command: str, folder: pathlib.Path = ROOT, accepted: tuple[int, ...] = (0,)) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode not in accepted:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def functions(tool: str, command: list[str], folder: pathlib.Path) -> list[str]:
    """The functions that a command runs, in the order in which they are first seen."""
    out = folder / "callgrind.out"
    options = ["--tool=callgrind", f"--callgrind-out-file={out}", "--demangle=no", "--compress-strings=no", "--dump-line=no"]
    run("valgrind", *options, tool, *command, folder=folder, accepted=(0, 1, 2))
    names = re.findall(r"^fn=(\S+?)(?:'\d+)?$", out.read_text(), re.MULTILINE)
    out.unlink()
    if not names:
        sys.exit(f"valgrind saw no function of `{' '.join(command)}`")
    return names


def main() -> None:
    for needed in ("valgrind", "nm"):
        if not shutil.which(needed):
            sys.exit(f"link_order.py needs {needed} on the PATH")
    if "AWS_ENDPOINT_URL" not in os.environ:
        sys.exit("link_order.py needs the emulator: localstack/emulator run -- benches/link_order.py")
    head = f"# {run('rustc', '-V').strip()}"
    if not LIST.exists() or LIST.read_text().partition("\n")[0] != head:
        # The build leaves a list of another compiler aside.
        LIST.write_text(f"{head}\n")
        (ROOT / "build.rs").touch()
    run("cargo", "rustc", "--locked", "--release", "--bin", "pipewright", "--", "-C", "strip=none")
    built = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"), "release/pipewright")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name, "work")
        folder.mkdir()
        tool = shutil.copy(built, name)
        own = {line.split()[-1] for line in run("nm", "--defined-only", tool).splitlines()}
        shutil.copy(ROOT / "benches/pipelines.tf", folder)
        (folder / "terraform.tfvars").write_text("n = 5\n")
        run(tool, "apply", "-input=false", "-auto-approve", folder=folder)
        seen: dict[str, None] = {}
        for command in COMMANDS:
            before = len(seen)
            seen.update(dict.fromkeys(n for n in functions(tool, command, folder) if n in own))
            print(f"{' '.join(command)}: {len(seen) - before} functions more")
    LIST.write_text(f"{head}\n" + "".join(f"{name}\n" for name in seen))
    # Without its names again, and in the new order: only the last step of the build is to be done again.
    (ROOT / "src/main.rs").touch()
    run("cargo", "build", "--locked", "--release", "--bin", "pipewright")


main()
