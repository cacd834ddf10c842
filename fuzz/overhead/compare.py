"""What portlab costs a fuzzer: user CPU of portlab-host-fuzz over that of a bare harness, on the same driver.

Both run a fixed number of executions with the same seeds, mutator, sanitizers and limits, in turns (A B, then B A, …), so
that what else the machine does falls on both. The state counters are off, so that both have the driver's coverage as their
only feedback and get inputs of the same kind.

The figure is the ratio of user CPU, pair by pair: median, and the range in which the medians of 95 % of resamples lie.
Never a test gate: machines are noisy.

Exit status: 0 measured, 1 a run failed.
"""

import argparse
import json
import os
import pathlib
import random
import resource
import statistics
import subprocess
import sys
import time

SAMPLES = 2000
OPTIONS = "quarantine_size_mb=16:malloc_context_size=8:detect_leaks=0"


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bare", type=pathlib.Path, required=True)
    parser.add_argument("--host", type=pathlib.Path, required=True)
    parser.add_argument("--driver", type=pathlib.Path, required=True)
    parser.add_argument("--runs", type=int, default=1_000_000, help="executions of each run")
    parser.add_argument("--seeds", type=int, default=10, help="pairs of runs")
    parser.add_argument("--max-len", type=int, default=256)
    parser.add_argument("--calls", help="only these operations beside open and close, in both: send,control,...")
    parser.add_argument("--json", type=pathlib.Path, help="also write the raw figures there")
    return parser.parse_args()


def measure(program, options, seed):
    """User CPU and wall seconds of one run."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    began = time.monotonic()
    ran = subprocess.run([program, f"-runs={options.runs}", f"-seed={seed}", f"-max_len={options.max_len}",
                          "-detect_leaks=0", "-ignore_remaining_args=1", f"--driver={options.driver}",
                          "--no-state-counters"] + ([f"--calls={options.calls}"] if options.calls else []),
                         env=dict(os.environ, ASAN_OPTIONS=OPTIONS), stdin=subprocess.DEVNULL,
                         stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    wall = time.monotonic() - began
    if ran.returncode != 0:
        print(ran.stderr.decode(errors="replace")[-2000:])
        sys.exit(f"{program} ended with {ran.returncode}")
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before, wall


def spread(ratios):
    """The range of 95 % of the medians of resamples; the resampling is seeded."""
    chance = random.Random(1)
    medians = sorted(statistics.median(chance.choices(ratios, k=len(ratios))) for _ in range(SAMPLES))
    return medians[SAMPLES * 25 // 1000], medians[SAMPLES * 975 // 1000]


def main():
    options = parse_arguments()
    pairs = []
    for seed in range(1, options.seeds + 1):
        order = [options.bare, options.host] if seed % 2 else [options.host, options.bare]
        figures = {program: measure(program, options, seed) for program in order}
        pairs.append({"seed": seed, "bare": figures[options.bare], "host": figures[options.host]})
        print(f"seed {seed}: bare {figures[options.bare][0]:.2f} s, portlab {figures[options.host][0]:.2f} s user CPU",
              flush=True)
    ratios = [pair["host"][0] / pair["bare"][0] for pair in pairs]
    low, high = spread(ratios)
    best = max(options.runs / pair["host"][0] for pair in pairs)
    print(f"user CPU, portlab over bare harness: median {statistics.median(ratios):.2f} ({low:.2f} to {high:.2f}), "
          f"{len(pairs)} pairs of {options.runs} executions; portlab's best pair: {best:,.0f} executions per CPU second; "
          f"load {os.getloadavg()[0]:.1f}")
    if options.json:
        options.json.write_text(json.dumps({"runs": options.runs, "pairs": pairs, "ratio": statistics.median(ratios),
                                            "low": low, "high": high, "load": os.getloadavg()}, indent=2) + "\n")


if __name__ == "__main__":
    main()
