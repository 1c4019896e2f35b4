"""The char_lm template: its sources and their entropy, its measures on inputs made by hand, and its repeatability."""

from __future__ import annotations

import json
import math
import random
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.templates.loading import load, smoke_settings

torch = pytest.importorskip("torch", reason="templates need torch")

FOLDER = Path(__file__).parents[2] / "templates" / "char_lm"
SOURCES = ("brackets", "markov", "lexicon")


@pytest.fixture(scope="module")
def harness() -> ModuleType:
    return load(FOLDER, "harness")


@pytest.fixture(scope="module")
def experiment() -> ModuleType:
    torch.set_num_threads(1)
    return load(FOLDER, "experiment")


def smoke(**changed: Any) -> dict[str, Any]:
    return smoke_settings(FOLDER, "brackets", **changed)


def table(rows: list[list[float]]) -> Any:
    return torch.tensor(rows, dtype=torch.float64)


# ------------------------------------------------------------------------------------------- sources


def test_entropy_rate_of_a_known_chain(harness: ModuleType) -> None:
    """Two states, left with odds 1/4 and 1/2: they hold 2/3 and 1/3 of the time."""
    source = harness.Source(table([[0.75, 0.25], [0.5, 0.5]]), torch.tensor([[0, 1], [0, 1]]))
    assert harness.stationary(source).tolist() == pytest.approx([2 / 3, 1 / 3])
    quarter = 0.75 * math.log2(4 / 3) + 0.25 * 2
    assert harness.entropy_rate(source) == pytest.approx(2 / 3 * quarter + 1 / 3)


def test_entropy_rate_of_words_is_that_of_the_lexicon_over_the_mean_length(harness: ModuleType) -> None:
    source = harness.lexicon(6, 20, 4, random.Random(1))
    weights = [1 / rank for rank in range(1, 21)]
    word_entropy = -sum(w / sum(weights) * math.log2(w / sum(weights)) for w in weights)
    at_start = harness.stationary(source)[0]  # a word starts once in every mean length
    assert harness.entropy_rate(source) == pytest.approx(word_entropy * float(at_start))


@pytest.mark.parametrize("name", SOURCES)
def test_entropy_rate_is_the_code_length_of_long_texts(harness: ModuleType, name: str) -> None:
    source = harness.make_source(name, smoke(), random.Random(5))
    assert torch.allclose(source.emit.sum(dim=1), torch.ones(len(source.emit), dtype=torch.float64))
    text = harness.sample(source, harness.stationary(source), 30000, random.Random(6))
    bits = -source.emit[text.states, text.symbols].log2()
    assert float(bits.mean()) == pytest.approx(harness.entropy_rate(source), abs=0.05)
    assert torch.equal(text.states[1:], source.follow[text.states, text.symbols][:-1])


def test_brackets_are_well_nested(harness: ModuleType) -> None:
    kinds, depth = 3, 4
    source = harness.brackets(12, kinds, depth, 0.3, random.Random(0))
    at_empty = torch.zeros(len(source.emit))
    at_empty[0] = 1
    stack, deepest = [], 0
    for symbol in harness.sample(source, at_empty, 3000, random.Random(0)).symbols.tolist():
        if symbol < kinds:
            stack.append(symbol)
        elif symbol < 2 * kinds:
            assert stack.pop() == symbol - kinds
        deepest = max(deepest, len(stack))
    assert deepest == depth


@pytest.mark.parametrize("name", SOURCES)
def test_texts_hang_on_the_seed_and_not_on_each_other(harness: ModuleType, name: str) -> None:
    short, long = (harness.make_corpus(name, smoke(train_chars=n), 2) for n in (500, 900))
    other = harness.make_corpus(name, smoke(train_chars=500), 3)
    assert torch.equal(short.train.symbols, long.train.symbols[: len(short.train.symbols)])
    assert torch.equal(short.held_out.symbols, long.held_out.symbols)
    assert not torch.equal(short.held_out.symbols, other.held_out.symbols)
    assert not torch.equal(short.train.symbols[:300], short.validation.symbols[:300])
    assert not torch.equal(short.held_out.symbols[:300], short.validation.symbols[:300])


def test_pilot_does_not_draw_the_test_text(harness: ModuleType) -> None:
    pilot, confirmatory = (harness.make_corpus("markov", smoke(phase=p), 0) for p in ("pilot", "confirmatory"))
    assert torch.equal(pilot.held_out.symbols, pilot.validation.symbols)
    assert torch.equal(pilot.validation.symbols, confirmatory.validation.symbols)
    assert len(confirmatory.held_out.symbols) != len(pilot.held_out.symbols)


# ------------------------------------------------------------------------------------------- measures


