"""The digits template: its splits, its metrics on inputs made by hand, and its repeatability."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.templates.loading import load, smoke_settings

torch = pytest.importorskip("torch", reason="templates need torch")
np = pytest.importorskip("numpy")

FOLDER = Path(__file__).parents[2] / "templates" / "digits"
SPLIT = {"test_fraction": 0.4, "validation_fraction": 0.2, "noise_rate": 0.3, "labels_per_class": 10}


@pytest.fixture(scope="module")
def harness() -> ModuleType:
    return load(FOLDER, "harness")


@pytest.fixture(scope="module")
def experiment() -> ModuleType:
    torch.set_num_threads(1)
    return load(FOLDER, "experiment")


def smoke(**changed: Any) -> dict[str, Any]:
    return smoke_settings(FOLDER, "digits", **changed)


def data(harness: ModuleType, name: str, seed: int = 0, phase: str = "confirmatory") -> Any:
    return harness.make_data(name, seed=seed, phase=phase, **SPLIT)


def same(a: Any, b: Any) -> bool:
    return all(torch.equal(x, y) for x, y in zip(a, b, strict=True))


def test_split_is_disjoint_complete_and_stratified(harness: ModuleType) -> None:
    _, labels = harness.load_digits()
    train, validation, test = harness.split_indices(labels, 3, 0.4, 0.2)
    assert sorted(np.concatenate([train, validation, test])) == list(range(len(labels)))
    for part, share in ((train, 0.4), (validation, 0.2), (test, 0.4)):
        counts, all_counts = (np.bincount(labels[i], minlength=10) for i in (part, np.arange(len(labels))))
        assert np.abs(counts - share * all_counts).max() <= 1


def test_split_hangs_on_the_seed(harness: ModuleType) -> None:
    first, again, other = (data(harness, "digits", seed) for seed in (1, 1, 2))
    assert same(first.held_out, again.held_out)
    assert not torch.equal(first.held_out.labels, other.held_out.labels)


def test_pilot_holds_out_the_validation_split(harness: ModuleType) -> None:
    pilot, confirmatory = data(harness, "digits", phase="pilot"), data(harness, "digits")
    assert same(pilot.held_out, pilot.validation)
    assert same(pilot.validation, confirmatory.validation)
    assert len(confirmatory.held_out.labels) != len(confirmatory.validation.labels)


def test_noise_touches_the_training_labels_only(harness: ModuleType) -> None:
    clean, noisy = data(harness, "digits"), data(harness, "digits_noisy")
    assert torch.equal(clean.train.images, noisy.train.images)
    moved = (clean.train.labels != noisy.train.labels).sum().item()
    assert moved == round(0.3 * len(clean.train.labels))
    assert same(clean.validation, noisy.validation) and same(clean.held_out, noisy.held_out)


def test_few_labels_are_as_many_of_each_class(harness: ModuleType) -> None:
    small = data(harness, "digits_small")
    assert torch.bincount(small.train.labels).tolist() == [10] * 10
    assert same(small.held_out, data(harness, "digits").held_out)


def test_unknown_names_are_refused(harness: ModuleType) -> None:
    with pytest.raises(ValueError):
        data(harness, "mnist")
    with pytest.raises(ValueError):
        data(harness, "digits", phase="test")


def test_metrics_by_hand(harness: ModuleType) -> None:
    # Two images: the first gets 0.75 on the right class, the second 0.65 on a wrong one and 0.2 on the right one.
    probabilities = torch.full((2, 10), 1e-30)
    probabilities[0, :2] = torch.tensor([0.75, 0.25])
    probabilities[1, :3] = torch.tensor([0.2, 0.65, 0.15])
    metrics = harness.evaluate(probabilities.log(), torch.tensor([0, 0]), 10)
    assert metrics["error"] == pytest.approx(0.5)
    assert metrics["nll"] == pytest.approx(-(np.log(0.75) + np.log(0.2)) / 2, rel=1e-5)
    assert metrics["brier"] == pytest.approx((2 * 0.25**2 + 0.8**2 + 0.65**2 + 0.15**2) / 2, rel=1e-5)
    assert metrics["ece"] == pytest.approx((abs(1 - 0.75) + abs(0 - 0.65)) / 2, rel=1e-5)


def test_calibration_error_pools_within_a_bin(harness: ModuleType) -> None:
    confidence, correct = torch.tensor([0.62, 0.64, 0.66, 0.68]), torch.tensor([1.0, 0.0, 1.0, 0.0])
    assert harness.calibration_error(confidence, correct, 10) == pytest.approx(0.65 - 0.5, abs=1e-6)
    assert harness.calibration_error(torch.ones(5), torch.ones(5), 10) == pytest.approx(0.0)


def test_batches_visit_every_image_before_any_twice(experiment: ModuleType) -> None:
    generator = torch.Generator().manual_seed(0)
    drawn = torch.cat(list(experiment.batches(12, 4, 6, generator)))
    assert sorted(drawn[:12].tolist()) == list(range(12)) == sorted(drawn[12:].tolist())


def test_jitter_moves_a_pixel_where_it_should(experiment: ModuleType) -> None:
    image = torch.zeros(1, 1, 8, 8)
    image[0, 0, 3, 4] = 1.0
    still = experiment.jitter(image, 0.0, 0.0, torch.Generator().manual_seed(0))
    assert torch.allclose(still, image, atol=1e-5)
    moved = experiment.jitter(image.expand(64, 1, 8, 8), 10.0, 0.5, torch.Generator().manual_seed(0))
    rows = (moved.sum(3).squeeze(1) * torch.arange(8)).sum(1) / moved.sum((1, 2, 3))
    assert rows.std() > 0.1
    assert (rows - 3).abs().max() < 1.0


def test_same_seed_same_numbers_in_another_process(experiment: ModuleType, tmp_path: Path) -> None:
    config = smoke()
    (tmp_path / "config.json").write_text(json.dumps(config))
    command = [sys.executable, "-B", str(FOLDER / "experiment.py"), f"--out_dir={tmp_path / 'run_0'}"]
    subprocess.run([*command, "--config", str(tmp_path / "config.json"), "--seed", "5"], check=True, timeout=60)
    left = json.loads((tmp_path / "run_0" / "final_info.json").read_text())
    torch.use_deterministic_algorithms(True)
    here, curves = experiment.run("digits", config, 5, torch.device("cpu"))
    assert left == {"digits": here}
    assert experiment.run("digits", config, 6, torch.device("cpu"))[0] != here
    assert json.loads((tmp_path / "run_0" / "curves.json").read_text())["digits"]["x"] == curves["x"] == "step"


def test_every_level_of_every_factor_trains(experiment: ModuleType) -> None:
    template = tomllib.loads((FOLDER / "template.toml").read_text())
    base = experiment.run("digits_small", smoke(steps=12), 0, torch.device("cpu"))[0]["means"]
    for name, factor in template["factors"].items():
        for level in factor["levels"]:
            means = experiment.run("digits_small", smoke(steps=12, **{name: level}), 0, torch.device("cpu"))[0]["means"]
            assert set(means) == set(template["metrics"])
            changed = level != smoke()[name]
            assert (means["nll"] != base["nll"]) == changed, (name, level)
