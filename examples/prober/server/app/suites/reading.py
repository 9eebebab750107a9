"""Reads YAML as a tree that knows its places, and collects everything that is wrong with it.

Knows YAML, but not what a suite is: that is in `app.suites.document`.
"""

import difflib
from collections.abc import Iterable
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from app.suites.suite import Problem

MOST_CHARACTERS = 256 * 1024
MOST_PROBLEMS = 20

BOOLEAN = "tag:yaml.org,2002:bool"
WORDS = {
    MappingNode: "a mapping (`key: value`)",
    SequenceNode: "a list (lines that begin with `-`)",
    ScalarNode: "a single value",
}


class DocumentError(Exception):
    """The file cannot be used; says all that is wrong with it."""

    def __init__(self, problems: list[Problem]) -> None:
        count = len(problems)
        super().__init__(
            "The file has a mistake" if count == 1 else f"The file has {count} mistakes"
        )
        self.problems = problems


class Reader:
    """Reads nodes as what is expected; remembers every disappointment."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def wrong(self, node: Node, message: str, hint: str | None = None) -> None:
        """Remembers a mistake, at the place of a node."""
        mark = node.start_mark
        self.problems.append(
            Problem(line=mark.line + 1, column=mark.column + 1, message=message, hint=hint)
        )

    def finish(self) -> None:
        """Fails if anything was wrong."""
        if self.problems:
            ordered = sorted(self.problems, key=lambda problem: (problem.line, problem.column))
            raise DocumentError(ordered[:MOST_PROBLEMS])

    def mapping(self, node: Node, what: str, known: Iterable[str]) -> dict[str, Node]:
        """Reads a mapping; a key that is not known or comes twice is a mistake."""
        if not isinstance(node, MappingNode):
            self.wrong(node, f"{what} must be {WORDS[MappingNode]}, not {word(node)}")
            return {}
        known = list(known)
        found: dict[str, Node] = {}
        for key, value in node.value:
            name = key.value if isinstance(key, ScalarNode) else ""
            if name not in known:
                self.wrong(key, f"`{name}` is not known in {what}", near(name, known))
            elif name in found:
                self.wrong(key, f"`{name}` is there twice")
            else:
                found[name] = value
        return found

    def sequence(self, node: Node, what: str) -> list[Node]:
        """Reads a list."""
        if isinstance(node, SequenceNode):
            return list(node.value)
        self.wrong(node, f"{what} must be {WORDS[SequenceNode]}, not {word(node)}")
        return []

    def text(self, node: Node, what: str) -> str:
        """Reads a text that is not empty."""
        if not isinstance(node, ScalarNode):
            self.wrong(node, f"{what} must be a text, not {word(node)}")
            return ""
        if not node.value.strip():
            self.wrong(node, f"{what} must not be empty")
        return node.value.strip()

    def texts(self, node: Node, what: str) -> list[str]:
        """Reads one text, or a list of them."""
        if not isinstance(node, SequenceNode):
            return [self.text(node, what)]
        if not node.value:
            self.wrong(node, f"{what} must not be empty")
        return [self.text(each, what) for each in node.value]

    def number(
        self, node: Node, what: str, least: float, most: float, whole: bool = False
    ) -> float:
        """Reads a number between two others."""
        value = plain(node)
        kind = "a whole number" if whole else "a number"
        fits = isinstance(value, int if whole else int | float) and not isinstance(value, bool)
        if not fits or not least <= value <= most:
            self.wrong(
                node, f"{what} must be {kind} from {least:,} to {most:,}, not {shown(node, value)}"
            )
            return least
        return value

    def switch(self, node: Node, what: str) -> bool:
        """Reads `true` or `false`."""
        value = plain(node)
        if not isinstance(value, bool):
            self.wrong(node, f"{what} must be `true` or `false`, not {shown(node, value)}")
            return True
        return value


def read_tree(text: str) -> Node:
    """Reads the text as one YAML document."""
    if len(text) > MOST_CHARACTERS:
        raise DocumentError([at(1, 1, f"The file is larger than {MOST_CHARACTERS // 1024} KB")])
    try:
        refuse_aliases(text)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        raise DocumentError([syntax_problem(error)]) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        message = "There is a character here that YAML does not allow"
        raise DocumentError([at(line, 1, message)]) from error
    except RecursionError as error:
        raise DocumentError([at(1, 1, "The file is nested too deeply")]) from error
    if node is None:
        raise DocumentError([at(1, 1, "The file is empty", "A suite has a `name` and `cases`")])
    return node


def refuse_aliases(text: str) -> None:
    """Refuses `*name`, by which a small file can stand for a huge one."""
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            mark = event.start_mark
            hint = "Write it out, or put the text in quotes"
            raise DocumentError(
                [at(mark.line + 1, mark.column + 1, "References (`*name`) are not used here", hint)]
            )


def syntax_problem(error: yaml.MarkedYAMLError) -> Problem:
    """Says where YAML's own rules are broken."""
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    said = error.problem or "it cannot be read"
    hint = None
    if "\\t" in said:
        said, hint = "a tab is where spaces belong", "Indent with spaces"
    elif "mapping values are not allowed" in said:
        hint = "Is a text with `: ` in it missing its quotes, or a line indented too far?"
    elif "expected <block end>" in said:
        said, hint = "this line does not fit to those before it", "Is it indented as they are?"
    return at(line, column, f"This is not YAML: {said}", hint)


def at(line: int, column: int, message: str, hint: str | None = None) -> Problem:
    """Makes a problem."""
    return Problem(line=line, column=column, message=message, hint=hint)


def plain(node: Node) -> Any:
    """Turns a node into what YAML says it is; what it cannot be is a text."""
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_object(node, deep=True)
    except (yaml.YAMLError, ValueError, TypeError, RecursionError):
        return getattr(node, "value", None)
    finally:
        loader.dispose()


def word(node: Node) -> str:
    """Names what a node is."""
    if isinstance(node, ScalarNode):
        return "empty" if not node.value else "a single value"
    return WORDS[type(node)]


def shown(node: Node, value: Any) -> str:
    """Shows a value that is not as expected."""
    return f"`{str(value)[:40]}`" if isinstance(node, ScalarNode) and node.value else word(node)


def near(name: str, known: list[str]) -> str:
    """Names what was probably meant, or all that there is."""
    if match := difflib.get_close_matches(name, known, 1):
        return f"Did you mean `{match[0]}`?"
    return f"Known are: {', '.join(f'`{each}`' for each in known)}"
