"""lint.symbols: a program that loads drivers exports the driver API, all of it and nothing else."""

import pathlib
import re
import subprocess

import tree

# What else may be there: libc's own data that the linker copies into the program, and the counter that instrumented
# drivers share with their host.
NOT_OURS = re.compile(r"@GLIBC|^__sancov_lowest_stack$")
FUNCTION_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def exported(nm, binary):
    listed = subprocess.run([nm, "-D", "--defined-only", str(binary)], capture_output=True, text=True, check=True)
    names = (line.split()[-1] for line in listed.stdout.splitlines() if line.strip())
    return {name for name in names if not NOT_OURS.search(name)}


def main():
    parser = tree.parser(__doc__)
    parser.add_argument("--nm", default="nm")
    parser.add_argument("--list", default="runtime/driver_api/exported_symbols.txt")
    parser.add_argument("--beam-list", default="runtime/driver_api/beam_symbols.txt")
    parser.add_argument("--binary", type=pathlib.Path, required=True)
    options = parser.parse_args()
    lists = [options.root / options.list, options.root / options.beam_list]
    promised = {text for each in lists for _, text in tree.table(each) if FUNCTION_NAME.fullmatch(text)}
    found = exported(options.nm, options.binary)
    where = f"{options.list} or {options.beam_list}"
    violations = [f"{name}: promised in {where}, not exported" for name in sorted(promised - found)]
    violations += [f"{name}: exported, not in {where}" for name in sorted(found - promised)]
    tree.finish(violations, f"{len(promised)} promised and {len(found)} exported symbols")


if __name__ == "__main__":
    main()
