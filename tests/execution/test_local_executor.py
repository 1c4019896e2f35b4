"""Whatever a job does, the executor says what became of it, in time, and leaves nothing running."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from jobs import LIMITS, Make, log_of, maker, marked, sandbox, until

from scientist.errors import EnvironmentProblem
from scientist.execution import Executor, Job, JobResult
from scientist.execution.local import LocalExecutor
from scientist.sandbox import SANDBOXES

BRIEF = replace(LIMITS, wall_s=1.0)

CONFINING = [name for name in SANDBOXES.names() if name != "none"]


@pytest.fixture
def executor() -> Executor:
    return LocalExecutor(sandbox("bubblewrap"), 2)


@pytest.fixture
def make(tmp_path: Path) -> Make:
    return maker(tmp_path)


ENDINGS = {
    "fine": ("print('hello')", "ok", ""),
    "raises": ("raise ValueError('no \\x1b[31mred')", "crashed", "exit status 1: ValueError: no red"),
    "exits_silently": ("import os; os._exit(3)", "crashed", "exit status 3: it printed nothing"),
    "segfaults": ("import os; os.kill(os.getpid(), 11)", "crashed", "killed by SIGSEGV"),
    "ignores_sigterm": (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)",
        "timeout", "took longer than 3 s",
    ),
    "closes_its_output_and_hangs": ("import os, time; os.close(1); os.close(2); time.sleep(60)", "timeout", "longer"),
    "prints_without_end": ("while True: print('x' * 999)", "output_limit", "printed more than 1 MiB"),
    "one_huge_file": ("f = open('f', 'wb')\nwhile True: f.write(bytes(2**20))", "output_limit", "reached 8 MiB"),
    "many_files": (
        "import itertools, time\n"
        "for i in itertools.count(): open(f'f{i}', 'wb').write(b'1' * 2**20); time.sleep(0.02)",
        "output_limit", "wrote more than 8 MiB to its folder",
    ),
    "one_huge_allocation": ("x = bytearray(2**32)", "out_of_memory", "MemoryError"),
    "memory_of_many_processes": (
        "import os, time\n"
        "for _ in range(6):\n"
        "    if os.fork() == 0:\n"
        "        x = b'1' * 60 * 2**20; time.sleep(60)\n"
        "time.sleep(60)",
        "out_of_memory", "used more than 200 MiB",
    ),
    "many_processes": (
        "import os, time\nfor _ in range(99):\n    if os.fork() == 0: time.sleep(60)\ntime.sleep(60)",
        "crashed", "started more than 64 processes",
    ),
}  # fmt: skip


@pytest.fixture(scope="module", params=CONFINING)
def endings(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, tuple[Job, JobResult]]:
    """Every misbehaviour at once, in each level of sandbox."""
    make = maker(tmp_path_factory.mktemp(request.param))
    limits = replace(LIMITS, wall_s=3.0)
    jobs = {name: make(name, code, limits=limits) for name, (code, *_) in ENDINGS.items()}
    # The sleepers need no core of their own, so the machine is said to have more.
    runner = LocalExecutor(sandbox(request.param), 4, cores=4)
    return {r.id: (jobs[r.id], r) for r in runner.run(list(jobs.values()))}


@pytest.mark.parametrize("name", ENDINGS)
def test_every_ending_has_its_name(name: str, endings: dict[str, tuple[Job, JobResult]]) -> None:
    _, status, reason = ENDINGS[name]
    _, result = endings[name]
    assert (result.status, reason in result.reason) == (status, True), result
    assert result.wall_s < 8, "a limit is met within its time, on a busy machine too"


def test_output_is_logged_and_capped(endings: dict[str, tuple[Job, JobResult]]) -> None:
    assert log_of(endings["fine"][0]) == "hello\n"
    assert "Traceback" in log_of(endings["raises"][0])
    assert Path(endings["prints_without_end"][0].folder, "stdout.log").stat().st_size == 2**20


def test_what_was_used_is_measured(executor: Executor, make: Make) -> None:
    code = "import time; x = b'1' * 90 * 2**20; end = time.process_time() + 0.5\nwhile time.process_time() < end: pass"
    forked = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {code!r}])"
    for result in executor.run([make("own", code), make("child", forked)]):
        assert result.status == "ok"
        assert 0.5 <= result.cpu_s < 3
        assert 90 < result.peak_rss_mb < 180
        assert (result.exit_code, result.sandbox, result.device) == (0, "bubblewrap", "cpu")
        assert result.wall_s >= 0.5


def test_memory_shared_by_forks_counts_once(executor: Executor, make: Make) -> None:
    code = """
