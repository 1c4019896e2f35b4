"""Renders prompts from ``<stage>/<verb>.md.j2``: a stable system part first, then the task with its material quoted.

A template defines two blocks, ``system`` (which includes ``_rules.md.j2``) and ``user``. Material from outside (papers,
logs, manuscripts) enters through ``{{ material("name") }}`` alone, which marks it as data; what does not fit a model's
context is left out from there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any

import jinja2

from scientist.types import Frozen


class Material(Frozen):
    """Quoted data of a prompt, most useful item first. ``essential`` material is never left out."""

    name: str
    items: tuple[str, ...]
    essential: bool = False


@dataclass(frozen=True)
class Prompt:
    """A rendered prompt. ``name`` is ``<stage>/<verb>``; ``system`` is the part that stays the same between calls.

    ``label`` tells prompts of one name apart for people and recordings (the name of the section to write).
    """

    name: str
    values: Mapping[str, Any]
    materials: tuple[Material, ...] = ()
    label: str = ""
    left_out: Mapping[str, int] | None = None

    @property
    def stage(self) -> str:
        return self.name.partition("/")[0]

    @cached_property
    def system(self) -> str:
        return self._block("system")

    @cached_property
    def user(self) -> str:
        return self._block("user")

    def shrunk(self) -> Prompt | None:
        """The prompt without the less useful half of the last material that may be shortened; None if none may be."""
        for place in range(len(self.materials) - 1, -1, -1):
            material = self.materials[place]
            if material.essential or not material.items:
                continue
            kept = material.items[: len(material.items) // 2]
            left_out = dict(self.left_out or {})
            left_out[material.name] = left_out.get(material.name, 0) + len(material.items) - len(kept)
            shorter = material.model_copy(update={"items": kept})
            materials = (*self.materials[:place], shorter, *self.materials[place + 1 :])
            return replace(self, materials=materials, left_out=left_out)
        return None

    def _block(self, block: str) -> str:
        template = _environment().get_template(f"{self.name}.md.j2")
        context = template.new_context({**self.values, "material": self._material})
        return "".join(template.blocks[block](context)).strip() + "\n"

    def _material(self, name: str) -> str:
        material = next(m for m in self.materials if m.name == name)
        missing = (self.left_out or {}).get(name, 0)
        told = f"\n({missing} more left out for lack of room)" if missing else ""
        return "\n".join(quote(item, name) for item in material.items) + told


def render(name: str, *, materials: tuple[Material, ...] = (), label: str = "", **values: Any) -> Prompt:
    """The prompt ``name`` with its values; rendered at once, so that a missing value fails here."""
    prompt = Prompt(name, values, materials, label)
    assert prompt.system and prompt.user
    return prompt


def quote(text: str, source: str) -> str:
    """Text from outside between marks that it cannot hold itself: the mark is made from the text."""
    mark = hashlib.sha256(text.encode()).hexdigest()[:8]
    return f'<data from="{source}" mark="{mark}">\n{text.strip()}\n</data {mark}>'


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("scientist", "prompts"),
        undefined=jinja2.StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
