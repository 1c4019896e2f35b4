"""Engines of program evolution side by side on identical scripted work; one Markdown table on stdout.

    python benchmarks/evolution/measure.py                              # ours against the bare loop
    python benchmarks/evolution/measure.py --peers-python PYTHON        # and openevolve, ShinkaEvolve, where they are
    python benchmarks/evolution/measure.py --what quality --seeds 3     # best score at equal calls, by operator
    python benchmarks/evolution/measure.py --what hostile               # hanging, tampering and forbidden edits
    python benchmarks/evolution/measure.py --what latency               # 8 proposals in flight at 0.5 s each

Each engine runs in a process of its own against ``stub.py``, which edits the program that it finds in the prompt. CPU
time is that of the engine's whole process tree, start included; memory is the largest proportional set size of that
tree, sampled four times a second.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import resource
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
LIMIT_S = 900

OPERATORS = {
    "perturb 4 of 52, sigma 0.03": ("circle26", 4, 0.03, 150),
    "perturb 1 of 52, sigma 0.02": ("circle26", 1, 0.02, 150),
    "perturb 26 of 52, sigma 0.05": ("circle26", 26, 0.05, 150),
    "deceptive: one number, sigma 0.08": ("trap", 1, 0.08, 150),
}
"""Task, entries moved, step, calls."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--what", default="overhead", choices=["overhead", "quality", "hostile", "latency"])
    parser.add_argument("--peers-python", type=Path, help="a Python with openevolve and shinka-evolve")
    parser.add_argument("--engines", nargs="*")
    parser.add_argument("--n", type=int, default=300)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--operators", nargs="*", type=int, help="rows of the table of qualities, from 1")
    a = parser.parse_args()
    engines = a.engines or ["ours", "loop", *(["openevolve", "shinka"] if a.peers_python else [])]
    table = {"overhead": overhead, "quality": quality, "hostile": hostile, "latency": latency}[a.what]
    for line in table(engines, a):
        print(line, flush=True)


def overhead(engines: list[str], a: argparse.Namespace) -> Iterator[str]:
    yield "| engine | CPU-ms per evaluation | evaluations | peak memory, MB | evaluations per second | disk, KB |"
    yield "|---|---|---|---|---|---|"
    for engine in engines:
        n = min(a.n, 100) if engine == "shinka" else a.n
        r = run(engine, "null", n, a)
        figures = (f"{r['cpu_ms']:.1f}", r["evaluations"], f"{r['peak_mb']:.1f}", f"{r['per_s']:.1f}", r["disk_kb"])
        yield f"| {engine} | {' | '.join(map(str, figures))} |"


def quality(engines: list[str], a: argparse.Namespace) -> Iterator[str]:
    yield f"| operator | calls | {' | '.join(engines)} |"
    yield f"|---|---|{'---|' * len(engines)}"
    for number, (name, (task, k, sigma, calls)) in enumerate(OPERATORS.items(), 1):
        if a.operators and number not in a.operators:
            continue
        cells = []
        for engine in engines:
            stub = ("--mode", "perturb", "--k", str(k), "--sigma", str(sigma))
            seeds = range(1, a.seeds + 1)
            best = [run(engine, task, calls, a, *stub, "--seed", str(seed))["best"] for seed in seeds]
            cells.append(f"{statistics.mean(best):.3f} ({', '.join(f'{b:.3f}' for b in best)})")
        yield f"| {name} | {calls} | {' | '.join(cells)} |"


def hostile(engines: list[str], a: argparse.Namespace) -> Iterator[str]:
    yield "| engine | that hang | that failed | best after tampering (honest: 1.000012) | edits outside admitted |"
    yield "|---|---|---|---|---|"
    for engine in engines:
        hang = run(engine, "null", 12, a, "--mode", "hang", extra=("--timeout", "3"))
        tamper = run(engine, "null", 12, a, "--mode", "tamper")
        outside = run(engine, "null", 10, a, "--mode", "outside")
        failed = sum(s <= 0 for s in hang["scores"][-12:]) + max(0, 12 - len(hang["scores"][-12:]))
        told = "none" if outside["admitted"] is None else str(outside["admitted"])
        yield f"| {engine} | 4 | {failed} | {tamper['best']:.6f} | {told} |"


