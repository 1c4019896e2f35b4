"""The ideas already run in this folder, so that the same study is not done twice by accident."""

from __future__ import annotations

import tomllib
from pathlib import Path

from scientist.types import Frozen
from scientist.workspace import RunFolder, list_runs, read_json


class ArchivedIdea(Frozen):
    """An idea that another run took up: enough to compare with, and to name."""

    run_id: str
    text: str


def archived_ideas(current: RunFolder, topic: str) -> tuple[ArchivedIdea, ...]:
    """Ideas chosen by other runs beside ``current``.

    Runs of the same topic and seed are left out: repeating one is a replication, and must give the same paper.
    """
    seed = _header(current.root).get("seed", 0)
    found = []
    for root in list_runs(current.root.parent):
        header = _header(root)
        same_study = header.get("topic") == topic and header.get("seed", 0) == seed
        ideas = root / "ideas.json"
        if root == current.root or same_study or not ideas.exists() or not (root / "decision.json").exists():
            continue
        chosen = read_json(ideas)["chosen"]
        found.append(ArchivedIdea(run_id=root.name, text=f"{chosen['title']} {chosen['hypothesis']}"))
    return tuple(found)


def _header(root: Path) -> dict[str, object]:
    try:
        values = tomllib.loads((root / "run.toml").read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError):
        return {}
    return {"topic": values.get("topic"), "seed": values.get("config", {}).get("seed", 0)}
