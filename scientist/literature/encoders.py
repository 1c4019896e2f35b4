"""The encoders that travel with the package: static token vectors from a wheel, and any sentence-transformers model."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from scientist.errors import EnvironmentProblem

STATIC_PACKAGE = "wordllama"
STATIC_WEIGHTS = Path("weights/l2_supercat_256.safetensors")
STATIC_TOKENIZER = Path("tokenizers/l2_supercat_tokenizer_config.json")
MOST_WORDS = 300_000
"""Words that are kept taken apart, so that memory does not grow with the library."""
MODEL_VARIABLE = "SCIENTIST_EMBED_MODEL"
MODEL = "sentence-transformers/all-MiniLM-L6-v2"


class StaticEncoder:
    """The mean of the vectors of a text's tokens, from the files in the wheel of ``wordllama``: no network, no GPU.

    Only those files are used; the package's code, which can download and sets up logging, is never imported.
    """

    def __init__(self) -> None:
        folder = _package_folder()
        try:
            from safetensors.numpy import load_file
            from tokenizers import Tokenizer

            self._table = load_file(folder / STATIC_WEIGHTS)["embedding.weight"].astype("float32")
            self._tokenizer = Tokenizer.from_file(str(folder / STATIC_TOKENIZER))
        except (ImportError, OSError, KeyError) as e:
            raise _missing(f"the static embeddings cannot be read ({e})") from e
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._known: dict[str, list[int]] = {}
        weights = hashlib.sha256((folder / STATIC_WEIGHTS).read_bytes()).hexdigest()[:16]
        self.identity = f"static|{STATIC_PACKAGE} {version(STATIC_PACKAGE)}|{weights}"

    def encode(self, texts: Sequence[str]) -> Any:
        """One unit vector a text; zeros for an empty one."""
        import numpy as np

        split = [text.split() for text in texts]
        self._learn({word for words in split for word in words})
        made = np.zeros((len(split), self._table.shape[1]), dtype=np.float32)
        for row, words in enumerate(split):
            if tokens := [token for word in words for token in self._known[word]]:
                made[row] = self._table[tokens].mean(axis=0)
        return unit(made)

    def _learn(self, words: set[str]) -> None:
        """Take words apart that were not met before. No token spans two words, so each is taken apart once."""
        if len(self._known) > MOST_WORDS:
            self._known.clear()
        if new := sorted(words - self._known.keys()):
            pieces = self._tokenizer.encode_batch(new, add_special_tokens=False)
            self._known.update((word, piece.ids) for word, piece in zip(new, pieces, strict=True))


class TransformerEncoder:
    """A model of the package sentence-transformers: a name that it can download, or a folder.

    ``$SCIENTIST_EMBED_MODEL`` names it, by default all-MiniLM-L6-v2.
    """

    def __init__(self, model: str | None = None) -> None:
        name = model or os.environ.get(MODEL_VARIABLE) or MODEL
        try:
            import sentence_transformers
        except ImportError as e:
            raise EnvironmentProblem(
                "the package sentence-transformers is not installed",
                "pip install sentence-transformers, or use the encoder static",
            ) from e
        try:
            self._model = sentence_transformers.SentenceTransformer(name)
        except (OSError, ValueError) as e:
            raise EnvironmentProblem(
                f"the embedding model {name} cannot be loaded: {e}",
                f"set {MODEL_VARIABLE} to a folder that holds a model, or to a name that can be downloaded",
            ) from e
        self.identity = f"sentence-transformers {version('sentence-transformers')}|{name}|{_state(name)}"

    def encode(self, texts: Sequence[str]) -> Any:
        """One unit vector a text; a long text counts as far as the model reads."""
        import numpy as np

        made = self._model.encode(list(texts), convert_to_numpy=True, show_progress_bar=False)
        return unit(np.asarray(made, dtype=np.float32))


def unit(made: Any) -> Any:
    """The rows of a float32 array at length 1; rows of zeros stay."""
    import numpy as np

    lengths = np.linalg.norm(made, axis=1, keepdims=True)
    return np.divide(made, lengths, out=np.zeros_like(made), where=lengths > 0)


def _package_folder() -> Path:
    found = find_spec(STATIC_PACKAGE)
    try:
        version(STATIC_PACKAGE)
    except PackageNotFoundError as e:
        raise _missing(f"the package {STATIC_PACKAGE}, which holds the static embeddings, is not installed") from e
    if found is None or found.origin is None:
        raise _missing(f"the package {STATIC_PACKAGE} is damaged")
    return Path(found.origin).parent


def _missing(message: str) -> EnvironmentProblem:
    return EnvironmentProblem(message, "pip install 'scientist[embed]', or search without an encoder")


def _state(name: str) -> str:
    """What tells a model in a folder from what lay there before; empty for one that is downloaded by name."""
    folder = Path(name)
    if not folder.is_dir():
        return ""
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    told = "|".join(f"{p.relative_to(folder)} {p.stat().st_size} {p.stat().st_mtime_ns}" for p in files)
    return hashlib.sha256(told.encode()).hexdigest()[:16]
