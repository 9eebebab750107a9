"""Suites in YAML: what is understood, and how mistakes are told."""

from typing import Any

import pytest

from app.core.paths import BUNDLED_SUITES_DIR
from app.suites.document import parse_suite
from app.suites.library import files, id_of
from app.suites.reading import DocumentError
from tests.support import Server, suite_text


def mistakes(text: str) -> list[tuple[int, str, str | None]]:
    """Gives what is wrong with a text: line, message, hint."""
    with pytest.raises(DocumentError) as error:
        parse_suite(text)
    return [(each.line, each.message, each.hint) for each in error.value.problems]


def case(lines: str) -> str:
    """Writes a suite with one case; its lines begin at line 4."""
    return "name: A\ncases:\n  - name: One\n" + "".join(
        f"    {each}\n" for each in lines.split("\n")
    )


def test_a_whole_suite() -> None:
    suite = parse_suite("""
name: Trial
description: Of everything
system: Be short.
max_tokens: 100
cases:
  - name: First
    prompt: |
      Two
      lines
    expect:
      contains: [a, b]
      regex: '^\\d+$'
      max_words: 5
  - name: Second
    system: Be long.
    prompt: Yes
""")
    first, second = suite.cases
    assert (suite.name, suite.description) == ("Trial", "Of everything")
    assert (first.prompt, first.system, first.max_tokens) == ("Two\nlines", "Be short.", 100)
    expected = [("contains", "a"), ("contains", "b"), ("regex", r"^\d+$"), ("max_words", 5)]
    assert [(each.kind, each.wanted) for each in first.expect] == expected
    assert (second.prompt, second.system) == ("Yes", "Be long.")
    assert (first.line, second.line) == (7, 15)


@pytest.mark.parametrize("file", files(BUNDLED_SUITES_DIR), ids=lambda file: file.stem)
def test_the_suites_of_the_app_are_right(file: Any) -> None:
    suite = parse_suite(file.read_text(encoding="utf-8"))
    assert suite.description and all(case.expect for case in suite.cases)
    assert id_of(suite.name) == file.stem


@pytest.mark.parametrize(
    ("text", "line", "message", "hint"),
    [
        ("", 1, "The file is empty", "A suite has a `name` and `cases`"),
        ("- a", 1, "the suite must be a mapping (`key: value`), not a list", None),
        ("name: A", 1, "The suite has no `cases`", None),
        ("name: A\ncases: []", 2, "`cases` must have at least one case", None),
        ("name: A\ncases: 3", 2, "`cases` must be a list", None),
        ("name: ''\ncases:\n- {name: a, prompt: b}", 1, "`name` must not be empty", None),
        ("nam: A\ncases:\n- {name: a, prompt: b}", 1, "`nam` is not known", "Did you mean `name`?"),
        ("name: A\nname: B\ncases:\n- {name: a, prompt: b}", 2, "`name` is there twice", None),
        (
            case("prompt: b\nexpect: {contain: x}"),
            5,
            "`contain` is not known in `expect`",
            "`contains`",
        ),
        (case("expect: {contains: x}"), 3, "The case has no `prompt`", None),
        (case("prompt: b\nexpect: {max_words: many}"), 5, "a whole number from 1", None),
        (case("prompt: b\nexpect: {max_words: 0}"), 5, "not `0`", None),
        (case("prompt: b\nexpect: {max_seconds: -1}"), 5, "a number from 0.01", None),
        (
            case("prompt: b\nexpect: {is_json: maybe}"),
            5,
            "must be `true` or `false`, not `maybe`",
            None,
        ),
        (case("prompt: b\nexpect: {regex: '(a'}"), 5, "not a regular expression", "Single quotes"),
        (case("prompt: b\nexpect: {json_schema: {type: thing}}"), 5, "not a JSON schema", None),
        (case("prompt: b\nexpect: {json_schema: 3}"), 5, "must be a mapping", None),
        (case("prompt: b\nexpect: {json_schema: {const: 2024-01-01}}"), 5, "JSON has not", None),
        (case("prompt: [a]"), 4, "`prompt` must be a text, not a list", None),
        (case("prompt: b\nmax_tokens: 1000000"), 5, "from 1 to 16,000", None),
        ("name: A\ncases:\n\t- a", 3, "a tab is where spaces belong", "Indent with spaces"),
        ("name: A: B", 1, "This is not YAML", "missing its quotes"),
        ("name: 'A", 1, "This is not YAML", None),
        ("a: &x 1\nb: *x", 2, "References (`*name`) are not used here", None),
        ("name: A\n---\nname: B", 2, "This is not YAML", None),
        ("name: \x00", 1, "a character here that YAML does not allow", None),
        ("[" * 3000 + "]" * 3000, 1, "nested too deeply", None),
        ("name: " + "x" * 300_000, 1, "larger than 256 KB", None),
        (f"name: {'x' * 121}\ncases:\n- {{name: a, prompt: b}}", 1, "at most 120 characters", None),
    ],
)
def test_a_mistake_is_told_with_its_line(
    text: str, line: int, message: str, hint: str | None
) -> None:
    found_line, found_message, found_hint = mistakes(text)[0]
    assert found_line == line
    assert message in found_message
    assert hint is None or hint in (found_hint or "")


