"""Strategies: which step is worked on next, and how. One policy a file, a registry line each."""

from __future__ import annotations

from scientist.registry import Registry
from scientist.search.strategies.base import Scope, Strategy

__all__ = ["STRATEGIES", "Scope", "Strategy"]

STRATEGIES = Registry(
    "strategy",
    {
        name: f"scientist.search.strategies.{name}:{attribute}"
        for name, attribute in {
            "best_first": "BestFirst",
            "greedy": "Greedy",
            "islands": "Islands",
            "linear": "Linear",
            "portfolio": "Portfolio",
            "power_law": "PowerLaw",
            "random": "Random",
        }.items()
    },
)
