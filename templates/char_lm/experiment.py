"""Train a tiny character-level language model on text from a source whose entropy rate is known.

Usage: python experiment.py --out_dir=run_0 [--config config.json] [--seed 0]
Without a configuration the preset "cpu" of template.toml runs as a pilot, which leaves the test text undrawn.
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
from harness import (
    SOURCES,
    Corpus,
    Reading,
    Scored,
    Text,
    entropy_rate,
    excess_bits,
    make_corpus,
    measure,
    regret_bits,
    windows,
)
from torch import Tensor, nn
from torch.nn import functional as F

# --- end of locked ---

MAX_POINTS = 200


class Block(nn.Module):
    """Causal self-attention and a GELU perceptron, each after a layer normalisation and with a residual connection."""

    def __init__(self, width: int, heads: int, context: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.attend, self.mix = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.perceptron = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))
        self.before_attention, self.before_perceptron = nn.LayerNorm(width), nn.LayerNorm(width)
        self.dropout = nn.Dropout(dropout)
        future = torch.ones(context, context, dtype=torch.bool).triu(1)
        self.register_buffer("future", future, persistent=False)

    def forward(self, state: Tensor) -> Tensor:
        batch, length, width = state.shape
        projected = self.attend(self.before_attention(state)).view(batch, length, 3, self.heads, width // self.heads)
        query, key, value = projected.permute(2, 0, 3, 1, 4)  # each (batch, heads, length, width per head)
        scores = query @ key.transpose(-1, -2) / math.sqrt(width // self.heads)
        weights = scores.masked_fill(self.future[:length, :length], -math.inf).softmax(dim=-1)
        mixed = (weights @ value).transpose(1, 2).reshape(batch, length, width)
        state = state + self.dropout(self.mix(mixed))
        return state + self.dropout(self.perceptron(self.before_perceptron(state)))


class Transformer(nn.Module):
    """A decoder-only transformer with learned positions."""

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__()
        width, context = config["width"], config["context"]
        self.symbols, self.positions = nn.Embedding(config["alphabet"], width), nn.Embedding(context, width)
        blocks = (Block(width, config["heads"], context, config["dropout"]) for _ in range(config["layers"]))
        self.blocks = nn.Sequential(nn.Dropout(config["dropout"]), *blocks, nn.LayerNorm(width))
        self.head = nn.Linear(width, config["alphabet"])

    def forward(self, symbols: Tensor) -> Tensor:
        places = torch.arange(symbols.shape[1], device=symbols.device)
        return self.head(self.blocks(self.symbols(symbols) + self.positions(places)))


class Recurrent(nn.Module):
    """A gated recurrent network that starts every window from a zero state."""

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__()
        width, layers = config["width"], config["layers"]
        self.symbols = nn.Embedding(config["alphabet"], width)
        between = config["dropout"] if layers > 1 else 0.0
        self.cells = nn.GRU(width, width, num_layers=layers, batch_first=True, dropout=between)
        self.dropout = nn.Dropout(config["dropout"])
        self.head = nn.Linear(width, config["alphabet"])

    def forward(self, symbols: Tensor) -> Tensor:
        return self.head(self.dropout(self.cells(self.dropout(self.symbols(symbols)))[0]))


MODELS = {"transformer": Transformer, "gru": Recurrent}


def train(model: nn.Module, corpus: Corpus, config: dict[str, Any], seed: int) -> list[Reading]:
    """AdamW on random windows of the training text for exactly ``max_steps`` updates."""
    optimiser = torch.optim.AdamW(model.parameters(), lr=config["learning_rate"], weight_decay=config["weight_decay"])
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: rate(step, config))
    order = torch.Generator().manual_seed(seed)  # of its own, so that dropout does not change which windows are drawn
    symbols, context = corpus.train.symbols, config["context"]
    device, offsets = next(model.parameters()).device, torch.arange(context + 1)
    history = []
    for step in range(config["max_steps"] + 1):
        if step % config["eval_every"] == 0 or step == config["max_steps"]:
            seen, unseen = (
                predict(model, t, corpus, config, config["eval_chars"]) for t in (corpus.train, corpus.validation)
            )
            history.append(Reading(step, regret_bits(seen), excess_bits(unseen)))
            print("step {} train regret {:.4f} validation excess {:.4f}".format(*history[-1]), flush=True)
        if step < config["max_steps"]:
            starts = torch.randint(len(symbols) - context, (config["batch_chars"] // context, 1), generator=order)
            batch = symbols[starts + offsets].to(device)
            logits = model(batch[:, :-1]).flatten(0, 1)
            loss = objective(model, logits, batch[:, 1:].flatten(), step, config)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), config["clip_norm"])
            optimiser.step()
            schedule.step()
    return history


def objective(model: nn.Module, logits: Tensor, symbols: Tensor, step: int, config: dict[str, Any]) -> Tensor:
    """What an update descends, a scalar, from the logits (n, alphabet) of a batch and the symbols (n,) that came."""
    return F.cross_entropy(logits, symbols, label_smoothing=config["label_smoothing"])


def rate(step: int, config: dict[str, Any]) -> float:
    """The share of the learning rate that the schedule leaves at ``step``: linear warm-up, then constant or cosine."""
    if step < config["warmup_steps"]:
        return (step + 1) / config["warmup_steps"]
    if config["schedule"] == "constant":
        return 1.0
    if config["schedule"] == "cosine":
        done = (step - config["warmup_steps"]) / max(1, config["max_steps"] - config["warmup_steps"])
        return 0.5 * (1 + math.cos(math.pi * done))
    raise ValueError(f"unknown schedule {config['schedule']!r}")


# --- locked ---
@torch.no_grad()
def predict(model: nn.Module, text: Text, corpus: Corpus, config: dict[str, Any], most: int | None = None) -> Scored:
    """The model's predictions on ``text`` without dropout, of at most its first ``most`` scored symbols."""
    end = None if most is None else config["burn_in"] + most
    inputs, states, symbols = windows(Text(text.symbols[:end], text.states[:end]), config["context"], config["burn_in"])
    device = next(model.parameters()).device
    model.eval()
    halves = [model(part.to(device))[:, -states.shape[1] :].cpu() for part in inputs.split(config["eval_batch"])]
    model.train()
    log_probs = torch.cat(halves).flatten(0, 1).double().log_softmax(dim=-1)
    return Scored(corpus.source.emit[states.flatten()], log_probs, symbols.flatten())


