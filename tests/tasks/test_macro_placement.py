"""Macro placement: costs that were computed by hand, and the reader of Circuit Training's files."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.tasks.playing import Task, load

TASK = Task("macro_placement")
SCORER = TASK.scorer

TWO = {
    "canvas": np.array([16.0, 16.0]),
    "sizes": np.array([[4.0, 4.0], [2.0, 2.0]]),
    "ports": np.array([[0.0, 8.0]]),
    "owner": np.array([0, 1, 1, 2]),
    "offset": np.array([[1.0, 0.0], [0.0, 0.0], [-1.0, 1.0], [0.0, 0.0]]),
    "starts": np.array([0, 2]),
}


def test_the_wire_length_is_half_the_perimeter_of_each_box() -> None:
    # First net: (5, 4) to (10, 12), 5 + 8. Second: (9, 13) to the port at (0, 8), 9 + 5.
    centres = np.array([[4.0, 4.0], [10.0, 12.0]])
    assert SCORER.wire_length(TWO, centres) == 27.0
    assert SCORER.costs(TWO, centres)["wirelength"] == pytest.approx(27 / (32 * 2))


def test_the_overlap_is_the_shared_area_as_a_share_of_all() -> None:
    sizes = TWO["sizes"]
    assert SCORER.overlap(sizes, np.array([[4.0, 4.0], [10.0, 12.0]])) == 0
    assert SCORER.overlap(sizes, np.array([[4.0, 4.0], [7.0, 4.0]])) == 0  # they touch
    assert SCORER.overlap(sizes, np.array([[4.0, 4.0], [6.0, 4.0]])) == pytest.approx(2 / 20)
    assert SCORER.overlap(sizes, np.array([[4.0, 4.0], [4.0, 4.0]])) == pytest.approx(4 / 20)


def test_the_density_is_that_of_the_fullest_tenth_of_the_cells() -> None:
    # Cells of 1 x 1; the fullest 25 hold 16 + 4 full ones.
    assert SCORER.density(TWO, np.array([[4.0, 4.0], [10.0, 12.0]])) == pytest.approx(20 / 25)


def test_the_programs_cost_is_the_scorers() -> None:
    program: dict[str, Any] = {}
    exec(TASK.program, program)
    given = SCORER.inputs("quick", 0)[0]
    rng = np.random.default_rng(0)
    for _ in range(5):
        centres = rng.random(given["sizes"].shape) * given["canvas"]
        assert program["cost"](given, centres) == pytest.approx(SCORER.costs(given, centres)["proxy_cost"])


@pytest.mark.parametrize("bad", [lambda s: s * 0, lambda s: s + 1e6, lambda s: s[:-1], lambda s: s.astype(bool)])
def test_a_macro_that_is_not_on_the_canvas_is_refused(bad: Any) -> None:
    with pytest.raises(ValueError, match=r"canvas|shape|numbers"):
        TASK.judge(lambda **netlist: bad(netlist["sizes"]))


def test_all_macros_in_one_place_cost_more_than_shelves() -> None:
    """Wires are shortest there, which is why overlap and density have a price."""
    heap = TASK.judge(lambda **netlist: np.repeat(netlist["canvas"][None] / 2, len(netlist["sizes"]), axis=0))
    shelves = TASK.play(TASK.program)
    assert heap["metrics"]["wirelength"] < shelves["metrics"]["wirelength"]
    assert heap["score"] < shelves["score"] - 1


# ------------------------------------------------------------------------------- Circuit Training's files

NETLIST = """
node {
  name: "__metadata__"
  attr { key: "x" value { f: 1 } }
}
node {
  name: "P0"
  input: "M0/A"
  attr {
    key: "type"
    value {
      placeholder: "PORT"
    }
  }
  attr {
    key: "x"
    value {
      f: 0
    }
  }
  attr {
    key: "y"
    value {
      f: 5.5
    }
  }
}
node {
  name: "M0"
  attr {
    key: "type"
    value {
      placeholder: "MACRO"
    }
  }
  attr {
    key: "x"
    value {
      f: 20
    }
  }
  attr {
    key: "y"
    value {
      f: 20
    }
  }
}
node {
  name: "M0/A"
  attr {
    key: "macro_name"
    value {
      placeholder: "M0"
    }
  }
  attr {
    key: "x_offset"
    value {
      f: 2
    }
  }
  attr {
    key: "y_offset"
    value {
    f: -1
    }
  }
}
node {
  name: "M1"
  input: "P0"
  input: "M0/A"
  attr {
    key: "weight"
    value {
      f: 3
    }
  }
  attr {
    key: "x"
    value {
      f: 1e1
    }
  }
  attr {
    key: "y"
    value {
      f: 30
    }
  }
}
"""
READER = load(TASK.folder / "netlist.py")


def test_a_netlist_is_read_and_its_wire_length_is_that_by_hand() -> None:
    netlist = READER.parse_netlist(NETLIST)
    assert netlist.names == ["P0", "M0", "M0/A", "M1"]
    # The pin is at (22, 19). P0's net: 22 + 13.5; M1's, of weight 3: (0..22) + (5.5..30).
    assert READER.wire_length(netlist) == pytest.approx(35.5 + 3 * (22 + 24.5))


@pytest.mark.parametrize(
    ("orientation", "pin"),
    [("N", (2, -1)), ("S", (-2, 1)), ("FN", (-2, -1)), ("FS", (2, 1)), ("W", (1, 2)), ("E", (-1, -2)), ("FW", (-1, 2))],
)
def test_a_placement_moves_and_turns_macros(orientation: str, pin: tuple[int, int]) -> None:
    placement = f"# x\n1 40 50 {orientation} 0\n"
    netlist = READER.placed(READER.parse_netlist(NETLIST), placement)
    x, y = 40 + pin[0], 50 + pin[1]
    assert READER.wire_length(netlist) == pytest.approx(x + y - 5.5 + 3 * (x + y - 5.5))


@pytest.mark.parametrize(
    ("netlist", "placement", "says"),
    [
        (NETLIST.replace('input: "M0/A"', 'input: "M9"'), "", "M9"),
        (NETLIST.replace('name: "M1"', 'name: "M0"'), "", "same name"),
        (NETLIST, "9 0 0 N 0", "line 1"),
        (NETLIST, "1 0 0 N", "line 1"),
        (NETLIST, "1 0 0 UP 0", "UP"),
    ],
)
def test_a_broken_file_is_refused_with_where(netlist: str, placement: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        READER.wire_length(READER.placed(READER.parse_netlist(netlist), placement))
