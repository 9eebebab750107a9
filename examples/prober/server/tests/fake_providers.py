"""A small server that speaks as Anthropic and OpenAI do, for tests and for trying the app out.

    python -m tests.fake_providers --port 0

prints its address. `ANTHROPIC_BASE_URL` is that address, `OPENAI_BASE_URL` is it with `/v1`; the
keys are `sk-ant-fake-0123456789` and `sk-fake-0123456789`.

A prompt can say what is to happen, in square brackets:

    [say: text]            the answer is the text
    [wait: 2]              the answer takes two seconds
    [fail: 500]            there is a status instead of an answer, always
    [fail: 429 times=2]    the same, but only the first two times
    [fail: 429 retry-after=1 times=1]

Tests and other programs can say it from outside: `POST /control` with
`{"match": "part of a prompt", "status": 429, "times": 2, "retry_after": 1, "wait": 2, "text": "…"}`
adds a rule (all but `match` may be left out), `DELETE /control` takes all rules away, and
`GET /control` lists what was asked so far: `{"questions": [{"model", "prompt", "status"}]}`.
"""

import argparse
import json
import re
import threading
import time
from collections import Counter
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.answers import answer, latency

ANTHROPIC_KEY = "sk-ant-fake-0123456789"
OPENAI_KEY = "sk-fake-0123456789"
ANTHROPIC_VERSIONS = ("2023-06-01", "2026-10-21")
# Since the newer version these are refused.
REMOVED_OPTIONS = frozenset({"temperature", "top_p", "top_k"})
ANTHROPIC_MODELS = ["claude-opus-5-5", "claude-sonnet-5", "claude-haiku-4-5"]
OPENAI_MODELS = ["gpt-5.6-sol", "gpt-5.6-terra", "gpt-5.6-luna", "text-embedding-3-small"]

DIRECTIVE = re.compile(r"\[(say|wait|fail): ([^\]]*)\]")
ANTHROPIC_KINDS = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    529: "overloaded_error",
}
OPENAI_KINDS = {
    400: "invalid_request_error",
    401: "invalid_request_error",
    404: "invalid_request_error",
    429: "rate_limit_error",
    500: "server_error",
    503: "server_error",
}


@dataclass
class Rule:
    """What is to happen to some prompts."""

    match: str = ""
    status: int | None = None
    # How often; always, if it is nothing.
    times: int | None = None
    retry_after: float | None = None
    wait: float = 0
    text: str | None = None
    code: str | None = None


class FakeProviders(ThreadingHTTPServer):
    """The server; entered as a context manager it answers from a thread of its own."""

    daemon_threads = True
    # Many may connect at the same moment.
    request_queue_size = 128

    def __init__(self, port: int = 0, pace: float = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        # How long an ordinary answer takes, in seconds.
        self.pace = pace
        self.rules: list[Rule] = []
        self.questions: list[dict[str, Any]] = []
        self.failed: Counter[str] = Counter()
        self.lock = threading.Lock()

    def __enter__(self) -> "FakeProviders":
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *error: Any) -> None:
        self.shutdown()
        self.server_close()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def settings(self) -> dict[str, str]:
        """What the app is told about it."""
        return {
            "ANTHROPIC_API_KEY": ANTHROPIC_KEY,
            "ANTHROPIC_BASE_URL": self.url,
            "OPENAI_API_KEY": OPENAI_KEY,
            "OPENAI_BASE_URL": f"{self.url}/v1",
        }

    def answered(self) -> Counter[tuple[str, str]]:
        """Counts how often each prompt was answered, for each model."""
        with self.lock:
            return Counter(
                (each["model"], each["prompt"]) for each in self.questions if each["status"] == 200
            )

    def rule_for(self, prompt: str) -> Rule:
        """Finds what is to happen to a prompt, and counts it."""
        with self.lock:
            for rule in self.rules:
                if rule.match in prompt and rule.times != 0:
                    if rule.times:
                        rule.times -= 1
                    return rule
            rule = directives(prompt)
            if rule.status and rule.times is not None:
                self.failed[prompt] += 1
                if self.failed[prompt] > rule.times:
                    rule.status = None
            return rule


def directives(prompt: str) -> Rule:
    """Reads what a prompt itself says is to happen."""
    rule = Rule()
    for name, value in DIRECTIVE.findall(prompt):
        if name == "say":
            rule.text = value
        elif name == "wait":
            rule.wait = float(value)
        else:
            status, *options = value.split()
            rule.status = int(status)
            for option in options:
                key, _, number = option.partition("=")
                if key == "times":
                    rule.times = int(number)
                elif key == "retry-after":
                    rule.retry_after = float(number)
    return rule


