"""Proves that the lints bite: runs one on a small good tree, where it must find nothing, and on bad ones, where it must
exit with VIOLATIONS and name what is wrong. `lint.<name>.canary` is `canary.py <name>`.
"""

import argparse
import pathlib
import shutil
import subprocess
import sys
from dataclasses import dataclass, field

import tree

HERE = pathlib.Path(__file__).parent
GOOD_LAYERS = {
    "runtime/base/ids.h": "#pragma once\n",
    "runtime/include/portlab/term.h": '#include "base/ids.h"\n',
    "runtime/port/port.cc": '#include <vector>\n#include "driver/scope.h"\n#include "portlab/term.h"\n',
    "runtime/driver/scope.h": "#pragma once\n",
    "runtime/driver/scope_test.cc": '#include "testing/fixture.h"\n',
    "runtime/testing/fixture.h": '#include "port/port.h"\n',
    "runtime/port/port.h": "#pragma once\n",
    "runtime/port/CMakeLists.txt": "portlab_area(port SOURCES port.cc DEPENDS driver term LIBRARIES Boost::headers)\n",
    "faulty_drivers/drivers/null_drv.c": "#include <erl_driver.h>\n",
    "runtime/include/erl_driver.h": "#pragma once\n",
}
LONG_BODY = "  ++x;\n" * 69
MARK = "TO" + "DO"  # in two parts, so that this file passes lint.words


@dataclass
class Case:
    """A tree, the options a lint gets, and the text it must print; no text means that it must find nothing."""
    files: dict
    expected: str = ""
    options: list = field(default_factory=list)


def layers(_):
    def case(path, text, expected):
        return Case({**GOOD_LAYERS, path: text}, expected)

    yield Case(GOOD_LAYERS)
    yield case("runtime/driver/entry.cc", '\n#include "port/port.h"\n',
               "runtime/driver/entry.cc:2: driver may not include port (runtime/port/port.h)")
    yield case("runtime/base/clock.cc", "#include <portlab/term.h>\n", "base may not include term")
    yield case("runtime/port/table.cc", '#include "../testing/fixture.h"\n#include "port/gone.h"\n',
               "runtime/port/table.cc:2: includes port/gone.h, which does not exist")
    yield case("runtime/port/table.cc", '#include "testing/fixture.h"\n', "port may not include testing")
    yield case("faulty_drivers/drivers/bad_drv.c", '#include "base/ids.h"\n',
               "faulty_drivers/drivers may not include base")
    yield case("faulty_drivers/programs/bad.c", '#include "erl_driver.h"\n',
               "faulty_drivers/programs may not include erl_driver")
    yield case("runtime/nowhere/x.cc", "", "runtime/nowhere/x.cc: is in no area")
    yield case("runtime/driver/CMakeLists.txt", "portlab_area(driver SOURCES a.cc\n  DEPENDS base port)\n",
               "runtime/driver/CMakeLists.txt: driver may not depend on port")
    yield Case({"table.txt": "a: b\nb: c+\nc: a\n"}, "cycle: a -> b -> c -> a", ["--table", "table.txt"])


def format(options):
    style = {".clang-format": "BasedOnStyle: Google\n"}
    arguments = ["--clang-format", options.clang_format]
    yield Case({**style, "runtime/a.cc": "int f() { return 1; }\n"}, "", arguments)
    yield Case({**style, "runtime/a.cc": "\nint  f( ) {return 1;}\n"}, "runtime/a.cc:2: ", arguments)


def functions(_):
    head = "namespace a {\nclass B {\n  int f(int x) : y_{x} {\n"
    yield Case({"a.cc": head + LONG_BODY[:-6] + "  }\n};\n}  // {\n"})
    yield Case({"a.cc": head + LONG_BODY + '    g("}");\n  }\n};\n}\n'}, "a.cc:3: f has 72 lines, 70 allowed")
    yield Case({"a.c": "int x;\n\nTEST(A, B) {\n" + LONG_BODY + "}\n"}, "a.c:3: TEST(A,B) has 71 lines")
    yield Case({"a.cc": "int f() {\n"}, "a.cc: braces cannot be followed")


def files(_):
    reason = {"reasons.txt": "# why\na.cc  generated\n"}
    options = ["--reasons", "reasons.txt"]
    yield Case({"a.cc": "\n" * 401, "b.h": "\n" * 400, **reason}, "", options)
    yield Case({"a.cc": "\n" * 401, "b.h": "\n" * 401, **reason}, "b.h: 401 lines, 400 allowed", options)
    yield Case({"a.cc": "\n" * 400, **reason}, "reasons.txt: a.cc needs no entry", options)
    yield Case({"a.cc": "\n" * 401, "reasons.txt": "a.cc\n"}, "reasons.txt:1: a.cc has no reason", options)


