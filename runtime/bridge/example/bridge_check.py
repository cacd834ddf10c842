"""What the checks of the bridge share: compiling Erlang, running erl, and looking for what was left behind."""

import argparse
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time
import uuid

HERE = pathlib.Path(__file__).resolve().parent
# In the environment of everything a check starts, so that what outlives it can be found.
MARK = "PORTLAB_BRIDGE_CHECK"


class Check:
    def __init__(self, description, flag=None):
        parser = argparse.ArgumentParser(description=description)
        parser.add_argument("--root", type=pathlib.Path, required=True, help="the build: bin, drivers, erlang")
        parser.add_argument("--work", type=pathlib.Path, required=True, help="a folder to work in; emptied")
        if flag is not None:
            parser.add_argument(flag, action="store_true", dest="flag", help="an ASan host was built")
        options = parser.parse_args()
        self.flag = getattr(options, "flag", False)
        self.root, self.work, self.mark = options.root.resolve(), options.work.resolve(), uuid.uuid4().hex
        self.failures = []
        shutil.rmtree(self.work, ignore_errors=True)
        (self.work / "tmp").mkdir(parents=True)
        for tool in ("erl", "erlc"):
            if shutil.which(tool) is None:
                sys.exit(f"FAILED: {tool} is not there; install erlang-base and erlang-eunit")

    def environment(self, **more):
        return {**os.environ, MARK: self.mark, "TMPDIR": str(self.work / "tmp"), "ERL_CRASH_DUMP": "/dev/null",
                "PORTLAB": str(self.root / "bin" / "portlab"), **more}

    def ebin(self):
        return self.root / "erlang" / "portlab" / "ebin"

    def compile(self, name, transform=False, sources=("wordcount.erl", "wordcount_tests.erl")):
        """Compiles the sources; returns the folder. `transform`: as a user would have them hosted."""
        folder = self.work / name
        folder.mkdir()
        options = ["-pa", str(self.ebin()), "+{parse_transform,portlab_transform}"] if transform else []
        subprocess.run(["erlc", *options, "-o", str(folder), *[str(HERE / source) for source in sources]],
                       check=True, env=self.environment())
        return folder

    def erl_command(self, paths, expression):
        folders = [part for path in [self.ebin(), *paths] for part in ("-pa", str(path))]
        return ["erl", "-noinput", *folders, "-eval", expression]

    def erl(self, paths, expression, limit=120, **environment):
        """Runs one expression in a node of its own; returns all that was written."""
        ended = subprocess.run(self.erl_command(paths, expression), env=self.environment(**environment), timeout=limit,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=self.work, check=False)
        return ended.stdout.decode(errors="replace")

    def suite(self, paths, flavour, driver="wordcount_drv", **environment):
        return self.erl(paths, "eunit:test(wordcount_tests), halt().", WORDCOUNT_DRIVER=driver,
                        WORDCOUNT_FOLDER=str(self.root / "drivers" / flavour), **environment)

    def expect(self, what, text, *wanted):
        missing = [part for part in wanted if part not in text]
        self.require(what, not missing, f"not in the output: {missing}\n{text}")

    def require(self, what, condition, detail=""):
        print(f"{'ok    ' if condition else 'FAILED'} {what}")
        if not condition:
            self.failures.append(what)
            print(detail)

    def left_behind(self, patience=10):
        """Processes of this check that still live after `patience` seconds, and its temporary files."""
        return self.gone(f"{MARK}={self.mark}", patience) + [str(path) for path in (self.work / "tmp").iterdir()]

    def gone(self, variable, patience):
        """Waits until no process of this check has the variable in its environment; those that still have."""
        deadline = time.monotonic() + patience
        while (found := self.marked(variable)) and time.monotonic() < deadline:
            time.sleep(0.1)
        return found

    def marked(self, variable):
        needles, found = {variable.encode(), f"{MARK}={self.mark}".encode()}, []
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if needles <= set((folder / "environ").read_bytes().split(bytes(1))):
                    found.append(f"{folder.name} {(folder / 'cmdline').read_bytes().replace(bytes(1), b' ').decode()}")
            except OSError:
                continue  # it ended meanwhile
        return found

    def finish(self):
        left = self.left_behind()
        self.require("nothing is left behind", not left, "\n".join(left))
        for process in left:
            if process.split()[0].isdigit():
                os.kill(int(process.split()[0]), signal.SIGKILL)
        sys.exit(1 if self.failures else 0)
