"""Finished runs on disk: shown by one rename with ``run.json`` inside, and read again only if nothing was altered."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from scientist.errors import RunInterrupted
from scientist.experiments.final_info import OutputProblem, read_final_info
from scientist.experiments.run import outputs, remove_tree
from scientist.types import Run, RunResult, RunStatus
from scientist.workspace import read_json, sha256_file, sync_folder, write_json

RECORD = "run.json"


def keep(work: Path, place: Path, run: Run) -> None:
    """Move what the run left in ``work`` to ``place``; a kill at any instant leaves a whole ``place`` or none."""
    temporary = place.with_name(f"{place.name}.tmp")
    remove_tree(temporary)
    temporary.mkdir(parents=True)
    sources = outputs(work)
    for name, source in sources.items():
        target = temporary / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(source, target)
        _sync_file(target)
    for folder in {(temporary / name).parent for name in sources}:
        sync_folder(folder)
    write_json(temporary / RECORD, run)
    temporary.rename(place)
    sync_folder(place.parent)


def is_kept(place: Path) -> bool:
    return (place / RECORD).is_file()


def read_kept(place: Path, root: Path) -> RunResult:
    """The finished run in ``place``. Raises RunInterrupted if its files are not the ones that the run left."""
    relative = place.relative_to(root).as_posix()
    try:
        run = Run.model_validate(read_json(place / RECORD))
    except ValueError as e:
        raise _altered(place / RECORD) from e
    for name, digest in run.files.items():
        if not (place / name).is_file() or sha256_file(place / name) != digest:
            raise _altered(place / name)
    if run.status is not RunStatus.OK:
        return RunResult(run=run, folder=relative)
    try:
        measured = read_final_info(place / "final_info.json")
    except OutputProblem as e:
        raise _altered(place / "final_info.json") from e
    return RunResult(run=run, folder=relative, results=measured.results)


def _altered(path: Path) -> RunInterrupted:
    return RunInterrupted(
        f"{path} is not the file that its run left",
        f"restore it, or remove the folder {path.parent} to make the run again; then: scientist resume",
    )


def _sync_file(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
