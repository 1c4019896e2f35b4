"""Train a denoising diffusion model on points in the plane and measure how well its samples match fresh data.

Usage: python experiment.py --out_dir=run_0 [--config config.json] [--seed 0]
Without a configuration the preset "cpu" of template.toml runs as a pilot, which draws no test points.
"""

from __future__ import annotations

# --- locked ---
import argparse
import copy
import json
import math
import os
import tomllib
from pathlib import Path
from typing import Any

os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # without it CUDA's matrix products are not deterministic

import torch
from harness import DATASETS, evaluate, make_data, noise_floor
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

    final_info, curves, samples = {}, {}, {}
    for name in config["datasets"]:
        final_info[name], curves[name], samples[name] = run(name, config, args.seed, device)
    args.out_dir.mkdir(parents=True, exist_ok=True)
    (args.out_dir / "final_info.json").write_text(json.dumps(final_info, indent=1, sort_keys=True))
    (args.out_dir / "curves.json").write_text(json.dumps(curves))
    (args.out_dir / "samples.json").write_text(json.dumps(samples))


def run(name: str, config: Config, seed: int, device: torch.device) -> tuple[dict[str, Any], ...]:
    """Train and sample once; the entry of final_info.json, the learning curves and a few points to draw."""
    data = make_data(
        name,
        seed=seed,
        phase=config["phase"],
        train_points=config["train_points"],
        held_out_points=config["held_out_points"],
    )
    torch.manual_seed(seed)  # initial weights
    model, diffusion = Denoiser(config).to(device), Diffusion(config, data.train, device)
    model, series = fit(model, diffusion, data.train.to(device), data.validation.to(device), config, seed)
    points = diffusion.sample(model, len(data.reference), torch.Generator(device).manual_seed(seed)).cpu()
    metrics = evaluate(points, data, name)
    metrics["eval_loss"] = held_out_loss(model, diffusion, data.reference.to(device), config)
    print(f"{name}: " + " ".join(f"{key}={value:.4f}" for key, value in metrics.items()), flush=True)
    info = {
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "noise_floor": noise_floor(data, name),
    }
    drawn = {
        "points": points[:500].double().numpy().round(3).tolist(),
        "reference": data.reference[:500].double().numpy().round(3).tolist(),
    }
    return {"means": metrics, "final_info_dict": info}, {"x": "step", "series": series}, drawn


# --- end of locked ---


