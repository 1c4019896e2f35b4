"""Sources of text with known entropy rate, splits and measures of the char_lm template. Locked.

Every source is a unifilar machine: the state before each symbol is known, it fixes the distribution of that symbol, and
state and symbol fix the next state. So the best possible prediction is known at every place of a text, and a language
model can be compared with it rather than with the symbol that happened to follow.

The validation text is read during training. The test text is drawn only in phase "confirmatory"; in phase "pilot" the
validation text is reported in its place.
"""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate, product
from typing import Any, NamedTuple

import torch
from torch import Tensor

SOURCES = ("markov", "lexicon", "brackets")


class Source(NamedTuple):
    """``emit`` (states, alphabet) holds probabilities in float64, ``follow`` (states, alphabet) numbers of states."""

    emit: Tensor
    follow: Tensor


class Text(NamedTuple):
    """``symbols`` (n,) and ``states`` (n,), the source's state before each symbol."""

    symbols: Tensor
    states: Tensor


class Corpus(NamedTuple):
    """``held_out`` is the test text in phase "confirmatory" and the validation text in phase "pilot"."""

    source: Source
    train: Text
    validation: Text
    held_out: Text


class Scored(NamedTuple):
    """A model's predictions: ``truth`` (places, alphabet) holds the source's probabilities, ``log_probs`` (places,
    alphabet) the model's natural log probabilities, ``symbols`` (places,) what occurred."""

    truth: Tensor
    log_probs: Tensor
    symbols: Tensor


class Reading(NamedTuple):
    """What was measured after ``step`` updates, in bits per symbol."""

    step: int
    train_regret: float
    validation_excess: float


# ------------------------------------------------------------------------------------------- sources and texts


def make_corpus(name: str, config: dict[str, Any], seed: int) -> Corpus:
    """A source of the family ``name`` and independent texts from it, all fixed by ``seed``.

    A shorter training text is the beginning of a longer one, and the other texts do not depend on its length.
    """
    if config["phase"] not in ("pilot", "confirmatory"):
        raise ValueError(f"unknown phase {config['phase']!r}")
    source = make_source(name, config, random.Random(f"{name} source {seed}"))
    start = stationary(source)

    def draw(split: str, length: int) -> Text:
        return sample(source, start, length, random.Random(f"{name} {split} {seed}"))

    validation = draw("validation", config["burn_in"] + config["validation_chars"])
    confirmatory = config["phase"] == "confirmatory"
    held_out = draw("test", config["burn_in"] + config["test_chars"]) if confirmatory else validation
    return Corpus(source, draw("train", config["burn_in"] + config["train_chars"]), validation, held_out)


def make_source(name: str, config: dict[str, Any], rng: random.Random) -> Source:
    if name == "markov":
        return markov(config["alphabet"], config["markov_order"], config["concentration"], rng)
    if name == "lexicon":
        return lexicon(config["alphabet"], config["words"], config["word_length"], rng)
    if name == "brackets":
        return brackets(config["alphabet"], config["bracket_kinds"], config["depth"], config["concentration"], rng)
    raise ValueError(f"unknown source {name!r}; known: {', '.join(SOURCES)}")


def markov(alphabet: int, order: int, concentration: float, rng: random.Random) -> Source:
    """A Markov chain whose next symbol has a Dirichlet-drawn distribution given the last ``order`` symbols."""
    histories = list(product(range(alphabet), repeat=order))
    number = {history: i for i, history in enumerate(histories)}
    emit = [dirichlet(alphabet, concentration, rng) for _ in histories]
    follow = [[number[(*history, symbol)[1:]] for symbol in range(alphabet)] for history in histories]
    return Source(torch.tensor(emit, dtype=torch.float64), torch.tensor(follow))


def lexicon(alphabet: int, words: int, length: int, rng: random.Random) -> Source:
    """Distinct random words, drawn independently by Zipf's law, each ended by the last symbol; states are prefixes."""
    letters, space = range(alphabet - 1), alphabet - 1
    chosen: dict[tuple[int, ...], None] = {}
    while len(chosen) < words:
        chosen[tuple(rng.choice(letters) for _ in range(rng.randint(1, length)))] = None
    prefixes = dict.fromkeys(word[:i] for word in chosen for i in range(len(word) + 1))
    number = {prefix: i for i, prefix in enumerate(prefixes)}
    emit = torch.zeros(len(prefixes), alphabet, dtype=torch.float64)
    follow = torch.zeros(len(prefixes), alphabet, dtype=torch.long)  # after a space, and where nothing leads: state 0
    for rank, word in enumerate(chosen, start=1):
        for i, symbol in enumerate((*word, space)):
            emit[number[word[:i]], symbol] += 1 / rank
            if i < len(word):
                follow[number[word[:i]], symbol] = number[word[: i + 1]]
    return Source(emit / emit.sum(dim=1, keepdim=True), follow)


def brackets(alphabet: int, kinds: int, depth: int, concentration: float, rng: random.Random) -> Source:
    """Well-nested brackets of several kinds, at most ``depth`` deep, with letters that depend on the innermost one.

    In every state it is decided with equal odds whether a bracket opens, one closes or a letter follows, among what is
    possible there. States are stacks, so after a bracket closes the enclosing one has to be remembered.
    """
    letters = alphabet - 2 * kinds
    stacks = [stack for d in range(depth + 1) for stack in product(range(kinds), repeat=d)]
    number = {stack: i for i, stack in enumerate(stacks)}
    spoken = {top: dirichlet(letters, concentration, rng) for top in (None, *range(kinds))}
    emit = torch.zeros(len(stacks), alphabet, dtype=torch.float64)
    follow = torch.zeros(len(stacks), alphabet, dtype=torch.long)
    for stack, here in number.items():
        top = stack[-1] if stack else None
        emit[here, 2 * kinds :] = torch.tensor(spoken[top], dtype=torch.float64)
        follow[here] = here
        if len(stack) < depth:
            emit[here, :kinds] = 1 / kinds
            follow[here, :kinds] = torch.tensor([number[(*stack, kind)] for kind in range(kinds)])
        if top is not None:
            emit[here, kinds + top] = 1.0
            follow[here, kinds + top] = number[stack[:-1]]
    return Source(emit / emit.sum(dim=1, keepdim=True), follow)


