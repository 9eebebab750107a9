"""Runs and models, side by side."""

import pytest

from app.catalogue import Catalogue, open_catalogue
from app.compare import percentile
from app.core.paths import BUNDLED_MODELS_FILE
from app.models import ModelPublic, ProviderName
from tests.support import HAIKU, SONNET, TERRA, Server


def test_two_models_of_one_run(server: Server) -> None:
    run_id = server.start_run("careful-thinking", SONNET, HAIKU)
    server.finished(run_id)
    comparison = server.ok("GET", f"/compare/?run={run_id}")
    good, hasty = comparison["columns"]
    assert (good["pass_rate"], hasty["pass_rate"]) == (1.0, 0.4)
    assert (good["cases"], good["passed"], hasty["failed"]) == (5, 5, 3)
    assert good["latency_median"] <= good["latency_p95"] == good["latencies"][-1]
    assert good["input_tokens"] > 0
    assert good["cost"] == pytest.approx(
        (good["input_tokens"] * 2 + good["output_tokens"] * 10) / 1_000_000
    )
    different = [row["name"] for row in comparison["rows"] if row["differs"]]
    assert different == ["Bat and ball", "Counting letters", "Sally's sisters"]
    cells = comparison["rows"][0]["cells"]
    assert [each["outcome"] for each in cells] == ["passed", "failed"]
    assert cells[1]["note"] == r"regex \A\D{0,2}0?[.,]05\D{0,2}\z: Nothing in the answer matches"


def test_two_runs(server: Server) -> None:
    first = server.ask("One", "Two", targets=(SONNET,))
    second = server.ask("One", "[fail: 500]", targets=(TERRA,))
    for run_id in (first, second):
        server.finished(run_id)
    path = f"/compare/?run={first}&run={second}&run={first}&run=999"
    comparison = server.ok("GET", path)
    assert [each["run_id"] for each in comparison["columns"]] == [first, second]
    assert [len(row["cells"]) for row in comparison["rows"]] == [2, 2]
    assert comparison["columns"][1]["errors"] == 1


def test_a_run_that_has_only_begun(keyless: Server) -> None:
    run_id = keyless.ask("One")
    comparison = keyless.ok("GET", f"/compare/?run={run_id}")
    assert comparison["columns"][0]["pass_rate"] is None
    assert comparison["columns"][0]["latency_p95"] is None
    assert comparison["rows"][0]["cells"][0]["outcome"] is None


@pytest.mark.parametrize("query", ["", "?run=0", "?run=x", "?" + "run=1&" * 13])
def test_odd_wishes(keyless: Server, query: str) -> None:
    assert keyless.call("GET", f"/compare/{query}")[0] == 422


@pytest.mark.parametrize(("count", "place"), [(1, 0), (2, 1), (19, 18), (20, 18), (100, 94)])
def test_percentiles(count: int, place: int) -> None:
    assert percentile([float(n) for n in range(count)], 0.95) == place


def test_prices() -> None:
    models = [
        ModelPublic(name="gpt-5", input=1, output=10),
        ModelPublic(name="gpt-5-mini", input=0.5, output=2),
        ModelPublic(name="gpt-free"),
    ]
    catalogue = Catalogue({ProviderName.OPENAI: models})

    def cost(model: str) -> float | None:
        return catalogue.cost(ProviderName.OPENAI, model, 1_000_000, 1_000_000)

    assert cost("gpt-5") == 11
    assert cost("gpt-5-2026-08-07") == 11
    assert cost("gpt-5-mini-2026-08-07") == 2.5
    assert cost("gpt-5-nano") is None
    assert cost("gpt-free") is None


def test_the_list_of_the_app_is_right() -> None:
    catalogue = open_catalogue(BUNDLED_MODELS_FILE.parent / "nowhere")
    assert all(
        catalogue.price(provider, model.name)
        for provider in ProviderName
        for model in catalogue.models[provider]
    )