class Handler(BaseHTTPRequestHandler):
    """Answers one connection."""

    server: FakeProviders
    protocol_version = "HTTP/1.1"
    # Head and body go out together.
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Lists models, or what was asked."""
        path = self.path.split("?")[0]
        if path == "/control":
            with self.server.lock:
                self.send({"questions": list(self.server.questions)})
        elif path != "/v1/models":
            self.refuse(404, "Not found")
        elif self.allowed():
            self.send(self.models())

    def do_DELETE(self) -> None:
        """Takes the rules away."""
        self.server.rules.clear()
        self.send({})

    def do_POST(self) -> None:
        """Answers a question."""
        given = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        if self.path == "/control":
            with self.server.lock:
                self.server.rules.append(Rule(**given))
            self.send({})
        elif self.path not in ("/v1/messages", "/v1/chat/completions"):
            self.refuse(404, "Not found")
        elif self.allowed():
            self.answer_question(given)

    @property
    def speaks_anthropic(self) -> bool:
        """Whether this is a question for Anthropic."""
        return "x-api-key" in self.headers or "anthropic-version" in self.headers

    def allowed(self) -> bool:
        """Refuses a wrong key, as the providers do."""
        version = self.headers.get("anthropic-version")
        if self.speaks_anthropic and version not in ANTHROPIC_VERSIONS:
            self.refuse(400, "anthropic-version: header is required")
            return False
        right = ANTHROPIC_KEY if self.speaks_anthropic else OPENAI_KEY
        # Anthropic takes both: `x-api-key`, and what its newer SDKs send.
        bearer = self.headers.get("Authorization", "").removeprefix("Bearer ")
        given = self.headers.get("x-api-key", bearer)
        if given == right:
            return True
        # OpenAI repeats parts of the key; this repeats all of it, to see who passes it on.
        said = "invalid x-api-key" if self.speaks_anthropic else "Incorrect API key provided: "
        self.refuse(401, f"{said} {given}", code="invalid_api_key")
        return False

    def answer_question(self, given: dict[str, Any]) -> None:
        """Answers as the prompt or a rule wants it."""
        if self.speaks_anthropic and (removed := REMOVED_OPTIONS & set(given)):
            self.refuse(400, f"{min(removed)}: Extra inputs are not permitted")
            return
        model, prompt = given["model"], str(given["messages"][-1]["content"])
        known = ANTHROPIC_MODELS if self.speaks_anthropic else OPENAI_MODELS
        rule = self.server.rule_for(prompt)
        status = rule.status or (200 if model in known else 404)
        if status == 200 or rule.wait:
            time.sleep(rule.wait or self.server.pace * latency(model, prompt))
        with self.server.lock:
            self.server.questions.append({"model": model, "prompt": prompt, "status": status})
        if status == 404:
            self.refuse(404, f"model: {model}", code="model_not_found")
        elif status != 200:
            self.refuse(status, "As you wish", rule.retry_after, rule.code)
        else:
            text = rule.text if rule.text is not None else answer(model, prompt)
            speak = self.message if self.speaks_anthropic else self.completion
            self.send(speak(given, text))

    def message(self, given: dict[str, Any], text: str) -> dict[str, Any]:
        """Answers as Anthropic's Messages API does."""
        text, cut_off = shortened(text, given["max_tokens"])
        return {
            "id": "msg_fake",
            "type": "message",
            "role": "assistant",
            "model": given["model"],
            "content": [{"type": "text", "text": text}],
            "stop_reason": "max_tokens" if cut_off else "end_turn",
            "stop_sequence": None,
            "usage": {
                "input_tokens": tokens(str(given["messages"]) + str(given.get("system", ""))),
                "output_tokens": tokens(text),
            },
        }

    def completion(self, given: dict[str, Any], text: str) -> dict[str, Any]:
        """Answers as OpenAI's Chat Completions API does."""
        text, cut_off = shortened(text, given.get("max_completion_tokens") or 1000)
        prompt_tokens, completion_tokens = tokens(str(given["messages"])), tokens(text)
        return {
            "id": "chatcmpl-fake",
            "object": "chat.completion",
            "created": 1_790_000_000,
            "model": given["model"],
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": text, "refusal": None},
                    "logprobs": None,
                    "finish_reason": "length" if cut_off else "stop",
                }
            ],
            "usage": {
                "prompt_tokens": prompt_tokens,
                "completion_tokens": completion_tokens,
                "total_tokens": prompt_tokens + completion_tokens,
            },
        }

    def models(self) -> dict[str, Any]:
        """Lists the models, as whoever is asked does."""
        if not self.speaks_anthropic:
            data = [
                {"id": name, "object": "model", "created": 1_790_000_000, "owned_by": "openai"}
                for name in OPENAI_MODELS
            ]
            return {"object": "list", "data": data}
        models = [
            {
                "type": "model",
                "id": name,
                "display_name": name,
                "created_at": "2026-01-01T00:00:00Z",
            }
            for name in ANTHROPIC_MODELS
        ]
        return {
            "data": models,
            "has_more": False,
            "first_id": ANTHROPIC_MODELS[0],
            "last_id": ANTHROPIC_MODELS[-1],
        }

    def refuse(
        self,
        status: int,
        message: str,
        retry_after: float | None = None,
        code: str | None = None,
    ) -> None:
        """Answers with an error, in the form of whoever is asked."""
        if self.speaks_anthropic:
            kind = ANTHROPIC_KINDS.get(status, "api_error")
            content: dict[str, Any] = {
                "type": "error",
                "error": {"type": code if status == 402 else kind, "message": message},
                "request_id": "req_fake",
            }
        else:
            kind = OPENAI_KINDS.get(status, "server_error")
            content = {"error": {"message": message, "type": kind, "param": None, "code": code}}
        headers = {} if retry_after is None else {"Retry-After": f"{retry_after:g}"}
        self.send(content, status, headers)

    def send(
        self, content: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None
    ) -> None:
        """Sends an answer; who asked may have gone."""
        body = json.dumps(content).encode()
        try:
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            self.wfile.flush()
        except ConnectionError:
            self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


def tokens(text: str) -> int:
    """Counts roughly, as everybody does."""
    return max(1, len(text) // 4)


def shortened(text: str, most: int) -> tuple[str, bool]:
    """Cuts an answer off that is too long."""
    cut_off = tokens(text) > most
    return (text[: most * 4], True) if cut_off else (text, False)


def main() -> None:
    """Runs until it is ended."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=0, help="0: any that is free")
    parser.add_argument("--pace", type=float, default=0, help="seconds that an answer takes")
    chosen = parser.parse_args()
    server = FakeProviders(chosen.port, chosen.pace)
    print(server.url, flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()


if __name__ == "__main__":
    main()
