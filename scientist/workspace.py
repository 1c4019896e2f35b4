"""Run folders: where everything lies, atomic writes, names, and the lock that keeps a second process out."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from scientist.errors import RunInterrupted, RunLocked, UsageError


class RunFolder:
    """The paths of one run. The folder is the truth: every stage reads and writes here and nowhere else."""

    def __init__(self, root: Path, papers: Path) -> None:
        self.root = root
        self.papers = papers / root.name

    @property
    def run_id(self) -> str:
        return self.root.name

    @property
    def config(self) -> Path:
        return self.root / "run.toml"

    @property
    def choice(self) -> Path:
        return self.root / "choice.json"

    @property
    def calls(self) -> Path:
        return self.root / "calls.sqlite"

    @property
    def checkpoint(self) -> Path:
        return self.root / "checkpoint.sqlite"

    @property
    def events(self) -> Path:
        return self.root / "events.jsonl"

    @property
    def literature(self) -> Path:
        return self.root / "literature.jsonl"

    @property
    def search_record(self) -> Path:
        return self.root / "search_record.json"

    @property
    def citations(self) -> Path:
        return self.root / "citations.json"

    @property
    def reading(self) -> Path:
        return self.root / "reading.json"

    @property
    def passages(self) -> Path:
        return self.root / "passages.jsonl"

    @property
    def ideas(self) -> Path:
        return self.root / "ideas.json"

    @property
    def plan(self) -> Path:
        return self.root / "plan.json"

    @property
    def plan_hash(self) -> Path:
        return self.root / "plan.sha256"

    @property
    def amendments(self) -> Path:
        return self.root / "amendments.json"

    @property
    def journal(self) -> Path:
        return self.root / "journal.jsonl"

    @property
    def nodes(self) -> Path:
        return self.root / "nodes"

    @property
    def search(self) -> Path:
        """The search over experiments: its archive, and ``search.json``, which says what came of it."""
        return self.root / "search"

    @property
    def evidence(self) -> Path:
        return self.root / "evidence.json"

    def figures(self, look: int) -> Path:
        """The figures of one look at the data, so that an earlier draft keeps its own."""
        return self.root / "figures" / f"look_{look}"

    @property
    def manuscript(self) -> Path:
        return self.root / "manuscript"

    @property
    def reviews(self) -> Path:
        return self.root / "reviews"

    @property
    def decision(self) -> Path:
        return self.root / "decision.json"

    def seed_folder(self, condition: str, seed: int) -> Path:
        return self.nodes / condition / f"seed_{seed}"


@contextmanager
def run_lock(root: Path) -> Iterator[None]:
    """Hold the run folder for this process. Raises RunLocked when another process holds it."""
    with (root / ".lock").open("a+") as f:
        try:
            fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            f.seek(0)
            owner = f.read().strip() or "unknown"
            raise RunLocked(
                f"run {root.name} is being worked on by another process (pid {owner})",
                f"wait for it, or stop it first; then: scientist resume {root}",
            ) from None
        f.truncate(0)
        f.write(str(os.getpid()))
        f.flush()
        yield


@contextmanager
def disk_errors(doing: str, path: Path) -> Iterator[None]:
    """Turn a full disk or a folder without write permission into an error that says what to do."""
    try:
        yield
    except OSError as e:
        if e.errno in DISK_ERRNOS:
            raise RunInterrupted(
                f"{doing} failed: {e.strerror} ({e.filename or path})",
                f"make room or mend the permissions of {path}, then: scientist resume",
            ) from e
        raise


DISK_ERRNOS = frozenset({1, 13, 27, 28, 30, 122})
"""EPERM, EACCES, EFBIG, ENOSPC, EROFS, EDQUOT."""


def write_text(path: Path, text: str) -> None:
    """Write atomically: a reader, or a resumed run, sees the old file or the whole new one."""
    write_bytes(path, text.encode())


def write_bytes(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fd, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(fd, "wb") as f:
            f.write(data)
            f.flush()
            os.fsync(f.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make a rename in ``folder`` survive a power cut."""
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def write_json(path: Path, value: Any) -> None:
    write_text(path, canonical_json(value, indent=2) + "\n")


def canonical_json(value: Any, indent: int | None = None) -> str:
    """JSON with sorted keys; the same value gives the same bytes, which is what is hashed."""
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json")
    elif isinstance(value, (list, tuple)):
        value = [v.model_dump(mode="json") if isinstance(v, BaseModel) else v for v in value]
    separators = (",", ":") if indent is None else None
    return json.dumps(value, sort_keys=True, ensure_ascii=False, indent=indent, separators=separators, allow_nan=False)


def read_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def sha256_text(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def sha256_file(path: Path) -> str:
    with path.open("rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()


def slug(text: str, limit: int = 40) -> str:
    """A lower-case file name of at most ``limit`` characters, cut at a word."""
    words = re.findall(r"[a-z0-9]+", text.lower())
    name = ""
    for word in words:
        if len(name) + len(word) + 1 > limit:
            break
        name = f"{name}-{word}" if name else word
    return name or (words[0][:limit] if words else "run")


def open_run(root: Path, papers: Path) -> RunFolder:
    """A run's folder, with its papers where the run was told to put them; ``papers`` if it does not say."""
    try:
        told = tomllib.loads((root / "run.toml").read_text(encoding="utf-8")).get("papers")
    except (OSError, tomllib.TOMLDecodeError):
        told = None
    return RunFolder(root, Path(told) if told else papers)


def chosen_template(folder: RunFolder) -> str:
    """The name of the template that a run chose; empty before it has."""
    if not folder.choice.exists():
        return ""
    return str(read_json(folder.choice)["choice"]["template"])


def find_run(experiments: Path, papers: Path, run_id: str) -> RunFolder:
    """The folder of a run by its id, a unique prefix of it, its path, or "latest". Raises UsageError."""
    candidate = Path(run_id)
    if (candidate / "run.toml").exists():
        return open_run(candidate.resolve(), papers)
    runs = list_runs(experiments)
    if run_id == "latest" and runs:
        return open_run(max(runs, key=lambda r: (r / "run.toml").stat().st_mtime), papers)
    matches = [r for r in runs if r.name == run_id] or [r for r in runs if r.name.startswith(run_id)]
    if len(matches) == 1:
        return open_run(matches[0], papers)
    if matches:
        raise UsageError(
            f"{run_id!r} matches several runs: {', '.join(m.name for m in matches)}", "give more of the id"
        )
    raise UsageError(f"no run {run_id!r} in {experiments}", "scientist list shows the runs in this folder")


def list_runs(experiments: Path) -> list[Path]:
    """Run folders, oldest id first; none if the folder does not exist."""
    if not experiments.is_dir():
        return []
    return sorted(p.resolve() for p in experiments.iterdir() if (p / "run.toml").exists())
