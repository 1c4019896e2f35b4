"""The program that the test of two hosts runs on the first: jobs on both, and jobs while the second goes away.

It prints one JSON object a line: what started, and what became of it.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

from jobs import LIMITS, maker

from scientist.execution import Job
from scientist.execution.ray import RayExecutor
from scientist.sandbox import SANDBOXES

WORK = """
import os, time
open("out.txt", "w").write(open("p.py").readline())
os.mkdir("run_0")
open("run_0/result.txt", "w").write(str(6 * 7))
print("done")
time.sleep({seconds})
"""


def main() -> None:
    root, address = Path(sys.argv[1]), sys.argv[2]
    executor = RayExecutor(SANDBOXES.load("bubblewrap")(), 0, where=address)
    for phase, seconds in (("both", 3), ("loss", 12)):
        (root / phase).mkdir()
        make = maker(root / phase)
        limits = replace(LIMITS, wall_s=60.0)
        jobs = [make(f"{phase}{i}", f"# {phase}{i}\n" + WORK.format(seconds=seconds), limits=limits) for i in range(3)]
        for result in executor.run(jobs, on_start=started):
            tell("ended", **result.model_dump(mode="json"), left=left(root / phase / result.id))
    tell("over")


def started(job: Job) -> None:
    tell("started", id=job.id)


def left(folder: Path) -> dict[str, str]:
    return {p.relative_to(folder).as_posix(): p.read_text() for p in sorted(folder.rglob("*")) if p.is_file()}


def tell(what: str, **more: object) -> None:
    print(json.dumps({"what": what, **more}), flush=True)


if __name__ == "__main__":
    main()
