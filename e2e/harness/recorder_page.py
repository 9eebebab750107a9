"""The pages of Recorder, by what a person does with them and sees."""

from pathlib import Path

from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.file_detector import UselessFileDetector
from selenium.webdriver.remote.webdriver import WebDriver

from .page import Page
from .waiting import eventually

SILENCE = "-80"

# Says `title` of each sound of the history that is over.
HISTORY = """
return [...document.querySelectorAll("[data-testid=history-row][data-ongoing=false]")]
  .map((row) => row.dataset.title);
"""

# Notes each title that says what the recorder is at, from now on.
WATCH = """
const status = document.querySelector("[data-testid=live-status]");
window.titles = [];
new MutationObserver(() => window.titles.push(status.dataset.title))
  .observe(status, { attributes: true, attributeFilter: ["data-title"] });
"""


class RecorderPage(Page):
    """Recorder in a window or a browser."""

    def __init__(self, driver: WebDriver) -> None:
        super().__init__(driver)
        # The browser is on this machine, and reads the files itself.
        driver.file_detector = UselessFileDetector()

    def wait_until_shown(self) -> None:
        """Waits until the page knows how the recorder is."""
        self.find("live-status")
        self.wait_for_status("recorder", "running")

    def listen_to(self, file: Path) -> None:
        """Lets the recorder listen to a file."""
        self.find("listen-file").send_keys(str(file))

    def add_track(self, file: Path, title: str) -> None:
        """Adds a track to the library."""
        self.driver.find_element(By.CSS_SELECTOR, "a[href='/library']").click()
        self.click("add-track")
        self.find("track-file").send_keys(str(file))
        self.type("track-title-input", title)
        self.click("track-save")
        row = f"[data-testid=track-row][data-title='{title}']"
        eventually(
            lambda: self.driver.find_elements(By.CSS_SELECTOR, row),
            f"the track {title} is in the library",
        )
        self.driver.find_element(By.CSS_SELECTOR, "a[href='/']").click()

    def history(self) -> list[str]:
        """What was heard, newest first."""
        return self.driver.execute_script(HISTORY)

    def wait_for_history(self, *titles: str) -> None:
        """Waits until exactly this was heard."""
        eventually(
            lambda: self.history() == list(titles),
            f"the history has {titles}",
            ignoring=(WebDriverException,),
        )

    def status(self, process: str) -> str | None:
        """How a process is shown."""
        row = f"[data-testid=process-row][data-name={process}]"
        return self.driver.find_element(By.CSS_SELECTOR, row).get_attribute("data-status")

    def wait_for_title(self, title: str) -> None:
        """Waits until the recorder says that it hears a track."""
        eventually(
            lambda: self.find("live-status").get_attribute("data-title") == title,
            f"the page says {title}",
            ignoring=(WebDriverException,),
        )

    def wait_for_status(self, process: str, status: str) -> None:
        """Waits until a process is shown so."""
        eventually(
            lambda: self.status(process) == status,
            f"{process} is shown as {status}",
            ignoring=(WebDriverException,),
        )

    def watch_titles(self) -> None:
        """Notes from now on what the page says of the recorder."""
        self.driver.execute_script(WATCH)

    def titles(self) -> list[str]:
        """What the page has said of the recorder since."""
        return self.driver.execute_script("return window.titles")

    def wait_for_levels(self) -> None:
        """Waits until levels arrive that were not there before."""
        self.driver.execute_script(
            "arguments[0].setAttribute('aria-valuenow', arguments[1])",
            self.find("level-meter"),
            SILENCE,
        )
        eventually(
            lambda: self.find("level-meter").get_attribute("aria-valuenow") != SILENCE,
            "levels arrive",
        )
