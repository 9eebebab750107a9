"""What is kept of a test that fails."""

import re
import shutil
from pathlib import Path

import pytest

ARTIFACTS = Path(__file__).parents[1] / "artifacts"
FAILED = pytest.StashKey[bool]()


def folder(node: pytest.Item) -> Path:
    """Returns the folder for a test's evidence, which is not there yet."""
    evidence = ARTIFACTS / re.sub(r"[^A-Za-z0-9_-]+", "-", node.name)
    shutil.rmtree(evidence, ignore_errors=True)
    return evidence


def is_wanted(node: pytest.Item) -> bool:
    """Whether the test has failed."""
    return node.stash.get(FAILED, False)
