"""What every executor of the registry keeps to, wherever it runs its jobs."""

from __future__ import annotations

import itertools
import os
import signal
import threading
import time
import uuid
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from jobs import LIMITS, Make, log_of, maker, marked, sandbox, until

from scientist.errors import EnvironmentProblem, UsageError
from scientist.execution import EXECUTORS, Executor, check_executor, open_executor

SLURM = os.environ.get("SCIENTIST_TEST_SLURM", "local")
"""Parameters for a Slurm that is there, such as ``partition=all``; by default processes of this machine stand in."""

OPTIONS: dict[str, dict[str, object]] = {"slurm": {"where": SLURM}}

PATIENCE_S = 60
SLEEP = "import time; time.sleep(60)"
LONG = replace(LIMITS, wall_s=90.0)
NOW = """
import os, time
start = time.time()
time.sleep(1)
print(os.environ['CUDA_VISIBLE_DEVICES'], start, time.time())
"""


@pytest.fixture(params=EXECUTORS.names())
def kind(request: pytest.FixtureRequest) -> str:
    try:
        check_executor(request.param)
    except EnvironmentProblem as e:
        pytest.skip(f"{e.message}: {e.hint}")
    return str(request.param)


@pytest.fixture
def executor(kind: str) -> Executor:
    """With four cores and two devices that are not there."""
    made: Executor = EXECUTORS.load(kind)(sandbox("bubblewrap"), 4, cores=4, gpus=("0", "1"), **OPTIONS.get(kind, {}))
    return made


@pytest.fixture
def make(tmp_path: Path) -> Make:
    return maker(tmp_path)


def test_each_job_has_one_result_and_what_it_printed_is_kept(executor: Executor, make: Make) -> None:
    jobs = [
        make("fine", "print('hello'); open('out.txt', 'w').write('kept')", env={"EXTRA": "a"}),
        make("crashed", "raise ValueError('no')"),
        make("silent", "import os; os._exit(3)"),
        make("told", "import os; print(os.environ['EXTRA'], os.environ['OMP_NUM_THREADS'])", env={"EXTRA": "b"}),
    ]
    started: list[tuple[str, threading.Thread]] = []
    results = list(executor.run(jobs, on_start=lambda job: started.append((job.id, threading.current_thread()))))
    assert sorted(r.id for r in results) == sorted(job.id for job in jobs)
    assert sorted(id for id, _ in started) == sorted(job.id for job in jobs)
    assert {thread for _, thread in started} == {threading.current_thread()}
    by_id = {r.id: r for r in results}
    assert {id: (r.status, r.reason) for id, r in by_id.items()} == {
        "fine": ("ok", ""),
        "crashed": ("crashed", "exit status 1: ValueError: no"),
        "silent": ("crashed", "exit status 3: it printed nothing"),
        "told": ("ok", ""),
    }
    assert {(r.sandbox, r.device, r.attempts) for r in results} == {("bubblewrap", "cpu", 1)}
    assert (log_of(jobs[0]), log_of(jobs[3])) == ("hello\n", "b 1\n")
    assert Path(jobs[0].folder, "out.txt").read_text() == "kept"
    assert {p.name for p in Path(jobs[0].folder).iterdir()} == {"p.py", "out.txt", "stdout.log"}, "and nothing of ours"
    assert [p.name for p in Path(jobs[0].folder).parent.iterdir() if p.name.startswith(".")] == []


def test_limits_hold_while_the_consumer_is_busy(executor: Executor, make: Make) -> None:
    mark = uuid.uuid4().hex
    brief = replace(LIMITS, wall_s=2.0)
    hanging = make("hang", SLEEP, argv=("python", "p.py", mark), limits=brief)

    def busy(job: object) -> None:
        """Until the job is over, nobody listens."""
        until(Path(hanging.folder, "stdout.log").exists, "the job never ran", PATIENCE_S)
        time.sleep(1)
        until(lambda: not marked(mark), "the limit was not kept while nobody listened", PATIENCE_S)

    (hang,) = executor.run([hanging], on_start=busy)
    assert (hang.status, hang.reason) == ("timeout", "took longer than 2 s")


