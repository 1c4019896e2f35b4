"""A run from recorded replies: what it was asked, taken from the recording where the user does not say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scientist.config import RunConfig
from scientist.errors import UsageError
from scientist.graph.services import read_run
from scientist.models.recording import is_header
from scientist.workspace import find_run

PLACES = frozenset({"experiments_dir", "papers_dir", "replay", "workers", "executor", "sandbox", "allow_unsandboxed"})
"""Settings of the machine, which a replay does not take from its recording."""


def recorded_study(topic: str | None, config: RunConfig, given: Mapping[str, Any]) -> tuple[str | None, RunConfig]:
    """The topic and configuration of a replayed run; ``given`` flags stand above what was recorded.

    ``config.replay`` is a run (id or folder) or a recording (a JSON-lines file, whose first line may be a header
    ``{"topic": ..., "config": {...}}``). Raises UsageError when it is neither.
    """
    assert config.replay is not None
    place, header = _read(config)
    recorded = {k: v for k, v in header.get("config", {}).items() if k not in PLACES and given.get(k) is None}
    values = {**config.model_dump(exclude_none=True), **recorded, "replay": str(place)}
    merged = RunConfig(**values)
    if merged.model is None:
        raise UsageError(f"{config.replay} does not say which model it recorded", "give its name with --model")
    return topic if topic is not None else header.get("topic"), merged


def _read(config: RunConfig) -> tuple[Path, dict[str, Any]]:
    path = Path(str(config.replay))
    if path.is_file():
        return path.resolve(), _header(path)
    folder = find_run(Path(config.experiments_dir), Path(config.papers_dir).resolve(), str(config.replay))
    if not folder.calls.exists():
        raise UsageError(f"run {folder.run_id} recorded no model calls", "only a run with a --model can be replayed")
    return folder.calls, read_run(folder)


def _header(path: Path) -> dict[str, Any]:
    with path.open(encoding="utf-8") as f:
        try:
            first = json.loads(f.readline())
        except json.JSONDecodeError as e:
            raise UsageError(f"{path} is no recording: {e}", "a recording holds one JSON object a line") from e
    return dict(first) if is_header(first) else {}
