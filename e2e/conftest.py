"""Provides a world for each test, and keeps the evidence of those that fail."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness import evidence
from harness.manifests import ITEMS, PROBER, RECORDER
from harness.world import CLI, SHELL, World

PAGES = (ITEMS / "web/dist", RECORDER / "web/dist", PROBER / "web/dist")


def pytest_sessionstart() -> None:
    """Says what is missing, instead of failing in every test."""
    missing = [path for path in (CLI, SHELL, *PAGES) if not path.exists()]
    if missing and not os.environ.get("E2E_PARTIAL"):
        paths = ", ".join(map(str, missing))
        pytest.exit(f"Missing: {paths}. Use scripts/test e2e, which builds them", returncode=1)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item):
    """Remembers whether the test failed, for the world's end."""
    report = yield
    if report.failed:
        item.stash[evidence.FAILED] = True
    return report


@pytest.fixture
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """A machine in small."""
    kept = evidence.folder(request.node)
    world = World()
    try:
        yield world
        if evidence.is_wanted(request.node):
            world.save_evidence(kept)
    finally:
        world.close()


@pytest.fixture
def items() -> Path:
    """The Items app as it is."""
    return ITEMS / "ensconce.toml"


@pytest.fixture
def recorder() -> Path:
    """The Recorder app as it is."""
    return RECORDER / "ensconce.toml"


@pytest.fixture
def prober() -> Path:
    """The Prober app as it is."""
    return PROBER / "ensconce.toml"
