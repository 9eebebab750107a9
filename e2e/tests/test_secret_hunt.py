"""Does everything with marked secrets, then looks for them wherever somebody could."""

import base64
import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from selenium.webdriver.common.by import By

from harness import processes
from harness.hunt import Hunt
from harness.manifests import ROOT, write
from harness.setup_page import SetupPage
from harness.waiting import eventually

LEAKY = ROOT / "e2e" / "fixtures" / "leaky.py"


def leaky_app(folder, cause):
    folder.mkdir()
    command = [sys.executable, str(LEAKY), "--socket", "{socket}", "--cause", str(cause)]
    key = {"name": "key", "type": "secret", "label": "Key"}
    database = {"name": "database", "type": "database", "label": "Database"}
    return write(
        folder,
        {
            "app": {"id": "test.ensconce.leaky", "name": "Leaky", "version": "1.0.0"},
            "window": {"width": 760, "height": 620},
            "ui": {"service": "web"},
            "secret": {"session": {"generate": 32}},
            "service": {
                "web": {
                    "command": command,
                    "ready": {"http": "/"},
                    "env": {
                        "KEY": "{setup.key}",
                        "KEY_FILE": "{setup.key.file}",
                        "DATABASE": "{setup.database}",
                        "SESSION": "{secret.session}",
                    },
                    "restart": "no",
                },
            },
            "setup": {
                "page": [
                    {"title": "Access", "fields": [key], "check": {"http": "/check"}},
                    {"title": "Data", "fields": [database]},
                ],
            },
        },
    )


