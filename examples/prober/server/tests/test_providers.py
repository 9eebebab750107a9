"""Asking through the real SDKs, and what is said when it does not work."""

import asyncio
import socket
from pathlib import Path
from typing import Any

import pytest

from app.core.config import Settings
from app.models import ProviderName
from app.providers.clients import Answer, Question
from app.providers.providers import Providers
from app.providers.trouble import TroubleError
from tests.conftest import StartServer
from tests.fake_providers import ANTHROPIC_KEY, OPENAI_KEY, FakeProviders, Rule
from tests.support import Server

MODELS = {ProviderName.ANTHROPIC: "claude-sonnet-5", ProviderName.OPENAI: "gpt-5.6-terra"}
both = pytest.mark.parametrize("name", list(ProviderName))


def ask(name: ProviderName, prompt: str, **settings: Any) -> Answer:
    """Asks a model once."""
    model = settings.pop("model", MODELS[name])

    async def work() -> Answer:
        providers = Providers(Settings(**settings))
        try:
            return await providers.ask(name, Question(model, prompt, "Be short.", 50))
        finally:
            await providers.close()

    return asyncio.run(work())


def trouble(name: ProviderName, prompt: str, **settings: Any) -> TroubleError:
    """Asks a model that does not answer."""
    with pytest.raises(TroubleError) as error:
        ask(name, prompt, **settings)
    return error.value


@both
def test_an_answer(name: ProviderName, fake: FakeProviders) -> None:
    answer = ask(name, "What is the capital of France?", **fake.settings)
    assert answer.text == "Paris"
    assert answer.input_tokens and answer.output_tokens == 1
    assert 0 < answer.seconds < 5
    assert (answer.retries, answer.cut_off) == (0, False)


@both
def test_an_answer_that_is_too_long(name: ProviderName, fake: FakeProviders) -> None:
    assert ask(name, "x" * 1000, **fake.settings).cut_off


@both
@pytest.mark.parametrize("status", [429, 500, 529])
def test_the_sdk_asks_again(name: ProviderName, fake: FakeProviders, status: int) -> None:
    fake.rules.append(Rule(status=status, times=1, retry_after=0.05))
    answer = ask(name, "Hello", **fake.settings, MAX_RETRIES=2)
    assert (answer.text, answer.retries) == ("You said: Hello", 1)
    # The time of the request that was answered.
    assert answer.seconds < 1


@both
@pytest.mark.parametrize(
    ("rule", "kind", "words"),
    [
        (Rule(status=401), "key", "does not accept this key"),
        (Rule(status=403), "key", "does not allow this key"),
        (Rule(status=400), "request", "refused the question (400): As you wish"),
        (Rule(status=404), "request", "does not know this: model:"),
        (Rule(status=413), "request", "refused the question (413)"),
        (
            Rule(status=429, retry_after=7),
            "rate_limit",
            "asked too often, and asks to wait 7 seconds",
        ),
        (Rule(status=429), "rate_limit", "has been asked too often"),
        (Rule(status=500), "server", "has trouble of its own (500)"),
        (Rule(status=529), "server", "is overloaded at the moment"),
    ],
)
def test_trouble(
    name: ProviderName, fake: FakeProviders, rule: Rule, kind: str, words: str
) -> None:
    fake.rules.append(rule)
    found = trouble(name, "Hello", **fake.settings, MAX_RETRIES=0)
    assert found.kind == kind
    assert words in found.message
    assert found.retry_after == rule.retry_after


def test_an_empty_account(fake: FakeProviders) -> None:
    fake.rules.append(Rule(status=429, code="insufficient_quota"))
    found = trouble(ProviderName.OPENAI, "Hello", **fake.settings, MAX_RETRIES=0)
    assert (found.kind, found.message) == (
        "billing",
        "There is no credit left on this OpenAI account",
    )


@both
def test_a_slow_answer(name: ProviderName, fake: FakeProviders) -> None:
    settings = {**fake.settings, "REQUEST_TIMEOUT_SECONDS": 0.2, "MAX_RETRIES": 0}
    found = trouble(name, "[wait: 1]", **settings)
    assert found.kind == "timeout"
    assert "did not answer within 0.2 seconds" in found.message


@both
def test_nobody_there(name: ProviderName, fake: FakeProviders) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        settings = {**fake.settings, f"{name.upper()}_BASE_URL": url, "MAX_RETRIES": 0}
        found = trouble(name, "Hello", **settings)
    assert (found.kind, found.message) == (
        "offline",
        "127.0.0.1 cannot be reached. Is this computer online?",
    )


@both
def test_no_key(name: ProviderName) -> None:
    assert trouble(name, "Hello").message.startswith("There is no key for ")


def test_a_key_in_a_file_goes_first(fake: FakeProviders, tmp_path: Path) -> None:
    file = tmp_path / "key"
    settings = {
        **fake.settings,
        "ANTHROPIC_API_KEY": "sk-ant-of-no-use",
        "ANTHROPIC_API_KEY_FILE": file,
    }
    assert "There is no key" in trouble(ProviderName.ANTHROPIC, "Hello", **settings).message
    file.write_text(f"{ANTHROPIC_KEY}\n")
    assert ask(ProviderName.ANTHROPIC, "Hello", **settings).text == "You said: Hello"


@both
def test_a_long_wait_is_told_at_once(name: ProviderName, fake: FakeProviders) -> None:
    fake.rules.append(Rule(status=429, retry_after=3000))
    found = trouble(name, "Hello", **fake.settings, MAX_RETRIES=5)
    assert (found.kind, found.retry_after) == ("rate_limit", 3000)
    assert len(fake.questions) == 1


# By the API


