"""The two-dimensional diffusion template: its draws, its metrics on clouds made by hand, its process, repeatability."""

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
np = pytest.importorskip("numpy")

FOLDER = Path(__file__).parents[2] / "templates" / "diffusion_2d"
NAMES = ("ring", "moons", "checkerboard", "spiral")


@pytest.fixture(scope="module")
def harness() -> ModuleType:
    return load(FOLDER, "harness")


@pytest.fixture(scope="module")
def experiment() -> ModuleType:
    torch.set_num_threads(1)
    return load(FOLDER, "experiment")


def smoke(**changed: Any) -> dict[str, Any]:
    return smoke_settings(FOLDER, "ring", **changed)


def data(harness: ModuleType, name: str, seed: int = 0, phase: str = "confirmatory") -> Any:
    return harness.make_data(name, seed=seed, phase=phase, train_points=300, held_out_points=400)


def rows(points: Any) -> set[tuple[float, ...]]:
    return {tuple(p) for p in points.tolist()}


@pytest.mark.parametrize("name", NAMES)
def test_draws_are_disjoint_seeded_and_of_unit_size(harness: ModuleType, name: str) -> None:
    first, again, other = data(harness, name), data(harness, name), data(harness, name, seed=1)
    clouds = [rows(cloud) for cloud in first]
    assert sum(len(cloud) for cloud in clouds) == len(set.union(*clouds)) == 300 + 3 * 400
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not clouds[0] & rows(other.train)
    big = harness.draw(name, 20_000, 0, "train")
    assert big.mean(dim=0).abs().max() < 0.05
    assert big.var(dim=0).mean().item() == pytest.approx(1.0, abs=0.03)


@pytest.mark.parametrize("name", NAMES)
def test_the_truth_is_on_its_support_in_equal_shares(harness: ModuleType, name: str) -> None:
    metrics = harness.support_metrics(harness.draw(name, 20_000, 0, "test"), name)
    assert metrics["stray"] < 0.002
    assert metrics["imbalance"] < 0.02


def test_pilot_draws_no_test_points(harness: ModuleType) -> None:
    pilot, confirmatory = data(harness, "ring", phase="pilot"), data(harness, "ring")
    assert torch.equal(pilot.reference, pilot.validation)
    assert torch.equal(pilot.validation, confirmatory.validation)
    assert not rows(confirmatory.reference) & rows(pilot.reference)
    with pytest.raises(ValueError):
        data(harness, "ring", phase="test")
    with pytest.raises(ValueError):
        data(harness, "square")


def test_stray_and_imbalance_by_hand(harness: ModuleType) -> None:
    shape = harness.DATASETS["ring"]
    angles = 2 * math.pi * torch.arange(8) / 8
    modes = torch.stack([angles.cos(), angles.sin()], dim=1) / shape.scale
    assert harness.support_metrics(modes, "ring") == pytest.approx({"stray": 0.0, "imbalance": 0.0})
    # Only half of the modes, and a quarter of the points halfway to the middle of the ring.
    half = torch.cat([modes[:4], modes[:4], modes[:4], modes[:4] / 2])
    assert harness.support_metrics(half, "ring") == pytest.approx({"stray": 0.25, "imbalance": 0.5})


def test_checkerboard_has_sharp_edges(harness: ModuleType) -> None:
    shape = harness.DATASETS["checkerboard"]
    inside, outside = [0.5, 0.999], [0.5, 1.01]
    points = (torch.tensor([inside, outside]).double() - torch.from_numpy(shape.centre)) / shape.scale
    assert harness.support_metrics(points, "checkerboard")["stray"] == 0.5


def test_sliced_wasserstein_of_a_shift(harness: ModuleType) -> None:
    cloud = harness.draw("moons", 500, 0, "train")
    assert harness.sliced_wasserstein(cloud, cloud) == 0.0
    shifted = cloud + torch.tensor([0.3, -0.4])
    # Shifting by d moves the projection on a direction at angle a by d |cos a|, whose mean is 2 d / pi.
    assert harness.sliced_wasserstein(cloud, shifted) == pytest.approx(2 * 0.5 / math.pi, rel=2e-3)
    with pytest.raises(ValueError):
        harness.sliced_wasserstein(cloud, cloud[:10])


