"""Drives the shell's window: tauri-driver, and a connection that survives its habits."""

import socket
import subprocess
from pathlib import Path

import urllib3
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.options import ArgOptions
from selenium.webdriver.remote.client_config import ClientConfig
from selenium.webdriver.remote.remote_connection import RemoteConnection
from selenium.webdriver.remote.webdriver import WebDriver

from .waiting import eventually

ATTEMPTS = 3
WEBKIT_DRIVER = "/usr/bin/WebKitWebDriver"
CHROMIUM_DRIVER = "/usr/bin/chromedriver"
DRIVER_EXITED = "unexpectedly exited"
CHROMIUM = "/usr/bin/chromium"
CHROMIUM_ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class PatientConnection(RemoteConnection):
    """Opens a connection for each command, and repeats one whose connection was reset."""

    def __init__(self, address: str) -> None:
        super().__init__(client_config=ClientConfig(remote_server_addr=address, keep_alive=False))

    def _request(self, *arguments, **more):
        try:
            return super()._request(*arguments, **more)
        except (ConnectionResetError, urllib3.exceptions.ProtocolError):
            return super()._request(*arguments, **more)


class TauriDriver:
    """A tauri-driver of one's own, with the WebKitWebDriver that it starts."""

    def __init__(
        self, environment: dict[str, str], log: Path, native_driver: str | Path = WEBKIT_DRIVER
    ) -> None:
        self.process, self.address = start_driver(environment, log, native_driver)

    def open(self, application: str | Path, arguments: list[str]) -> WebDriver:
        """Starts the application and takes hold of its window."""
        options = ArgOptions()
        options.set_capability("browserName", "wry")
        options.set_capability(
            "tauri:options", {"application": str(application), "args": arguments}
        )
        return webdriver.Remote(command_executor=PatientConnection(self.address), options=options)


def start_driver(
    environment: dict[str, str], log: Path, native_driver: str | Path
) -> tuple[subprocess.Popen, str]:
    """Starts a driver; another try with other ports when somebody took one meanwhile."""
    for _ in range(ATTEMPTS):
        port, native_port = free_ports(2)
        command = ["tauri-driver", "--port", str(port), "--native-port", str(native_port)]
        with log.open("ab") as output:
            process = subprocess.Popen(
                [*command, "--native-driver", str(native_driver)],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        address = f"http://127.0.0.1:{port}"
        eventually(
            lambda process=process, ports=(port, native_port): (
                process.poll() is not None or all(map(accepts, ports))
            ),
            "tauri-driver answers",
        )
        if process.poll() is None:
            return process, address
    raise AssertionError(f"tauri-driver did not start in {ATTEMPTS} tries; see {log}")


def free_ports(count: int) -> list[int]:
    """Finds ports that nobody uses at the moment."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listener.getsockname()[1] for listener in sockets]
    for listener in sockets:
        listener.close()
    return ports


def accepts(port: int) -> bool:
    """Whether somebody listens on a port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def open_chromium(environment: dict[str, str], profile: Path, log: Path) -> WebDriver:
    """Opens a real browser; another try with another port when somebody took it meanwhile."""
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in [*CHROMIUM_ARGUMENTS, f"--user-data-dir={profile}"]:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    for _ in range(ATTEMPTS):
        service = webdriver.ChromeService(
            executable_path=CHROMIUM_DRIVER, env=environment, log_output=str(log)
        )
        try:
            return webdriver.Chrome(options=options, service=service)
        except WebDriverException as error:
            if DRIVER_EXITED not in str(error):
                raise
    raise AssertionError(f"chromedriver did not start in {ATTEMPTS} tries; see {log}")
