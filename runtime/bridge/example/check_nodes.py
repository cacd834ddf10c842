"""Two nodes at once, with a thousand clients each; one of them is killed in the middle of its work."""

import os
import signal
import subprocess
import time

import bridge_check

AT_WORK = 60  # seconds, on a busy machine


class Node:
    def __init__(self, check, name, paths):
        self.name, self.finish, self.output = name, check.work / f"{name}.finish", check.work / f"{name}.out"
        expression = f'traffic:run(os:getenv("WORDCOUNT_FOLDER"), "{self.finish}"), halt().'
        with open(self.output, "wb") as output:
            self.process = subprocess.Popen(
                check.erl_command(paths, expression), stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                env=check.environment(CHECK_NODE=name, WORDCOUNT_FOLDER=str(check.root / "drivers" / "plain"),
                                      PORTLAB_FLAVOUR="plain"))

    def said(self, text, limit):
        deadline = time.monotonic() + limit
        while text not in self.output.read_text(errors="replace") and time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        return text in self.output.read_text(errors="replace")


def main():
    check = bridge_check.Check(__doc__)
    hosted = check.compile("hosted", sources=("traffic.erl",), transform=True)
    suite = check.compile("suite", transform=True)
    victim, other = Node(check, "victim", [hosted]), Node(check, "other", [hosted])
    try:
        for node in (victim, other):
            check.require(f"{node.name}: every client is at work", node.said("at work", AT_WORK),
                          node.output.read_text(errors="replace"))
        alive = check.marked("CHECK_NODE=victim")
        check.require("the victim has a bridge, a host, a spawn server and programs", len(alive) > 23, "\n".join(alive))
        os.kill(victim.process.pid, signal.SIGKILL)
        victim.process.wait()
        left = check.gone("CHECK_NODE=victim", patience=20)
        check.require("nothing of the killed node is left", not left, "\n".join(left))
        other.finish.touch()
        check.require("the other node finished in peace", other.said("finished", 30),
                      other.output.read_text(errors="replace"))
        other.process.wait(timeout=30)
    finally:
        for node in (victim, other):
            node.process.kill()
            node.process.wait()
    check.expect("the next run starts clean", check.suite([suite], "plain", PORTLAB_FLAVOUR="plain"),
                 "All 20 tests passed")
    check.finish()


if __name__ == "__main__":
    main()