def test_energy_distance_by_hand(harness: ModuleType) -> None:
    x, y = torch.tensor([[0.0, 0.0], [0.0, 2.0]]), torch.tensor([[3.0, 0.0], [3.0, 2.0]])
    across = (3 + 3 + 2 * math.sqrt(13)) / 4
    assert harness.energy_distance(x, y) == pytest.approx(2 * across - 1 - 1, rel=1e-6)
    assert harness.energy_distance(x, x) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("schedule", ["linear", "cosine"])
def test_signal_falls_from_one_to_nearly_nought(experiment: ModuleType, schedule: str) -> None:
    level = experiment.signal_level(torch.linspace(0, 1, 101, dtype=torch.float64), schedule)
    assert level[0] == pytest.approx(1.0)
    assert bool((level.diff() < 0).all())
    assert 0 < level[-1] < 2e-4


@pytest.mark.parametrize("target", ["noise", "velocity"])
def test_the_sampler_with_a_perfect_denoiser_returns_the_data(experiment: ModuleType, target: str) -> None:
    """For data that are one point the best prediction is known in closed form, and sampling must arrive there."""
    point = torch.tensor([[0.7, -1.2]])
    config = smoke(n_timesteps=20, target=target, clip_prediction=False)
    diffusion = experiment.Diffusion(config, point, torch.device("cpu"))

    def oracle(x: Any, time: Any) -> Any:
        level = diffusion.signal[(time * diffusion.steps).round().long()][:, None]
        noise = (x - level.sqrt() * point) / (1 - level).sqrt()
        return noise if target == "noise" else level.sqrt() * noise - (1 - level).sqrt() * point

    samples = diffusion.sample(oracle, 50, torch.Generator().manual_seed(0))
    assert torch.allclose(samples, point.expand(50, 2), atol=1e-3)
    t = torch.randint(1, 21, (50,), generator=torch.Generator().manual_seed(1))
    errors = diffusion.errors(oracle, point.expand(50, 2), t, torch.randn(50, 2))
    assert max(e.max().item() for e in errors) < 1e-4


def test_the_average_follows_the_weights(experiment: ModuleType) -> None:
    slow, fast = torch.nn.Linear(1, 1), torch.nn.Linear(1, 1)
    expected = 0.9 * slow.weight.item() + 0.1 * fast.weight.item()
    experiment.update_average(slow, fast, 0.9)
    assert slow.weight.item() == pytest.approx(expected)


def test_same_seed_same_numbers_in_another_process(experiment: ModuleType, tmp_path: Path) -> None:
    config = smoke()
    (tmp_path / "config.json").write_text(json.dumps(config))
    command = [sys.executable, "-B", str(FOLDER / "experiment.py"), f"--out_dir={tmp_path / 'run_0'}"]
    subprocess.run([*command, "--config", str(tmp_path / "config.json"), "--seed", "5"], check=True, timeout=60)
    left = json.loads((tmp_path / "run_0" / "final_info.json").read_text())
    torch.use_deterministic_algorithms(True)
    here, _, drawn = experiment.run("ring", config, 5, torch.device("cpu"))
    assert left == {"ring": here}
    assert json.loads((tmp_path / "run_0" / "samples.json").read_text()) == {"ring": drawn}
    assert experiment.run("ring", config, 6, torch.device("cpu"))[0] != here


def test_every_level_of_every_factor_trains(experiment: ModuleType) -> None:
    template = tomllib.loads((FOLDER / "template.toml").read_text())
    base = experiment.run("moons", smoke(steps=8, held_out_points=200), 0, torch.device("cpu"))[0]["means"]
    for name, factor in template["factors"].items():
        for level in factor["levels"]:
            means = experiment.run(
                "moons", smoke(steps=8, held_out_points=200, **{name: level}), 0, torch.device("cpu")
            )[0]["means"]
            assert set(means) == set(template["metrics"])
            assert all(math.isfinite(value) for value in means.values())
            changed = level != smoke()[name]
            assert (means["sliced_wasserstein"] != base["sliced_wasserstein"]) == changed, (name, level)