def test_all_mistakes_are_told_at_once() -> None:
    text = case("promt: b\nexpect: {contain: x, max_words: no}") + "colour: red\n"
    assert [line for line, _, _ in mistakes(text)] == [3, 4, 5, 5, 6]


def test_two_cases_of_one_name_are_refused() -> None:
    text = suite_text("a", "b").replace("Case 2", "Case 1")
    assert mistakes(text) == [(5, "There are two cases called `Case 1`", "Name one differently")]


@pytest.mark.parametrize(
    ("name", "id"),
    [("Crème, brûlée!", "creme-brulee"), ("A  b", "a-b"), ("日本", "suite-e697a5e69cac")],
)
def test_names_of_files(name: str, id: str) -> None:
    assert id_of(name) == id


# By the API


def test_the_suites_of_the_app_are_listed(keyless: Server) -> None:
    suites = keyless.ok("GET", "/suites/")
    assert {each["id"] for each in suites["data"]} >= {"careful-thinking", "short-texts"}
    assert not any(each["own"] or each["problems"] for each in suites["data"])
    detail = keyless.ok("GET", "/suites/careful-thinking")
    assert detail["content"][0]["name"] == "Bat and ball"
    assert detail["text"].startswith("name: Careful thinking")


def test_a_suite_is_added_and_deleted(keyless: Server) -> None:
    added = keyless.ok("POST", "/suites/", json={"text": suite_text("Hello")})
    assert (added["id"], added["own"], added["cases"]) == ("trial", True, 1)
    assert (keyless.folder / "suites" / "trial.yaml").read_text() == suite_text("Hello")
    assert keyless.ok("GET", "/suites/")["data"][0]["id"] == "trial"
    keyless.ok("DELETE", "/suites/trial")
    assert keyless.call("GET", "/suites/trial")[0] == 404


def test_a_suite_takes_the_place_of_another_only_when_that_is_wanted(keyless: Server) -> None:
    keyless.ok("POST", "/suites/", json={"text": suite_text("Hello")})
    status, answer = keyless.call("POST", "/suites/", json={"text": suite_text("Bye")})
    assert (status, answer["detail"]) == (409, "There is a suite “Trial” already")
    keyless.ok("POST", "/suites/", json={"text": suite_text("Bye"), "replace": True})
    assert keyless.ok("GET", "/suites/trial")["content"][0]["prompt"] == "Bye"


def test_suites_of_the_app_stay(keyless: Server) -> None:
    text = suite_text("Hello", name="Careful thinking")
    status, answer = keyless.call("POST", "/suites/", json={"text": text, "replace": True})
    assert status == 409
    assert "comes with the app" in answer["detail"]
    assert keyless.call("DELETE", "/suites/careful-thinking")[0] == 409


def test_a_bad_suite_is_refused_with_its_lines(keyless: Server) -> None:
    status, answer = keyless.call("POST", "/suites/", json={"text": case("promt: b")})
    assert status == 422
    assert answer["detail"] == "The file has 2 mistakes"
    assert answer["problems"][1] == {
        "line": 4,
        "column": 5,
        "message": "`promt` is not known in a case",
        "hint": "Did you mean `prompt`?",
    }
    assert not (keyless.folder / "suites").exists()


def test_a_file_that_somebody_broke_is_shown_as_broken(keyless: Server) -> None:
    keyless.add_suite(suite_text("Hello"))
    file = keyless.folder / "suites" / "trial.yaml"
    file.write_text("name: Trial\ncases: none\n")
    (file.parent / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
    broken = [each for each in keyless.ok("GET", "/suites/")["data"] if each["problems"]]
    assert {each["name"] for each in broken} == {"trial.yaml", "bytes.yaml"}
    target = {"provider": "anthropic", "model": "m"}
    wish = {"suite_id": "trial", "targets": [target]}
    status, answer = keyless.call("POST", "/runs/", json=wish)
    assert (status, answer["detail"]) == (409, "This suite has mistakes: see them on its page")


@pytest.mark.parametrize("id", ["nothing", "..%2f..%2fapp", "UPPER", "a.yaml", "%00"])
def test_other_files_are_no_suites(keyless: Server, id: str) -> None:
    assert keyless.client.get(f"/api/v1/suites/{id}").status_code == 404
