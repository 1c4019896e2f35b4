"""The grokking template: its equations and splits, its measures on histories made by hand, and its repeatability."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.templates.loading import load, smoke_settings

torch = pytest.importorskip("torch", reason="templates need torch")

FOLDER = Path(__file__).parents[2] / "templates" / "grokking"
OPERATIONS = ("mod_add", "mod_mul", "mod_sub", "mod_div")


@pytest.fixture(scope="module")
def harness() -> ModuleType:
    return load(FOLDER, "harness")


@pytest.fixture(scope="module")
def experiment() -> ModuleType:
    torch.set_num_threads(1)
    return load(FOLDER, "experiment")


def smoke(**changed: Any) -> dict[str, Any]:
    return smoke_settings(FOLDER, "mod_add", **changed)


def pairs(split: Any) -> set[tuple[int, int]]:
    return {(int(a), int(b)) for a, b in split.pairs}


@pytest.mark.parametrize("name", OPERATIONS)
def test_splits_are_disjoint_and_hold_true_equations(harness: ModuleType, name: str) -> None:
    config = smoke(train_fraction=0.7)
    task, p = harness.make_task(name, config, 0), config["modulus"]
    parts = [pairs(split) for split in task]
    equations = p * (p - (name == "mod_div"))
    assert equations - 1 <= len(set.union(*parts)) == sum(map(len, parts)) <= equations  # shares are rounded
    undo = {
        "mod_add": lambda a, b, c: c == (a + b) % p,
        "mod_mul": lambda a, b, c: c == a * b % p,
        "mod_sub": lambda a, b, c: (c + b) % p == a,
        "mod_div": lambda a, b, c: b != 0 and c * b % p == a,
    }[name]
    for split in task:
        assert all(undo(int(a), int(b), int(c)) for (a, b), c in zip(split.pairs, split.answers, strict=True))


def test_seed_alone_fixes_the_measured_pairs(harness: ModuleType) -> None:
    small, large = (harness.make_task("mod_add", smoke(train_fraction=f), 3) for f in (0.5, 0.7))
    assert pairs(small.validation) == pairs(large.validation)
    assert pairs(small.held_out) == pairs(large.held_out)
    assert pairs(small.train) < pairs(large.train)
    assert pairs(harness.make_task("mod_add", smoke(), 4).held_out) != pairs(large.held_out)


def test_pilot_does_not_make_the_test_split(harness: ModuleType) -> None:
    pilot, confirmatory = (harness.make_task("mod_sub", smoke(phase=p), 0) for p in ("pilot", "confirmatory"))
    assert pairs(pilot.held_out) == pairs(pilot.validation) == pairs(confirmatory.validation)
    assert not pairs(pilot.train) & pairs(confirmatory.held_out)
    with pytest.raises(ValueError, match="phase"):
        harness.make_task("mod_sub", smoke(phase="test"), 0)


@pytest.mark.parametrize("together", [False, True])
def test_mirrored_pairs_share_a_split_only_when_asked(harness: ModuleType, together: bool) -> None:
    task = harness.make_task("mod_add", smoke(mirrored_together=together), 0)
    parts = [pairs(split) for split in task]
    parted = sum((b, a) not in part for part in parts for a, b in part)
    assert (parted == 0) is together


def test_impossible_settings_are_refused(harness: ModuleType) -> None:
    with pytest.raises(ValueError, match="prime"):
        harness.make_task("mod_add", smoke(modulus=21), 0)
    with pytest.raises(ValueError, match="fractions"):
        harness.make_task("mod_add", smoke(train_fraction=0.8), 0)
    with pytest.raises(ValueError, match="unknown operation"):
        harness.make_task("mod_pow", smoke(), 0)


def history(harness: ModuleType, train: list[float], validation: list[float]) -> list[Any]:
    return [harness.Reading(10 * i, 0.5, t, v) for i, (t, v) in enumerate(zip(train, validation, strict=True))]


def test_measures_of_a_run_that_grokked(harness: ModuleType) -> None:
    readings = history(harness, [0.1, 0.96, 1.0, 1.0, 1.0], [0.0, 0.1, 0.2, 0.95, 0.9])
    config = smoke(max_steps=40, threshold=0.95)
    means = harness.measure(readings, 0.9, 3.0, config)
    expected = {"steps_to_generalise": 30.0, "steps_to_fit": 10.0, "grokking_gap": 20.0}
    assert means == {**expected, "heldout_acc": 0.9, "weight_norm": 3.0}
    assert harness.censored(means, config) == []


@pytest.mark.parametrize("last", [0.2, 1.0])
def test_what_is_not_seen_within_the_budget_is_censored(harness: ModuleType, last: float) -> None:
    """Reaching the threshold with the very last step cannot be told from being cut off, and counts as censored."""
    config = smoke(max_steps=20, threshold=0.95)
    means = harness.measure(history(harness, [0.1, 1.0, 1.0], [0.0, 0.1, last]), 0.2, 3.0, config)
    assert (means["steps_to_generalise"], means["steps_to_fit"], means["grokking_gap"]) == (20.0, 10.0, 10.0)
    assert harness.censored(means, config) == ["steps_to_generalise", "grokking_gap"]


def test_accuracy_and_norm(harness: ModuleType) -> None:
    logits = torch.tensor([[0.0, 1.0], [2.0, 1.0], [0.0, 3.0], [1.0, 0.0]])
    assert harness.accuracy(logits, torch.tensor([1, 1, 1, 0])) == 0.75
    layer = torch.nn.Linear(2, 1)
    torch.nn.init.constant_(layer.weight, 2.0)
    torch.nn.init.constant_(layer.bias, 1.0)
    assert harness.weight_norm(layer) == pytest.approx(3.0)


def test_looked_up_attention_equals_attention_over_tokens(experiment: ModuleType) -> None:
    """Keys and values per symbol, then looked up, give what a plain causal block computes token by token."""
    torch.manual_seed(0)
    p, width, heads = 7, 8, 2
    model = experiment.Transformer(p, width, heads, 16, 1.0)
    asked = torch.tensor([[0, 6], [3, 3], [5, 1]])
    tokens = torch.stack(
        [*(model.symbols[asked[:, i]] + model.positions[i] for i in (0, 1)), model.equals.expand(3, -1)], 1
    )
    query, key, value = (
        layer(tokens).view(3, 3, heads, -1).transpose(1, 2) for layer in (model.query, model.key, model.value)
    )
    mixed = torch.nn.functional.scaled_dot_product_attention(query, key, value, is_causal=True)
    state = tokens + model.project(mixed.transpose(1, 2).flatten(2))
    state = state + model.contract(torch.relu(model.expand(state)))
    assert torch.allclose(model(asked), model.unembed(state)[:, -1], atol=1e-5)


def test_another_seed_gives_another_run(experiment: ModuleType) -> None:
    cpu = torch.device("cpu")
    losses = [
        experiment.run("mod_add", smoke(max_steps=10), s, cpu)[0]["final_info_dict"]["train_loss"] for s in (0, 1)
    ]
    assert losses[0] != losses[1]


def test_decay_shrinks_the_weights(experiment: ModuleType) -> None:
    norms = [
        experiment.run("mod_add", smoke(max_steps=60, weight_decay=decay), 0, torch.device("cpu"))[0]["means"][
            "weight_norm"
        ]
        for decay in (0.0, 3.0)
    ]
    assert norms[1] < 0.9 * norms[0]


def test_a_seed_repeats_bit_for_bit(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(smoke(max_steps=100)))
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
    means = json.loads(written[0])["mod_add"]["means"]
    assert set(means) == set(tomllib.loads((FOLDER / "template.toml").read_text())["metrics"])
    assert all(math.isfinite(v) for v in means.values())
    series = json.loads((tmp_path / "a" / "curves.json").read_text())["mod_add"]["series"]
    assert {name: points[-1][0] for name, points in series.items()} == dict.fromkeys(series, 100)
    assert "validation_accuracy" in series and all(len(points) <= 200 for points in series.values())