def test_without_keys_it_says_so(keyless: Server) -> None:
    assert keyless.ok("GET", "/utils/health-check/") is True
    anthropic, openai = keyless.ok("GET", "/providers/")["data"]
    assert (anthropic["ready"], openai["ready"]) == (False, False)
    assert anthropic["message"] == "There is no key for Anthropic"
    assert anthropic["models"][0]["input"] > 0
    assert keyless.ok("GET", "/providers/openai/models")["message"].startswith("There is no key")


def test_an_odd_file_or_address_is_told(start: StartServer, tmp_path: Path) -> None:
    server = start(ANTHROPIC_API_KEY_FILE=tmp_path, OPENAI_API_KEY="k", OPENAI_BASE_URL="ftp://x")
    anthropic, openai = server.ok("GET", "/providers/")["data"]
    assert anthropic["message"] == "The file with the key for Anthropic cannot be read"
    assert "not a web address" in openai["message"]


def test_models_are_listed(server: Server) -> None:
    listed = server.ok("GET", "/providers/openai/models")
    assert "gpt-5.6-luna" in listed["data"]
    assert server.ok("GET", "/providers/anthropic/models")["message"] is None


def test_the_user_may_list_other_models(keyless: Server) -> None:
    file = keyless.folder / "models.yaml"
    file.write_text("openai:\n  - { name: llama-small }\n")
    providers = keyless.ok("GET", "/providers/")
    assert providers["problem"] is None
    assert providers["data"][1]["models"] == [
        {"name": "llama-small", "input": None, "output": None}
    ]
    assert len(providers["data"][0]["models"]) == 3
    file.write_text("openai:\n  - { nam: llama-small }\n")
    providers = keyless.ok("GET", "/providers/")
    assert providers["problem"] == "models.yaml, line 2: `nam` is not known in a model"
    assert len(providers["data"][1]["models"]) == 3


# The check before keys are kept


def check(server: Server, **values: Any) -> tuple[int, Any]:
    return server.call("POST", "/providers/check", json={"values": values})


def test_a_wrong_key_in_one_sentence(keyless: Server, fake: FakeProviders) -> None:
    values = {"provider": "anthropic", "anthropic_key": "k", "anthropic_base_url": fake.url}
    refused = {"ok": False, "message": "Anthropic does not accept this key"}
    assert check(keyless, **values) == (422, refused)


def test_right_keys(keyless: Server, fake: FakeProviders) -> None:
    anthropic = {"anthropic_key": f" {ANTHROPIC_KEY}\n", "anthropic_base_url": fake.url}
    openai = {"openai_key": OPENAI_KEY, "openai_base_url": f"{fake.url}/v1"}
    works = "The key works: 3 models"
    assert check(keyless, provider="anthropic", **anthropic) == (
        200,
        {"ok": True, "message": works},
    )
    assert check(keyless, **openai) == (200, {"ok": True, "message": "The key works: 4 models"})
    status, answer = check(keyless, provider="both", concurrency=4, **anthropic, **openai)
    assert (status, answer["message"]) == (
        200,
        "Both keys work: Anthropic has 3 models, OpenAI has 4 models",
    )


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "Choose a provider, and enter its key"),
        ({"provider": "anthropic"}, "Enter the key for Anthropic"),
        ({"provider": "anthropic", "anthropic_key": "  "}, "Enter the key for Anthropic"),
        ({"provider": "anthropic", "anthropic_key": 5}, "Enter the key for Anthropic"),
        ({"provider": "other", "other_key": "x"}, "There is no such provider"),
        ({"provider": "anthropic", "anthropic_key": "a b"}, "characters in it that no key has"),
        (
            {"provider": "anthropic", "anthropic_key": "schlüssel"},
            "characters in it that no key has",
        ),
        ({"provider": "anthropic", "anthropic_key": "k", "anthropic_base_url": "x"}, "web address"),
        ({"anthropic_key": "k", "anthropic_base_url": "http://[x"}, "web address"),
        (
            {"anthropic_key": "k", "anthropic_base_url": "FAKE"},
            "Anthropic does not accept this key",
        ),
        ({"openai_key": "k", "openai_base_url": "FAKE/v1"}, "OpenAI does not accept this key"),
        (
            {"openai_key": "k", "openai_base_url": "FAKE"},
            "is not the API of OpenAI. Check the address",
        ),
        ({"anthropic_key": "k", "anthropic_base_url": "FAKE/x"}, "is not the API of Anthropic"),
        (
            {"openai_key": "k", "openai_base_url": "http://127.0.0.1:1"},
            "127.0.0.1 cannot be reached",
        ),
        ({"openai_key": "k", "openai_base_url": "http://u:pw@127.0.0.1:1"}, "127.0.0.1 cannot be"),
    ],
)
def test_wrong_keys(
    keyless: Server, fake: FakeProviders, values: dict[str, Any], words: str
) -> None:
    values = {
        name: value.replace("FAKE", fake.url) if isinstance(value, str) else value
        for name, value in values.items()
    }
    status, answer = check(keyless, **values)
    assert (status, answer["ok"]) == (422, False)
    assert words in answer["message"]


def test_a_page_that_is_no_api(keyless: Server, tmp_path: Path, start: StartServer) -> None:
    """The address of a web site, which answers everything with a page."""
    import http.server
    import threading

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<h1>Hello</h1>")

        def log_message(self, *_: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{site.server_port}"
        for provider in ProviderName:
            values = {f"{provider}_key": "k", f"{provider}_base_url": url}
            status, answer = check(keyless, provider=provider, **values)
            assert (status, answer["ok"]) == (422, False)
            assert "127.0.0.1 is not the API of" in answer["message"]
        site.shutdown()
