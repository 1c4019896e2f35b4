"""Names what became of a job from how it ended: its exit status, who stopped it, and its last words."""

from __future__ import annotations

import re
import signal
from dataclasses import dataclass
from pathlib import Path

from scientist.execution.job import LOG_NAME, JobStatus
from scientist.execution.watch import measure
from scientist.sandbox.base import MB, Limits

LAST_WORDS_BYTES = 8192
REASON_LENGTH = 300

OUT_OF_MEMORY = re.compile(
    r"^(?:[\w.]*MemoryError\b|[\w.]*OutOfMemoryError\b)|DefaultCPUAllocator: can't allocate memory"
    r"|std::bad_alloc|CUDA out of memory|Cannot allocate memory",
    flags=re.MULTILINE,
)
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[^\x20-\x7e\u00a0-\uffff]")


@dataclass(frozen=True)
class Stop:
    """Why the executor stopped a job."""

    status: JobStatus
    reason: str


def verdict(stop: Stop | None, exit_code: int, folder: Path, limits: Limits) -> tuple[JobStatus, str]:
    """The status of an ended job and one sentence on it ("" when all is well)."""
    if stop is not None:
        return stop.status, stop.reason
    if exit_code == 0:
        return "ok", ""
    killed_by = exit_code - 128 if exit_code > 128 else 0
    if killed_by == signal.SIGXCPU:
        return "timeout", f"a process used more than {limits.cpu_s:g} s of CPU time"
    if killed_by == signal.SIGXFSZ or measure(folder).largest >= limits.file_mb * MB:
        return "output_limit", f"a file reached {limits.file_mb} MiB"
    if killed_by == signal.SIGKILL:
        return "out_of_memory", "killed by the system (SIGKILL), most likely for lack of memory"
    words = last_words(folder / LOG_NAME)
    if OUT_OF_MEMORY.search(words):
        return "out_of_memory", f"an allocation failed under the limit of {limits.memory_mb} MiB: {last_line(words)}"
    return "crashed", f"{describe(exit_code, killed_by)}: {last_line(words) or 'it printed nothing'}"


def describe(exit_code: int, killed_by: int) -> str:
    if killed_by in {s.value for s in signal.Signals}:
        return f"killed by {signal.Signals(killed_by).name}"
    return f"exit status {exit_code}"


def last_words(log: Path) -> str:
    with log.open("rb") as f:
        size = f.seek(0, 2)
        f.seek(max(0, size - LAST_WORDS_BYTES))
        return f.read().decode(errors="replace")


def last_line(text: str) -> str:
    """The last line that says something, without control characters, which could redraw a terminal."""
    lines = [CONTROL.sub("", line).strip() for line in text.splitlines()]
    said = [line for line in lines if line]
    return said[-1][:REASON_LENGTH] if said else ""
