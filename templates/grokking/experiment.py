"""Train a one-layer transformer on modular arithmetic and record when it fits and when it generalises.

Usage: python experiment.py --out_dir=run_0 [--config config.json] [--seed 0]
Without a configuration the preset "cpu" of template.toml runs as a pilot, which leaves the test split unmade.
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
from harness import OPERATIONS, Reading, Split, Task, accuracy, censored, make_task, measure, weight_norm
from torch import Tensor, nn
from torch.nn import functional as F

# --- end of locked ---

MAX_POINTS = 200
OPERANDS = 2


class Transformer(nn.Module):
    """One causal block (attention, then a ReLU perceptron, no normalisation) that reads "a b =" and answers at "=".

    Only the last position is needed, and at each position the block sees one of ``modulus`` embeddings, so keys and
    values are computed once per symbol and then looked up: the same function at a fraction of the cost.
    """

    def __init__(self, modulus: int, width: int, heads: int, hidden: int, init_scale: float) -> None:
        super().__init__()
        self.heads = heads
        self.symbols = nn.Parameter(torch.empty(modulus, width))
        self.equals = nn.Parameter(torch.empty(1, width))
        self.positions = nn.Parameter(torch.empty(OPERANDS, 1, width))
        self.query, self.key, self.value = (nn.Linear(width, width, bias=False) for _ in range(3))
        self.project = nn.Linear(width, width, bias=False)
        self.expand, self.contract = nn.Linear(width, hidden), nn.Linear(hidden, width)
        self.unembed = nn.Linear(width, modulus, bias=False)
        for parameter in self.parameters():
            if parameter.ndim == 1:
                nn.init.zeros_(parameter)
            else:
                nn.init.normal_(parameter, std=init_scale / math.sqrt(parameter.shape[-1]))

    def forward(self, pairs: Tensor) -> Tensor:
        """Logits (n, modulus) of the answers to ``pairs`` (n, 2)."""
        modulus, width = self.symbols.shape
        seen = torch.cat([(self.symbols + self.positions).flatten(0, 1), self.equals])  # every (position, symbol), "="
        places = torch.tensor([0, modulus], device=pairs.device)
        last = torch.full_like(pairs[:, :1], OPERANDS * modulus)
        index = torch.cat([pairs + places, last], dim=1)  # (n, 3): where each token of "a b =" stands in ``seen``

        query = self.query(self.equals).view(self.heads, -1)
        keys = self.key(seen).view(len(seen), self.heads, -1)
        scores = (keys * query).sum(dim=-1) / math.sqrt(width // self.heads)
        attention = scores[index].softmax(dim=1)  # (n, 3, heads)
        values = self.value(seen)[index].view(len(pairs), OPERANDS + 1, self.heads, -1)
        mixed = (attention.unsqueeze(-1) * values).sum(dim=1).flatten(1)

        state = self.equals + self.project(mixed)
        state = state + self.contract(F.relu(self.expand(state)))
        return self.unembed(state)


def train(model: Transformer, task: Task, config: dict[str, Any]) -> list[Reading]:
    """Full-batch AdamW for exactly ``max_steps`` updates, with a linear warm-up; readings every ``eval_every``."""
    optimiser = torch.optim.AdamW(
        model.parameters(),
        lr=config["learning_rate"],
        betas=(config["adam_beta1"], config["adam_beta2"]),
        weight_decay=config["weight_decay"],
        fused=True,
    )
    warm_up = max(1, config["warmup_steps"])
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: min(1.0, (step + 1) / warm_up))
    history = []
    for step in range(config["max_steps"] + 1):
        logits = model(task.train.pairs)
        loss = objective(model, logits, task.train.answers, step, config)
        if step % config["eval_every"] == 0 or step == config["max_steps"]:
            history.append(read(step, model, loss, logits, task))
            if len(history) % 10 == 1:
                print("step {} loss {:.2e} train {:.3f} validation {:.3f}".format(*history[-1]), flush=True)
        if step < config["max_steps"]:
            update(model, optimiser, loss, step, config)
            schedule.step()
    return history


def objective(model: Transformer, logits: Tensor, answers: Tensor, step: int, config: dict[str, Any]) -> Tensor:
    """What an update descends, a scalar, from the logits (n, modulus) and answers (n,) of all training pairs."""
    return F.cross_entropy(logits, answers)


def update(
    model: Transformer, optimiser: torch.optim.Optimizer, loss: Tensor, step: int, config: dict[str, Any]
) -> None:
    """One update of the weights from the loss of all training pairs."""
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()


# --- locked ---
@torch.no_grad()
def read(step: int, model: Transformer, loss: Tensor, logits: Tensor, task: Task) -> Reading:
    """Both accuracies at the same weights, before the next update."""
    validation = accuracy(model(task.validation.pairs), task.validation.answers)
    return Reading(step, float(loss.detach()), accuracy(logits, task.train.answers), validation)


def run(name: str, config: dict[str, Any], seed: int, device: torch.device) -> tuple[dict[str, Any], dict[str, Any]]:
    """One run on one operation: its entry of final_info.json and its learning curves."""
    made = make_task(name, config, seed)
    task = Task(*(Split(split.pairs.to(device), split.answers.to(device)) for split in made))
    torch.manual_seed(seed)  # initial weights; nothing later is random
    sizes = (config[key] for key in ("modulus", "width", "heads", "hidden", "init_scale"))
    model = Transformer(*sizes).to(device)
    history = train(model, task._replace(held_out=task.validation), config)  # whatever trains sees no test pair
    with torch.no_grad():
        held_out = accuracy(model(task.held_out.pairs), task.held_out.answers)
    means = measure(history, held_out, weight_norm(model), config)
    print(f"{name}: " + " ".join(f"{key}={value:.4g}" for key, value in means.items()), flush=True)
    facts = {
        "held_out_split": "test" if config["phase"] == "confirmatory" else "validation",
        "censored": censored(means, config),
        "examples": {field: len(split.answers) for field, split in task._asdict().items()},
        "parameters": sum(p.numel() for p in model.parameters()),
        "train_loss": history[-1].train_loss,
    }
    return {"means": means, "final_info_dict": facts}, {"x": "step", "series": curves(history)}


def curves(history: list[Reading]) -> dict[str, list[tuple[int, float]]]:
    """At most MAX_POINTS readings of each series, the first and the last among them."""
    stride = math.ceil((len(history) - 1) / (MAX_POINTS - 1))
    kept = [r for i, r in enumerate(history[:-1]) if i % stride == 0] + [history[-1]]
    return {field: [(r.step, getattr(r, field)) for r in kept] for field in Reading._fields if field != "step"}


def pick_device(name: str) -> torch.device:
    if name != "auto":
        return torch.device(name)
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def read_config(path: Path | None) -> dict[str, Any]:
    if path is not None:
        return json.loads(path.read_text())
    declared = tomllib.loads(Path(__file__).with_name("template.toml").read_text())
    baselines = {name: factor["baseline"] for name, factor in declared["factors"].items()}
    fixed = {"datasets": list(OPERATIONS), "phase": "pilot", "device": "auto", "threads": 1}
    return {**baselines, **declared["presets"]["cpu"]["settings"], **fixed}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out_dir", type=Path, default=Path("run_0"))
    parser.add_argument("--config", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    config = read_config(args.config)
    torch.set_num_threads(config["threads"])
    torch.use_deterministic_algorithms(True)
    torch.set_flush_denormal(True)  # gradients of a fitted network become so small that they would slow the CPU down
    device = pick_device(config["device"])
    print(f"seed {args.seed}, device {device}, phase {config['phase']}", flush=True)

    final_info, series = {}, {}
    for name in config["datasets"]:
        final_info[name], series[name] = run(name, config, args.seed, device)
    args.out_dir.mkdir(parents=True, exist_ok=True)
    (args.out_dir / "curves.json").write_text(json.dumps(series))
    (args.out_dir / "final_info.json").write_text(json.dumps(final_info, indent=1, sort_keys=True))


if __name__ == "__main__":
    main()
# --- end of locked ---
