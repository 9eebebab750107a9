"""Recorder: what it hears is seen, live and later; its processes may die and come back."""

import json
import os
import signal
from itertools import pairwise

import pytest

from harness.recorder_page import RecorderPage
from harness.sounds import melody
from harness.waiting import eventually

ORIGIN = "http://recorder.localhost"
STORES = {"valkey-server", "valkey-check-rdb", "redis-server", "redis-check-rdb"}


@pytest.fixture
def long(tmp_path):
    return melody(tmp_path / "long.wav", 7, 0, 60)


def open_page(world, recorder):
    app = world.run_headless(recorder)
    driver = world.open_chromium()
    driver.get(app.url())
    page = RecorderPage(driver)
    page.wait_until_shown()
    return app, page


def valkey(app):
    """The one process that is Valkey, or Redis; Debian links both to another of their programs."""
    (found,) = eventually(
        lambda: [process for process in app.processes() if process.program in STORES],
        "Valkey runs",
    )
    return found


def recorder_process(app):
    """The one process that listens."""
    (found,) = eventually(
        lambda: [
            process
            for process in app.processes()
            if process.argv[-1:] == ("app.recorder",) and process.program.startswith("python")
        ],
        "the recorder runs",
    )
    return found


def kill_and_wait(app, find):
    """Kills a process, and waits until another one has taken its place."""
    before = find(app).pid
    os.kill(before, signal.SIGKILL)
    eventually(lambda: find(app).pid != before, "another process runs", ignoring=(ValueError,))


def test_what_it_hears_is_recognised_and_kept(world, recorder, tmp_path):
    app, page = open_page(world, recorder)
    page.add_track(melody(tmp_path / "song.wav", 1, 0, 8), "Night Train")
    page.wait_until_shown()
    page.listen_to(melody(tmp_path / "radio.wav", 1, 3, 7))
    page.wait_for_levels()
    page.wait_for_history("Night Train")
    page.listen_to(melody(tmp_path / "kettle.wav", 2, 0, 4))
    page.wait_for_history("Unknown sound 2", "Night Train")

    app.signal(signal.SIGTERM)
    assert app.exit_code() == 0
    assert app.app.processes() == []
    assert world.left_in_runtime() == []
    assert "Database closed" in world.log("api")
    assert "Recorder has ended" in world.log("recorder")

    app = world.run_headless(recorder)
    page.driver.get(app.url())
    page.wait_for_history("Unknown sound 2", "Night Train")


def test_it_starts_in_order_and_ends_in_reverse(world, recorder):
    app = world.run_headless(recorder, "--json")
    order = ["valkey", "migrate", "api", "recorder"]

    def states() -> list[tuple[str, str]]:
        lines = app.stdout().splitlines(keepends=True)
        events = [json.loads(line) for line in lines if line.endswith("\n")]
        return [(event["name"], event["state"]) for event in events if "name" in event]

    eventually(lambda: ("recorder", "ready") in states(), "the recorder is ready")
    for first, second in pairwise(order):
        assert states().index((first, "ready")) < states().index((second, "starting"))
    app.signal(signal.SIGTERM)
    assert app.exit_code() == 0
    ends = [name for name, state in states() if state == "stopped"]
    assert ends == ["recorder", "api", "valkey"]


def test_the_page_goes_on_when_valkey_is_killed(world, recorder, long):
    app, page = open_page(world, recorder)
    page.listen_to(long)
    page.wait_for_levels()
    kill_and_wait(app.app, valkey)
    page.wait_for_levels()
    page.wait_for_status("valkey", "running")
    page.wait_for_status("recorder", "running")
    assert "Valkey is back" in world.log("recorder")

    app.signal(signal.SIGKILL)
    app.app.wait_until_gone(within=5)


def test_a_recorder_that_is_killed_is_shown_as_away_and_comes_back(world, recorder, long):
    app, page = open_page(world, recorder)
    page.listen_to(long)
    page.wait_for_levels()
    page.watch_titles()
    kill_and_wait(app.app, recorder_process)
    eventually(lambda: "The recorder is away" in page.titles(), "the page shows that it is away")
    page.wait_for_status("recorder", "running")
    page.wait_for_levels()


def test_its_button_restarts_the_recorder(world, recorder):
    app, page = open_page(world, recorder)
    before = recorder_process(app.app).pid
    page.click("restart-recorder")
    eventually(
        lambda: recorder_process(app.app).pid != before,
        "another recorder runs",
        ignoring=(ValueError,),
    )
    page.wait_for_status("recorder", "running")
    assert "Recorder has ended" in world.log("recorder")


def test_in_a_window(world, recorder, tmp_path):
    window = world.open_window(recorder)
    window.wait_for_origin(ORIGIN)
    page = RecorderPage(window.driver)
    page.wait_until_shown()
    page.listen_to(melody(tmp_path / "kettle.wav", 2, 0, 4))
    page.wait_for_levels()
    page.wait_for_history("Unknown sound 1")
    window.close()
    window.app.wait_until_gone(within=10)
    assert world.left_in_runtime() == []
