from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tiny_template import V1_EXPERIMENT, executor, make_plan, run, run_folder, write_template

import scientist
from scientist.errors import RunInterrupted, TemplateError
from scientist.events import EventLog, read_lines
from scientist.execution.job import Job, JobResult
from scientist.experiments.journal import Journal
from scientist.experiments.run import prepare
from scientist.experiments.stage import load_results, run_experiments
from scientist.experiments.template import load_template
from scientist.types import RunResult, RunStatus
from scientist.workspace import RunFolder, sha256_file


def values(results: tuple[RunResult, ...]) -> list[tuple[str, int, float]]:
    return [(r.run.condition, r.run.seed, r.results["one"].means["score"]) for r in results]


def test_every_condition_at_every_seed_in_the_order_of_the_plan(tmp_path: Path) -> None:
    spec, folder = write_template(tmp_path / "tiny"), run_folder(tmp_path)
    plan = make_plan(spec, [{"level": 2}, {"level": 1}])
    results = run(plan, spec, folder)
    assert values(results) == [("c0", 1, 2.1), ("c0", 2, 2.2), ("c1", 1, 1.1), ("c1", 2, 1.2)]
    assert load_results(plan=plan, seeds=plan.seeds, folder=folder) == results
    place = folder.root / results[0].folder
    assert results[0].folder == "nodes/c0/seed_1"
    kept = {p.relative_to(place).as_posix() for p in place.rglob("*") if p.is_file()}
    assert kept == {"final_info.json", "config.json", "stdout.log", "run.json", "more/notes.txt"}, "and no link"
    assert results[0].run.files == {n: sha256_file(place / n) for n in kept - {"run.json"}}
    assert json.loads((place / "config.json").read_text()) == {
        "behaviour": "fine", "datasets": ["one", "two"], "device": "cpu", "level": 2, "pause": 0.0,
        "phase": "confirmatory", "threads": 1,
    }  # fmt: skip
    assert "phase confirmatory" in (place / "stdout.log").read_text()
    assert not list(folder.nodes.rglob(".work*"))


def test_each_node_keeps_its_code_settings_and_difference(tmp_path: Path) -> None:
    spec, folder = write_template(tmp_path / "tiny"), run_folder(tmp_path)
    run(make_plan(spec, [{"level": 2}, {"level": 1}], seeds=1), spec, folder)
    assert (folder.nodes / "c0/change.diff").read_text() == "# No code is changed: this node is the baseline.\n"
    assert "level: 2 -> 1" in (folder.nodes / "c1/change.diff").read_text()
    assert (folder.nodes / "c1/code/harness.py").read_bytes() == (tmp_path / "tiny/harness.py").read_bytes()
    record = json.loads((folder.nodes / "c1/config.json").read_text())
    assert record["config"]["level"] == 1 and record["condition"] == "c1"


def test_events_and_journal_tell_each_transition(tmp_path: Path) -> None:
    spec, folder = write_template(tmp_path / "tiny"), run_folder(tmp_path)
    plan = make_plan(spec, [{"level": 1}, {"level": 2}])
    run(plan, spec, folder, workers=1)
    events = [e for e in read_lines(folder.events) if e["kind"] != "run.started"]
    assert (events[0]["kind"], events[0]["total"], events[0]["done"]) == ("experiment.planned", 4, 0)
    ends = [(e["seed"], e["condition"], e["done"], e["total"], e["status"]) for e in events[1:]]
    assert ends == [(1, "c0", 1, 4, "ok"), (1, "c1", 2, 4, "ok"), (2, "c0", 3, 4, "ok"), (2, "c1", 4, 4, "ok")]
    entries = Journal(folder.journal).entries()
    assert [e.transition for e in entries if e.node == "c1"] == [
        "code_written", "started", "finished", "started", "finished"
    ]  # fmt: skip
    run(plan, spec, folder)
    assert len(Journal(folder.journal).entries()) == len(entries), "nothing is done twice"
    assert list(read_lines(folder.events))[-1]["done"] == 4


@pytest.mark.parametrize(
    ("behaviour", "status", "reason"),
    [
        ("crash", RunStatus.CRASHED, "this run was told to crash"),
        ("hang", RunStatus.TIMEOUT, "level 1"),
        ("nan", RunStatus.INVALID, "one.means.score is nan, not a finite number"),
        ("silent", RunStatus.NO_OUTPUT, "the run left no run_0/final_info.json"),
        ("cheat", RunStatus.INVALID, "the run changed the locked file harness.py"),
        ("reconfigure", RunStatus.INVALID, "the run changed its config.json"),
        ("link", RunStatus.NO_OUTPUT, "the run left no run_0/final_info.json"),
        ("broken", RunStatus.INVALID, "final_info.json is not JSON"),
        ("lacks", RunStatus.INVALID, "final_info.json has no data set two; it has one"),
        ("text", RunStatus.INVALID, 'one.means.score is not a number: "high"'),
    ],
)
def test_a_failed_run_is_a_result_with_its_reason(
    tmp_path: Path, behaviour: str, status: RunStatus, reason: str
) -> None:
    spec, folder = write_template(tmp_path / "tiny"), run_folder(tmp_path)
    plan = make_plan(
        spec, [{"level": 1}, {"behaviour": behaviour}], seeds=1, timeout_s=2 if behaviour == "hang" else 60
    )
    good, bad = run(plan, spec, folder)
    assert good.run.status is RunStatus.OK
    assert bad.run.status is status and reason in bad.run.reason and bad.results == {}
    assert (folder.root / bad.folder / "stdout.log").is_file()
    assert run(plan, spec, folder) == (good, bad), "a failed run is finished, too"


