"""What is expected of an answer, met and missed."""

from typing import Any

import pytest

from app import expectations
from app.expectations import JUDGES, judge
from app.suites.document import KINDS
from app.suites.suite import Expectation

OBJECT = {"type": "object", "required": ["a"]}


@pytest.mark.parametrize(
    ("kind", "wanted", "met", "missed"),
    [
        ("contains", "Paris", "in PARIS.", "Rome"),
        ("not_contains", "Paris", "Rome", "paris"),
        ("equals", "3", " 3\n", "3."),
        ("regex", r"^\d+$", "42", "42a"),
        ("not_regex", r"\d", "none", "1"),
        ("is_json", True, '```json\n{"a": 1}\n```', "{a: 1}"),
        ("is_json", False, "words", "[]"),
        ("json_schema", OBJECT, '{"a": 1}', '{"b": 1}'),
        ("json_schema", OBJECT, '{"a": 1}', "no JSON"),
        ("json_schema", OBJECT, '{"a": 1}', "[" * 100_000),
        ("json_schema", {"$ref": "http://127.0.0.1:9/x"}, None, "{}"),
        ("min_words", 2, "two words", "one"),
        ("max_words", 2, "two words", "three words now"),
    ],
)
def test_expectations(kind: str, wanted: Any, met: str | None, missed: str) -> None:
    expectation = [Expectation(kind=kind, wanted=wanted)]
    if met is not None:
        assert judge(expectation, met, 0)[0].passed
    verdict = judge(expectation, missed, 0)[0]
    assert not verdict.passed
    assert verdict.note


def test_time() -> None:
    expectation = [Expectation(kind="max_seconds", wanted=2)]
    assert judge(expectation, "", 1.9)[0].passed
    assert judge(expectation, "", 2.104)[0].note == "It took 2.10 seconds"


def test_a_pattern_that_goes_astray_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expectations, "PATTERN_SECONDS", 0.1)
    verdict = judge([Expectation(kind="regex", wanted="^(a|aa)+$")], "a" * 60 + "b", 0)[0]
    assert verdict.note == "The pattern took longer than 0.1 seconds"


def test_a_schema_that_goes_astray_ends_no_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expectations, "PATTERN_SECONDS", 0.1)
    slow = Expectation(kind="json_schema", wanted={"pattern": "^(a|aa)+$"})
    broken = Expectation(kind="json_schema", wanted={"patternProperties": {"(": {}}})
    first = judge([slow], f'"{"a" * 60}b"', 0)[0]
    second = judge([broken], '{"a": 1}', 0)[0]
    assert (first.passed, first.note) == (False, "The pattern took longer than 0.1 seconds")
    assert (second.passed, second.note) == (False, "It could not be judged (error)")


def test_the_place_in_the_json_is_told() -> None:
    schema = {"properties": {"list": {"items": {"type": "string"}}}}
    verdict = judge([Expectation(kind="json_schema", wanted=schema)], '{"list": ["a", 2]}', 0)[0]
    assert verdict.note == "At `list/1`: 2 is not of type 'string'"


def test_everything_that_can_be_written_can_be_judged() -> None:
    assert set(KINDS) == set(JUDGES)