def test_closing_the_iterator_ends_what_runs(executor: Executor, make: Make) -> None:
    mark = uuid.uuid4().hex
    jobs = [make("quick", "pass"), *(slow(make, f"slow{i}", mark) for i in range(2))]
    results = executor.run(jobs)
    assert next(results).id == "quick"
    until(lambda: len(inner(mark)) == 2, "the slow jobs never ran", PATIENCE_S)
    results.close()
    until(lambda: not marked(mark), "a job went on", 5)


def test_a_failing_listener_ends_the_run(executor: Executor, make: Make) -> None:
    def fail(job: object) -> None:
        raise OSError("disk full")

    mark = uuid.uuid4().hex
    with pytest.raises(OSError, match="disk full"):
        list(executor.run([slow(make, "slow", mark)], on_start=fail))
    until(lambda: not marked(mark), "the job went on", 5)


def test_cancelling_gives_every_job_a_result(executor: Executor, make: Make) -> None:
    mark = uuid.uuid4().hex
    jobs = [slow(make, f"slow{i}", mark) for i in range(6)]
    begun: list[str] = []

    def started(job: object) -> None:
        begun.append("")
        if len(begun) == 2:
            executor.cancel()

    results = list(executor.run(jobs, on_start=started))
    assert sorted((r.id, r.status) for r in results) == [(f"slow{i}", "cancelled") for i in range(6)]
    until(lambda: not marked(mark), "a job went on", 5)
    (again,) = executor.run([make("again", "pass")])
    assert again.status == "ok", "a cancelled executor can be used again"


def test_a_lost_worker_is_replaced_or_told_of(executor: Executor, kind: str, make: Make, tmp_path: Path) -> None:
    """The process that watches a job is killed: the job runs again, and, where that is this program, it has failed."""
    mark, killed = uuid.uuid4().hex, threading.Event()
    job = make("lost", "import os, sys, time; os.mkdir('run_0'); time.sleep(int(sys.argv[2]))",
               argv=("python", "p.py", mark, "4"), limits=LONG)  # fmt: skip

    def kill_worker() -> None:
        until(lambda: inner(mark), "the job never ran", PATIENCE_S)
        worker = launcher_of(mark) if kind == "local" else launcher_of(mark).parent()
        assert worker is not None and worker.pid != os.getpid()
        worker.send_signal(signal.SIGKILL)
        killed.set()

    killer = threading.Thread(target=kill_worker)
    killer.start()
    (result,) = executor.run([job])
    killer.join()
    assert killed.is_set()
    if kind == "local":
        assert result.status != "ok" and "SIGKILL" in result.reason
    else:
        assert (result.status, result.attempts) == ("ok", 2), result
        assert "started 2 times: " in result.reason, "and what the first left was no hindrance"
    until(lambda: not marked(mark), "a process was left", 5)


def test_a_worker_that_is_lost_every_time_ends_its_job(executor: Executor, kind: str, make: Make) -> None:
    if kind == "local":
        pytest.skip("its worker is this program")
    mark, over = uuid.uuid4().hex, threading.Event()

    def kill_workers() -> None:
        while not over.wait(0.2):
            for launcher in launchers(mark):
                if (worker := launcher.parent()) is not None and worker.pid not in (1, os.getpid()):
                    worker.send_signal(signal.SIGKILL)

    killer = threading.Thread(target=kill_workers)
    killer.start()
    try:
        (result,) = executor.run([slow(make, "lost", mark)])
    finally:
        over.set()
        killer.join()
    assert result.status == "lost" and result.reason.startswith(f"lost {result.attempts} times: "), result
    assert result.attempts > 1
    until(lambda: not marked(mark), "a process was left", 5)


