"""One run: give it a private copy of the template and its settings, and judge what it left."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from scientist.errors import TemplateError
from scientist.execution.job import Job, JobResult
from scientist.experiments.final_info import OutputProblem, is_plain_file, read_final_info
from scientist.experiments.template import template_files
from scientist.sandbox.base import Limits
from scientist.types import Condition, DatasetResult, Plan, Run, RunResult, RunStatus, Setting, TemplateSpec
from scientist.workspace import canonical_json, sha256_file, write_text

Phase = Literal["pilot", "confirmatory"]
Settings = Mapping[str, Setting | tuple[Setting, ...]]

OUT = "run_0"
CONFIG = "config.json"
LOG = "stdout.log"
LOG_TAIL_LINES = 20
LOG_TAIL_BYTES = 16 * 1024
FILE_MB = 1024
OUTPUT_MB = 64
PROCESSES = 512
REMOVE_ATTEMPTS = 20


def run_config(
    settings: Settings, *, datasets: Sequence[str], phase: Phase, device: str, threads: int = 1
) -> dict[str, Any]:
    """What ``config.json`` holds."""
    fixed = {"datasets": list(datasets), "phase": phase, "device": device, "threads": threads}
    return {k: list(v) if isinstance(v, tuple) else v for k, v in settings.items()} | fixed


def settings_of(plan: Plan, condition: Condition, spec: TemplateSpec) -> Settings:
    """The settings of a condition: the factors' baselines, overlaid by the plan's, overlaid by the condition's."""
    return {**{f.name: f.baseline for f in spec.factors}, **plan.settings, **condition.settings}


def device_of(spec: TemplateSpec, preset: str) -> Literal["cpu", "cuda"]:
    """The device a preset runs on: what the template insists on, else a GPU for the preset "gpu" alone."""
    if spec.device == "auto":
        return "cuda" if preset == "gpu" else "cpu"
    return spec.device


def gpus_of(spec: TemplateSpec, device: str) -> float:
    """What a run leases: the template's share of a GPU, one whole where it declares none, nothing on the CPU."""
    if device != "cuda":
        return 0.0
    return 1.0 if spec.gpus is None else spec.gpus


def prepare(
    spec: TemplateSpec,
    work: Path,
    *,
    id: str,
    settings: Settings,
    datasets: Sequence[str],
    seed: int,
    phase: Phase,
    timeout_s: float,
    device: str,
    threads: int = 1,
    code: Path | None = None,
) -> Job:
    """A fresh ``work`` folder with the code and ``config.json``, and the job that runs it.

    ``code`` holds the node's own version of the template's files (default: the template). Locked files always come
    from the template, so an edited one is restored. Wall time is capped at ``timeout_s`` seconds, memory at the
    template's ``memory_mb``. Raises TemplateError as ``verify_locked`` does.
    """
    remove_tree(work)
    work.mkdir(parents=True)
    for relative, source in template_files(code or Path(spec.path)):
        _copy(source, work / relative)
    for relative in spec.locked:
        _copy(Path(spec.path) / relative, work / relative)
    argv = [sys.executable, "experiment.py", f"--out_dir={OUT}"]
    if spec.contract == "scientist":
        config = run_config(settings, datasets=datasets, phase=phase, device=device, threads=threads)
        write_text(work / CONFIG, canonical_json(config, indent=2) + "\n")
        argv += ["--config", CONFIG, "--seed", str(seed)]
    verify_locked(spec, work)
    limits = Limits(
        wall_s=timeout_s,
        cpu_s=timeout_s * max(2, threads) + 60,
        memory_mb=spec.memory_mb,
        file_mb=FILE_MB,
        output_mb=OUTPUT_MB,
        processes=PROCESSES,
    )
    return Job(
        id=id, argv=tuple(argv), folder=str(work), limits=limits, threads=threads, gpus=gpus_of(spec, device)
    )  # fmt: skip


def verify_locked(spec: TemplateSpec, work: Path) -> None:
    """Raise TemplateError unless every locked file in ``work`` is the template's, byte for byte."""
    if changed := _changed_locked(spec, work, Path(spec.path)):
        raise TemplateError(
            f"locked file {', '.join(changed)} in {work} is not the template's: the run is refused",
            "locked files say how results are measured; edit the template itself and start a new run",
        )


def collect(
    spec: TemplateSpec,
    outcome: JobResult,
    *,
    work: Path,
    condition: str,
    seed: int,
    datasets: Sequence[str],
    folder: str,
    config: Mapping[str, Any] | None = None,
    reference: Path | None = None,
    adjusted: Mapping[str, Setting] | None = None,
) -> RunResult:
    """Judge what the job left in ``work``; ``folder`` is where the run will be kept, relative to the run folder.

    ``config`` is what the run was given (see ``run_config``); a run that changed it or a locked file is invalid.
    ``reference`` holds the locked files as they were when the run was prepared (default: the template's folder).
    ``adjusted`` are the settings that it was given in place of the plan's.
    """
    status, reason, results = _judge(spec, outcome, work, datasets, config, reference or Path(spec.path))
    if status is not RunStatus.OK and (tail := log_tail(work / LOG)):
        reason = f"{reason}\nlast lines of {LOG}:\n{tail}"
    run = Run(
        condition=condition,
        seed=seed,
        status=status,
        reason=reason,
        exit_code=outcome.exit_code,
        wall_s=outcome.wall_s,
        cpu_s=outcome.cpu_s,
        peak_rss_mb=outcome.peak_rss_mb,
        sandbox=outcome.sandbox,
        device=outcome.device,
        started_at=outcome.started_at,
        files={name: sha256_file(path) for name, path in outputs(work).items()},
        peak_gpu_mb=outcome.peak_gpu_mb,
        adjusted=dict(adjusted or {}),
    )
    return RunResult(run=run, folder=folder, results=results)


