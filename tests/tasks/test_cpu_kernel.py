"""The kernel task: wrong results score nothing, however small they are, and a slowed reference gains nothing.

Seconds are given by hand wherever a number is asserted: no test depends on how busy the machine is.
"""

from __future__ import annotations

import shutil
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tests.tasks.playing import Task

TASK = Task("cpu_kernel")


def judged(candidate: Any, seconds: tuple[float, float] = (1e-5, 1e-5), reference: Any = None) -> dict[str, Any]:
    """The score where the reference takes ``seconds[0]`` and the candidate ``seconds[1]`` in every call."""
    calls = []
    for given in TASK.scorer.inputs("quick", 1):
        is_candidate = given["which"] == "candidate"
        run = candidate if is_candidate else reference or TASK.scorer.reference
        calls.append(SimpleNamespace(input=given, output=run(given["x"], given["z"]), seconds=seconds[is_candidate]))
    result: dict[str, Any] = TASK.scorer.score("quick", 1, calls)
    return result


def truth(x: Any, z: Any) -> Any:
    x, z = x.astype(float), z.astype(float)
    return np.exp(-((x[:, None] - z) ** 2).sum(-1) / 2).mean(1)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda x, z: np.zeros(len(x)),
        lambda x, z: np.full(len(x), truth(x, z).mean()),
        lambda x, z: truth(x, z) + 1e-4 * truth(x, z).max(),
        lambda x, z: truth(x, z) * 1.001,
        lambda x, z: np.roll(truth(x, z), 1),
        lambda x, z: np.full(len(x), 1e300),
    ],
)
def test_a_wrong_result_scores_nothing_whatever_its_size(wrong: Any) -> None:
    result = judged(wrong, seconds=(1e-3, 1e-9))
    assert result["score"] == 0.0 and result["metrics"]["correct"] == 0.0 and result["metrics"]["fast_0.8"] == 0.0
    assert "relative error" in result["artefacts"]["speedups"]


def test_an_answer_kept_from_an_earlier_call_is_wrong() -> None:
    kept: dict[tuple[int, ...], Any] = {}
    assert judged(lambda x, z: kept.setdefault(x.shape, truth(x, z)))["score"] == 0.0


def test_the_score_is_the_geometric_mean_of_the_speed_ups() -> None:
    result = judged(truth, seconds=(3e-6, 2e-6))
    assert result["score"] == pytest.approx(1.5)
    assert (result["metrics"]["fast_1"], result["metrics"]["fast_2"]) == (1.0, 0.0)


def test_many_shapes_do_not_overflow_the_mean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TASK.scorer.SHAPES, "quick", ((2, 2, 1),) * 200)
    monkeypatch.setattr(TASK.scorer, "_trusted_seconds", lambda group: 1e6)
    assert judged(truth, seconds=(1e3, 1e-6))["score"] == pytest.approx(1e9)


def test_a_reference_that_the_candidate_slows_down_gains_nothing() -> None:
    patched = TASK.evolved(
        "import time\n\n\ndef density(x, z):\n    return _honest(x, z)\n\n\n"
        "def _honest(x, z):\n    squares = ((x[:, None, :] - z[None, :, :]) ** 2).sum(axis=2)\n"
        "    return np.exp(-0.5 * squares).mean(axis=1)\n\n\n"
        "def _slow(x, z):\n    time.sleep(0.05)\n    return _honest(x, z)\n"
    )
    # The attack that the locked region cannot stop: the entry's own globals are changed while it runs.
    patched = patched.replace(
        "def density(x, z):\n", 'def density(x, z):\n    globals().__setitem__("reference", _slow)\n', 1
    )
    result = TASK.play(patched)
    assert "reference bounded" in result["artefacts"]["speedups"]
    # Unbounded, 50 ms of sleep would count as a speed-up of far more than ten.
    assert result["score"] < 10


def test_the_bound_is_what_the_scorer_measured_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TASK.scorer, "_timed", lambda x, z: 0.01)
    assert judged(truth, seconds=(5.0, 0.01))["score"] == pytest.approx(TASK.scorer.SLACK)
    assert judged(truth, seconds=(0.005, 0.01))["score"] == pytest.approx(0.5)


def test_a_reference_that_lies_makes_the_program_invalid() -> None:
    with pytest.raises(ValueError, match="reference"):
        judged(truth, reference=lambda x, z: np.zeros(len(x)))


def test_calls_alternate_and_no_two_see_the_same_points() -> None:
    calls = TASK.scorer.inputs("quick", 0)
    assert [c["which"] for c in calls[:4]] == ["candidate", "reference", "reference", "candidate"]
    assert len({c["x"].tobytes() for c in calls}) == len(calls)
    assert calls[0]["x"].tobytes() != TASK.scorer.inputs("quick", 1)[0]["x"].tobytes()


def test_the_locked_reference_is_the_scorers() -> None:
    own = (TASK.folder / "scorer.py").read_text().partition("squares = ")[2].split("\n")[:2]
    locked = TASK.program.partition("def reference")[2].partition("squares = ")[2].split("\n")[:2]
    assert own == locked


def test_the_program_in_c_is_right() -> None:
    if shutil.which("gcc") is None:
        pytest.skip("no gcc on this machine")
    assert TASK.play(TASK.baseline("c_gcc"))["metrics"]["correct"] == 1.0