class Denoiser(nn.Module):
    """A residual perceptron on a point, its sinusoidal features (optional) and those of the diffusion time."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.coordinate_bands = config["embedding_bands"] if config["coordinate_embedding"] else 0
        self.coordinate_scale = config["embedding_scale"]
        self.time_bands, self.time_scale = config["time_bands"], config["time_scale"]
        inputs, width = 3 + 2 * (2 * self.coordinate_bands + self.time_bands), config["width"]
        self.first = nn.Linear(inputs, width)
        self.hidden = nn.ModuleList(nn.Linear(width, width) for _ in range(config["depth"]))
        self.last = nn.Linear(width, 2)

    def forward(self, x: Tensor, time: Tensor) -> Tensor:
        """x (n, 2) and time (n,) in (0, 1] -> the predicted target (n, 2)."""
        time = time[:, None]
        features = [x, time, sinusoids(x, self.coordinate_bands, self.coordinate_scale)]
        h = F.gelu(self.first(torch.cat([*features, sinusoids(time, self.time_bands, self.time_scale)], dim=1)))
        for layer in self.hidden:
            h = h + F.gelu(layer(h))
        return self.last(h)


def sinusoids(x: Tensor, bands: int, highest: float) -> Tensor:
    """Sines and cosines of x (n, d) at ``bands`` angular frequencies, geometric from 1 to ``highest``."""
    frequencies = torch.logspace(0, math.log10(highest), bands, device=x.device)
    angle = (x[:, :, None] * frequencies).flatten(1)
    return torch.cat([angle.sin(), angle.cos()], dim=1)


class Diffusion:
    """The forward process in ``n_timesteps`` steps, its training loss and its ancestral sampler."""

    def __init__(self, config: Config, train: Tensor, device: torch.device) -> None:
        self.steps, self.target, self.clip = config["n_timesteps"], config["target"], config["clip_prediction"]
        time = torch.arange(self.steps + 1, dtype=torch.float64) / self.steps
        self.signal = signal_level(time, config["noise_schedule"]).float().to(device)
        self.low, self.high = (bound.to(device) for bound in (train.min(dim=0).values, train.max(dim=0).values))

    def noised(self, x: Tensor, t: Tensor, noise: Tensor) -> Tensor:
        """The state at step t (n,), in 1..n_timesteps, of points x (n, 2)."""
        level = self.signal[t][:, None]
        return level.sqrt() * x + (1 - level).sqrt() * noise

    def errors(self, model: nn.Module, x: Tensor, t: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        """Squared errors (n, 2) of the predicted target, on which to train, and of the noise that it implies."""
        level = self.signal[t][:, None]
        state = self.noised(x, t, noise)
        output = model(state, t / self.steps)
        if self.target == "noise":
            wanted, implied = noise, output
        elif self.target == "velocity":
            wanted = level.sqrt() * noise - (1 - level).sqrt() * x
            implied = level.sqrt() * output + (1 - level).sqrt() * state
        else:
            raise ValueError(f"unknown target {self.target!r}")
        return (output - wanted).square(), (implied - noise).square()

    @torch.no_grad()
    def sample(self, model: nn.Module, n: int, generator: torch.Generator) -> Tensor:
        """n points (n, 2) by ancestral sampling through every step, with the variance of the true posterior."""
        x = torch.randn(n, 2, generator=generator, device=self.signal.device)
        for t in range(self.steps, 0, -1):
            level, before = self.signal[t], self.signal[t - 1]
            output = model(x, torch.full((n,), t / self.steps, device=x.device))
            if self.target == "noise":
                start = (x - (1 - level).sqrt() * output) / level.sqrt()
            else:
                start = level.sqrt() * x - (1 - level).sqrt() * output
            if self.clip:
                start = torch.clamp(start, self.low, self.high)
            kept = level / before  # the share of the signal that this step kept
            x = (before.sqrt() * (1 - kept) * start + kept.sqrt() * (1 - before) * x) / (1 - level)
            if t > 1:
                deviation = ((1 - before) / (1 - level) * (1 - kept)).sqrt()
                x = x + deviation * torch.randn(n, 2, generator=generator, device=x.device)
        return x


def signal_level(time: Tensor, schedule: str) -> Tensor:
    """Share of the variance that is signal at time in [0, 1]; 1 at 0. Refining the steps leaves it unchanged."""
    if schedule == "linear":  # the limit of steps growing linearly from 1e-4 to 0.02 over a thousand of them
        return torch.exp(-0.1 * time - 9.95 * time**2)
    if schedule == "cosine":
        angle = (time + 0.008) / 1.008 * math.pi / 2
        level = (angle.cos() / math.cos(0.008 / 1.008 * math.pi / 2)) ** 2
        return level.clamp(min=1e-4)  # the last step would leave no signal at all, and divide by zero
    raise ValueError(f"unknown noise schedule {schedule!r}")


def fit(
    model: nn.Module, diffusion: Diffusion, train: Tensor, validation: Tensor, config: Config, seed: int
) -> tuple[nn.Module, dict[str, list[tuple[int, float]]]]:
    """Train for a fixed number of steps; the last weights, or their moving average, and the learning curves."""
    # Apart from the initial weights, only this stream is drawn from, and equally often under every condition.
    generator = torch.Generator(train.device).manual_seed(seed + 1_000_003)
    optimiser = torch.optim.Adam(model.parameters(), lr=config["learning_rate"])
    chosen = copy.deepcopy(model) if config["ema"] else model
    series: dict[str, list[tuple[int, float]]] = {"train_loss": [], "validation_loss": []}
    running, every, size = 0.0, config["eval_every"], config["batch_size"]
    for step in range(1, config["steps"] + 1):
        batch = train[torch.randint(len(train), (size,), generator=generator, device=train.device)]
        t = 1 + (torch.rand(size, generator=generator, device=train.device) * diffusion.steps).long()
        noise = torch.randn(size, 2, generator=generator, device=train.device)
        on_target, on_noise = diffusion.errors(model, batch, t, noise)
        optimiser.zero_grad()
        objective(on_target, diffusion.signal[t], step, config).backward()
        optimiser.step()
        if config["ema"]:
            update_average(chosen, model, min(config["ema_decay"], (1 + step) / (10 + step)))
        running += on_noise.mean().item()
        if step % every == 0 or step == config["steps"]:
            series["train_loss"].append((step, running / ((step - 1) % every + 1)))
            series["validation_loss"].append((step, held_out_loss(chosen, diffusion, validation, config)))
            running = 0.0
    return chosen, series


def objective(errors: Tensor, signal: Tensor, step: int, config: Config) -> Tensor:
    """What an update descends, a scalar, from squared errors (n, 2) at states whose share of signal is (n,)."""
    return errors.mean()


@torch.no_grad()
def update_average(average: nn.Module, model: nn.Module, decay: float) -> None:
    for slow, fast in zip(average.parameters(), model.parameters(), strict=True):
        slow.lerp_(fast, 1 - decay)


# --- locked ---
@torch.no_grad()
def held_out_loss(model: nn.Module, diffusion: Diffusion, points: Tensor, config: Config) -> float:
    """Mean squared error of the predicted noise on held-out points, the steps spread evenly and the noise fixed."""
    t = 1 + torch.arange(len(points), device=points.device) % diffusion.steps
    noise = torch.randn(points.shape, generator=torch.Generator().manual_seed(0)).to(points.device)
    return diffusion.errors(model, points, t, noise)[1].mean().item()


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
