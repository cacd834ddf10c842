"""lint.named_tests: what a table of features says is shown by a test, there is.

Looked at is the section HEADING of runtime/ARCHITECTURE.md. Before its table stand the short names of test files: "PP is
`spawn/program_port_test`". In the table's second column a Y, o or ~ has behind it one or more of
  `PP.Name`             TEST or TEST_F Name of that file
  `golden_test`: text   a behaviour recorded of OTP, by its name in stress/otp
  `name_test`           a test file as a whole
"""

import re

import tree

PAGE = "runtime/ARCHITECTURE.md"
HEADING = "## Programs, beside what others offer"
SHORT = re.compile(r"\b([A-Z]{2,}) is\s+`([\w/]+)`|\b([A-Z]{2,})\s+`([\w/]+)`")
NAMED = re.compile(r"`([^`]+)`(?:: ([^;,|]+))?")
CLAIM = re.compile(r"[Yo~]\b|~")


def section(text):
    """Numbered lines of the section."""
    lines = list(enumerate(text.splitlines(), 1))
    start = next((at for at, (_, line) in enumerate(lines) if line == HEADING), None)
    if start is None:
        return []
    end = next((at for at in range(start + 1, len(lines)) if lines[at][1].startswith("## ")), len(lines))
    return lines[start + 1:end]


class Tests:
    def __init__(self, root, prose):
        self.files = {name: tree.read(root / name) for name in tree.files(root) if name.endswith("_test.cc")}
        self.golden = "".join(tree.read(root / name) for name in tree.files(root)
                              if re.fullmatch(r"stress/otp/golden_\w+\.cc", name))
        self.short = {a or c: b or d for a, b, c, d in SHORT.findall(prose)}

    def problem(self, name, text):
        """Why there is no such test, or None."""
        if text:
            return None if name == "golden_test" and f'"{text}"' in self.golden else "no such behaviour"
        short, dot, test = name.partition(".")
        if not dot:
            return None if any(path.endswith(f"/{name}.cc") for path in self.files) else "no such test file"
        if short not in self.short:
            return "no file has this short name"
        source = self.files.get(f"runtime/{self.short[short]}.cc")
        if source is None:
            return f"there is no runtime/{self.short[short]}.cc"
        found = re.search(rf"^TEST(?:_F)?\(\w+,\s*{re.escape(test)}\)", source, re.MULTILINE)
        return None if found else f"no such test in {self.short[short]}"


def main():
    options = tree.parser(__doc__).parse_args()
    lines = section(tree.read(options.root / PAGE))
    rows = [(number, line.split("|")) for number, line in lines if line.startswith("|")][2:]
    tests = Tests(options.root, " ".join(line for _, line in lines if not line.startswith("|")))
    violations = [] if rows else [f"{PAGE}: no table below {HEADING}"]
    for number, cells in rows:
        ours = cells[2]
        named = NAMED.findall(ours)
        if CLAIM.match(ours.strip()) and not named:
            violations.append(f"{PAGE}:{number}: no test for{cells[1].rstrip()}")
        for name, text in named:
            text = text.strip()
            problem = tests.problem(name, text)
            if problem:
                violations.append(f"{PAGE}:{number}: {name}{': ' + text if text else ''}: {problem}")
    tree.finish(violations, f"{len(rows)} rows")


if __name__ == "__main__":
    main()
