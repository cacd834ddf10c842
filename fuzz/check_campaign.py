"""Runs one bounded libFuzzer campaign and says whether it went as expected.

A campaign that fuzzed nothing must not pass: inputs beyond the corpus must have been executed, and with a driver, the
driver's own code must be counted. --expect names what is to be found: "clean", or a bucket and the module it is in,
such as heap-buffer-overflow:canary_drv.

Exit status: 0 as expected, 1 not.
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys

# Asked of libFuzzer and of the sanitizers; any other status but 0 is trouble of its own.
FOUND = 77
# Times longer with PORTLAB_LONG.
LONG = 10


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--target", type=pathlib.Path, required=True)
    parser.add_argument("--work", type=pathlib.Path, required=True, help="folder for new inputs and artifacts; emptied")
    parser.add_argument("--corpus", type=pathlib.Path, help="seeds; they are read, never written")
    parser.add_argument("--dictionary", type=pathlib.Path)
    parser.add_argument("--driver", type=pathlib.Path)
    parser.add_argument("--flag", action="append", default=[], help="of the target's own")
    parser.add_argument("--drives", action="store_true", help="the target drives a driver, its own default included")
    parser.add_argument("--expect", default="clean")
    parser.add_argument("--runs", type=int, required=True)
    parser.add_argument("--seconds", type=int, default=0, help="0: as long as the runs take")
    return parser.parse_args()


def command_of(options):
    patience = LONG if os.environ.get("PORTLAB_LONG") and options.seconds else 1
    grown = options.work / "corpus"
    command = [options.target, f"-runs={options.runs * patience}", "-seed=1", f"-error_exitcode={FOUND}",
               f"-artifact_prefix={options.work}/", "-print_final_stats=1", "-detect_leaks=0", "-timeout=60",
               "-rss_limit_mb=2048", "-max_len=4096"]
    if options.seconds:
        command.append(f"-max_total_time={options.seconds * patience}")
    if options.dictionary:
        command.append(f"-dict={options.dictionary}")
    command.append(grown)
    if options.corpus:
        command.append(options.corpus)
    own = options.flag + ([f"--driver={options.driver}"] if options.driver else [])
    if own:
        command += ["-ignore_remaining_args=1", *own]
    return [str(word) for word in command]


def environment():
    """The caller's, with exit statuses that tell a finding from a target that did not start."""
    result = dict(os.environ)
    for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS"):
        asked = f"exitcode={FOUND}:abort_on_error=0:disable_coredump=1"
        result[name] = ":".join(filter(None, [result.get(name), asked]))
    return result


def run(options):
    """The exit status and the log of the campaign."""
    shutil.rmtree(options.work, ignore_errors=True)
    (options.work / "corpus").mkdir(parents=True)
    ran = subprocess.run(command_of(options), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, env=environment(), check=False)
    log = ran.stdout.decode(errors="replace")
    (options.work / "campaign.log").write_text(log)
    return ran.returncode, log


def number(pattern, log):
    found = re.search(pattern, log)
    return int(found[1]) if found else 0


def coverage_trouble(log):
    """Why the driver's own code was not counted; None when it was."""
    driver = re.search(r"driver \S+ at \[0x([0-9a-f]+), 0x([0-9a-f]+)\)", log)
    counters = re.search(r"INFO: Loaded (\d+) modules? +\(\d+ inline 8-bit counters\):(.*)", log)
    if not driver:
        return "the target did not say where the driver is"
    if not counters:
        return "nothing is instrumented; build the driver with -fsanitize=fuzzer-no-link"
    begin, end = (int(word, 16) for word in driver.groups())
    ranges = re.findall(r"(\d+) \[0x([0-9a-f]+), 0x([0-9a-f]+)\)", counters[2])
    if not any(int(count) > 0 and begin <= int(low, 16) < end for count, low, _ in ranges):
        return "no counter lies in the driver; build it with -fsanitize=fuzzer-no-link"
    return None


def finding_trouble(options, status, log):
    """What differs from --expect; None when nothing does."""
    if options.expect == "clean":
        return None if status == 0 else f"it ended with status {status}"
    bucket, module = options.expect.split(":")
    if status != FOUND:
        return f"{bucket} was not found: status {status} where {FOUND} was expected"
    report = re.search(rf"ERROR: \w+: {bucket}\b(.*?)(?:\n\n|\Z)", log, re.DOTALL)
    if not report:
        return f"something else than {bucket} was found"
    top = re.findall(r"^ +#[0-2] .*", report[1], re.MULTILINE)
    if not any(module in frame for frame in top):
        return f"{bucket} was found, but not in {module}"
    return None


def main():
    options = parse_arguments()
    status, log = run(options)
    executed = number(r"stat::number_of_executed_units: +(\d+)", log)
    seeds = number(r"INFO: seed corpus: files: (\d+)", log)
    trouble = finding_trouble(options, status, log)
    if not trouble and executed <= seeds:
        trouble = f"{executed} inputs were executed, {seeds} of them seeds: nothing was fuzzed"
    if not trouble and (options.drives or options.driver):
        trouble = coverage_trouble(log)
    if trouble:
        print(log)
        print(f"{options.target.name}: {trouble}")
        return 1
    new_units = number(r"stat::new_units_added: +(\d+)", log)
    covered = number(r"\bcov: (\d+)", log[log.rfind(" cov: "):] if " cov: " in log else log)
    print(f"{options.target.name}: {options.expect}, as expected: {executed} inputs executed, {seeds} of them seeds, "
          f"{new_units} new units, {covered} edges")
    return 0


if __name__ == "__main__":
    sys.exit(main())
