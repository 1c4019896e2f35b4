"""What a strategy sees of a search: the steps so far, indexed as they come, and the ways of looking at them."""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence

from scientist.search.step import FAILED, Step


class View:
    """The steps of a search in order. Only ``add`` changes it, at the cost of one insertion, whatever its length."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self._ranked: list[tuple[float, int]] = []
        self._children: dict[int, list[int]] = {}
        self._first: dict[str, int] = {}
        self._longest_wait = 0

    def add(self, step: Step) -> None:
        if step.number != len(self.steps):
            raise ValueError(f"step {step.number} does not follow step {len(self.steps) - 1}")
        self.steps.append(step)
        for parent in step.parents:
            self._children.setdefault(parent, []).append(step.number)
        if step.candidate is not None:
            self._first.setdefault(step.candidate, step.number)
        if step.scored and step.score is not None:
            if (best := self.best) is not None and step.score > (best.score or 0.0):
                self._longest_wait = max(self._longest_wait, step.number - best.number)
            insort(self._ranked, (-step.score, step.number))

    def __len__(self) -> int:
        return len(self.steps)

    @property
    def root(self) -> Step:
        return self.steps[0]

    @property
    def best(self) -> Step | None:
        """The highest score, the earliest of equals."""
        return self.steps[self._ranked[0][1]] if self._ranked else None

    @property
    def longest_wait(self) -> int:
        """The most steps that it took from one best score to the next, so far."""
        return self._longest_wait

    def ranked(self) -> Sequence[int]:
        """Numbers of the scored steps, best first."""
        return [number for _, number in self._ranked]

    @property
    def scored_count(self) -> int:
        return len(self._ranked)

    def at_rank(self, rank: int) -> Step:
        return self.steps[self._ranked[rank][1]]

    def leaders(self, most: int) -> list[Step]:
        """The first steps of the ``most`` programs with the best mean scores over their replications, best first."""
        scores: dict[str, list[float]] = {}
        for step in self.steps:
            if step.scored and step.candidate is not None and step.score is not None:
                scores.setdefault(step.candidate, []).append(step.score)
        ranked = sorted(scores, key=lambda id: (-sum(scores[id]) / len(scores[id]), self._first[id]))
        return [self.steps[self._first[id]] for id in ranked[:most]]

    def first_with(self, candidate: str) -> int | None:
        """The step at which these files were judged first."""
        return self._first.get(candidate)

    def children(self, number: int) -> Sequence[int]:
        return self._children.get(number, ())

    def is_leaf(self, number: int) -> bool:
        return number not in self._children

    def count(self, operator: str) -> int:
        return sum(step.operator == operator for step in self.steps)

    def failed_leaves(self, deepest: int) -> list[Step]:
        """Steps that failed, were not mended yet, and come after fewer than ``deepest`` attempts to mend."""
        return [
            s for s in self.steps if s.status in FAILED and self.is_leaf(s.number) and self.debug_depth(s) < deepest
        ]

    def debug_depth(self, step: Step) -> int:
        """How many attempts to mend lead to this step without a break."""
        depth = 0
        while step.operator == "debug" and step.parents:
            depth += 1
            step = self.steps[step.parents[0]]
        return depth

    def lineage(self, number: int) -> Iterator[Step]:
        """The step, its first parent, and so on to the root."""
        step = self.steps[number]
        yield step
        while step.parents:
            step = self.steps[step.parents[0]]
            yield step

    def island(self, place: int) -> list[int]:
        """Scored steps of an island, best first; the root belongs to all."""
        return [n for _, n in self._ranked if n == 0 or self.steps[n].place == place]

    def cells(self, key: Callable[[Step], Hashable]) -> dict[Hashable, Step]:
        """MAP-Elites: the best scored step in each cell of a descriptor."""
        cells: dict[Hashable, Step] = {}
        for _, number in self._ranked:
            cells.setdefault(key(self.steps[number]), self.steps[number])
        return cells

    def front(self, goals: Mapping[str, int]) -> list[Step]:
        """The scored steps that no other dominates; ``goals`` gives +1 for larger-is-better, -1 for smaller."""
        points = [(self.steps[n], [sign * self.steps[n].metrics[m] for m, sign in goals.items()])
                  for _, n in self._ranked if all(m in self.steps[n].metrics for m in goals)]  # fmt: skip
        return [s for s, p in points if not any(_dominates(q, p) for _, q in points)]


def _dominates(a: Sequence[float], b: Sequence[float]) -> bool:
    return all(x >= y for x, y in zip(a, b, strict=True)) and any(x > y for x, y in zip(a, b, strict=True))
