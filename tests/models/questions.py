"""What the tests of models ask: prompts rendered from nothing but their text."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from scientist.prompts import Material, Prompt


class Answer(BaseModel):
    """An answer."""

    model_config = ConfigDict(extra="forbid")

    answer: str


class Question(Prompt):
    """A prompt without a template file."""

    @property
    def system(self) -> str:  # type: ignore[override]
        return "You answer questions.\n"

    @property
    def user(self) -> str:  # type: ignore[override]
        told = "\n".join(self._material(m.name) for m in self.materials)
        return f"{self.values['text']}\n{told}\n"


def question(text: str = "Is it so?", *, name: str = "write/answer", label: str = "", papers: int = 0) -> Question:
    """A question, with ``papers`` items of material that may be left out."""
    materials = (Material(name="papers", items=tuple(f"paper {i}" for i in range(papers))),) if papers else ()
    return Question(name, {"text": text}, materials, label)
