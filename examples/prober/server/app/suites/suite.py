"""Says what a suite is, once its YAML has been understood."""

from typing import Any

from pydantic import BaseModel

DEFAULT_MAX_TOKENS = 4096


class Expectation(BaseModel):
    """One thing that must be true of an answer."""

    kind: str
    wanted: Any = None


class Case(BaseModel):
    """One question, and what is expected of its answer."""

    name: str
    prompt: str
    system: str | None = None
    max_tokens: int = DEFAULT_MAX_TOKENS
    expect: list[Expectation] = []
    # Where the case begins in the file.
    line: int = 1


class Suite(BaseModel):
    """Cases that belong together."""

    name: str
    description: str = ""
    cases: list[Case]


class Problem(BaseModel):
    """A mistake in a file, with its place, and what was expected there."""

    line: int
    column: int
    message: str
    hint: str | None = None
