"""The page of a search: self-contained, readable without scripts, and safe whatever a candidate says."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from scientist.search.page import best_path, layout, page
from scientist.search.step import Step

FILES = {"a": {"s.json": "1\n"}, "b": {"s.json": "2\n"}, "c": {"s.json": "<script>alert(1)</script>\n"}}
STEPS = [
    Step(0, "first", candidate="a", score=1.0),
    Step(1, "draft", (0,), candidate="b", score=3.0, why="two & more", metrics={"one.score": 3.0}),
    Step(2, "improve", (1,), candidate="c", status="crashed", reason="<b>boom</b>", artefacts={"log": "</pre>tail"}),
    Step(3, "improve", (0,), status="refused", reason="no"),
    Step(4, "replicate", (1,), candidate="b", score=2.0),
]


def made() -> str:
    return page({"strategy": "best_first", "nodes": 5}, STEPS, FILES.__getitem__, title="Search of x")


class Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.targets: list[str] = []
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            elif name == "href" and tag == "a":
                self.targets.append(value or "")
            elif name in ("src", "href", "xlink:href", "srcset"):
                self.loads.append(value or "")


def test_the_page_loads_nothing_and_every_step_has_a_link_and_a_card() -> None:
    text, links = made(), Links()
    links.feed(text)
    assert not links.loads and "url(" not in text and "@import" not in text and "http" not in text
    assert links.ids == [f"step-{n}" for n in range(5)]
    assert {f"#{i}" for i in links.ids} == set(links.targets)
    assert text.count("<circle") == 5 and text.count("<path") == 4
    assert "two &amp; more" in text and "(best)" in text and "best_first" in text


def test_what_a_candidate_says_stays_text() -> None:
    text = made()
    assert "<script>alert" not in text and "&lt;b&gt;boom&lt;/b&gt;" in text and "&lt;/pre&gt;tail" in text
    assert re.search(r'class="add">\+2<', text) and re.search(r'class="cut">-1<', text)


def test_the_best_path_leads_from_the_root_to_the_earliest_highest_score() -> None:
    assert best_path(STEPS) == (0, 1) and best_path(STEPS, 4) == (0, 1, 4)
    assert best_path([Step(0, "first", status="crashed")]) == ()


def test_no_two_steps_stand_in_one_place_and_a_long_line_does_not_recurse() -> None:
    line = [Step(0, "first"), *(Step(n, "improve", (n - 1 if n % 3 else max(0, n - 3),)) for n in range(1, 3000))]
    places = layout(line)
    assert len(set(places.values())) == len(line)
