"""Netlists and placements in the files of Circuit Training (and TILOS MacroPlacement): reading them, and their wire
length.

A netlist is a protobuf in text form, one ``node`` for each macro, pin and port; a driver lists its sinks as ``input``.
A placement (.plc) has one line a node: its number, x, y, orientation, fixed or not.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

FIELD = re.compile(r'\s*(name|input|key|placeholder|f|i)\s*:\s*(?:"(.*)"|(\S+))')
TURNS = {
    "N": (1, 0, 0, 1), "S": (-1, 0, 0, -1), "FN": (-1, 0, 0, 1), "FS": (1, 0, 0, -1),
    "W": (0, -1, 1, 0), "E": (0, 1, -1, 0), "FW": (0, 1, 1, 0), "FE": (0, -1, -1, 0),
}  # fmt: skip
"""What an orientation of LEF/DEF does to an offset (x, y): the two rows of a matrix."""


class Node:
    """What one block says: its name, the names of its sinks, and its attributes."""

    def __init__(self) -> None:
        self.name = ""
        self.inputs: list[str] = []
        self.attributes: dict[str, str | float] = {}


class Netlist(NamedTuple):
    """``position`` (nodes, 2) as the netlist says; ``carrier``: the node that a node moves with; ``offset`` from it.

    ``pins`` are the nodes of the nets, one after the other, each net's driver first; ``starts`` and ``weights`` of the
    nets.
    """

    names: list[str]
    position: np.ndarray
    orientation: list[str]
    carrier: np.ndarray
    offset: np.ndarray
    pins: np.ndarray
    starts: np.ndarray
    weights: np.ndarray


def read_text(path: Path) -> str:
    """The text of a file, which may be gzipped."""
    return gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text()


def parse_netlist(text: str) -> Netlist:
    """Raises ValueError where a name is used that no node has, or a value is no number."""
    nodes = [node for node in _nodes(text.splitlines()) if node.name != "__metadata__"]
    index = {node.name: i for i, node in enumerate(nodes)}
    if len(index) != len(nodes):
        raise ValueError("two nodes of the netlist have the same name")
    pins: list[int] = []
    starts, weights = [], []
    for i, node in enumerate(nodes):
        if node.inputs:
            starts.append(len(pins))
            weights.append(_number(node, "weight") or 1.0)
            pins += [i, *(_found(index, name) for name in node.inputs)]
    return Netlist(
        names=list(index),
        position=np.array([(_number(n, "x"), _number(n, "y")) for n in nodes]),
        orientation=[str(n.attributes.get("orientation", "N")) for n in nodes],
        carrier=np.array([_found(index, str(n.attributes.get("macro_name", n.name))) for n in nodes]),
        offset=np.array([(_number(n, "x_offset"), _number(n, "y_offset")) for n in nodes]),
        pins=np.array(pins, dtype=np.int64),
        starts=np.array(starts, dtype=np.int64),
        weights=np.array(weights),
    )


def placed(netlist: Netlist, text: str) -> Netlist:
    """The netlist with the positions and orientations of a .plc file. Raises ValueError, with the line."""
    position, orientation = netlist.position.copy(), list(netlist.orientation)
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if len(words) != 5 or not words[0].isdigit() or int(words[0]) >= len(orientation):
            raise ValueError(f"line {number} of the placement is not 'node x y orientation fixed': {line.strip()}")
        position[int(words[0])] = float(words[1]), float(words[2])
        orientation[int(words[0])] = words[3] if words[3] != "-" else "N"
    return netlist._replace(position=position, orientation=orientation)


def wire_length(netlist: Netlist) -> float:
    """The weighted sum over the nets of half the perimeter of the smallest box around their pins, in the netlist's
    unit.
    """
    unknown = sorted(set(netlist.orientation) - set(TURNS))
    if unknown:
        raise ValueError(f"unknown orientations: {', '.join(unknown)}")
    turns = np.array([TURNS[o] for o in netlist.orientation], dtype=float).reshape(-1, 2, 2)[netlist.carrier]
    moved = netlist.position[netlist.carrier] + np.einsum("nij,nj->ni", turns, netlist.offset)
    pins = moved[netlist.pins]
    boxes = np.maximum.reduceat(pins, netlist.starts) - np.minimum.reduceat(pins, netlist.starts)
    return float((netlist.weights * boxes.sum(axis=1)).sum())


def _nodes(lines: Iterable[str]) -> Iterator[Node]:
    """One Node for each block ``node { ... }``; braces are counted, since writers indent them differently."""
    node, depth, key = None, 0, ""
    for line in lines:
        bare = line.strip()
        if node is None:
            node = Node() if bare.startswith("node") and bare.endswith("{") else None
            depth = 1
            continue
        depth += bare.endswith("{") - (bare == "}")
        if depth == 0:
            yield node
            node = None
        elif found := FIELD.match(line):
            what, text, word = found[1], found[2], found[3]
            if what == "name":
                node.name = text
            elif what == "input":
                node.inputs.append(text)
            elif what == "key":
                key = text
            else:
                node.attributes[key] = text if text is not None else float(word)


def _number(node: Node, key: str) -> float:
    value = node.attributes.get(key, 0.0)
    if isinstance(value, str):
        raise ValueError(f"{key} of node {node.name} is no number: {value}")
    return value


def _found(index: dict[str, int], name: str) -> int:
    if name not in index:
        raise ValueError(f"the netlist has no node {name}")
    return index[name]