import os, time
x = b'1' * 90 * 2**20
children = [os.fork() for _ in range(1)]
if children[0]: children += [os.fork()]
time.sleep(0.7)
"""
    (result,) = executor.run([make("shared", code)])
    assert result.peak_rss_mb > 200, "the sum of resident sizes is above the limit"
    assert result.status == "ok"


def test_cpu_time_of_all_processes_together_is_limited(executor: Executor, make: Make) -> None:
    code = "import os\nfor _ in range(3): os.fork()\nwhile True: pass"
    (result,) = executor.run([make("spin", code, limits=replace(LIMITS, cpu_s=1.0))])
    assert (result.status, result.reason) == ("timeout", "used more than 1 s of CPU time")
    assert result.cpu_s < 5


def test_fifty_children_die_with_their_job(executor: Executor, make: Make) -> None:
    mark = uuid.uuid4().hex
    code = """
import os, time
for _ in range(50):
    if os.fork() == 0:
        os.setsid()
        if os.fork(): os._exit(0)
        time.sleep(60)
print("forked", flush=True)
time.sleep(60)
"""
    limits = replace(LIMITS, wall_s=4.0, processes=256)
    job = make("forks", code, argv=("python", "p.py", mark), limits=limits)
    seen: list[int] = []
    looker = threading.Thread(target=lambda: until(lambda: seen.append(len(marked(mark))) or seen[-1] > 40, "no forks"))
    looker.start()
    (result,) = executor.run([job])
    looker.join()
    assert result.status == "timeout"
    assert max(seen) > 40
    until(lambda: marked(mark) == [], "processes are left", 2)  # a killed one is listed until it has been reaped


@pytest.mark.parametrize("level", SANDBOXES.names())
def test_closing_the_iterator_kills_what_runs(level: str, make: Make) -> None:
    mark = uuid.uuid4().hex
    jobs = [make("quick", "pass"), make("slow", "import time; time.sleep(60)", argv=("python", "p.py", mark))]
    results = LocalExecutor(sandbox(level), 2, cores=2).run(jobs)
    assert next(results).id == "quick"
    until(lambda: marked(mark), "the slow job never ran")
    results.close()
    assert marked(mark) == []


PROGRAM = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background shell leaves it ignored
import sys
from pathlib import Path
from scientist.execution import Job
from scientist.execution.local import LocalExecutor
from scientist.sandbox import SANDBOXES, Limits
limits = Limits(wall_s=60, cpu_s=60, memory_mb=200, file_mb=8, output_mb=1, processes=64)
level, folder, mark = sys.argv[1], sys.argv[2], sys.argv[3]
job = Job(id="j", argv=("python", "-c", "import time; time.sleep(60)", "job" + mark), folder=folder, limits=limits)
list(LocalExecutor(SANDBOXES.load(level)(), 1).run([job]))
"""


@pytest.mark.parametrize("level", CONFINING)
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_job_does_not_outlive_the_program(level: str, how: signal.Signals, tmp_path: Path) -> None:
    sandbox(level)
    mark = uuid.uuid4().hex
    root = str(Path(__file__).parents[2])
    command = [sys.executable, "-c", PROGRAM, level, str(tmp_path), mark]
    program = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": root}, stderr=subprocess.PIPE)
    until(lambda: marked("job" + mark), "the job never ran")
    program.send_signal(how)
    _, said = program.communicate(timeout=15)
    assert program.returncode == -how
    assert (b"KeyboardInterrupt" in said) == (how == signal.SIGINT)
    until(lambda: not marked("job" + mark), "the job outlived its program")