def stationary(source: Source) -> Tensor:
    """The stationary distribution (states,) of an irreducible source."""
    states = len(source.emit)
    step = torch.zeros(states, states, dtype=torch.float64).scatter_add_(1, source.follow, source.emit)
    system = torch.cat([step.T - torch.eye(states, dtype=torch.float64), torch.ones(1, states, dtype=torch.float64)])
    wanted = torch.zeros(states + 1, 1, dtype=torch.float64)
    wanted[-1] = 1
    return torch.linalg.lstsq(system, wanted, driver="gelsd").solution[:, 0].clamp(min=0)


def entropy_rate(source: Source) -> float:
    """Bits per symbol: the mean over states, in the long run, of the entropy of the next symbol."""
    entropy = -torch.special.xlogy(source.emit, source.emit).sum(dim=1) / math.log(2)
    return float(stationary(source) @ entropy)


def sample(source: Source, start: Tensor, length: int, rng: random.Random) -> Text:
    """A text of ``length`` symbols whose first state is drawn from ``start``."""
    ladders = [list(accumulate(row)) for row in source.emit.tolist()]
    follow, last = source.follow.tolist(), source.emit.shape[1] - 1
    state = rng.choices(range(len(ladders)), start.tolist())[0]
    symbols, states = [], []
    for _ in range(length):
        ladder = ladders[state]
        symbol = min(bisect_right(ladder, rng.random() * ladder[-1]), last)
        symbols.append(symbol)
        states.append(state)
        state = follow[state][symbol]
    return Text(torch.tensor(symbols), torch.tensor(states))


def dirichlet(size: int, concentration: float, rng: random.Random) -> list[float]:
    weights = [rng.gammavariate(concentration, 1.0) + 1e-12 for _ in range(size)]
    return [w / sum(weights) for w in weights]


# ------------------------------------------------------------------------------------------- measures


def windows(text: Text, context: int, burn_in: int) -> tuple[Tensor, Tensor, Tensor]:
    """Inputs (w, context); states and symbols, each (w, context // 2), of the places predicted in their second halves.

    Scored are the symbols from ``burn_in`` on, each once and with more than half a context before it, so that models
    with different contexts are scored on the same symbols (up to a last, incomplete half).
    """
    half = context // 2
    if context < 2 or context % 2 or context > burn_in:
        raise ValueError(f"context must be even and at most burn_in, {burn_in}; it is {context}")
    starts = torch.arange(burn_in - half - 1, len(text.symbols) - context, half)[:, None]
    scored = starts + torch.arange(half + 1, context + 1)
    return text.symbols[starts + torch.arange(context)], text.states[scored], text.symbols[scored]


def excess_bits(scored: Scored) -> float:
    """Mean Kullback-Leibler divergence of the predictions from the source, in bits per symbol.

    This is what the expected code length of the model exceeds that of the source by.
    """
    lost = torch.special.xlogy(scored.truth, scored.truth) - scored.truth * scored.log_probs
    return float(lost.sum(dim=-1).mean()) / math.log(2)


def regret_bits(scored: Scored) -> float:
    """Mean code length of what occurred under the model less that under the source, in bits per symbol.

    On fresh text its expectation is the excess; on training text it falls short of it by what was memorised, and may be
    negative.
    """
    here = scored.symbols.unsqueeze(-1)
    return float((scored.truth.gather(-1, here).log() - scored.log_probs.gather(-1, here)).mean()) / math.log(2)


def total_variation(scored: Scored) -> float:
    """Mean total variation distance between predictions and the source, in [0, 1]."""
    return float((scored.truth - scored.log_probs.exp()).abs().sum(dim=-1).mean()) / 2


def calibration_error(scored: Scored, bins: int) -> float:
    """Expected calibration error of the likeliest symbol, over ``bins`` equal intervals of confidence.

    Confidence is compared with the probability that the source gives to that symbol, not with whether it occurred.
    """
    confidence, symbol = scored.log_probs.exp().max(dim=-1)
    correct = scored.truth.gather(-1, symbol.unsqueeze(-1)).squeeze(-1)
    bin_of = (confidence * bins).long().clamp(max=bins - 1)
    gaps = torch.zeros(bins, dtype=torch.float64).index_add_(0, bin_of, confidence - correct)
    return float(gaps.abs().sum()) / len(confidence)


def measure(history: Sequence[Reading], held_out: Scored, train: Scored, config: dict[str, Any]) -> dict[str, float]:
    """The metrics of one run from its readings and its predictions on the held-out and on the training text.

    A run reached the target at the first reading, before the last, whose validation excess is at most
    ``target_excess``; where there is none it is given ``max_steps``, which marks it as right-censored.
    """
    excess = excess_bits(held_out)
    reached = next((r.step for r in history[:-1] if r.validation_excess <= config["target_excess"]), None)
    return {
        "excess_bits": excess,
        "calibration_error": calibration_error(held_out, config["calibration_bins"]),
        "steps_to_target": float(config["max_steps"] if reached is None else reached),
        "generalisation_gap": excess - regret_bits(train),
        "total_variation": total_variation(held_out),
    }
