"""lint.format: clang-format leaves every C and C++ file of the tree as it is."""

import re
import subprocess
import sys

import tree


def main():
    parser = tree.parser(__doc__)
    parser.add_argument("--clang-format", required=True)
    options = parser.parse_args()
    names = tree.code_files(options.root)
    if not names:
        tree.finish([], "0 files")
    command = [options.clang_format, "--dry-run", "-Werror", "--style=file", *names]
    run = subprocess.run(command, cwd=options.root, capture_output=True, text=True)
    places = {}
    for path, line in re.findall(r"^(.+?):(\d+):\d+: .*\[-Wclang-format-violations\]$", run.stderr, re.MULTILINE):
        places.setdefault(path, []).append(line)
    violations = [f"{path}:{lines[0]}: {len(lines)} places; to mend: {options.clang_format} -i {path}"
                  for path, lines in places.items()]
    if run.returncode != 0 and not violations:
        sys.exit(f"{options.clang_format} failed:\n{run.stderr}")
    tree.finish(violations, f"{len(names)} files")


if __name__ == "__main__":
    main()