def test_shares_of_a_device_run_together(executor: Executor, kind: str, make: Make) -> None:
    if kind == "slurm" and SLURM != "local":
        pytest.skip("Slurm grants whole devices")
    mark = uuid.uuid4().hex
    jobs = [slow(make, f"half{i}", mark, gpus=0.5) for i in range(4)]
    begun: list[str] = []

    def started(job: object) -> None:
        begun.append("")
        if len(begun) == 4:
            executor.cancel()

    results = list(executor.run(jobs, on_start=started))
    assert len(begun) == 4, "all four run before one has ended"
    assert {r.status for r in results} == {"cancelled"}


def test_a_whole_device_is_not_shared(executor: Executor, make: Make) -> None:
    jobs = [make(f"job{i}", NOW, gpus=gpus) for i, gpus in enumerate((1, 1, 1, 0.5))]
    results = {r.id: r for r in executor.run(jobs)}
    spans: dict[str, list[tuple[float, float]]] = {}
    for job in jobs:
        device, start, end = log_of(job).split()
        assert (results[job.id].status, results[job.id].device) == ("ok", f"cuda:{device}")
        spans.setdefault(device, []).append((float(start), float(end)))
    assert spans.keys() <= {"0", "1"}
    for of_one in spans.values():
        ordered = sorted(of_one)
        assert all(before[1] <= after[0] for before, after in itertools.pairwise(ordered))


def test_more_devices_than_there_are_is_refused_before_anything_runs(executor: Executor, kind: str, make: Make) -> None:
    if kind == "slurm" and SLURM != "local":
        pytest.skip("only Slurm knows its devices")
    job = make("a", "pass", gpus=3)
    with pytest.raises(EnvironmentProblem, match="needs 3 GPU"):
        list(executor.run([make("b", "pass"), job]))
    assert not Path(job.folder, "stdout.log").exists()


def test_jobs_need_ids_and_folders_of_their_own(executor: Executor, make: Make) -> None:
    job = make("a", "pass")
    for other in (job, job.model_copy(update={"id": "b"})):
        with pytest.raises(ValueError, match="of its own"):
            list(executor.run([job, other]))
    with pytest.raises(FileNotFoundError):
        list(executor.run([job.model_copy(update={"folder": "/does/not/exist"})]))
    assert list(executor.run([])) == []


@pytest.mark.parametrize("name", EXECUTORS.names())
def test_a_missing_package_is_named_with_its_extra(name: str) -> None:
    try:
        check_executor(name)
    except EnvironmentProblem as e:
        assert f"executor {name} needs the package" in e.message
        assert f"scientist[{EXECUTORS.load(name).extra}]" in e.hint
        with pytest.raises(EnvironmentProblem, match="which is not installed"):
            open_executor(name, sandbox("none"), 1)


def test_a_place_is_given_after_a_colon() -> None:
    with pytest.raises(UsageError, match="takes nothing after its name, not 'here'"):
        open_executor("local:here", sandbox("none"), 1)
    with pytest.raises(UsageError, match="no executor is called 'moon'"):
        check_executor("moon:dark-side")


def slow(make: Make, name: str, mark: str, **fields: object):  # type: ignore[no-untyped-def]
    return make(name, SLEEP, argv=("python", "p.py", mark), limits=LONG, **fields)


def inner(mark: str) -> list[psutil.Process]:
    """The jobs' own processes, not those that start and watch them."""
    return [p for p in marked(mark) if "launcher.py" not in " ".join(p.cmdline()) and p.name().startswith("python")]


def launchers(mark: str) -> list[psutil.Process]:
    found = []
    for p in marked(mark):
        try:
            if any(part.endswith("launcher.py") for part in p.cmdline()):
                found.append(p)
        except psutil.Error:
            continue
    return found


def launcher_of(mark: str) -> psutil.Process:
    (launcher,) = launchers(mark)
    return launcher
