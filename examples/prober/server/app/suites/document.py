"""Understands a YAML file as a suite; tells every mistake with its place and what was expected."""

import json
from collections.abc import Callable
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError
from yaml.nodes import Node

from app.expectations import PatternError, compile_pattern
from app.suites.reading import Reader, plain, read_tree
from app.suites.suite import DEFAULT_MAX_TOKENS, Case, Expectation, Suite

MOST_CASES = 500
MOST_TOKENS = 16_000
LONGEST_NAME = 120
LONGEST_ANSWER = 1_000_000
LONGEST_SECONDS = 600

SUITE_KEYS = ("name", "description", "system", "max_tokens", "cases")
CASE_KEYS = ("name", "prompt", "system", "max_tokens", "expect")

Read = Callable[[Reader, Node, str], Any]


def parse_suite(text: str) -> Suite:
    """Reads a suite; fails with all its mistakes."""
    tree = read_tree(text)
    reader = Reader()
    suite = read_suite(reader, tree)
    reader.finish()
    return suite


def read_suite(reader: Reader, node: Node) -> Suite:
    """Reads the whole file."""
    found = reader.mapping(node, "the suite", SUITE_KEYS)
    for key in ("name", "cases"):
        if found and key not in found:
            reader.wrong(node, f"The suite has no `{key}`")
    suite = Suite(name="", cases=[])
    if "name" in found:
        suite.name = read_name(reader, found["name"], "`name`")
    if "description" in found:
        suite.description = reader.text(found["description"], "`description`")
    common = read_common(reader, found)
    if "cases" in found:
        suite.cases = read_cases(reader, found["cases"], common)
    return suite


def read_name(reader: Reader, node: Node, what: str) -> str:
    """Reads a name, which is one line."""
    name = reader.text(node, what)
    if len(name) > LONGEST_NAME or "\n" in name:
        reader.wrong(node, f"{what} must be one line of at most {LONGEST_NAME} characters")
    return name


def read_common(reader: Reader, found: dict[str, Node]) -> dict[str, Any]:
    """Reads what a suite may set for all of its cases."""
    common: dict[str, Any] = {}
    if "system" in found:
        common["system"] = reader.text(found["system"], "`system`")
    if "max_tokens" in found:
        common["max_tokens"] = int(
            reader.number(found["max_tokens"], "`max_tokens`", 1, MOST_TOKENS, whole=True)
        )
    return common


def read_cases(reader: Reader, node: Node, common: dict[str, Any]) -> list[Case]:
    """Reads all cases; their names must differ."""
    nodes = reader.sequence(node, "`cases`")
    if not nodes and not reader.problems:
        reader.wrong(node, "`cases` must have at least one case")
    if len(nodes) > MOST_CASES:
        reader.wrong(node, f"`cases` must have at most {MOST_CASES} cases")
        return []
    cases: list[Case] = []
    names: set[str] = set()
    for each in nodes:
        case = read_case(reader, each, common)
        if case.name and case.name in names:
            reader.wrong(each, f"There are two cases called `{case.name}`", "Name one differently")
        names.add(case.name)
        cases.append(case)
    return cases


def read_case(reader: Reader, node: Node, common: dict[str, Any]) -> Case:
    """Reads one case."""
    found = reader.mapping(node, "a case", CASE_KEYS)
    for key in ("name", "prompt"):
        if found and key not in found:
            reader.wrong(node, f"The case has no `{key}`")
    case = Case(
        name=read_name(reader, found["name"], "`name`") if "name" in found else "",
        prompt=reader.text(found["prompt"], "`prompt`") if "prompt" in found else "",
        line=node.start_mark.line + 1,
        **{"max_tokens": DEFAULT_MAX_TOKENS, **common, **read_common(reader, found)},
    )
    if "expect" in found:
        case.expect = read_expectations(reader, found["expect"])
    return case


def read_expectations(reader: Reader, node: Node) -> list[Expectation]:
    """Reads what is expected of the answer; a list of texts is an expectation each."""
    expectations = []
    for kind, value in reader.mapping(node, "`expect`", KINDS).items():
        wanted = KINDS[kind](reader, value, f"`{kind}`")
        each = wanted if isinstance(wanted, list) else [wanted]
        expectations.extend(Expectation(kind=kind, wanted=one) for one in each)
    return expectations


def read_texts(reader: Reader, node: Node, what: str) -> list[str]:
    return reader.texts(node, what)


def read_text(reader: Reader, node: Node, what: str) -> str:
    return reader.text(node, what)


def read_patterns(reader: Reader, node: Node, what: str) -> list[str]:
    """Reads regular expressions, and tries them."""
    patterns = reader.texts(node, what)
    for pattern in patterns:
        try:
            compile_pattern(pattern)
        except PatternError as error:
            hint = "Single quotes keep every backslash as it is"
            reader.wrong(node, f"{what} is not a regular expression: {error}", hint)
    return patterns


def read_words(reader: Reader, node: Node, what: str) -> int:
    return int(reader.number(node, what, 1, LONGEST_ANSWER, whole=True))


def read_seconds(reader: Reader, node: Node, what: str) -> float:
    return float(reader.number(node, what, 0.01, LONGEST_SECONDS))


def read_true(reader: Reader, node: Node, what: str) -> bool:
    return reader.switch(node, what)


def read_schema(reader: Reader, node: Node, what: str) -> Any:
    """Reads a JSON schema."""
    schema = plain(node)
    if not isinstance(schema, dict):
        reader.wrong(node, f"{what} must be a mapping, as in `type: object`")
        return {}
    try:
        # As JSON, in which there are no dates, and keys are texts.
        schema = json.loads(json.dumps(schema))
        Draft202012Validator.check_schema(schema)
    except (TypeError, ValueError) as error:
        reader.wrong(node, f"{what} has something in it that JSON has not: {error}")
    except SchemaError as error:
        place = "/".join(str(part) for part in error.absolute_path)
        reader.wrong(node, f"{what} is not a JSON schema: {error.message[:200]}", place or None)
    return schema


KINDS: dict[str, Read] = {
    "contains": read_texts,
    "not_contains": read_texts,
    "equals": read_text,
    "regex": read_patterns,
    "not_regex": read_patterns,
    "is_json": read_true,
    "json_schema": read_schema,
    "min_words": read_words,
    "max_words": read_words,
    "max_seconds": read_seconds,
}
