"""Replays inputs that once crashed a driver: check_replay.py BUCKET MODULE COMMAND...

The command must fail with a sanitizer's report of BUCKET whose first frames are in MODULE. Exit status: 0 it did, 1 not.
"""

import re
import subprocess
import sys


def main():
    bucket, module, *command = sys.argv[1:]
    ran = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         check=False)
    log = ran.stdout.decode(errors="replace")
    report = re.search(rf"ERROR: \w+: {bucket}\b(.*?)(?:\n\n|\Z)", log, re.DOTALL)
    frames = re.findall(r"^ +#[0-2] .*", report[1], re.MULTILINE) if report else []
    if ran.returncode == 0 or not any(module in frame for frame in frames):
        print(log)
        print(f"no {bucket} in {module}: status {ran.returncode}")
        return 1
    print(f"{bucket} in {module}, as kept")
    return 0


if __name__ == "__main__":
    sys.exit(main())
