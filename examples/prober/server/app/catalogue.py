"""Lists the models that are offered, and what they cost. Users may write a list of their own."""

from dataclasses import dataclass, field
from pathlib import Path

from yaml.nodes import Node

from app.core.paths import BUNDLED_MODELS_FILE, models_file
from app.models import ModelPublic, ProviderName
from app.suites.library import read_text
from app.suites.reading import DocumentError, Reader, read_tree

MOST_DOLLARS = 10_000
MILLION = 1_000_000
MODEL_KEYS = ("name", "input", "output")

Models = dict[ProviderName, list[ModelPublic]]


@dataclass(frozen=True)
class Catalogue:
    """The models of each provider."""

    models: Models = field(default_factory=dict)
    # What is wrong with the user's own list.
    problem: str | None = None

    def price(self, provider: ProviderName, model: str) -> ModelPublic | None:
        """Finds what a model costs; a dated model costs what its name without the date does."""
        known = [
            each
            for each in self.models.get(provider, [])
            if model == each.name or model.startswith(f"{each.name}-2")
        ]
        found = max(known, key=lambda each: len(each.name), default=None)
        return found if found and found.input is not None and found.output is not None else None

    def cost(
        self, provider: ProviderName, model: str, input_tokens: int, output_tokens: int
    ) -> float | None:
        """Estimates what tokens have cost, in dollars."""
        price = self.price(provider, model)
        if not price:
            return None
        dollars = input_tokens * (price.input or 0) + output_tokens * (price.output or 0)
        return dollars / MILLION


def open_catalogue(data: Path, bundled: Path = BUNDLED_MODELS_FILE) -> Catalogue:
    """Reads the app's list and, over it, the user's."""
    models = read_models(bundled)
    own = models_file(data)
    if not own.exists():
        return Catalogue(models)
    try:
        return Catalogue({**models, **read_models(own)})
    except DocumentError as error:
        first = error.problems[0]
        return Catalogue(models, f"{own.name}, line {first.line}: {first.message}")


def read_models(file: Path) -> Models:
    """Reads a list of models."""
    reader = Reader()
    tree = read_tree(read_text(file))
    found = reader.mapping(tree, "the list of models", [*ProviderName])
    models = {
        ProviderName(name): [
            read_model(reader, each) for each in reader.sequence(node, f"`{name}`")
        ]
        for name, node in found.items()
    }
    reader.finish()
    return models


def read_model(reader: Reader, node: Node) -> ModelPublic:
    """Reads one model; its price may be left out."""
    found = reader.mapping(node, "a model", MODEL_KEYS)
    if found and "name" not in found:
        reader.wrong(node, "The model has no `name`")
    model = ModelPublic(name=reader.text(found["name"], "`name`") if "name" in found else "")
    for key in ("input", "output"):
        if key in found:
            setattr(model, key, float(reader.number(found[key], f"`{key}`", 0, MOST_DOLLARS)))
    return model