def test_cancelling_gives_every_job_a_result(make: Make) -> None:
    runner = LocalExecutor(sandbox("bubblewrap"), 1)
    jobs = [make("first", "pass"), *(make(f"slow{i}", "import time; time.sleep(60)") for i in range(3))]
    results = runner.run(jobs, on_start=lambda job: runner.cancel() if job.id == "slow0" else None)
    assert [(r.id, r.status) for r in results] == [
        ("first", "ok"), ("slow0", "cancelled"), ("slow1", "cancelled"), ("slow2", "cancelled"),
    ]  # fmt: skip
    (again,) = runner.run([make("again", "pass")])
    assert again.status == "ok", "a cancelled executor can be used again"


def test_limits_hold_while_the_consumer_is_busy(executor: Executor, make: Make) -> None:
    results = executor.run([make("quick", "pass"), make("hang", "import time; time.sleep(60)", limits=BRIEF)])
    next(results)
    time.sleep(2)
    assert next(results).wall_s < 1.8


def test_a_failing_listener_ends_the_run(executor: Executor, make: Make) -> None:
    def fail(job: Job) -> None:
        raise OSError("disk full")

    mark = uuid.uuid4().hex
    with pytest.raises(OSError, match="disk full"):
        list(executor.run([make("slow", "import time; time.sleep(60)", argv=("python", "p.py", mark))], on_start=fail))
    assert marked(mark) == []


def test_jobs_need_ids_and_folders_of_their_own(executor: Executor, make: Make) -> None:
    job = make("a", "pass")
    for other in (job, job.model_copy(update={"id": "b"})):
        with pytest.raises(ValueError, match="of its own"):
            list(executor.run([job, other]))
    assert list(executor.run([])) == []


def test_a_folder_that_is_not_there_is_the_callers_error(executor: Executor, make: Make) -> None:
    with pytest.raises(FileNotFoundError):
        list(executor.run([make("a", "pass").model_copy(update={"folder": "/does/not/exist"})]))


NOW = "import time; start = time.time(); time.sleep(0.6); print(start, time.time())"


@pytest.mark.parametrize(("threads", "parallel"), [(1, True), (2, False)])
def test_no_more_threads_run_than_there_are_cores(threads: int, parallel: bool, make: Make) -> None:
    jobs = [make(f"job{i}", NOW, threads=threads) for i in range(2)]
    results = list(LocalExecutor(sandbox("bubblewrap"), 2, cores=2).run(jobs))
    assert [r.status for r in results] == ["ok", "ok"]
    (a_start, a_end), (b_start, b_end) = ([float(x) for x in log_of(job).split()] for job in jobs)
    assert (a_start < b_end and b_start < a_end) == parallel


def test_libraries_are_told_their_threads_and_devices(make: Make) -> None:
    code = "import os; print(os.environ['OMP_NUM_THREADS'], os.environ['TORCH_NUM_THREADS'], end=' ')\n"
    code += "print(repr(os.environ['CUDA_VISIBLE_DEVICES']), os.environ['EXTRA'])"
    runner = LocalExecutor(sandbox("bubblewrap"), 1, cores=2, gpus=("3",))
    cpu = make("cpu", code, threads=8, env={"EXTRA": "a"})
    gpu = make("gpu", code, gpus=0.5, env={"EXTRA": "b"})
    devices = {r.id: r.device for r in runner.run([cpu, gpu])}
    assert devices == {"cpu": "cpu", "gpu": "cuda:3"}
    assert log_of(cpu) == "2 2 '' a\n"
    assert log_of(gpu) == "1 1 '3' b\n"


