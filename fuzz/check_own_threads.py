"""Threads of a driver's own in the fuzz host: check_own_threads.py HOST ECHO_DRIVER OWN_THREADS_DRIVER THREAD_AT_LOAD_DRIVER.

The host's atomics are plain words until a thread is made (runtime/base/atomic.h). Whether they are, it says with --trace:
they must be where there are no threads, and must not be where the driver made one when it was loaded. Then a driver makes
threads in an input, in each way libc has, which use the runtime together with a callback: nothing of it may break.

Exit status: 0 all is as it must be, 1 not.
"""

import os
import pathlib
import subprocess
import sys
import tempfile

WAYS = {0: "pthread_create", 1: "thrd_create", 2: "timer_create", 3: "mq_notify"}
PLAIN = "portlab: one thread at a time"
PATIENCE = 30  # seconds for what takes less than one


def run(host, driver, operation, folder):
    opened, controlled = bytes([0, 0, 1, 0]), bytes([5, 0, 4, operation, 0, 0, 0])
    entry = folder / "input"
    entry.write_bytes(opened + controlled)
    try:
        ran = subprocess.run([host, entry, f"-artifact_prefix={folder}/", "-ignore_remaining_args=1",
                              f"--driver={driver}", "--trace"],
                             env=dict(os.environ, ASAN_OPTIONS="detect_leaks=0"), stdin=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False, timeout=PATIENCE)
    except subprocess.TimeoutExpired as late:  # a lock that was lost
        return f"none after {PATIENCE} s", (late.stderr or b"").decode(errors="replace")
    return ran.returncode, ran.stderr.decode(errors="replace")


def main():
    host, echo, own_threads, thread_at_load = sys.argv[1:]
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        for driver, plain in ((echo, True), (own_threads, True), (thread_at_load, False)):
            status, log = run(host, driver, 99, pathlib.Path(folder))
            if status != 0 or (PLAIN in log) != plain:
                wrong.append(f"{driver}: status {status}, plain words: {PLAIN in log}, not {plain}\n{log[-2000:]}")
        for operation, way in WAYS.items():
            status, log = run(host, own_threads, operation, pathlib.Path(folder))
            if status != 0:
                wrong.append(f"a thread made by {way}: status {status}\n{log[-2000:]}")
    print("\n".join(wrong) or "all as it must be")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