def latency(engines: list[str], a: argparse.Namespace) -> Iterator[str]:
    yield "| engine | calls | steady ms per call | ideal | ratio |"
    yield "|---|---|---|---|---|"
    for engine in [e for e in engines if e != "loop"]:
        r = run(engine, "null", 128, a, "--latency", "0.5", extra=("--workers", "8"))
        yield f"| {engine} | {r['calls']} | {r['steady_ms']:.1f} | 62.5 | {r['steady_ms'] / 62.5:.2f} |"


def run(
    engine: str, task: str, n: int, a: argparse.Namespace, *stub: str, extra: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Run one engine against a stub of its own and measure it."""
    port = free_port()
    python = str(a.peers_python) if engine in ("openevolve", "shinka") else sys.executable
    with tempfile.TemporaryDirectory() as folder, server(port, stub):
        out, log = Path(folder, "out"), Path(folder, "evaluations.jsonl")
        out.mkdir()
        env = {**os.environ, "EVAL_LOG": str(log), "BENCH_TASK": task, "OPENAI_API_KEY": "x", "OMP_NUM_THREADS": "1",
               "OPENBLAS_NUM_THREADS": "1"}  # fmt: skip
        argv = [
            python,
            str(HERE / f"run_{engine}.py"),
            "--task",
            task,
            "--n",
            str(n),
            "--port",
            str(port),
            "--out",
            str(out),
            *extra,
        ]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        with Path(folder, "log").open("w") as words:
            process = subprocess.Popen(argv, env=env, cwd=folder, stdout=words, stderr=subprocess.STDOUT)
            peak = watch(process)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/stats") as reply:
            stats = json.load(reply)
        lines = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
        bench = json.loads((out / "bench.json").read_text()) if (out / "bench.json").exists() else {}
        if not bench and engine != "openevolve":
            sys.exit(f"{engine} failed:\n{Path(folder, 'log').read_text()[-2000:]}")
        scores = [line["s"] for line in lines]
        return {
            "cpu_ms": 1000 * cpu / max(1, len(lines)), "evaluations": len(lines), "peak_mb": peak / 1024,
            "per_s": len(lines) / bench.get("run_s", float("inf")), "scores": scores,
            "best": max([*scores, bench.get("best") or 0.0]), "calls": stats["calls"],
            "steady_ms": 1000 * (stats["last"] - stats["first"]) / max(1, stats["calls"] - 1),
            "admitted": bench.get("admitted", len(lines) - 1 if "outside" in stub else None),
            "disk_kb": sum(f.stat().st_size for f in out.rglob("*") if f.is_file()) // 1024,
        }  # fmt: skip


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


@contextlib.contextmanager
def server(port: int, arguments: tuple[str, ...]) -> Iterator[None]:
    process = subprocess.Popen([sys.executable, str(HERE / "stub.py"), "--port", str(port), *arguments])
    try:
        for _ in range(200):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/stats").close()
                break
            except OSError:
                time.sleep(0.05)
        yield
    finally:
        process.terminate()
        # Reaped late, so that its CPU time is not counted as the engine's.
        process.wait()


def watch(process: subprocess.Popen[Any]) -> int:
    """Wait for a process; the largest proportional set size of its tree in KiB."""
    peak, began = 0, time.time()
    while process.poll() is None:
        peak = max(peak, sum(map(proportional, tree(process.pid))))
        if time.time() - began > LIMIT_S:
            for pid in reversed(tree(process.pid)):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        time.sleep(0.25)
    return peak


def tree(pid: int) -> list[int]:
    found, waiting = [], [pid]
    while waiting:
        here = waiting.pop()
        found.append(here)
        with contextlib.suppress(OSError):
            for thread in Path(f"/proc/{here}/task").iterdir():
                waiting += map(int, (thread / "children").read_text().split())
    return found


def proportional(pid: int) -> int:
    with contextlib.suppress(OSError, ValueError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0


if __name__ == "__main__":
    shutil.which("bwrap") or sys.exit("bubblewrap is needed")
    main()
