"""Language models behind one question: a prompt and a schema in, a valid reply out, recorded and within budget."""

from scientist.models.opening import open_models

__all__ = ["open_models"]