@pytest.mark.parametrize("context", [4, 16, 32])
def test_windows_score_every_symbol_once_after_the_burn_in(harness: ModuleType, context: int) -> None:
    n = 64 + 96
    text = harness.Text(torch.arange(n), 1000 + torch.arange(n))
    inputs, states, symbols = harness.windows(text, context, 64)
    assert symbols.flatten().tolist() == list(range(64, n))
    assert torch.equal(states, symbols + 1000)
    # the prediction for each scored symbol is read where the window ends just before it
    assert torch.equal(inputs[:, context // 2 :], symbols - 1)


def test_windows_refuse_a_context_that_the_burn_in_does_not_cover(harness: ModuleType) -> None:
    text = harness.Text(torch.arange(100), torch.arange(100))
    for context in (7, 66):
        with pytest.raises(ValueError, match="context"):
            harness.windows(text, context, 64)


def test_excess_and_regret_by_hand(harness: ModuleType) -> None:
    truth = table([[0.5, 0.5], [1.0, 0.0]])
    log_probs = table([[0.25, 0.75], [0.5, 0.5]]).log()
    scored = harness.Scored(truth, log_probs, torch.tensor([1, 0]))
    first = 0.5 * math.log2(0.5 / 0.25) + 0.5 * math.log2(0.5 / 0.75)
    assert harness.excess_bits(scored) == pytest.approx((first + 1.0) / 2)
    assert harness.regret_bits(scored) == pytest.approx((math.log2(0.5 / 0.75) + 1.0) / 2)
    assert harness.total_variation(scored) == pytest.approx((0.25 + 0.5) / 2)


def test_the_source_itself_has_no_excess(harness: ModuleType) -> None:
    truth = table([[0.2, 0.3, 0.5], [0.6, 0.4, 0.0]])
    scored = harness.Scored(truth, truth.clamp(min=1e-300).log(), torch.tensor([0, 1]))
    assert harness.excess_bits(scored) == pytest.approx(0.0, abs=1e-12)
    assert harness.calibration_error(scored, 10) == pytest.approx(0.0, abs=1e-12)
    assert harness.total_variation(scored) == pytest.approx(0.0, abs=1e-12)


def test_calibration_error_by_hand(harness: ModuleType) -> None:
    """In one bin errors of opposite sign cancel; in different bins they do not."""
    truth = table([[0.8, 0.2], [0.6, 0.4], [0.9, 0.1]])
    log_probs = table([[0.71, 0.29], [0.75, 0.25], [0.95, 0.05]]).log()
    scored = harness.Scored(truth, log_probs, torch.tensor([0, 0, 0]))
    assert harness.calibration_error(scored, 5) == pytest.approx((abs(-0.09 + 0.15) + 0.05) / 3)


def test_steps_to_target_and_censoring(harness: ModuleType) -> None:
    truth = table([[0.5, 0.5]])
    scored = harness.Scored(truth, truth.log(), torch.tensor([0]))
    readings = [harness.Reading(10 * i, 0.0, v) for i, v in enumerate((0.9, 0.5, 0.4, 0.3))]
    for target, step in ((0.5, 10.0), (0.3, 30.0), (0.1, 30.0)):
        means = harness.measure(readings, scored, scored, smoke(target_excess=target, max_steps=30))
        assert means["steps_to_target"] == step


# ------------------------------------------------------------------------------------------- training


@pytest.mark.parametrize("architecture", ["transformer", "gru"])
def test_models_do_not_see_the_future(experiment: ModuleType, architecture: str) -> None:
    torch.manual_seed(0)
    model = experiment.MODELS[architecture](smoke(architecture=architecture)).eval()
    text = torch.randint(12, (1, 16))
    changed = text.clone()
    changed[0, 10] = (changed[0, 10] + 1) % 12
    before, after = model(text), model(changed)
    assert torch.equal(before[:, :10], after[:, :10])
    assert not torch.allclose(before[:, 10:], after[:, 10:])


def test_schedules(experiment: ModuleType) -> None:
    config = smoke(warmup_steps=10, max_steps=110)
    assert experiment.rate(0, config) == pytest.approx(0.1)
    assert experiment.rate(60, config) == pytest.approx(0.5)
    assert experiment.rate(110, config) == pytest.approx(0.0)
    assert experiment.rate(60, {**config, "schedule": "constant"}) == 1.0


@pytest.mark.parametrize("architecture", ["transformer", "gru"])
def test_training_lowers_the_excess(experiment: ModuleType, architecture: str) -> None:
    _, curves = experiment.run("lexicon", smoke(architecture=architecture, max_steps=50), 0, torch.device("cpu"))
    points = curves["series"]["validation_excess"]
    assert points[-1][0] == 50
    assert 0 < points[-1][1] < 0.6 * points[0][1]


def test_a_seed_repeats_bit_for_bit(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(smoke(max_steps=40)))
    written = []
    for out in ("a", "b"):
        argv = [
            sys.executable,
            "experiment.py",
            f"--out_dir={tmp_path / out}",
            "--config",
            str(tmp_path / "config.json"),
        ]
        subprocess.run([*argv, "--seed", "1"], cwd=FOLDER, check=True, capture_output=True, timeout=100)
        written.append((tmp_path / out / "final_info.json").read_bytes())
    assert written[0] == written[1]
    means = json.loads(written[0])["brackets"]["means"]
    assert set(means) == set(tomllib.loads((FOLDER / "template.toml").read_text())["metrics"])
    assert all(math.isfinite(v) for v in means.values())