def run(name: str, config: dict[str, Any], seed: int, device: torch.device) -> tuple[dict[str, Any], dict[str, Any]]:
    """One run on one source: its entry of final_info.json and its learning curves."""
    corpus = make_corpus(name, config, seed)
    torch.manual_seed(seed)  # initial weights, then dropout masks
    model = MODELS[config["architecture"]](config).to(device)
    shown = corpus._replace(held_out=corpus.validation)  # whatever trains sees no test text
    history = train(model, shown, config, seed)
    held_out, seen = (predict(model, text, corpus, config) for text in (corpus.held_out, corpus.train))
    means = measure(history, held_out, seen, config)
    print(f"{name}: " + " ".join(f"{key}={value:.4g}" for key, value in means.items()), flush=True)
    facts = {
        "held_out_text": "test" if config["phase"] == "confirmatory" else "validation",
        "censored": ["steps_to_target"] if means["steps_to_target"] >= config["max_steps"] else [],
        "entropy_rate": entropy_rate(corpus.source),
        "states": len(corpus.source.emit),
        "parameters": sum(p.numel() for p in model.parameters()),
    }
    stride = math.ceil((len(history) - 1) / (MAX_POINTS - 1))
    kept = [*history[:-1:stride], history[-1]]
    series = {field: [(r.step, getattr(r, field)) for r in kept] for field in ("train_regret", "validation_excess")}
    return {"means": means, "final_info_dict": facts}, {"x": "step", "series": series}


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
    fixed = {"datasets": list(SOURCES), "phase": "pilot", "device": "auto", "threads": 1}
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
