"""On a GPU: leases of a declared share, a pilot before the full runs, GPU memory on record, half the batch if it lacks.

There is no GPU here: the devices are names, and a program called nvidia-smi says what they hold.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Generator, Sequence
from pathlib import Path

import pytest
from tiny_template import EXPERIMENT, TOML, make_plan, run, run_folder, write_template

from scientist.analysis.ledger import build_evidence
from scientist.errors import RunInterrupted, TemplateError
from scientist.events import EventLog, read_lines
from scientist.execution.gpu import GpuMeter, gpu_memory
from scientist.execution.job import Job, JobResult, ignore
from scientist.execution.local import LocalExecutor
from scientist.experiments.journal import Journal
from scientist.experiments.stage import load_results, run_experiments
from scientist.experiments.template import load_template
from scientist.sandbox import SANDBOXES
from scientist.types import Plan, Run, RunResult, RunStatus, TemplateSpec
from scientist.workspace import RunFolder, canonical_json

GPU = """
[presets.gpu]
seeds = 2
seconds_per_run = 5.0
settings = { pause = 0.0, batch_size = 64 }
"""
NEEDS_MEMORY = """
b = c["behaviour"]
if c.get("batch_size", 0) > 64 / c["level"]:
    sys.exit("torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB")
"""


def gpu_template(folder: Path, *head: str, experiment: str = EXPERIMENT) -> TemplateSpec:
    toml = TOML.replace("memory_mb = 256", "\n".join(("memory_mb = 256", *head)))
    toml = toml.replace("settings = { pause = 0.0 }", "settings = { pause = 0.0, batch_size = 8 }") + GPU
    write_template(folder, toml=toml)
    (folder / "experiment.py").write_text(experiment)
    return load_template(folder)


def gpu_plan(spec: TemplateSpec, settings: list[dict[str, int | str]], seeds: int = 1) -> Plan:
    plan = make_plan(spec, settings, seeds=seeds)
    return plan.model_copy(update={"preset": "gpu", "settings": {"pause": 0.0, "batch_size": 64}})


class Recording:
    """The local executor with two devices that are not there; remembers what it was asked to run."""

    def __init__(self) -> None:
        self.inner = LocalExecutor(SANDBOXES.load("none")(), 2, cores=2, gpus=("0", "1"))
        self.jobs: list[Job] = []

    def run(self, jobs: Sequence[Job], *, on_start: Callable[[Job], None] = ignore) -> Generator[JobResult, None, None]:
        self.jobs += jobs
        return self.inner.run(jobs, on_start=on_start)

    def cancel(self) -> None:
        self.inner.cancel()


def run_on_gpu(plan: Plan, spec: TemplateSpec, folder: RunFolder) -> tuple[tuple[RunResult, ...], list[Job]]:
    executor = Recording()
    results = run_experiments(
        plan=plan, seeds=plan.seeds, spec=spec, folder=folder, executor=executor, events=EventLog(folder.events)
    )
    return results, executor.jobs


def transitions(folder: RunFolder) -> list[tuple[str, str]]:
    return [(e.node, e.transition) for e in Journal(folder.journal).entries() if e.transition != "code_written"]


def test_a_pilot_goes_before_the_full_runs_once_a_study(tmp_path: Path) -> None:
    spec, folder = gpu_template(tmp_path / "tiny", "gpus = 0.25"), run_folder(tmp_path)
    plan = gpu_plan(spec, [{"level": 1}, {"level": 2}])
    results, jobs = run_on_gpu(plan, spec, folder)
    assert [(job.id, job.gpus) for job in jobs] == [("pilot.c1", 0.25), ("c0.seed_1", 0.25), ("c1.seed_1", 0.25)]
    assert transitions(folder)[0] == ("c1", "piloted")
    assert {r.run.device for r in results} <= {"cuda:0", "cuda:1"} and {r.run.status for r in results} == {"ok"}
    assert json.loads((folder.root / results[1].folder / "config.json").read_text())["batch_size"] == 64
    assert not list(folder.nodes.rglob(".work*"))
    longer = plan.model_copy(update={"seeds": (1, 2)})
    _, more = run_on_gpu(longer, spec, folder)
    assert [job.id for job in more] == ["c0.seed_2", "c1.seed_2"], "no second pilot"


def test_a_failing_pilot_ends_the_stage_with_its_log_before_anything_else_runs(tmp_path: Path) -> None:
    spec, folder = gpu_template(tmp_path / "tiny"), run_folder(tmp_path)
    plan = gpu_plan(spec, [{"level": 1}, {"behaviour": "crash"}])
    with pytest.raises(RunInterrupted, match="pilot run of c1 at the preset smoke failed") as e:
        run_on_gpu(plan, spec, folder)
    assert "this run was told to crash" in e.value.message and "phase pilot device cuda" in e.value.message
    log = Path(e.value.hint.split("the whole log is ")[1].split(";")[0])
    assert "told to crash" in log.read_text()
    assert transitions(folder) == [] and not list(folder.nodes.glob("*/seed_*"))


def test_no_pilot_on_the_cpu_or_at_the_smallest_scale(tmp_path: Path) -> None:
    spec, folder = gpu_template(tmp_path / "tiny"), run_folder(tmp_path)
    cpu = make_plan(spec, [{"level": 1}], seeds=1)
    run(cpu, spec, folder)
    assert transitions(folder) == [("c0", "started"), ("c0", "finished")]
    insisting, other = gpu_template(tmp_path / "cuda", 'device = "cuda"'), run_folder(tmp_path / "other")
    smoke = make_plan(insisting, [{"level": 1}], seeds=1).model_copy(update={"preset": "smoke"})
    _, jobs = run_on_gpu(smoke, insisting, other)
    assert [(job.id, job.gpus) for job in jobs] == [("c0.seed_1", 1.0)], "a whole device where no share is declared"


def test_a_run_out_of_memory_is_made_again_with_half_the_batch(tmp_path: Path) -> None:
    experiment = EXPERIMENT.replace('\nb = c["behaviour"]\n', NEEDS_MEMORY)
    spec = gpu_template(tmp_path / "tiny", 'oom_batch = "batch_size"', experiment=experiment)
    folder = run_folder(tmp_path)
    plan = gpu_plan(spec, [{"level": 1}, {"level": 2}, {"level": 3}])
    whole, half, none = run_on_gpu(plan, spec, folder)[0]
    assert (whole.run.status, whole.run.adjusted) == (RunStatus.OK, {})
    assert (half.run.status, half.run.adjusted) == (RunStatus.OK, {"batch_size": 32})
    assert half.run.reason == "made with half the batch (batch_size = 32) after it ran out of memory"
    assert json.loads((folder.root / half.folder / "config.json").read_text())["batch_size"] == 32
    assert none.run.status is RunStatus.MEMORY
    assert "out of memory with half the batch (batch_size = 32) too" in none.run.reason
    entries = [e for e in Journal(folder.journal).entries() if e.transition == "halved"]
    assert [(e.node, e.seed, e.data["adjusted"]) for e in entries] == [
        ("c1", 1, {"batch_size": 32}), ("c2", 1, {"batch_size": 32}),
    ]  # fmt: skip
    assert "CUDA out of memory" in entries[0].data["reason"]
    assert [e["done"] for e in read_lines(folder.events) if e["kind"] == "run.finished"] == [1, 2, 3]
    assert load_results(plan=plan, seeds=plan.seeds, folder=folder) == (whole, half, none)


def test_a_smaller_batch_is_told_to_the_reader(tmp_path: Path) -> None:
    experiment = EXPERIMENT.replace('\nb = c["behaviour"]\n', NEEDS_MEMORY)
    spec = gpu_template(tmp_path / "tiny", 'oom_batch = "batch_size"', experiment=experiment)
    plan = gpu_plan(spec, [{"level": 1}, {"level": 2}]).model_copy(update={"contrasts": ()})
    results, _ = run_on_gpu(plan, spec, run_folder(tmp_path))
    evidence = build_evidence(plan=plan, plan_sha256="0" * 64, spec=spec, results=results, look=1)
    assert [w for w in evidence.warnings if "half the batch" in w] == [
        "Some runs of the condition “condition 1” ran out of memory and were made again with half the batch."
    ]


def test_without_a_declaration_the_reason_says_why_it_was_not_tried_again(tmp_path: Path) -> None:
    experiment = EXPERIMENT.replace('\nb = c["behaviour"]\n', NEEDS_MEMORY)
    spec, folder = gpu_template(tmp_path / "tiny", experiment=experiment), run_folder(tmp_path)
    _, failed = run_on_gpu(gpu_plan(spec, [{"level": 1}, {"level": 2}]), spec, folder)[0]
    assert failed.run.status is RunStatus.MEMORY
    assert "CUDA out of memory" in failed.run.reason
    assert "not tried with a smaller batch: the template declares no oom_batch" in failed.run.reason


def test_the_gpu_memory_of_a_run_is_on_its_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    fake_nvidia_smi(tmp_path / "bin", monkeypatch)
    spec, folder = gpu_template(tmp_path / "tiny"), run_folder(tmp_path)
    plan = gpu_plan(spec, [{"level": 1}])
    plan = plan.model_copy(update={"settings": {"pause": 1.5, "batch_size": 64}})
    (result,) = run_on_gpu(plan, spec, folder)[0]
    assert result.run.peak_gpu_mb == 1234.0, "of its own process, and of no other"
    assert json.loads((folder.root / result.folder / "run.json").read_text())["peak_gpu_mb"] == 1234.0


def fake_nvidia_smi(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that tells of each experiment.py 1234 MiB, and of its own parent 9999."""
    folder.mkdir()
    program = folder / "nvidia-smi"
    program.write_text(
        f"#!{sys.executable}\n"
        "import os, psutil\n"
        "print(f'{os.getppid()}, 9999')\n"
        "for p in psutil.process_iter(['cmdline']):\n"
        "    line = p.info['cmdline'] or []\n"
        "    if 'experiment.py' in line and not any(part.endswith('launcher.py') for part in line):\n"
        "        print(f'{p.pid}, 1234')\n"
        "print('77, [N/A]')\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")


