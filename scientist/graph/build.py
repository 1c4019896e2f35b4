"""Builds the stage graph, and exports it for LangGraph Studio (``langgraph dev``)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import START, StateGraph

from scientist.errors import RunInterrupted
from scientist.graph import nodes
from scientist.graph.state import Services, State
from scientist.types import Action, Decision
from scientist.workspace import RunFolder

THREAD = "run"
"""A run folder holds one thread; a name of its own would break the resuming of a folder that was renamed."""

STAGES = ("survey", "ideate", "design", "experiment", "analyse", "write", "review", "publish")

REGISTERED = [(m, kind.__name__) for kind in (Decision, Action) for m in (kind.__module__, "scientist.types")]
"""The types that a checkpoint may hold, also as runs begun before wrote their module; anything else is refused."""


def builder() -> StateGraph[State, Services, State, State]:
    """The eight stages and their edges, not compiled."""
    g = StateGraph(State, context_schema=Services)
    for name in STAGES:
        node: Any = getattr(nodes, name)
        g.add_node(name, node)
    g.add_edge(START, "survey")
    g.add_edge("survey", "ideate")
    g.add_conditional_edges("ideate", nodes.after_ideate, ["design", "ideate"])
    g.add_conditional_edges("design", nodes.after_design, ["experiment", "ideate"])
    g.add_edge("experiment", "analyse")
    g.add_edge("analyse", "write")
    g.add_edge("write", "review")
    g.add_conditional_edges("review", nodes.after_review, ["experiment", "write", "publish"])
    return g


def execute(services: Services, topic: str, until: str | None = None) -> State:
    """Run the graph to its end, or on from its last checkpoint, and return the final state.

    Raises RunInterrupted after the stage ``until``, from where the run can be resumed.
    """
    settings = {"configurable": {"thread_id": THREAD}}
    with (
        _database_errors(services.folder),
        closing(sqlite3.connect(services.folder.checkpoint, check_same_thread=False)) as connection,
    ):
        saver = SqliteSaver(connection, serde=JsonPlusSerializer(allowed_msgpack_modules=REGISTERED))
        app: Any = builder().compile(checkpointer=saver)
        begun = bool(app.get_state(settings).values)
        stops = [until] if until is not None else None
        final: State = app.invoke(
            None if begun else {"topic": topic}, settings, context=services, durability="sync", interrupt_after=stops
        )
        if until is not None and app.get_state(settings).next:
            raise RunInterrupted(
                f"run {services.folder.run_id} was left after the stage {until}, as asked",
                f"continue with: scientist resume {services.folder.root}",
            )
    return final


@contextmanager
def _database_errors(folder: RunFolder) -> Iterator[None]:
    """SQLite reports a full or unwritable disk in its own way; say it as the other disk errors are said."""
    try:
        yield
    except (sqlite3.OperationalError, sqlite3.DatabaseError) as e:
        raise RunInterrupted(
            f"the checkpoint {folder.checkpoint} cannot be written or read: {e}",
            f"make room or mend the permissions of {folder.root}, then: scientist resume {folder.run_id}",
        ) from e


graph = builder().compile()
"""For ``langgraph.json``: Studio brings its own checkpointer."""
