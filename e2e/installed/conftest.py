"""Provides a clean machine for each test, and the packages for all of them."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness import evidence
from harness.machine import Machine
from harness.manifests import ROOT
from harness.packages import Packages

HERE = Path(__file__).parent
# The first tests make the packages, and the root when there is none.
LIMIT = 1800


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Gives these tests time to build."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.timeout(LIMIT))


@pytest.fixture(scope="session")
def base() -> Path:
    """The root folder that all clean machines are made from."""
    made = subprocess.run(
        [ROOT / "scripts/clean-root"], stdout=subprocess.PIPE, text=True, check=True
    )
    return Path(made.stdout.strip())


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Packages:
    """The packages, each made when it is first asked for."""
    return Packages(tmp_path_factory.mktemp("packages"))


@pytest.fixture
def machine(request: pytest.FixtureRequest, base: Path) -> Iterator[Machine]:
    """A clean machine."""
    kept = evidence.folder(request.node)
    machine = Machine(base)
    try:
        yield machine
        if evidence.is_wanted(request.node):
            machine.save_evidence(kept)
    finally:
        machine.close()
