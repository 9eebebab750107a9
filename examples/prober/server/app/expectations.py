"""Judges an answer: each expectation is met or not, and why not. Knows no models and no files."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import regex
from jsonschema import Draft202012Validator, validators
from jsonschema.exceptions import ValidationError
from pydantic import BaseModel
from referencing import Registry
from referencing.exceptions import Unresolvable

from app.suites.suite import Expectation

# A pattern that goes astray would hold up everything else.
PATTERN_SECONDS = 2.0
FENCE = "```"


class PatternError(ValueError):
    """A text is not a regular expression."""


class Verdict(BaseModel):
    """Whether an expectation was met."""

    kind: str
    wanted: Any = None
    passed: bool
    # Why not, in words.
    note: str | None = None


def judge(expectations: list[Expectation], text: str, seconds: float) -> list[Verdict]:
    """Judges an answer by every expectation."""
    verdicts = []
    for expectation in expectations:
        note = verdict_on(expectation, text, seconds)
        verdicts.append(
            Verdict(
                kind=expectation.kind, wanted=expectation.wanted, passed=note is None, note=note
            )
        )
    return verdicts


def verdict_on(expectation: Expectation, text: str, seconds: float) -> str | None:
    """Says why an expectation is not met; one that cannot be judged is not, and ends no run."""
    try:
        return JUDGES[expectation.kind](text, seconds, expectation.wanted)
    except TimeoutError:
        return f"The pattern took longer than {PATTERN_SECONDS:g} seconds"
    except Exception as error:
        return f"It could not be judged ({type(error).__name__})"


def compile_pattern(pattern: str) -> Any:
    """Reads a regular expression."""
    try:
        return regex.compile(pattern)
    except regex.error as error:
        raise PatternError(str(error)) from error


def contains(text: str, _seconds: float, wanted: str) -> str | None:
    """Upper and lower case do not matter."""
    return None if wanted.casefold() in text.casefold() else "It is not in the answer"


def not_contains(text: str, _seconds: float, unwanted: str) -> str | None:
    return None if unwanted.casefold() not in text.casefold() else "It is in the answer"


def equals(text: str, _seconds: float, wanted: str) -> str | None:
    """Space around the answer does not matter."""
    return None if text.strip() == wanted.strip() else "The answer is another"


def matches(text: str, _seconds: float, pattern: str) -> str | None:
    return None if finds(pattern, text) else "Nothing in the answer matches"


def not_matches(text: str, _seconds: float, pattern: str) -> str | None:
    return "Something in the answer matches" if finds(pattern, text) else None


def finds(pattern: str, text: str) -> bool:
    return compile_pattern(pattern).search(text, timeout=PATTERN_SECONDS) is not None


def is_json(text: str, _seconds: float, wanted: bool) -> str | None:
    """A fence of Markdown around the JSON is no part of it."""
    try:
        read_json(text)
    except ValueError as error:
        return f"It is not JSON: {error}" if wanted else None
    return None if wanted else "It is JSON"


def fits_schema(text: str, _seconds: float, schema: dict[str, Any]) -> str | None:
    try:
        value = read_json(text)
    except ValueError as error:
        return f"It is not JSON: {error}"
    try:
        # The empty registry keeps a `$ref` from being fetched from somewhere.
        SchemaValidator(schema, registry=Registry()).validate(value)
    except ValidationError as error:
        place = "/".join(str(part) for part in error.absolute_path)
        return f"At `{place}`: {error.message[:300]}" if place else error.message[:300]
    except Unresolvable as error:
        return f"The schema refers to something that is not in it: {error.ref}"
    except RecursionError:
        return "The answer or the schema is nested too deeply"
    return None


def check_pattern(
    _validator: Any, pattern: str, value: Any, _schema: Any
) -> Iterator[ValidationError]:
    """Does what the library does for `pattern`, but not for longer than it may take."""
    if isinstance(value, str) and not finds(pattern, value):
        yield ValidationError(f"{value!r} does not match {pattern!r}")


SchemaValidator = validators.extend(Draft202012Validator, {"pattern": check_pattern})


def read_json(text: str) -> Any:
    """Reads JSON, also out of a fence."""
    text = text.strip()
    if text.startswith(FENCE) and text.endswith(FENCE) and "\n" in text:
        text = text.split("\n", 1)[1].removesuffix(FENCE)
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def min_words(text: str, _seconds: float, least: int) -> str | None:
    count = len(text.split())
    return None if count >= least else f"It has {count_words(count)}"


def max_words(text: str, _seconds: float, most: int) -> str | None:
    count = len(text.split())
    return None if count <= most else f"It has {count_words(count)}"


def count_words(count: int) -> str:
    return "1 word" if count == 1 else f"{count} words"


def max_seconds(_text: str, seconds: float, most: float) -> str | None:
    return None if seconds <= most else f"It took {seconds:.2f} seconds"


JUDGES: dict[str, Callable[[str, float, Any], str | None]] = {
    "contains": contains,
    "not_contains": not_contains,
    "equals": equals,
    "regex": matches,
    "not_regex": not_matches,
    "is_json": is_json,
    "json_schema": fits_schema,
    "min_words": min_words,
    "max_words": max_words,
    "max_seconds": max_seconds,
}