def test_a_gpu_that_is_not_there_is_refused_before_anything_runs(make: Make) -> None:
    started: list[str] = []
    runner = LocalExecutor(sandbox("bubblewrap"), 1, gpus=())
    with pytest.raises(EnvironmentProblem, match="needs 1 GPU"):
        list(runner.run([make("a", "pass"), make("b", "pass", gpus=1)], on_start=lambda j: started.append(j.id)))
    assert started == []


# ------------------------------------------------------------------------------------------- attacks


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as s:
        s.setblocking(False)
        yield s


@pytest.mark.parametrize("level", CONFINING)
def test_a_job_reaches_nothing_outside_its_box(
    level: str, make: Make, listener: socket.socket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "hunter2-in-the-environment")
    secret = tmp_path / "secret.txt"
    secret.write_text("hunter2-in-a-file")
    attacks = {
        "write": f"open({str(tmp_path / 'planted')!r}, 'w')",
        "append": f"open({str(secret)!r}, 'a')",
        "read": f"print(open({str(secret)!r}).read())",
        "climb": "print(open('../secret.txt').read())",
        "link": f"os.symlink({str(secret)!r}, 'way'); print(open('way').read())",
        "home": f"print('hunter2', [n for n in os.listdir({str(Path.home())!r}) if not {sys.prefix!r}.count(n) "
        f"and not {sys.base_prefix!r}.count(n)][0])",
        "connect": f"socket.create_connection(('127.0.0.1', {listener.getsockname()[1]}), 2); print('hunter2')",
        "resolve": "socket.getaddrinfo('example.org', 80); print('hunter2')",
        "environment": "print(os.environ['SECRET_KEY'])",
        "parent": "[print(open(f'/proc/{n}/environ').read()) for n in os.listdir('/proc') if n.isdigit()]",
        "etc": "print('hunter2', open('/etc/passwd').read())",
        "settings": "open('/proc/sys/kernel/core_pattern', 'r+'); print('hunter2')",
    }
    jobs = [make(name, "import os, socket\n" + code) for name, code in attacks.items()]
    results = {r.id: r.status for r in LocalExecutor(sandbox(level), 2).run(jobs)}
    assert [job.id for job in jobs if "hunter2" in log_of(job).replace("print('hunter2'", "")] == []
    assert {name for name, status in results.items() if status == "ok"} <= {"parent"}
    assert secret.read_text() == "hunter2-in-a-file"
    assert not (tmp_path / "planted").exists()
    with pytest.raises(BlockingIOError):
        listener.accept()


def test_a_job_leaves_no_traps_in_its_folder(executor: Executor, make: Make) -> None:
    code = """
import os
os.mkdir("out")
open("out/real.json", "w").write("{}")
os.symlink("/etc/passwd", "out/absolute.json")
os.symlink("../../../../etc/passwd", "out/upwards.json")
os.symlink("real.json", "out/within.json")
os.mkfifo("out/pipe.json")
open("out/tool", "w").close()
os.chmod("out/tool", 0o6755)
os.mkdir("closed")
open("closed/unreadable", "w").close()
os.chmod("closed/unreadable", 0)
os.chmod("closed", 0)
"""
    job = make("traps", code)
    (result,) = executor.run([job])
    assert result.status == "ok", result
    out = Path(job.folder, "out")
    assert sorted(p.name for p in out.iterdir()) == ["real.json", "tool", "within.json"]
    assert (out / "tool").stat().st_mode & 0o7777 == 0o755
    assert Path(job.folder, "closed").stat().st_mode & 0o700 == 0o700
    assert Path(job.folder, "closed", "unreadable").stat().st_mode & 0o600 == 0o600


def test_a_link_in_place_of_the_log_is_not_followed(executor: Executor, make: Make, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("as it was")
    job = make("again", "print('new')")
    Path(job.folder, "stdout.log").symlink_to(precious)
    (result,) = executor.run([job])
    assert result.status == "ok"
    assert precious.read_text() == "as it was"
    assert log_of(job) == "new\n"