def test_when_every_run_failed_it_says_why_and_a_resumed_stage_tries_again(tmp_path: Path) -> None:
    spec, folder = write_template(tmp_path / "tiny"), run_folder(tmp_path)
    plan = make_plan(spec, [{"behaviour": "crash"}], seeds=2)
    with pytest.raises(RunInterrupted) as e:
        run(plan, spec, folder)
    assert "all 2 runs failed" in e.value.message and "told to crash" in e.value.message
    assert "stdout.log" in e.value.hint and "scientist resume run-1" in e.value.hint
    first = (folder.nodes / "c0/seed_1/run.json").read_text()
    with pytest.raises(RunInterrupted):
        run(plan, spec, folder)
    assert (folder.nodes / "c0/set_aside/seed_1_1/run.json").read_text() == first
    assert (folder.nodes / "c0/seed_1/run.json").read_text() != first


def test_a_changed_template_is_refused(tmp_path: Path) -> None:
    spec, folder = write_template(tmp_path / "tiny"), run_folder(tmp_path)
    plan = make_plan(spec, [{"level": 1}], seeds=1)
    (tmp_path / "tiny/experiment.py").write_text("print('other')\n")
    with pytest.raises(TemplateError, match="changed since the plan was pre-registered"):
        run(plan, spec, folder)
    assert not folder.nodes.exists()


def test_a_node_whose_code_was_edited_is_refused(tmp_path: Path) -> None:
    spec, folder = write_template(tmp_path / "tiny"), run_folder(tmp_path)
    run(make_plan(spec, [{"level": 1}], seeds=1), spec, folder)
    longer = make_plan(spec, [{"level": 1}], seeds=2)
    harness = folder.nodes / "c0/code/harness.py"
    original = harness.read_text()
    harness.write_text("def score(level, seed): return 9\n")
    with pytest.raises(TemplateError, match=r"locked file harness\.py .* is refused"):
        run(longer, spec, folder)
    harness.write_text(original)
    (folder.nodes / "c0/code/experiment.py").write_text("print('other')\n")
    with pytest.raises(RunInterrupted, match="is not the code that this node was written with"):
        run(longer, spec, folder)


def test_prepare_restores_an_edited_harness(tmp_path: Path) -> None:
    spec = write_template(tmp_path / "tiny")
    write_template(tmp_path / "code")
    (tmp_path / "code/harness.py").write_text("def score(level, seed): return 9\n")
    (tmp_path / "work").mkdir()
    (tmp_path / "work/stale.txt").write_text("from an earlier run")
    job = prepare(
        spec, tmp_path / "work", id="j", settings={"level": 1}, datasets=["one"], seed=3, phase="pilot", timeout_s=7,
        device="cpu", code=tmp_path / "code",
    )  # fmt: skip
    assert (tmp_path / "work/harness.py").read_bytes() == (tmp_path / "tiny/harness.py").read_bytes()
    assert not (tmp_path / "work/stale.txt").exists()
    assert job.argv[1:] == ("experiment.py", "--out_dir=run_0", "--config", "config.json", "--seed", "3")
    assert (job.limits.wall_s, job.limits.memory_mb, job.gpus) == (7, 256, 0)


def test_an_altered_result_is_not_used(tmp_path: Path) -> None:
    spec, folder = write_template(tmp_path / "tiny"), run_folder(tmp_path)
    plan = make_plan(spec, [{"level": 1}], seeds=1)
    run(plan, spec, folder)
    file = folder.nodes / "c0/seed_1/final_info.json"
    file.write_text(file.read_text().replace("1.1", "9.9"))
    with pytest.raises(RunInterrupted, match=r"final_info\.json is not the file that its run left"):
        run(plan, spec, folder)


def test_seeds_can_be_added_later(tmp_path: Path) -> None:
    spec, folder = write_template(tmp_path / "tiny"), run_folder(tmp_path)
    plan = make_plan(spec, [{"level": 1}, {"level": 2}], seeds=1)
    (first, second) = run(plan, spec, folder)
    more = run_experiments(
        plan=plan, seeds=(1, 5), spec=spec, folder=folder, executor=executor(), events=EventLog(folder.events)
    )
    assert values(more) == [("c0", 1, 1.1), ("c0", 5, 1.5), ("c1", 1, 2.1), ("c1", 5, 2.5)]
    assert (more[0], more[2]) == (first, second)
    with pytest.raises(RunInterrupted, match=r"c0\.seed_7"):
        load_results(plan=plan, seeds=(1, 7), folder=folder)


