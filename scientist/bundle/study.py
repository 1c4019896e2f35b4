"""What a bundle says of itself in ``study.json``: which run it is, and what running it again needs to know."""

from __future__ import annotations

from typing import Literal

from scientist.types import Frozen, Identifier

STUDY = "study.json"
PAPER = "paper/paper.pdf"


class Study(Frozen):
    """The run that a bundle holds. ``seeds`` are those that the evidence rests on; times are ISO 8601, UTC, or "".

    ``template`` is also the name of the folder under ``template/`` that holds the template's files.
    """

    format: Literal["scientist-study"] = "scientist-study"
    version: Literal[1] = 1
    run_id: str
    topic: str
    title: str
    keywords: tuple[str, ...] = ()
    scientist: str
    mind: str
    template: Identifier
    template_hash: str
    licence: str
    plan_sha256: str
    idea_id: str
    look: int
    seeds: tuple[int, ...]
    started_at: str
    plan_frozen_at: str
    first_run_at: str
    finished_at: str
    decision: str
    brought: bool = False
    """Whether the results were brought by the user and not run by the system that wrote the paper."""
