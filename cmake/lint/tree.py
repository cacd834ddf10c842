"""What every lint shares: the files of a tree, and how violations are reported.

A lint exits with CLEAN or VIOLATIONS. Any other status means that the lint itself could not do its work (Python exits
with 1 after an exception, argparse with 2), so a canary cannot take a broken lint for one that found something.
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys

CLEAN = 0
VIOLATIONS = 3

CODE_SUFFIXES = {".c", ".cc", ".h"}
SCRIPT_SUFFIXES = {".py", ".cmake", ".sh", ".erl"}
NOT_SOURCES = {".git", "build", "portlab-report"}


def parser(description):
    """An argument parser with the option every lint takes."""
    result = argparse.ArgumentParser(description=description)
    result.add_argument("--root", type=pathlib.Path, required=True, help="top folder of the tree to look at")
    return result


def _walk(root):
    for folder, folders, names in os.walk(root):
        if pathlib.Path(folder) == root:
            folders[:] = [name for name in folders if name not in NOT_SOURCES]
        for name in names:
            yield (pathlib.Path(folder) / name).relative_to(root).as_posix()


def files(root):
    """Paths of the tree's files relative to `root`: those git tracks or would track, or all where there is no git tree."""
    names = None
    if (root / ".git").exists():
        command = ["git", "-c", "safe.directory=*", "-C", str(root), "ls-files", "-z", "--cached", "--others",
                   "--exclude-standard"]
        try:
            listed = subprocess.run(command, capture_output=True, check=True).stdout.decode()
            names = [name for name in listed.split("\0") if name]
        except (OSError, subprocess.CalledProcessError):
            names = None
    return sorted(name for name in set(_walk(root) if names is None else names) if (root / name).is_file())


def code_files(root):
    """The C and C++ files of the tree."""
    return [name for name in files(root) if pathlib.PurePath(name).suffix in CODE_SUFFIXES]


def read(path):
    return path.read_text(encoding="utf-8", errors="replace")


def table(path):
    """Yields (line number, text) of a data file, without comments and empty lines."""
    for number, line in enumerate(read(path).splitlines(), 1):
        text = re.sub(r"(^|\s)#.*", "", line).strip()
        if text:
            yield number, text


def finish(violations, looked_at):
    """Prints the violations, one a line, and exits with the status that says whether there were any."""
    for violation in violations:
        print(violation)
    print(f"{len(violations)} violations, {looked_at} looked at")
    sys.exit(VIOLATIONS if violations else CLEAN)
