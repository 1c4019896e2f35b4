"""Train a small network on handwritten digits and measure how often, and how surely, it is wrong.

Usage: python experiment.py --out_dir=run_0 [--config config.json] [--seed 0]
Without a configuration the preset "cpu" of template.toml runs as a pilot, which leaves the test split unread.
"""

from __future__ import annotations

# --- locked ---
import argparse
import json
import math
import os
import tomllib
from pathlib import Path
from typing import Any

os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # without it CUDA's matrix products are not deterministic

import torch
from harness import CLASSES, DATASETS, SIDE, evaluate, make_data
from torch import Tensor, nn
from torch.nn import functional as F

# --- end of locked ---

Config = dict[str, Any]


# --- locked ---
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out_dir", type=Path, default=Path("run_0"))
    parser.add_argument("--config", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    config = read_config(args.config)
    torch.set_num_threads(config["threads"])
    torch.use_deterministic_algorithms(True)
    device = pick_device(config["device"])
    print(f"seed {args.seed}, device {device}, phase {config['phase']}")

    final_info, curves = {}, {}
    for name in config["datasets"]:
        final_info[name], curves[name] = run(name, config, args.seed, device)
    args.out_dir.mkdir(parents=True, exist_ok=True)
    (args.out_dir / "final_info.json").write_text(json.dumps(final_info, indent=1, sort_keys=True))
    (args.out_dir / "curves.json").write_text(json.dumps(curves))


def run(name: str, config: Config, seed: int, device: torch.device) -> tuple[dict[str, Any], dict[str, Any]]:
    """Train once on one data set; the entry of final_info.json and the learning curves."""
    data = make_data(
        name,
        seed=seed,
        phase=config["phase"],
        **{key: config[key] for key in ("test_fraction", "validation_fraction", "noise_rate", "labels_per_class")},
    )
    train, validation, held_out = ((s.images.to(device), s.labels.to(device)) for s in data)
    torch.manual_seed(seed)  # initial weights, then dropout masks
    model = make_model(config).to(device)
    series = fit(model, train, validation, config, seed)
    metrics = score(model, held_out, config)
    print(f"{name}: " + " ".join(f"{key}={value:.4f}" for key, value in metrics.items()), flush=True)
    sizes = {"train": len(train[1]), "held_out": len(held_out[1]), "parameters": count_parameters(model)}
    return {"means": metrics, "final_info_dict": sizes}, {"x": "step", "series": series}


# --- end of locked ---


def make_model(config: Config) -> nn.Sequential:
    """A multilayer perceptron on pixels, or two convolutions, a pooling and one hidden layer of the same width."""
    width, dropout = config["width"], config["dropout"]
    layers: list[nn.Module] = []
    if config["architecture"] == "cnn":
        channels = max(4, width // 16)
        layers += [nn.Conv2d(1, channels, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
        layers += [nn.Conv2d(channels, 2 * channels, 3, padding=1), nn.ReLU(), nn.Flatten()]
        fan_in, hidden = 2 * channels * (SIDE // 2) ** 2, 1
    elif config["architecture"] == "mlp":
        layers += [nn.Flatten()]
        fan_in, hidden = SIDE**2, config["depth"]
    else:
        raise ValueError(f"unknown architecture {config['architecture']!r}")
    for _ in range(hidden):
        layers += [nn.Linear(fan_in, width), nn.ReLU(), nn.Dropout(dropout)]
        fan_in = width
    return nn.Sequential(*layers, nn.Linear(fan_in, CLASSES))


def fit(
    model: nn.Module, train: tuple[Tensor, Tensor], validation: tuple[Tensor, Tensor], config: Config, seed: int
) -> dict[str, list[tuple[int, float]]]:
    """Minimise the smoothed cross-entropy for a fixed number of steps; the last weights are the result."""
    images, labels = train
    # One stream for the batches and one for the motions: switching a factor on leaves the other draws as they were.
    order, motion = (torch.Generator().manual_seed(2 * seed + offset) for offset in (0, 1))
    optimiser, decay = make_optimiser(model, config), [p for p in model.parameters() if p.ndim > 1]
    base_rate = optimiser.param_groups[0]["lr"]
    steps, every = config["steps"], config["eval_every"]
    series: dict[str, list[tuple[int, float]]] = {
        key: [] for key in ("train_loss", "validation_error", "validation_nll")
    }
    running = 0.0
    for step, batch in enumerate(batches(len(labels), config["batch_size"], steps, order), start=1):
        batch = batch.to(images.device)
        inputs = images[batch]
        if config["augmentation"]:
            inputs = jitter(inputs, config["max_rotation"], config["max_shift"], motion)
        loss = objective(model, inputs, labels[batch], step, config)
        schedule = 0.5 * (1 + math.cos(math.pi * (step - 1) / steps))
        optimiser.param_groups[0]["lr"] = base_rate * schedule
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        with torch.no_grad():  # decoupled decay, independent of the learning rate, so that optimisers share its meaning
            for weight in decay:
                weight.mul_(1 - schedule * config["weight_decay"])
        running += loss.item()
        if step % every == 0 or step == steps:
            since = (step - 1) % every + 1
            scores = score(model, validation, config)
            series["train_loss"].append((step, running / since))
            series["validation_error"].append((step, scores["error"]))
            series["validation_nll"].append((step, scores["nll"]))
            running = 0.0
    return series


def objective(model: nn.Module, images: Tensor, labels: Tensor, step: int, config: Config) -> Tensor:
    """What an update descends, a scalar, on a batch of images (n, 1, 8, 8) and labels (n,) in 0..9."""
    return F.cross_entropy(model(images), labels, label_smoothing=config["label_smoothing"])


def make_optimiser(model: nn.Module, config: Config) -> torch.optim.Optimizer:
    if config["optimiser"] == "adam":
        return torch.optim.Adam(model.parameters(), lr=config["adam_learning_rate"])
    if config["optimiser"] == "sgd":
        rate, momentum = config["sgd_learning_rate"], config["momentum"]
        return torch.optim.SGD(model.parameters(), lr=rate, momentum=momentum, nesterov=True)
    raise ValueError(f"unknown optimiser {config['optimiser']!r}")


def jitter(images: Tensor, max_rotation: float, max_shift: float, generator: torch.Generator) -> Tensor:
    """Each image (n, 1, 8, 8) rotated (degrees) and shifted (pixels) by uniform draws, interpolated bilinearly."""
    draws = 2 * torch.rand(3, len(images), generator=generator) - 1
    angle = draws[0] * math.radians(max_rotation)
    right, down = draws[1:] * (2 * max_shift / SIDE)  # the image spans [-1, 1]
    rows = [torch.stack([angle.cos(), -angle.sin(), right], 1), torch.stack([angle.sin(), angle.cos(), down], 1)]
    grid = F.affine_grid(torch.stack(rows, 1), list(images.shape), align_corners=False)
    return F.grid_sample(images, grid.to(images.device), align_corners=False)


def batches(n: int, size: int, steps: int, generator: torch.Generator) -> Any:
    """``steps`` index batches, from permutations of the data laid end to end; every batch has min(size, n) entries."""
    size = min(size, n)
    queue = torch.empty(0, dtype=torch.long)
    for _ in range(steps):
        if len(queue) < size:
            queue = torch.cat([queue, torch.randperm(n, generator=generator)])
        yield queue[:size]
        queue = queue[size:]


# --- locked ---
@torch.no_grad()
def score(model: nn.Module, split: tuple[Tensor, Tensor], config: Config) -> dict[str, float]:
    model.eval()
    metrics = evaluate(model(split[0]).cpu(), split[1].cpu(), config["calibration_bins"])
    model.train()
    return metrics


def count_parameters(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


def pick_device(name: str) -> torch.device:
    if name != "auto":
        return torch.device(name)
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def read_config(path: Path | None) -> Config:
    if path is not None:
        return json.loads(path.read_text())
    template = tomllib.loads(Path(__file__).with_name("template.toml").read_text())
    preset = template["presets"]["cpu"]["settings"]
    return {**preset, "datasets": list(DATASETS), "phase": "pilot", "device": "auto", "threads": 1}


if __name__ == "__main__":
    main()
# --- end of locked ---
