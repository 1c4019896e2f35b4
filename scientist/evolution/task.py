"""Tasks on disk: load and check ``task.toml``, find the folders, and make the cascade that scores candidates."""

from __future__ import annotations

import difflib
import hashlib
import importlib.util
import math
import tomllib
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from scientist.errors import UsageError
from scientist.search.candidate import Candidate, read_candidate
from scientist.search.edit import Rules
from scientist.search.evaluator import Call, Score, Stage
from scientist.types import Frozen, Identifier

TOML_NAME, SCORER = "task.toml", "scorer.py"
SEALED = "sealed"
"""The stage whose inputs no search sees: the winner, the first program and the base lines meet them once."""
HINT = "docs/evolve.md describes every key"


class StageSpec(Frozen):
    """A stage of the cascade; candidates that score below ``threshold`` go no further."""

    name: Identifier
    threshold: float = -math.inf


class Limits(Frozen):
    """What one stage of one evaluation may use: seconds of wall time for all its calls, MiB of memory."""

    seconds: float = Field(default=10.0, gt=0)
    memory_mb: int = Field(default=1024, ge=32)
    processes: int = Field(default=16, ge=1)


class KnownFigure(Frozen):
    """A published or measured figure to compare with."""

    value: float
    source: str


class TaskSpec(Frozen):
    """What ``task.toml`` declares. ``goal`` is that of the headline ``metric``; the score is larger-is-better."""

    name: Identifier
    path: str
    title: str
    summary: str
    goal: Literal["max", "min"]
    metric: Identifier
    entry: str = Field(pattern=r"^[\w./-]+\.py:\w+$")
    editable: tuple[str, ...] = Field(min_length=1)
    preload: tuple[str, ...] = ()
    deterministic: bool = True
    keywords: tuple[str, ...] = ()
    limits: Limits = Limits()
    stages: tuple[StageSpec, ...] = Field(min_length=1)
    known: dict[str, KnownFigure] = Field(default_factory=dict)

    @property
    def folder(self) -> Path:
        return Path(self.path)

    @property
    def rules(self) -> Rules:
        return Rules(editable=self.editable, ways=("patch",))


def load_task(folder: Path) -> TaskSpec:
    """The task in ``folder``. Raises UsageError with every problem of its file."""
    folder = folder.expanduser().resolve()
    file = folder / TOML_NAME
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as e:
        raise UsageError(f"{file} cannot be read: {e}", HINT) from e
    head = raw.pop("task", {})
    try:
        spec = TaskSpec(**{"name": folder.name, **head, **raw, "path": str(folder)})
    except (ValidationError, TypeError) as e:
        told = str(e) if isinstance(e, TypeError) else "\n".join(
            f"  {'.'.join(map(str, p['loc']))}: {p['msg']}" for p in e.errors()
        )  # fmt: skip
        raise UsageError(f"{file} has problems:\n{told}", HINT) from e
    missing = [f for f in (SCORER, spec.entry.partition(":")[0], *spec.editable) if not (folder / f).is_file()]
    if missing:
        raise UsageError(f"the task {spec.name} lacks {', '.join(missing)}", f"they belong into {folder}")
    return spec


def find_tasks() -> tuple[TaskSpec, ...]:
    """Every task of the package and of ``./tasks``, by name; a later place wins."""
    return tuple(load_task(folder) for _, folder in sorted(_candidates().items()))


def resolve_task(name_or_path: str) -> TaskSpec:
    """The task called so, or in the folder of that path. Raises UsageError, listing what is known."""
    path = Path(name_or_path).expanduser()
    if (path / TOML_NAME).is_file():
        return load_task(path)
    found = _candidates()
    if name_or_path in found:
        return load_task(found[name_or_path])
    close = difflib.get_close_matches(name_or_path, found, n=1)
    hint = f"did you mean {close[0]}? " if close else ""
    raise UsageError(f"no task is called {name_or_path!r}", f"{hint}known: {', '.join(sorted(found)) or 'none'}")


def builtin_folder() -> Path:
    """Where the package's own tasks lie: inside an installed wheel, else at the top of the checkout."""
    installed = Path(str(files("scientist") / "_tasks"))
    return installed if installed.is_dir() else Path(str(files("scientist"))).parent / "tasks"


def _candidates() -> dict[str, Path]:
    roots = [root for root in (builtin_folder(), Path("tasks")) if root.is_dir()]
    return {f.name: f.resolve() for root in roots for f in sorted(root.iterdir()) if (f / TOML_NAME).is_file()}


def task_hash(spec: TaskSpec) -> str:
    """sha256 over what decides a score: the task's own files but for its README."""
    digest = hashlib.sha256()
    for path in sorted(p for p in spec.folder.rglob("*") if p.is_file()):
        if "__pycache__" not in path.parts and path.name != "README.md":
            content = path.read_bytes()
            digest.update(f"{path.relative_to(spec.folder).as_posix()} {len(content)} ".encode() + content)
    return digest.hexdigest()


def first_candidate(spec: TaskSpec) -> Candidate:
    """The task's own program."""
    return read_candidate(spec.folder, _program_files(spec), provenance="task")


def baselines(spec: TaskSpec) -> dict[str, Candidate]:
    """The base lines by name: each is the task's program with its entry's file exchanged."""
    first, entry = first_candidate(spec), spec.entry.partition(":")[0]
    return {
        file.stem: Candidate(files={**first.files, entry: file.read_text(encoding="utf-8")}, provenance="baseline")
        for file in sorted((spec.folder / "baselines").glob("*.py"))
    }


def _program_files(spec: TaskSpec) -> list[str]:
    return sorted({spec.entry.partition(":")[0], *spec.editable})


def stages(spec: TaskSpec, names: Sequence[str] | None = None) -> list[Stage]:
    """The cascade of a task, or the stages called so without their thresholds. Imports the task's scorer, which is
    trusted: it runs here, with this user's rights."""
    scorer = _scorer(spec)
    wanted = spec.stages if names is None else [StageSpec(name=n) for n in names]
    seconds = spec.limits.seconds
    return [
        Stage(s.name, partial(scorer.inputs, s.name), partial(_score, scorer.score, s.name), seconds, s.threshold)
        for s in wanted
    ]


def _scorer(spec: TaskSpec) -> Any:
    file = spec.folder / SCORER
    module_spec = importlib.util.spec_from_file_location(f"scientist_task_{spec.name}", file)
    assert module_spec is not None and module_spec.loader is not None
    module = importlib.util.module_from_spec(module_spec)
    module_spec.loader.exec_module(module)
    lacking = [name for name in ("inputs", "score") if not callable(getattr(module, name, None))]
    if lacking:
        raise UsageError(f"{file} has no function {' and no function '.join(lacking)}", HINT)
    return module


def _score(score: Callable[..., Mapping[str, Any]], stage: str, seed: int, calls: Sequence[Call]) -> Score:
    judged = score(stage, seed, calls)
    return Score(float(judged["score"]), judged.get("metrics", {}), judged.get("artefacts", {}))
