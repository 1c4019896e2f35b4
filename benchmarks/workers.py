"""How close parallel workers come to the ideal: many one-second jobs, each in its own sandbox and under watch.

    python benchmarks/workers.py [--workers 2] [--jobs 40] [--seconds 1] [--busy] [--level bubblewrap]

The ideal is jobs x seconds / workers; the ratio is ideal / measured. Exit status 1 below the target.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

from scientist.execution import Job
from scientist.execution.local import LocalExecutor
from scientist.sandbox import Limits, choose

TARGET = 0.90
SLEEP = "import time; time.sleep({seconds})"
SPIN = "import time\nend = time.process_time() + {seconds}\nwhile time.process_time() < end: pass"


def main() -> int:
    options = parse()
    sandbox = choose(allow_unsandboxed=options.level == "none", only=options.level)
    executor = LocalExecutor(sandbox, options.workers)
    code = (SPIN if options.busy else SLEEP).format(seconds=options.seconds)
    limits = Limits(
        wall_s=60 * options.seconds, cpu_s=60 * options.seconds, memory_mb=512, file_mb=8, output_mb=1, processes=16
    )
    with tempfile.TemporaryDirectory() as folder:
        jobs = []
        for i in range(options.jobs):
            work = Path(folder, str(i))
            work.mkdir()
            jobs.append(Job(id=str(i), argv=("python", "-I", "-S", "-c", code), folder=str(work), limits=limits))
        watched_before, start = time.process_time(), time.perf_counter()
        results = list(executor.run(jobs))
        wall, watching = time.perf_counter() - start, time.process_time() - watched_before
    failed = [r for r in results if r.status != "ok"]
    ideal = options.jobs * options.seconds / options.workers
    overhead = 1000 * (statistics.median(r.wall_s for r in results) - options.seconds)
    print(f"sandbox             {sandbox.level}")
    print(f"jobs                {len(results)} of {options.seconds:g} s, {len(failed)} failed")
    print(f"workers             {options.workers} on {executor.leases.cores} cores")
    print(f"ideal               {ideal:.1f} s")
    print(f"measured            {wall:.1f} s")
    print(f"ratio to ideal      {ideal / wall:.1%} (target {TARGET:.0%})")
    print(f"overhead a job      {overhead:.0f} ms (median: launcher, sandbox, interpreter)")
    print(f"watching            {watching / wall:.1%} of a core")
    return 0 if not failed and ideal / wall >= TARGET else 1


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--jobs", type=int, default=40)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--busy", action="store_true", help="use the CPU instead of sleeping")
    parser.add_argument("--level", default=None, help="the sandbox to use; the best one if not given")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