def outputs(work: Path) -> dict[str, Path]:
    """The plain files that a run left, by the name under which they are kept; links and devices are left out.

    Everything under ``run_0`` is kept under its own relative path, beside ``config.json`` and ``stdout.log``.
    """
    kept = {name: path for name, path in sorted(_plain_files(work / OUT)) if name not in (LOG, CONFIG, "run.json")}
    return kept | {name: work / name for name in (CONFIG, LOG) if is_plain_file(work / name)}


def log_tail(file: Path, lines: int = LOG_TAIL_LINES) -> str:
    """The last lines of a log, "" if there is none."""
    if not is_plain_file(file):
        return ""
    with file.open("rb") as f:
        f.seek(max(0, file.stat().st_size - LOG_TAIL_BYTES))
        text = f.read().decode(errors="replace")
    return "\n".join(text.rstrip().splitlines()[-lines:])


def remove_tree(folder: Path) -> None:
    """Remove a work folder, if it is there, even where the run took away its own permissions."""
    if folder.is_symlink() or folder.is_file():
        folder.unlink()
    for attempt in range(REMOVE_ATTEMPTS):
        if not folder.is_dir():
            return
        try:
            _make_accessible(folder)
            shutil.rmtree(folder)
        except OSError as e:  # a run that outlived a killed process may still be writing here
            if e.errno not in (errno.ENOTEMPTY, errno.ENOENT) or attempt == REMOVE_ATTEMPTS - 1:
                raise
            time.sleep(0.1)


# ------------------------------------------------------------------------------------------- judging


_FAILURES = {
    "crashed": RunStatus.CRASHED,
    "timeout": RunStatus.TIMEOUT,
    "out_of_memory": RunStatus.MEMORY,
    "output_limit": RunStatus.INVALID,
}


def _judge(
    spec: TemplateSpec,
    outcome: JobResult,
    work: Path,
    datasets: Sequence[str],
    config: Mapping[str, Any] | None,
    reference: Path,
) -> tuple[RunStatus, str, dict[str, DatasetResult]]:
    if outcome.status != "ok":
        return _FAILURES.get(outcome.status, RunStatus.CRASHED), outcome.reason or f"the run {outcome.status}", {}
    if changed := _changed_locked(spec, work, reference):
        return RunStatus.INVALID, f"the run changed the locked file {', '.join(changed)}", {}
    if config is not None and not _is_config(work / CONFIG, config):
        return RunStatus.INVALID, f"the run changed its {CONFIG}", {}
    try:
        measured = read_final_info(
            work / OUT / "final_info.json",
            datasets=datasets,
            metrics=[m.name for m in spec.metrics],
            strict=spec.contract == "scientist",
        )
    except OutputProblem as e:
        return RunStatus.NO_OUTPUT if e.missing else RunStatus.INVALID, str(e), {}
    left_out = f"not numbers, left out: {', '.join(measured.left_out)}" if measured.left_out else ""
    return RunStatus.OK, "; ".join(filter(None, (outcome.reason, left_out))), measured.results


def _is_config(file: Path, config: Mapping[str, Any]) -> bool:
    return is_plain_file(file) and file.read_text(errors="replace") == canonical_json(dict(config), indent=2) + "\n"


def _changed_locked(spec: TemplateSpec, work: Path, reference: Path) -> list[str]:
    return [
        name
        for name in spec.locked
        if not is_plain_file(work / name) or sha256_file(work / name) != sha256_file(reference / name)
    ]


def _copy(source: Path, target: Path) -> None:
    """Copy the bytes and no permissions or times: a read-only template must give a writable copy."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _plain_files(folder: Path) -> Iterator[tuple[str, Path]]:
    """(relative POSIX path, path) of the regular files under ``folder``, without following a link anywhere."""
    if folder.is_symlink() or not folder.is_dir():
        return
    _make_accessible(folder)
    for path, folders, names in os.walk(folder):
        folders[:] = [f for f in folders if f != "__pycache__"]
        for name in names:
            file = Path(path) / name
            if stat.S_ISREG(file.lstat().st_mode) and _is_text(name):
                file.chmod(0o644)
                yield file.relative_to(folder).as_posix(), file


def _make_accessible(folder: Path) -> None:
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        here.chmod(stat.S_IRWXU)
        with os.scandir(here) as entries:
            waiting += [Path(e.path) for e in entries if e.is_dir(follow_symlinks=False)]


def _is_text(name: str) -> bool:
    """A file name that is not UTF-8 cannot be written into a record."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
