"""What ports of a linked-in driver cost in portlab and in Erlang/OTP, in one interleaved run.

Each round runs, in random order: portlab's port_benchmark and a real `erl` with one scheduler, both with an empty and
with the normal environment (OTP copies it on every open). One line for each case: the tenth percentile of the rounds
of either (other work on the machine only ever adds time), their p90, and the ratio of the tenth percentiles. At the
end the memory of an open port, and what a table full of ports makes of an open and close.

OTP's figures have the cost of an Erlang call and of a process in them, portlab's have not: a goal for a product, no fair
micro-benchmark. Never a test gate.

Exit status: 0 measured; 1 something did not run; 3 `erl` or `erlc` is missing (Debian: erlang-base).
"""

import argparse
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
CASES = ["open+close", "control 16 B", "command -> message 16 B", "outputv 16 B", "outputv 4 KiB", "outputv 64 KiB"]
MEMORY = "bytes of an open port"
FILTER = "^(open.close|control 16 B|command -> message 16 B|outputv [0-9]+ (B|KiB))$"
ENVIRONMENTS = ["empty", "normal"]


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, required=True, help="the build's folder, such as build/release")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--ports", type=int, default=1_000_000, help="ports open at once at the end")
    return parser.parse_args()


def run(command, environment):
    """What it printed."""
    path = os.environ.get("PATH", os.defpath)
    env = {"PATH": path, "HOME": "/"} if environment == "empty" else os.environ
    ran = subprocess.run([str(word) for word in command], env=env, stdin=subprocess.DEVNULL, capture_output=True,
                         text=True, check=False, timeout=600)
    if ran.returncode != 0:
        sys.exit(f"{command[0]} ended with {ran.returncode}: {ran.stderr.strip() or ran.stdout.strip()}")
    return ran.stdout


def measure_portlab(options, environment):
    output = run([options.build / "tests/port_benchmark", f"--benchmark_filter={FILTER}", "--benchmark_format=json",
                  "--benchmark_min_time=0.02", "--benchmark_repetitions=5"], environment)
    figures = {}
    for line in json.loads(output)["benchmarks"]:
        if line["run_type"] == "iteration":
            name = line["run_name"]
            figures[name] = min(line["cpu_time"], figures.get(name, line["cpu_time"]))
    return figures


def measure_otp(options, environment, beams):
    drivers = options.build / "drivers/plain"
    output = run(["erl", "-noshell", "-noinput", "+S", "1", "+Q", "65536", "-pa", beams, "-s", "otp_speed", "main",
                  drivers.resolve(), min(options.ports, 10_000)], environment)
    return {name: float(value) for name, value in (line.split("\t") for line in output.splitlines())}


def percentile(samples, part):
    ordered = sorted(samples)
    return ordered[round(part * (len(ordered) - 1))]


def print_case(name, portlab, otp):
    best = {who: percentile(samples, 0.1) for who, samples in (("portlab", portlab), ("otp", otp))}
    print(f"{name}: portlab {best['portlab']:.0f} ns (p90 {percentile(portlab, 0.9):.0f}), "
          f"OTP {best['otp']:.0f} ns (p90 {percentile(otp, 0.9):.0f}), "
          f"{best['otp'] / best['portlab']:.1f} times as fast")


def measure_rounds(options, beams):
    """By environment, who and case: a sample for each round."""
    samples = {}
    runs = [(environment, who) for environment in ENVIRONMENTS for who in ("portlab", "OTP")]
    for number in range(1, options.rounds + 1):
        random.shuffle(runs)
        for environment, who in runs:
            figures = (measure_portlab(options, environment) if who == "portlab" else
                       measure_otp(options, environment, beams))
            for case, figure in figures.items():
                samples.setdefault((environment, who, case), []).append(figure)
        print(f"round {number} of {options.rounds}", file=sys.stderr, flush=True)
    return samples


def main():
    options = parse_arguments()
    for tool in ("erl", "erlc"):
        if shutil.which(tool) is None:
            print(f"{tool} is missing: install erlang-base", file=sys.stderr)
            sys.exit(3)
    with tempfile.TemporaryDirectory() as beams:
        run(["erlc", "-o", beams, HERE / "otp_speed.erl"], "normal")
        samples = measure_rounds(options, beams)
    for environment in ENVIRONMENTS:
        print(f"{environment} environment, p10 of {options.rounds} rounds, load {os.getloadavg()[0]:.1f}:")
        for case in CASES:
            print_case("  " + case, samples[environment, "portlab", case], samples[environment, "OTP", case])
    many = json.loads(run([options.build / "tests/many_ports_benchmark", options.ports], "normal"))
    otp_bytes = percentile(samples["empty", "OTP", MEMORY], 0.5)
    print(f"an open port: {many['bytes_per_port']} bytes resident of {many['ports']}, OTP {otp_bytes:.0f} of "
          "erlang:memory(system), without the link (empty environment)")
    print(f"open+close beside {many['ports']} open ports: {many['open_close_ns_beside']} ns, "
          f"in the empty table {many['open_close_ns']} ns")


if __name__ == "__main__":
    main()
