"""lint.files: no source file above LIMIT lines without a reason in long_files.txt."""

import pathlib

import tree

LIMIT = 400
NAMED_SOURCES = {"CMakeLists.txt", "lab", "run"}


def is_source(name):
    path = pathlib.PurePosixPath(name)
    return path.suffix in tree.CODE_SUFFIXES | tree.SCRIPT_SUFFIXES or path.name in NAMED_SOURCES


def main():
    parser = tree.parser(__doc__)
    parser.add_argument("--reasons", type=pathlib.Path, default=pathlib.Path(__file__).with_name("long_files.txt"))
    options = parser.parse_args()
    violations, reasons = [], {}
    for number, line in tree.table(options.reasons):
        name, _, reason = line.partition(" ")
        reasons[name] = reason.strip()
        if not reason.strip():
            violations.append(f"{options.reasons.name}:{number}: {name} has no reason")
    lengths = {name: len(tree.read(options.root / name).splitlines())
               for name in tree.files(options.root) if is_source(name)}
    violations += [f"{name}: {lines} lines, {LIMIT} allowed" for name, lines in lengths.items()
                   if lines > LIMIT and name not in reasons]
    violations += [f"{options.reasons.name}: {name} needs no entry" for name in reasons
                   if lengths.get(name, 0) <= LIMIT]
    tree.finish(violations, f"{len(lengths)} files")


if __name__ == "__main__":
    main()
