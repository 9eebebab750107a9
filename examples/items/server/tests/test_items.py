"""Items: making, finding, changing, deleting, and whose they are."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support import Server

NOWHERE = f"/items/{uuid.uuid4()}"


def test_a_new_item_is_given_back_whole(local: Server) -> None:
    item = local.add_item("Milk", description="Two litres")
    assert item["title"] == "Milk"
    assert item["description"] == "Two litres"
    assert item["done"] is False
    assert item["created_at"] == item["updated_at"]
    assert local.ok("GET", f"/items/{item['id']}") == item


def test_times_are_utc(local: Server) -> None:
    created = datetime.fromisoformat(local.add_item()["created_at"])
    assert created.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - created) < timedelta(minutes=1)


def test_stored_times_carry_the_zone_too(local: Server) -> None:
    item = local.add_item()
    [listed] = local.ok("GET", "/items/")["data"]
    assert listed["created_at"] == item["created_at"]


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"title": None},
        {"title": ""},
        {"title": "   "},
        {"title": "x" * 256},
        {"title": 7},
        {"title": "ok", "description": "x" * 2001},
        {"title": "ok", "done": "perhaps"},
        {"title": "ok", "done": None},
        "Milk",
        [],
        None,
    ],
)
def test_bad_items_are_refused(local: Server, given: Any) -> None:
    assert local.call("POST", "/items/", json=given)[0] == 422
    assert local.ok("GET", "/items/")["count"] == 0


def test_a_lone_surrogate_is_refused(local: Server) -> None:
    status, _ = local.call("POST", "/items/", content='{"title": "\\ud800"}')
    assert status == 422


@pytest.mark.parametrize(
    "given",
    [
        {"title": "x"},
        {"title": "x" * 255},
        {"title": "ok", "description": "x" * 2000},
        {"title": "ok", "description": None},
        {"title": "ok", "done": True},
        {"title": "Käse 🧀 \u0000"},
    ],
)
def test_good_items_are_taken(local: Server, given: dict[str, Any]) -> None:
    item = local.ok("POST", "/items/", json=given)
    assert {name: item[name] for name in given} == given


def test_space_around_a_title_is_dropped(local: Server) -> None:
    assert local.add_item("  Milk ")["title"] == "Milk"


def test_an_update_changes_what_it_names(local: Server) -> None:
    item = local.add_item("Milk", description="Two litres")
    changed = local.ok("PUT", f"/items/{item['id']}", json={"done": True})
    assert changed["done"] is True
    assert changed["updated_at"] > item["updated_at"]
    same = {"id", "title", "description", "created_at", "owner_id"}
    assert {name: changed[name] for name in same} == {name: item[name] for name in same}


def test_an_update_can_clear_the_description(local: Server) -> None:
    item = local.add_item("Milk", description="Two litres")
    changed = local.ok("PUT", f"/items/{item['id']}", json={"description": None})
    assert changed["description"] is None


@pytest.mark.parametrize(
    "given", [{"title": None}, {"title": ""}, {"done": None}, {"description": "x" * 2001}]
)
def test_bad_updates_are_refused(local: Server, given: dict[str, Any]) -> None:
    item = local.add_item()
    assert local.call("PUT", f"/items/{item['id']}", json=given)[0] == 422
    assert local.ok("GET", f"/items/{item['id']}") == item


def test_an_update_can_not_change_the_owner(local: Server) -> None:
    item = local.add_item()
    given = {"owner_id": str(uuid.uuid4()), "id": str(uuid.uuid4())}
    changed = local.ok("PUT", f"/items/{item['id']}", json=given)
    assert (changed["owner_id"], changed["id"]) == (item["owner_id"], item["id"])


def test_a_deleted_item_is_gone(local: Server) -> None:
    path = f"/items/{local.add_item()['id']}"
    assert local.ok("DELETE", path) == {"message": "Item deleted"}
    assert local.call("GET", path)[0] == 404
    assert local.call("DELETE", path)[0] == 404


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_unknown_items(local: Server, method: str) -> None:
    options = {"json": {}} if method == "PUT" else {}
    assert local.call(method, NOWHERE, **options) == (404, {"detail": "Item not found"})
    assert local.call(method, "/items/seven", **options)[0] == 422


def test_pages(local: Server) -> None:
    for number in range(5):
        local.add_item(str(number))
    assert local.titles() == ["4", "3", "2", "1", "0"]
    assert local.titles("?limit=2") == ["4", "3"]
    assert local.titles("?skip=2&limit=2") == ["2", "1"]
    assert local.titles("?skip=4&limit=2") == ["0"]
    assert local.titles("?skip=5") == []
    assert local.ok("GET", "/items/?skip=4&limit=1")["count"] == 5


@pytest.mark.parametrize(
    "query", ["skip=-1", "limit=0", "limit=-1", "limit=1001", "skip=x", f"skip={10**30}"]
)
@pytest.mark.parametrize("path", ["/items/", "/users/"])
def test_bad_pages_are_refused(local: Server, path: str, query: str) -> None:
    assert local.call("GET", f"{path}?{query}")[0] == 422


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("milk", ["Milk"]),
        ("LITRES", ["Milk"]),
        ("äpfel", ["ÄPFEL"]),
        ("100%", ["100%"]),
        ("%", ["100%"]),
        ("_", []),
        ("'; DROP TABLE item; --", []),
        ("  ", ["100%", "ÄPFEL", "Milk"]),
        ("", ["100%", "ÄPFEL", "Milk"]),
    ],
)
def test_search(local: Server, words: str, found: list[str]) -> None:
    local.add_item("Milk", description="Two litres")
    local.add_item("ÄPFEL")
    local.add_item("100%")
    page = local.ok("GET", "/items/", params={"search": words})
    assert [item["title"] for item in page["data"]] == found
    assert page["count"] == len(found)


def test_everybody_sees_only_their_own(guarded: Server, admin: str, anna: str, bert: str) -> None:
    guarded.add_item("Anna's", anna)
    guarded.add_item("Bert's", bert)
    assert guarded.titles(token=anna) == ["Anna's"]
    assert guarded.ok("GET", "/items/", anna)["count"] == 1
    assert guarded.titles("?search=bert", anna) == []
    assert guarded.titles(token=admin) == ["Bert's", "Anna's"]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_an_item_of_somebody_else_looks_like_none(
    guarded: Server, anna: str, bert: str, method: str
) -> None:
    item = guarded.add_item("Anna's", anna)
    options = {"json": {"title": "Bert's"}} if method == "PUT" else {}
    theirs = guarded.call(method, f"/items/{item['id']}", bert, **options)
    assert theirs == guarded.call(method, NOWHERE, bert, **options)
    assert guarded.ok("GET", f"/items/{item['id']}", anna) == item


def test_a_superuser_may_change_every_item(guarded: Server, admin: str, anna: str) -> None:
    item = guarded.add_item("Anna's", anna)
    changed = guarded.ok("PUT", f"/items/{item['id']}", admin, json={"done": True})
    assert changed["owner_id"] == item["owner_id"]
    guarded.ok("DELETE", f"/items/{item['id']}", admin)
    assert guarded.titles(token=anna) == []
