"""What a candidate may try: hang, fork, fill, imitate, end its worker. It is scored as what it is, and hurts none."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator

import numpy as np
import pytest

from scientist.errors import EnvironmentProblem
from scientist.sandbox import SANDBOXES
from scientist.search import frames
from scientist.search.candidate import Candidate
from scientist.search.evaluator import Call, Cascade, Score, Stage
from scientist.search.pool import Pool, Request, Trial

GOOD = "def run(a=0):\n    return a + 1\n"
LIMIT_S = 3.0


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    try:
        sandbox = SANDBOXES.load("bubblewrap")()
    except EnvironmentProblem as e:
        pytest.skip(str(e))
    with Pool(sandbox, 1, memory_mb=256, processes=8, output_mb=8) as opened:
        yield opened


def run(pool: Pool, program: str, seconds: float = LIMIT_S) -> Trial:
    return pool.run(Request({"p.py": program}, "p.py:run", [{"a": 1}], seconds))


def still_sound(pool: Pool) -> bool:
    return run(pool, GOOD).outputs == (2,)


HOSTILE = {
    "endless loop": ("def run(a):\n    while True: pass", "timeout"),
    "endless loop while loading": ("while True: pass", "timeout"),
    "sleeps": ("import time\ndef run(a): time.sleep(100)", "timeout"),
    "ignores signals": (
        "import signal, time\nfor s in range(1, 65):\n  try: signal.signal(s, signal.SIG_IGN)\n  except (OSError, ValueError): pass\n"  # noqa: E501
        "def run(a):\n  while True: pass",
        "timeout",
    ),
    "forks without end": ("import os\ndef run(a):\n  while True:\n    os.fork()", "crashed"),
    "many processes": ("import os, time\nfor i in range(40):\n  if os.fork() == 0: time.sleep(50)\ndef run(a): time.sleep(1)", "crashed"),  # noqa: E501
    "takes all memory": ("def run(a):\n  x = []\n  while True: x.append(bytearray(1 << 22))", "out_of_memory"),
    "prints without end": ("def run(a):\n  while True: print('x' * 10000)", "output_limit"),
    "returns too much": ("def run(a): return 'x' * (9 << 20)", "output_limit"),
    "raises": ("def run(a): raise RuntimeError('no')", "crashed"),
    "does not parse": ("def run(a:\n", "crashed"),
    "has no entry": ("def walk(a): pass", "crashed"),
    "exits": ("import os\nos._exit(0)\ndef run(a): return 1", "crashed"),
    "exits by exception": ("import sys\nsys.exit(0)", "crashed"),
    "returns an object": ("def run(a): return object()", "crashed"),
    "returns a pickled thing": ("import numpy as np\ndef run(a): return np.array([object()])", "crashed"),
    "closes its descriptors": ("import os\nos.closerange(0, 200)\ndef run(a): return 1", "crashed"),
    "writes a frame of its own": (
        "import os\ndef run(a):\n  for fd in range(3, 60):\n    try: os.write(fd, b'\\xff' * 64)\n    except OSError: pass\n  return 1",  # noqa: E501
        None,
    ),
    "a frame that is no JSON": (
        "import os, struct\ndef run(a):\n  for fd in range(3, 60):\n"
        "    try: os.write(fd, struct.pack('>II', 5, 0) + b'{{{{{')\n    except OSError: pass\n  os._exit(0)",
        "crashed",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_it_is_scored_as_what_it_is_and_the_next_one_is_not_hurt(pool: Pool, name: str) -> None:
    program, status = HOSTILE[name]
    began = time.monotonic()
    trial = run(pool, program, 4.0 if status == "out_of_memory" else 1.0)
    assert trial.status == status or (status is None and trial.outputs != (2,))
    assert time.monotonic() - began < 20  # one timeout, and not one for each that follows
    assert still_sound(pool)


def test_an_endless_candidate_costs_one_timeout_and_the_others_none(pool: Pool) -> None:
    trials = [run(pool, HOSTILE["endless loop"][0] if i % 3 == 2 else GOOD, 1.0) for i in range(9)]
    assert [t.status for t in trials] == ["ok", "ok", "timeout"] * 3


ATTACKS = {
    "ends the worker": "import os\nfor s in range(1, 65):\n  try: os.kill(os.getppid(), s)\n  except OSError: pass\ndef run(a): return a + 1",  # noqa: E501
    "reads the worker's memory": "def run(a): return len(open('/proc/1/mem', 'rb').read(1))",
    "traces the worker": "import ctypes\ndef run(a): return 0 if ctypes.CDLL(None).ptrace(16, 1, 0, 0) == 0 else a + 1",
    "writes to the worker's descriptors": (
        "import os\ndef run(a):\n  wrote = 0\n  for n in range(20):\n    try: fd = os.open(f'/proc/1/fd/{n}', os.O_WRONLY)\n"  # noqa: E501
        "    except OSError: continue\n    wrote += 1\n  return a + 1 if not wrote else 0"
    ),
    "writes where its folder is": "def run(a):\n  open('/job/x', 'w').write('x')",
    "writes the worker's code": "def run(a):\n  import sys\n  open([m for m in open('/proc/self/mountinfo').read().split() if m.endswith('warm.py')][0], 'w')",  # noqa: E501
    "opens a socket": "import socket\ndef run(a): socket.create_connection(('127.0.0.1', 22), 1)",
}  # fmt: skip
HARMLESS = ("ends the worker", "traces the worker", "writes to the worker's descriptors")


@pytest.mark.parametrize("name", ATTACKS)
def test_the_worker_cannot_be_reached(pool: Pool, name: str) -> None:
    trial = run(pool, ATTACKS[name])
    assert (trial.outputs == (2,)) if name in HARMLESS else trial.status == "crashed"
    assert still_sound(pool)


def test_nothing_is_left_for_the_next_candidate(pool: Pool) -> None:
    leave = (
        "import os, time\nfor d in ('/tmp', '/dev/shm'):\n  os.makedirs(d + '/deep/er'); open(d + '/deep/er/note', 'w').write('99')\n"  # noqa: E501
        "if os.fork() == 0:\n  os.setsid()\n  if os.fork() == 0: time.sleep(60)\n  os._exit(0)\ndef run(a): return a + 1"  # noqa: E501
    )
    look = (
        "import os\ndef run(a): return [os.listdir('/tmp'), os.listdir('/dev/shm'), "
        "sorted(int(p) for p in os.listdir('/proc') if p.isdigit())]"
    )
    assert run(pool, leave).status == "ok"
    tmp, shm, processes = run(pool, look).outputs[0]
    assert tmp == ["evaluation"] and shm == [] and len(processes) == 2


def test_filling_the_disk_fills_a_small_one(pool: Pool) -> None:
    fill = "def run(a):\n  with open('big', 'wb') as f:\n    while True: f.write(bytes(1 << 20))"
    assert run(pool, fill).status in ("crashed", "timeout")
    assert still_sound(pool)


def test_inputs_come_one_by_one_and_time_is_taken_outside(pool: Pool) -> None:
    program = (
        "import time\ntime.monotonic = time.perf_counter = time.time = lambda: 0.0\n"
        "def run(a, b):\n  time.sleep(0.05)\n  return b.sum() * a"
    )
    inputs = [{"a": i, "b": np.ones((2, 3), dtype=np.float32)} for i in range(3)]
    trial = pool.run(Request({"p.py": program}, "p.py:run", inputs, LIMIT_S))
    assert trial.outputs == (0.0, 6.0, 12.0) and min(trial.seconds) >= 0.05


def test_random_numbers_are_seeded(pool: Pool) -> None:
    program = "import random\ndef run(a): return random.random()"
    draws = [pool.run(Request({"p.py": program}, "p.py:run", [{"a": 1}], LIMIT_S, seed)).outputs for seed in (1, 1, 2)]
    assert draws[0] == draws[1] != draws[2]


def test_a_program_of_several_files_may_import_its_own(pool: Pool) -> None:
    files = {
        "p.py": "from lib.tool import double\ndef run(a): return double(a)",
        "lib/tool.py": "def double(x): return 2 * x",
    }
    assert pool.run(Request(files, "p.py:run", [{"a": 4}], LIMIT_S)).outputs == (8,)


def test_a_missing_module_is_said_before_anything_runs() -> None:
    with (
        Pool(SANDBOXES.load("bubblewrap")(), 1, preload=("no_such_module",)) as opened,
        pytest.raises(EnvironmentProblem, match="no_such_module"),
    ):
        run(opened, GOOD)


@pytest.mark.parametrize("level", ["landlock", "none"])
def test_without_a_namespace_each_evaluation_gets_a_new_worker(level: str) -> None:
    try:
        sandbox = SANDBOXES.load(level)()
    except EnvironmentProblem as e:
        pytest.skip(str(e))
    with Pool(sandbox, 1) as opened:
        assert [still_sound(opened) for _ in range(2)] == [True, True]
        assert run(opened, HOSTILE["endless loop"][0], 1.0).status == "timeout"
        assert still_sound(opened)


# ------------------------------------------------------------------------------------------- the trusted half


def total(seed: int, calls: list[Call]) -> Score:
    value = calls[0].output
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError("run() returns a number")
    return Score(value, {"value": value})


def cascade(pool: Pool, *thresholds: float) -> Cascade:
    stages = [Stage(f"s{i}", lambda seed: [{"a": 1}], total, LIMIT_S, t) for i, t in enumerate(thresholds)]  # type: ignore[arg-type]
    return Cascade(pool, "p.py:run", stages)


@pytest.mark.parametrize(
    ("program", "status"),
    [
        (GOOD, "ok"),
        ("def run(a): return float('nan')", "invalid"),
        ("def run(a): return float('inf')", "invalid"),
        ("def run(a): return '99'", "invalid"),
        ("def run(a): return True", "invalid"),
        ("def run(a): return {'score': 99.0, 'metrics': {}}", "invalid"),
        ("class F(float): pass\ndef run(a): return F(2)", "ok"),
        ("import builtins\nbuiltins.float = lambda x: 99.0\ndef run(a): return [2.0]", "invalid"),
    ],
)
def test_what_is_returned_is_data_and_nothing_else(pool: Pool, program: str, status: str) -> None:
    outcome = cascade(pool, -math.inf).evaluate(Candidate(files={"p.py": program}), 0)
    assert outcome.status == status and (outcome.score == 2.0 if status == "ok" else outcome.score is None)


def test_a_cascade_ends_at_the_first_stage_that_says_no(pool: Pool) -> None:
    outcome = cascade(pool, 1.5, 5.0, 0.0).evaluate(Candidate(files={"p.py": GOOD}), 0)
    assert (outcome.status, outcome.stage, outcome.score) == ("screened", "s1", None)
    assert cascade(pool, 1.5, 2.0).evaluate(Candidate(files={"p.py": GOOD}), 0).score == 2.0


def test_frames_refuse_what_is_no_data() -> None:
    value = {"a": [1, None, "x"], "b": np.arange(6, dtype=np.int32).reshape(2, 3).T, "c": np.float64(0.5)}
    raw = frames.pack(value)
    sizes = frames.HEADER.unpack(raw[:8])
    back = frames.unpack(raw[8 : 8 + sizes[0]], raw[8 + sizes[0] :])
    assert back["a"] == [1, None, "x"] and back["c"] == 0.5
    assert (back["b"] == value["b"]).all() and back["b"].dtype == np.int32
    for bad in (b'{"__array__": ["O", [1], 0]}', b'{"__array__": ["<f8", [99], 0]}', b'{"__array__": ["<f8", [-1], 0]}',
                b'{"__array__": 3}', b"{", b'{"__array__": ["<f8", [1], -8]}'):  # fmt: skip
        with pytest.raises(frames.FrameError):
            frames.unpack(bad, bytes(16))
    for what in (object(), {1, 2}, np.array(["x"])):
        with pytest.raises(frames.FrameError):
            frames.pack(what)
