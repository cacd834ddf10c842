"""What external programs cost in portlab, beside the least that they can cost and beside Erlang/OTP, in one run.

Each round runs, in random order: portlab's program_benchmark with an empty and with a 2 GiB host and with all work in the
caller's thread, and a real `erl`. In program_benchmark a case and its floor take turns: a bare vfork, exec and wait; the
same program behind two pipes and an epoll; the same time without a start. Of each round the tenth percentile counts (other
work on the machine only ever adds time; of what is the better the more, the ninetieth). One line for each case: the median
over the rounds, and the ratios, each made within a round, with their smallest and largest.

OTP's figures have the cost of an Erlang call in them, portlab's have not; its starts and echoes are a scheduled process's, as
an Erlang process is one, but for those in the caller's thread, the stall and the stream. A goal for a product, no fair
micro-benchmark. Never a test gate.

Exit status: 0 measured; 1 something did not run; 3 `erl` or `erlc` is missing (Debian: erlang-base).
"""

import argparse
import os
import pathlib
import random
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
MORE_IS_BETTER = {"starts/s", "stream GiB/s"}
#        what                                  case of portlab            beside, and what the ratio says
CASES = [
    ("spawn -> exit status", ("plain", "spawn"), [("vfork+exec+wait", ("plain", "spawn/floor")), ("OTP", ("OTP", "spawn"))]),
    ("the same in a large host", ("large", "spawn"),
     [("vfork+exec+wait there", ("large", "spawn/floor")), ("in a small host", ("plain", "spawn")), ("OTP", ("OTP", "spawn"))]),
    ("starts/s", ("plain", "starts/s"), [("OTP", ("OTP", "starts/s"))]),
    ("longest stall of another thread", ("plain", "stall"), [("without a start", ("plain", "stall/floor"))]),
    ("framed echo 16 B, inline", ("inline", "echo 16 B inline"),
     [("pipes", ("inline", "echo 16 B inline/floor")), ("OTP", ("OTP", "echo 16 B"))]),
    ("framed echo 16 B", ("plain", "echo 16 B"), [("pipes", ("plain", "echo 16 B/floor")), ("OTP", ("OTP", "echo 16 B"))]),
    ("framed echo 64 KiB, inline", ("inline", "echo 64 KiB inline"),
     [("pipes", ("inline", "echo 64 KiB inline/floor")), ("OTP", ("OTP", "echo 64 KiB"))]),
    ("framed echo 64 KiB", ("plain", "echo 64 KiB"),
     [("pipes", ("plain", "echo 64 KiB/floor")), ("OTP", ("OTP", "echo 64 KiB"))]),
    ("one way, 64 KiB packets, GiB/s", ("plain", "stream GiB/s"), [("OTP", ("OTP", "stream GiB/s"))]),
]


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, required=True, help="the build's folder, such as build/release")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--count", type=int, default=200, help="samples of a case in one round")
    parser.add_argument("--ballast-mib", type=int, default=2048, help="memory of the large host")
    return parser.parse_args()


def run(command):
    """The samples it printed, by case."""
    ran = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                         check=False, timeout=600)
    if ran.returncode != 0:
        print(f"{command[0]} ended with {ran.returncode}: {ran.stderr.strip() or ran.stdout.strip()}", file=sys.stderr)
        sys.exit(1)
    samples = {}
    for line in ran.stdout.splitlines():
        case, sample = line.split("\t")
        samples.setdefault(case, []).append(float(sample))
    return samples


def best(case, samples):
    ordered = sorted(samples, reverse=case in MORE_IS_BETTER)
    return ordered[round(0.1 * (len(ordered) - 1))]


def measure_rounds(options, beams):
    """For each round: by who and case, the tenth percentile."""
    benchmark = [options.build / "tests/program_benchmark", "--count", options.count]
    programs = (options.build / "programs").resolve()
    runs = {
        "plain": benchmark,
        "large": benchmark + ["--ballast-mib", options.ballast_mib],
        "inline": benchmark + ["--inline"],
        "OTP": ["erl", "-noshell", "-noinput", "-pa", beams, "-s", "program_speed", "main", programs / "tiny_program",
                programs / "echo_program", options.count],
    }
    rounds = []
    for number in range(1, options.rounds + 1):
        figures = {}
        for who in random.sample(sorted(runs), len(runs)):
            for case, samples in run(runs[who]).items():
                figures[who, case] = best(case, samples)
        rounds.append(figures)
        print(f"round {number} of {options.rounds}", file=sys.stderr, flush=True)
    return rounds


def figure(case, value):
    if case == "stream GiB/s":
        return f"{value:.2f}"
    return f"{value:.0f}" if case in MORE_IS_BETTER else f"{value / 1000:.2f} us"


def print_case(what, of_portlab, besides, rounds):
    case = of_portlab[1]
    parts = [f"{what}: {figure(case, statistics.median(one[of_portlab] for one in rounds))}"]
    for name, other in besides:
        ratios = [one[of_portlab] / one[other] for one in rounds]
        parts.append(f"{name} {figure(case, statistics.median(one[other] for one in rounds))}: "
                     f"ratio {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")
    print("; ".join(parts))


def main():
    options = parse_arguments()
    for tool in ("erl", "erlc"):
        if shutil.which(tool) is None:
            print(f"{tool} is missing: install erlang-base", file=sys.stderr)
            sys.exit(3)
    with tempfile.TemporaryDirectory() as beams:
        subprocess.run(["erlc", "-o", beams, str(HERE / "program_speed.erl")], check=True)
        rounds = measure_rounds(options, beams)
    print(f"p10 of {options.count} samples in each of {options.rounds} rounds, load {os.getloadavg()[0]:.1f}; "
          "ratios are portlab's figure over the other's:")
    for what, of_portlab, besides in CASES:
        print_case("  " + what, of_portlab, besides, rounds)


if __name__ == "__main__":
    main()
