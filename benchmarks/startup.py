"""How long ``scientist --help`` takes, as a ratio to importing what draws it: ``python -c "import typer, rich"``.

    python benchmarks/startup.py

Target: at most 2.5. Exit status 1 above it. The two commands alternate, and medians are compared.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time

REPEATS = 15
TARGET = 2.5


def seconds(*command: str) -> float:
    began = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def main() -> int:
    helped, bare = [], []
    for _ in range(REPEATS):
        helped.append(seconds(sys.executable, "-m", "scientist.cli.main", "--help"))
        bare.append(seconds(sys.executable, "-c", "import typer, rich"))
    ratio = statistics.median(helped) / statistics.median(bare)
    print(
        json.dumps(
            {
                "help_ms": round(1000 * statistics.median(helped)),
                "bare_ms": round(1000 * statistics.median(bare)),
                "ratio": round(ratio, 2),
                "target": TARGET,
            }
        )
    )
    return 0 if ratio <= TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