def words(_):
    slash = "/"  # kept apart from what follows it, as MARK is
    yield Case({"a.cc": "int network = 1;  // lib/work/x is relative\n"})
    yield Case({"a.cc": f"int a;\n// {MARK}: later\n"}, "a.cc:2: leftover-work mark")
    yield Case({"README.md": f"see {slash}work/x\n"}, "README.md:1: path of one machine")
    yield Case({"x.txt": f"{slash}root/x\n"}, "x.txt:1: path of one machine")
    yield Case({"x.txt": f"{slash}tmp/build-x\n"}, "x.txt:1: path of one machine")
    yield Case({"x.txt": f"https:{slash}/registry.example.org/x\n"}, "x.txt:1: registry host")


def symbols(options):
    source = "int driver_a(void) { return 1; }\nint driver_b(void) { return 2; }\nint main(void) { return 0; }\n"
    arguments = ["--binary", "program", "--list", "list.txt", "--beam-list", "beam.txt", "--nm", options.nm]

    def case(names, expected):
        exported = "".join(f"  {name};\n" for name in ("driver_a", "driver_b"))
        files = {"a.c": source, "list.txt": "# api\n" + "\n".join(names[:1]) + "\n",
                 "beam.txt": "\n".join(names[1:]) + "\n", "ld": "{\n" + exported + "};\n"}
        return Case(files, expected, arguments)

    yield case(["driver_a", "driver_b"], "")
    yield case(["driver_a"], "driver_b: exported, not in list.txt or beam.txt")
    yield case(["driver_a", "driver_b", "driver_c"], "driver_c: promised in list.txt or beam.txt, not exported")


def named_tests(_):
    head = "# x\n## Programs, beside what others offer\nPP is `a/b_test`, QQ\n`a/none_test`.\n| | ours | OTP |\n|---|---|---|\n"
    tests = {"runtime/a/b_test.cc": "TEST_F(ATest, Works) {\n}\nTEST(B,\n     Fits) {\n}\n",
             "stress/otp/golden_x.cc": '{"7 a name", 3},\n'}

    def case(row, expected, number=7):
        page = {"runtime/ARCHITECTURE.md": head + row + "\n## Next\n| x | Y | N |\n"}
        return Case({**tests, **page}, expected and f"runtime/ARCHITECTURE.md{f':{number}' if number else ''}: {expected}")

    yield case("| x | Y `PP.Works`, `PP.Fits`; o `golden_test`: 7 a name | Y `no` |\n| y | N | Y |\n| z | o `b_test` | N |", "")
    yield case("| x | Y | N |", "no test for x")
    yield case("| y | N | Y |\n| x | ~ | N |", "no test for x", 8)
    yield case("| x | o `PP.Work` | N |", "PP.Work: no such test in a/b_test")
    yield case("| x | N `QQ.Works` | N |", "QQ.Works: there is no runtime/a/none_test.cc")
    yield case("| x | Y `RR.Works` | N |", "RR.Works: no file has this short name")
    yield case("| x | Y `golden_test`: 7 a | N |", "golden_test: 7 a: no such behaviour")
    yield case("| x | Y `c_test` | N |", "c_test: no such test file")
    yield case("", "no table below ## Programs", None)


SCRIPTS = {layers: "layers.py", format: "format.py", functions: "functions.py", files: "sizes.py", words: "words.py",
           symbols: "symbols.py", named_tests: "named_tests.py"}


def run(script, case, root, compiler):
    """Lays the tree and runs the lint in it; returns why the case failed, or None."""
    shutil.rmtree(root, ignore_errors=True)
    for name, text in case.files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    if script == "symbols.py":
        subprocess.run([compiler, "a.c", "-Wl,--dynamic-list=ld", "-o", "program"], cwd=root, check=True)
    command = [sys.executable, str((HERE / script).resolve()), "--root", ".", *case.options]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    wanted = tree.VIOLATIONS if case.expected else tree.CLEAN
    if done.returncode != wanted or case.expected not in done.stdout:
        return (f"wanted exit status {wanted} and '{case.expected}', got {done.returncode} and:\n"
                f"{done.stdout}{done.stderr}")
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lint", choices=[lint.__name__ for lint in SCRIPTS])
    parser.add_argument("--work", type=pathlib.Path, required=True, help="folder for the trees; it is emptied")
    parser.add_argument("--clang-format", default="clang-format-14")
    parser.add_argument("--compiler", default="cc")
    parser.add_argument("--nm", default="nm")
    options = parser.parse_args()
    lint = next(lint for lint in SCRIPTS if lint.__name__ == options.lint)
    failures = 0
    for number, case in enumerate(lint(options), 1):
        problem = run(SCRIPTS[lint], case, options.work, options.compiler)
        failures += problem is not None
        print(f"case {number}: {problem or 'ok'}")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