def test_gpu_memory_that_cannot_be_known_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    meter = GpuMeter(0.01)
    meter.start(1)
    meter.stop()
    assert meter.peak_mb is None
    broken = tmp_path / "nvidia-smi"
    broken.write_text("#!/bin/sh\necho '1, 5'\nexit 9\n")
    broken.chmod(0o755)
    assert gpu_memory(str(broken)) == {}
    broken.write_text("#!/bin/sh\necho '1, [N/A]'\n")
    assert gpu_memory(str(broken)) == {}


def test_records_without_a_gpu_keep_their_bytes() -> None:
    run_ = Run(condition="c", seed=1, status=RunStatus.OK, wall_s=1.0, sandbox="none", started_at="now")
    assert set(json.loads(canonical_json(run_))) == {
        "condition", "seed", "status", "reason", "exit_code", "wall_s", "cpu_s", "peak_rss_mb", "sandbox", "device",
        "started_at", "files",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("head", "problem"),
    [
        ("gpus = 0", "gpus: must be greater than 0"),
        ("gpus = 1.5", "gpus: must be a share of one device, or a whole number"),
        ('gpus = 1\ndevice = "cpu"', 'gpus: is of no use with device = "cpu"'),
        ('oom_batch = "level"', "oom_batch: level is a factor"),
        ('oom_batch = "size"', r"oom_batch: \[presets.smoke\] must set size to a positive whole number"),
    ],
)
def test_declarations_that_cannot_be_kept_are_refused(tmp_path: Path, head: str, problem: str) -> None:
    with pytest.raises(TemplateError, match=problem):
        gpu_template(tmp_path / "tiny", head)
