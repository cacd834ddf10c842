"""Runs each operation of alloc_misuse_drv in the fuzz host: check_alloc_misuse.py HOST DRIVER.

Both with the host's own memory behind driver_alloc and with the sanitizer's malloc (--malloc), which triage uses: a finding
of the one must be the same finding in the other. Exit status: 0 all reports are as they must be, 1 not.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

READS_BEHIND_COMMAND = 99  # what start does, before any operation
# operation: the kind of the report, and what portlab says of the address
EXPECTED = {
    0: (None, None),
    1: ("bad-free", None),
    2: ("double-free", None),
    3: ("heap-buffer-overflow", "1 bytes before the 24 bytes that driver_alloc gave"),
    4: ("heap-buffer-overflow", "0 bytes behind the 40 bytes that driver_alloc gave"),
    5: ("bad-free", None),
    6: ("heap-use-after-free", "in the 24 bytes that driver_alloc gave, and that were freed"),
    7: ("heap-buffer-overflow", None),
    8: ("double-free", None),
    9: ("heap-buffer-overflow", "0 bytes behind the 24 bytes that driver_alloc gave"),
    10: (None, None),
    READS_BEHIND_COMMAND: ("heap-buffer-overflow", "0 bytes behind the 24 bytes that the callback is lent"),
}
FINDING = 77


def run(host, driver, operation, mode, folder):
    arguments = b"behind" if operation == READS_BEHIND_COMMAND else b""
    opened, controlled = bytes([0, 0, 1 + len(arguments), 0]) + arguments, bytes([5, 0, 4, operation, 0, 0, 0])
    entry = folder / str(operation)
    entry.write_bytes(opened + controlled)
    ran = subprocess.run([host, entry, f"-error_exitcode={FINDING}", f"-artifact_prefix={folder}/",
                          "-ignore_remaining_args=1", f"--driver={driver}", *mode],
                         env=dict(os.environ, ASAN_OPTIONS=f"detect_leaks=0:exitcode={FINDING}"), stdin=subprocess.DEVNULL,
                         stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False, timeout=60)
    log = ran.stderr.decode(errors="replace")
    kind = re.search(r"SUMMARY: AddressSanitizer: ([a-z-]+)", log)
    where = re.search(r"portlab: the address is (.*)", log)
    return ran.returncode, kind and kind[1], where and where[1], log


def main():
    host, driver = sys.argv[1:]
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        for operation, (kind, where) in EXPECTED.items():
            for mode in ([], ["--malloc"]):
                status, seen_kind, seen_where, log = run(host, driver, operation, mode, pathlib.Path(folder))
                right = seen_kind == kind and status == (FINDING if kind else 0) and where in (None, seen_where)
                wrong += not right
                if not right:
                    print(log[-3000:])
                    print(f"operation {operation} {mode}: status {status}, {seen_kind}, {seen_where}; not {kind}, {where}")
    print(f"{wrong} of {2 * len(EXPECTED)} runs are not as they must be")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
