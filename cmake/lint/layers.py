"""lint.layers: the direction of dependency between areas, held against every #include and every portlab_area()."""

import pathlib
import re

import tree

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]')
AREA_CALL = re.compile(r"portlab_area\(\s*(\w+)([^)]*)\)")
DEPENDS = re.compile(r"\bDEPENDS\b((?:\s+(?!SOURCES\b|LIBRARIES\b)[\w./]+)*)")
PUBLIC = "runtime/include/"
MAY_USE_TESTING = ("_test.cc", "_benchmark.cc")


class Table:
    """layers.txt: `allowed` maps an area to the areas it may include; `headers` and `generated` map a header to its area."""

    def __init__(self, path):
        self.headers, self.generated, self.violations, self._given = {}, {}, [], {}
        for number, line in tree.table(path):
            name, _, rest = (part.strip() for part in line.partition(":"))
            if name.startswith("header "):
                self.headers["portlab/" + name.split()[1]] = rest
            elif name.startswith("generated "):
                self.generated[name.split()[1]] = rest
            elif name in self._given:
                self.violations.append(f"{path.name}:{number}: {name} is listed twice")
            else:
                self._given[name] = rest.split()
        self.allowed = {area: self._expand(area, [area]) for area in self._given}
        for header, owner in self.headers.items():
            if owner not in self._given:
                self.violations.append(f"{path.name}: {header} belongs to {owner}, which is no area")

    def _expand(self, area, way):
        result = set()
        for word in self._given[area]:
            other = word.rstrip("+")
            if word == "nothing":
                continue
            if other not in self._given:
                self.violations.append(f"layers.txt: {area} may include {other}, which is no area")
            elif other in way:
                cycle = " -> ".join(way[way.index(other):] + [other])
                self.violations.append(f"layers.txt: cycle: {cycle}")
            else:
                below = self._expand(other, way + [other])
                result |= {other} | (below if word.endswith("+") else set())
        return result

    def stands_alone(self, area):
        return self._given[area] == ["nothing"]

    def area_of(self, path):
        """The area a file belongs to, given its path in the tree; None for a file in no area."""
        if path.startswith(PUBLIC):
            public = path[len(PUBLIC):]
            return "erl_driver" if public == "erl_driver.h" else self.headers.get(public)
        if path in self.generated:
            return self.generated[path]
        if re.fullmatch(r"runtime/runtime(_\w+)?\.(cc|h)", path):
            return "runtime"
        folder = pathlib.PurePosixPath(path.removeprefix("runtime/")).parent
        return next((str(up) for up in [folder, *folder.parents] if str(up) in self._given), None)


def resolve(root, source, name, ours):
    """The file of the tree an #include means, or None: the folder of the source first, then the include folders."""
    here = pathlib.PurePosixPath(source).parent
    candidates = [str(here / name), PUBLIC + name, "runtime/" + name, name]
    return next((path for path in candidates if path in ours), None)


def check_include(table, area, source, target):
    """Why `source` may not include `target`; None when it may."""
    other = table.area_of(target)
    if other is None:
        return f"includes {target}, which is in no area of layers.txt"
    if other == area:
        return f"{area} files include nothing of ours" if table.stands_alone(area) else None
    if other in table.allowed[area]:
        return None
    if source.endswith(MAY_USE_TESTING) and other == "testing":
        return None
    return f"{area} may not include {other} ({target})"


def check_sources(root, table, names):
    known, violations = set(names), []
    own_folders = {name.split("/")[0] for name in table.allowed} | {"portlab"}
    for source in names:
        area = table.area_of(source)
        if area is None:
            violations.append(f"{source}: is in no area of layers.txt")
            continue
        for number, line in enumerate(tree.read(root / source).splitlines(), 1):
            found = INCLUDE.match(line)
            if not found:
                continue
            target = found[1] if found[1] in table.generated else resolve(root, source, found[1], known)
            if target:
                why = check_include(table, area, source, target)
            else:
                looks_ours = "/" in found[1] and found[1].split("/")[0] in own_folders
                why = f"includes {found[1]}, which does not exist" if looks_ours else None
            if why:
                violations.append(f"{source}:{number}: {why}")
    return violations


def check_depends(root, table):
    """A portlab_area() may link only areas that its files may include."""
    violations = []
    names = {area.rsplit("/", 1)[-1]: area for area in table.allowed}
    for path in (name for name in tree.files(root) if name.endswith("CMakeLists.txt")):
        for name, rest in AREA_CALL.findall(re.sub(r"#.*", "", tree.read(root / path))):
            area = names.get(name)
            depends = DEPENDS.search(rest)
            for other in depends[1].split() if depends and area else []:
                target = names.get(other)
                if target and target != area and target not in table.allowed[area]:
                    violations.append(f"{path}: {area} may not depend on {target}")
    return violations


def main():
    parser = tree.parser(__doc__)
    parser.add_argument("--table", type=pathlib.Path, default=pathlib.Path(__file__).with_name("layers.txt"))
    options = parser.parse_args()
    table = Table(options.table)
    violations = list(dict.fromkeys(table.violations))
    names = tree.code_files(options.root)
    if not violations:
        violations = check_sources(options.root, table, names) + check_depends(options.root, table)
    tree.finish(violations, f"{len(names)} files")


if __name__ == "__main__":
    main()