class CancellingExecutor:
    """Runs the first job and is then told to stop."""

    def run(self, jobs, *, on_start=lambda job: None):  # type: ignore[no-untyped-def]
        inner = executor(1)
        for result in inner.run(jobs, on_start=on_start):
            inner.cancel()
            yield result


def test_cancelled_runs_are_not_results(tmp_path: Path) -> None:
    spec, folder = write_template(tmp_path / "tiny"), run_folder(tmp_path)
    plan = make_plan(spec, [{"level": 1}], seeds=3, pause=0.2)
    with pytest.raises(RunInterrupted, match="of 3 runs were cancelled"):
        run_experiments(
            plan=plan, seeds=plan.seeds, spec=spec, folder=folder, executor=CancellingExecutor(),
            events=EventLog(folder.events),
        )  # fmt: skip
    assert (folder.nodes / "c0/seed_1/run.json").exists() and not (folder.nodes / "c0/seed_3").exists()
    assert len(run(plan, spec, folder)) == 3


class FullDisk:
    """Fails as the disk does when it is full."""

    def run(self, jobs: list[Job], *, on_start: object = None) -> list[JobResult]:
        raise OSError(28, "No space left on device", jobs[0].folder)


def test_a_full_disk_says_what_to_do(tmp_path: Path) -> None:
    spec, folder = write_template(tmp_path / "tiny"), run_folder(tmp_path)
    plan = make_plan(spec, [{"level": 1}], seeds=1)
    with pytest.raises(RunInterrupted, match="No space left on device") as e:
        run_experiments(
            plan=plan, seeds=plan.seeds, spec=spec, folder=folder, executor=FullDisk(), events=EventLog(folder.events)
        )  # type: ignore[arg-type]
    assert "make room" in e.value.hint


def test_a_v1_folder_runs_unmodified_and_seeds_are_repeats(tmp_path: Path) -> None:
    source = tmp_path / "old"
    source.mkdir()
    (source / "experiment.py").write_text(V1_EXPERIMENT)
    (source / "run_0").mkdir()
    (source / "run_0/final_info.json").write_text("{}")
    spec, folder = load_template(source), run_folder(tmp_path)
    results = run(make_plan(spec, [{}]), spec, folder)
    assert [r.results["Shakespeare"].means for r in results] == [{"final_loss_mean": 3.0}] * 2
    assert results[0].results["Shakespeare"].stderrs == {"final_loss_stderr": 0.5}
    assert results[0].run.reason == "not numbers, left out: Shakespeare.means.note"
    assert not (folder.root / results[0].folder / "config.json").exists()


def test_no_finished_run_is_lost_or_repeated_by_kill_9(tmp_path: Path) -> None:
    """A process with six quick runs is killed at random moments, and at last left alone."""
    spec, folder, moments = write_template(tmp_path / "tiny"), run_folder(tmp_path), random.Random()
    seen: dict[Path, tuple[int, str]] = {}
    for _ in range(2):
        process = start(tmp_path)
        wait_for_one_more_run(process, folder, len(seen))
        time.sleep(moments.uniform(0, 0.3))
        process.kill()
        process.wait()
        for path, state in finished(folder).items():
            assert seen.setdefault(path, state) == state, f"{path} was made twice"
    assert len(seen) > 0
    assert start(tmp_path).wait() == 0
    assert seen.items() <= finished(folder).items(), "a finished run was lost or made twice"
    clean = run_folder(tmp_path / "uninterrupted")
    plan = make_plan(spec, [{"level": 1}, {"level": 2}, {"level": 3}], pause=0.1)
    expected = run(plan, spec, clean)
    assert values(load_results(plan=plan, seeds=plan.seeds, folder=folder)) == values(expected)
    assert contents(folder) == contents(clean), "no leftovers"
    ends = [(e.node, e.seed) for e in Journal(folder.journal).entries() if e.transition == "finished"]
    assert sorted(ends) == sorted((r.run.condition, r.run.seed) for r in expected)


def start(root: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("tiny_template.py")), str(root)],
        env={**os.environ, "PYTHONPATH": str(Path(scientist.__file__).parents[1])},
    )


def wait_for_one_more_run(process: subprocess.Popen[bytes], folder: RunFolder, done: int) -> None:
    while process.poll() is None and len(finished(folder)) <= done:
        time.sleep(0.01)


def finished(folder: RunFolder) -> dict[Path, tuple[int, str]]:
    return {p: (p.stat().st_mtime_ns, p.read_text()) for p in folder.nodes.glob("*/seed_?/run.json")}


def contents(folder: RunFolder) -> list[str]:
    return sorted(p.relative_to(folder.root).as_posix() for p in folder.nodes.rglob("*"))
