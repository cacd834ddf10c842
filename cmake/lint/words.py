"""lint.words: no leftover-work marks, no paths or hosts of one machine (the list is words.txt)."""

import pathlib
import re

import tree

SELF = "cmake/lint/words.txt"
DATA = "fuzz/corpus/"


def main():
    parser = tree.parser(__doc__)
    parser.add_argument("--words", type=pathlib.Path, default=pathlib.Path(__file__).with_name("words.txt"))
    options = parser.parse_args()
    rules = []
    for _, line in tree.table(options.words):
        pattern, name = re.split(r"\s{2,}", line, maxsplit=1)
        rules.append((re.compile(pattern), name.strip()))
    names = [name for name in tree.files(options.root) if name != SELF and not name.startswith(DATA)]
    violations = []
    for name in names:
        text = tree.read(options.root / name)
        if "\0" in text:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            for pattern, what in rules:
                found = pattern.search(line)
                if found:
                    violations.append(f"{name}:{number}: {what}: {found[0]}")
    tree.finish(violations, f"{len(names)} files")


if __name__ == "__main__":
    main()