@pytest.mark.parametrize("store", ["keychain", "file"])
def test_no_secret_is_anywhere(world, tmp_path, store):
    cause = tmp_path / "cause"
    manifest = leaky_app(tmp_path / "app", cause)
    bus = {} if store == "keychain" else {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent"}
    hunt = Hunt(world)
    wrong = hunt.mark('wrong "', "\\ 100%")
    right = hunt.mark("right 'n", ' & "é"/+<b>')
    newer = hunt.mark("right again ", "=?")
    database = "postgresql://ada:" + hunt.mark("pass") + "@127.0.0.1:1/db?sslmode=disable"
    hunt.know(database)

    window = world.open_window(manifest, **bus)
    page = SetupPage(window)
    page.begin("Access")
    page.type("Key", wrong)
    page.press("Next")
    page.wait_for_text("Nobody knows the key")
    hunt.look("the page", window.text())
    hunt.look_at_processes()
    page.type("Key", right)
    page.press("Next")
    page.wait_for("Data")
    page.type("Database", database)
    page.press("Finish")
    page.wait_for("Leaky is ready")
    page.leave("Open Leaky")
    wait_for_app(window)
    hunt.know(session(world, manifest))

    hunt.ask("restart", "web", "--data-dir", world.data, manifest)
    eventually(lambda: world.log("web").count("All is told") >= 3, "it has told all again")
    hunt.look_at_processes()
    page.open_settings()
    page.type("Key", newer)
    page.press("Save", "Access")
    page.wait_for_text("Restarting web")
    eventually(lambda: world.log("web").count("All is told") >= 4, "it has told the new one")
    hunt.look("Settings", window.driver.execute_script("return document.body.outerHTML"))
    hunt.look_at_processes()
    for command in ("status", "plan"):
        hunt.ask(command, "--json", "--data-dir", world.data, manifest)
        hunt.ask(command, "--data-dir", world.data, manifest)
    hunt.ask("secret", "list", "--json", "--data-dir", world.data, manifest)
    page.leave("Close")
    wait_for_app(window)

    cause.touch()
    window.wait_for_text("Leaky has stopped working")
    window.driver.find_element(By.TAG_NAME, "summary").click()
    hunt.look("the failure page", window.driver.execute_script("return document.body.outerHTML"))
    page.press("Copy details")
    window.wait_for_text("Copied")
    copied = eventually(world.desktop.clipboard, "the clipboard has a text")
    assert "RuntimeError" in copied
    hunt.look("the copied details", copied)
    assert list((world.data / "logs" / "reports").iterdir())
    logs = hunt.ask("logs", "--manifest", manifest, "--data-dir", world.data)
    assert "<secret" in logs
    hunt.ask("logs", "--json", "--manifest", manifest, "--data-dir", world.data)
    hunt.look_at_files()

    window.close()
    window.app.wait_until_gone(within=20)
    hunt.look_at_files()
    hunt.look_at_processes()
    assert hunt.found == []


def session(world, manifest):
    pid = eventually(lambda: world.pids(manifest).get("web"), "it runs")
    environment = processes.of(Path("/proc") / str(pid)).environment
    (secret,) = [pair.partition("=")[2] for pair in environment if pair.startswith("SESSION=")]
    return secret


def wait_for_app(window):
    window.wait_for_origin("http://leaky.localhost")
    window.wait_for_text("It works")


def test_no_secret_is_anywhere_after_the_terminal(world, tmp_path):
    manifest = leaky_app(tmp_path / "app", tmp_path / "cause")
    hunt = Hunt(world)
    here = ["--data-dir", world.data, manifest]
    answers = tmp_path / "answers.toml"

    def give(key):
        database = "postgresql://ada:" + hunt.mark("pass") + "@127.0.0.1:1/db"
        hunt.know(database)
        answers.write_text(f"key = {json.dumps(key)}\ndatabase = {json.dumps(database)}\n")
        hunt.ask("setup", "--answers", answers, *here)
        hunt.look_at_processes()
        hunt.look_at_files()

    give(hunt.mark('wrong "', "\\ 100%"))
    right = hunt.mark("right 'n", ' & "é"/+<b>')
    give(right)
    assert "key" in hunt.ask("secret", "list", *here)
    answers.write_text(f"key = {json.dumps(right)[:-2]}\n")
    hunt.ask("setup", "--answers", answers, *here)

    program = world.run_headless(manifest)
    program.url()
    eventually(lambda: "All is told" in world.log("web"), "it has told all")
    give(hunt.mark("right again ", "=?"))
    passphrase = tmp_path / "passphrase"
    passphrase.write_text(hunt.mark("correct horse "))
    packed = world.folder / "home" / "all.ensconce"
    hunt.ask("export", packed, "--passphrase-file", passphrase, *here)
    assert packed.exists()
    hunt.ask("import", packed, "--passphrase-file", passphrase, *here)
    hunt.look_at_processes()
    hunt.look_at_files()
    assert hunt.found == []


def test_no_secret_is_in_the_logs_as_python_shows_it(world, tmp_path):
    hunt = Hunt(world)
    command = [sys.executable, str(LEAKY), "--socket", "{socket}", "--repr"]
    service = {"command": command, "ready": {"http": "/"}, "env": {"KEY": "{secret.key}"}}
    app = {"id": "test.ensconce.leaky", "name": "Leaky", "version": "1.0.0"}
    manifest = write(
        tmp_path,
        {"app": app, "ui": {"service": "web"}, "secret": {"key": {}}, "service": {"web": service}},
    )
    given = world.give_secret(manifest, "key", hunt.mark("it's \"", "\\ so"))
    assert given.returncode == 0, given.stderr
    program = world.run_headless(manifest, "--verbose")
    program.url()
    eventually(lambda: "All is told" in world.log("web"), "it has told all")
    hunt.look("the log", world.log("web"))
    hunt.look("the terminal", program.stderr())
    assert hunt.found == []


def test_the_hunt_finds_what_is_there(world):
    hunt = Hunt(world)
    secret = hunt.mark('a "', "\\ é")
    for text in (secret, json.dumps(secret), quote(secret), f"x{secret}"):
        hunt.found.clear()
        hunt.look("text", text)
        assert hunt.found
        hunt.found.clear()
        hunt.look("encoded", base64.b64encode(text.encode()))
        assert hunt.found
    hunt.found.clear()
    with subprocess.Popen(
        [sys.executable, "-c", "input()", secret], stdin=subprocess.PIPE
    ) as process:
        eventually(lambda: processes.of(Path("/proc") / str(process.pid)).argv, "it runs")
        hunt.look_at_processes()
        process.kill()
    assert hunt.found
