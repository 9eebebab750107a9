"""The keys stay where they belong: not in logs, answers, the database or other files."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from app.core.config import Settings
from app.models import ProviderName
from app.providers.keys import access
from tests.fake_providers import FakeProviders, Rule
from tests.process import RunningServer
from tests.support import API, HAIKU, SONNET, TERRA, Server, suite_text

WRONG = "sk-ant-api03-very-secret-and-wrong"
WRONG_TOO = "sk-proj-very-secret-and-wrong-too"
STATUSES = ("[fail: 401] a", "[fail: 403] b", "[fail: 400] c", "[fail: 500] d", "[fail: 429] e")


def everything(folder: Path) -> bytes:
    """Reads all files of a folder."""
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


def test_a_repr_shows_no_key(fake: FakeProviders) -> None:
    settings = Settings(**fake.settings)
    shown = repr(settings) + repr(access(settings, ProviderName.ANTHROPIC))
    assert not [key for key in fake.settings.values() if key.startswith("sk-") and key in shown]


def test_a_bad_request_is_not_repeated(keyless: Server) -> None:
    for values in (WRONG, [WRONG], {"provider": {"x": WRONG}}, {"anthropic_key": [WRONG]}):
        for body in ({"values": values}, {"value": values}, values):
            response = keyless.client.post(f"{API}/providers/check", json=body)
            assert response.status_code == 422
            assert WRONG not in response.text


@pytest.mark.parametrize("provider", list(ProviderName))
def test_a_provider_that_repeats_the_key(
    keyless: Server, fake: FakeProviders, provider: ProviderName
) -> None:
    url = fake.url if provider == ProviderName.ANTHROPIC else f"{fake.url}/v1"
    values = {f"{provider}_key": WRONG, f"{provider}_base_url": url}
    status, answer = keyless.call("POST", "/providers/check", json={"values": values})
    assert status == 422
    assert WRONG not in str(answer)


def test_an_answer_that_repeats_the_key(server: Server, fake: FakeProviders) -> None:
    key = fake.settings["OPENAI_API_KEY"]
    fake.rules.append(Rule(match="Tell", text=f"It is {key}."))
    run_id = server.ask("Tell me", targets=(TERRA,))
    server.finished(run_id)
    assert server.results(run_id)[0]["text"] == "It is [key]."


@pytest.mark.skipif(sys.platform == "win32", reason="uvicorn has no sockets there")
def test_no_key_leaves_the_process(template: Path, fake: FakeProviders) -> None:
    """With everything that can go wrong, at the most talkative level."""
    wrong = {
        **fake.settings,
        "ANTHROPIC_API_KEY": WRONG,
        "OPENAI_API_KEY": WRONG_TOO,
        "LOG_LEVEL": "debug",
        "MAX_RETRIES": "0",
    }
    right = {**fake.settings, "LOG_LEVEL": "debug", "MAX_RETRIES": "0"}
    keys = [WRONG, WRONG_TOO, right["ANTHROPIC_API_KEY"], right["OPENAI_API_KEY"]]
    seen = b""
    with TemporaryDirectory(prefix="prober-") as name:
        folder = Path(name)
        (folder / "app.db").write_bytes(template.read_bytes())
        for settings in (wrong, right):
            with RunningServer(folder, **settings) as server:
                for path in (
                    "/providers/",
                    "/providers/openai/models",
                    "/providers/anthropic/models",
                ):
                    seen += str(server.ok("GET", path)).encode()
                run_id = server.start_run(suite_text("Hello", *STATUSES), SONNET, HAIKU, TERRA)
                for path in (
                    f"/runs/{run_id}",
                    f"/runs/{run_id}/results",
                    f"/compare/?run={run_id}",
                ):
                    seen += str(server.ok("GET", path)).encode()
                server.end()
                seen += server.said().encode()
        seen += everything(folder)
    assert b"Hello" in seen
    assert not [key for key in keys if key.encode() in seen]
