"""Apps that are only unpacked, wherever the user likes: the examples, and other languages."""

import os
import re
import subprocess
from pathlib import Path

from harness.asked import ANTHROPIC_KEY, fake_providers
from harness.items_page import ItemsPage
from harness.manifests import PROBER, RECORDER
from harness.prober_page import ProberPage
from harness.recorder_page import RecorderPage
from harness.setup_page import SetupPage
from harness.sounds import melody
from harness.waiting import eventually
from harness.webdriver import accepts

PLACE = "Meine Dateien/Äpfel & Birnen"


def unpack(user, archive):
    """Unpacks into a folder with an unusual name, which nobody may write to then."""
    root = user.machine.root
    inside = user.machine.copy_in(archive)
    folder = f"{user.home}/{PLACE}"
    root.must("mkdir", "-p", folder, user=user.name)
    # Outside, because the machine has no zstd.
    plain = root.path(f"{inside}.tar")
    with plain.open("wb") as tar:
        subprocess.run(["zstd", "-dc", archive], stdout=tar, check=True)
    root.must("tar", "-x", "-C", folder, "-f", f"{inside}.tar", user=user.name)
    root.must("chmod", "-R", "a-w", folder, user=user.name)
    (top,) = root.path(folder).iterdir()
    return f"{folder}/{top.name}"


def use(user, folder, name):
    """Starts the unpacked program."""
    window = user.open(f"{folder}/{name}")
    window.wait_for_origin(f"http://{name}.localhost")
    return window


def close(user, window):
    ports = user.machine.root.ports()
    window.close()
    user.wait_until_gone(window)
    gone = ports - user.machine.root.ports()
    assert gone
    assert not any(map(accepts, gone))


def press(window, selector):
    eventually(
        lambda: window.driver.execute_script(
            "const found = document.querySelector(arguments[0]); found?.click(); return !!found",
            selector,
        ),
        f"{selector} is pressed",
    )


def use_items(user, folder):
    before = user.machine.root.fingerprint(folder)
    for titles in ([], ["Milk"]):
        window = use(user, folder, "items")
        page = ItemsPage(window.driver)
        page.wait_until_shown()
        page.wait_for_titles(*titles)
        if not titles:
            page.create("Milk")
        close(user, window)
    assert user.machine.root.fingerprint(folder) == before


def test_items_from_a_read_only_folder_with_an_unusual_name(machine, packages):
    ada = machine.user("ada")
    use_items(ada, unpack(ada, packages.items(".tar.zst")))


def test_items_from_an_rpm(machine, packages):
    archive = subprocess.run(
        ["rpm2cpio", packages.items(".rpm")], stdout=subprocess.PIPE, check=True
    ).stdout
    subprocess.run(
        ["cpio", "--extract", "--make-directories", "--quiet", "--preserve-modification-time"],
        input=archive,
        cwd=machine.root.path("/"),
        check=True,
    )
    assert machine.root.path("/usr/lib/items/items").exists()
    use_items(machine.user("ada"), "/usr/lib/items")


def test_recorder(machine, packages, tmp_path):
    ada = machine.user("ada")
    folder = unpack(ada, packages.example(RECORDER))
    kettle = machine.copy_in(melody(tmp_path / "kettle.wav", 2, 0, 4))
    before = machine.root.fingerprint(folder)
    window = use(ada, folder, "recorder")
    page = RecorderPage(window.driver)
    page.wait_until_shown()
    page.listen_to(Path(kettle))
    page.wait_for_history("Unknown sound 1")
    close(ada, window)
    window = use(ada, folder, "recorder")
    RecorderPage(window.driver).wait_for_history("Unknown sound 1")
    close(ada, window)
    assert machine.root.fingerprint(folder) == before


def test_prober(machine, packages):
    ada = machine.user("ada")
    folder = unpack(ada, packages.example(PROBER))
    before = machine.root.fingerprint(folder)
    # Outside, as the makers of models are.
    address = fake_providers({**os.environ, **dict([machine.mark.split("=", 1)])})
    window = ada.open(f"{folder}/prober")
    setup = SetupPage(window)
    setup.begin("Model provider")
    setup.type("Anthropic API key", ANTHROPIC_KEY)
    setup.type("Anthropic address", address)
    setup.press("Next")
    setup.wait_for("How it asks")
    setup.press("Finish")
    setup.wait_for("Prober is ready")
    setup.leave("Open Prober")
    window.wait_for_origin("http://prober.localhost")
    page = ProberPage(window.driver)
    page.wait_until_shown()
    page.start_run("claude-sonnet-5")
    page.wait_for_state("finished")
    close(ada, window)

    # What it has asked for is kept.
    window = use(ada, folder, "prober")
    page = ProberPage(window.driver)
    page.find("run-row")
    close(ada, window)
    assert machine.root.fingerprint(folder) == before
    kept = [path for path in ada.path(".").rglob("*") if path.is_file()]
    assert [path for path in kept if ANTHROPIC_KEY.encode() in path.read_bytes()] == []


def test_a_node_app(machine, packages):
    ada = machine.user("ada")
    folder = unpack(ada, packages.fixture("node-notes"))
    window = use(ada, folder, "node-notes")
    window.wait_for_text("Notes")
    window.driver.execute_script("document.querySelector('input').value = 'Käse'")
    press(window, "button")
    window.wait_for_text("Käse")
    close(ada, window)
    window = use(ada, folder, "node-notes")
    window.wait_for_text("Käse")
    close(ada, window)


def test_a_beam_app(machine, packages):
    ada = machine.user("ada")
    folder = unpack(ada, packages.fixture("beam-clock"))
    window = use(ada, folder, "beam-clock")
    eventually(
        lambda: re.search(r"OTP \d+ says 20\d\d-", shown(window)), "the window shows the time"
    )
    close(ada, window)


def test_a_plain_binary(machine, packages):
    ada = machine.user("ada")
    folder = unpack(ada, packages.fixture("busybox-counter"))
    window = use(ada, folder, "busybox-counter")
    eventually(lambda: shown(window) == "0", "it has not counted yet")
    press(window, "button")
    eventually(lambda: shown(window) == "1", "it counts")
    close(ada, window)
    window = use(ada, folder, "busybox-counter")
    eventually(lambda: shown(window) == "1", "it has counted once")
    close(ada, window)


def shown(window):
    return window.driver.execute_script("return document.querySelector('output')?.value ?? ''")
