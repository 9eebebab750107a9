"""Set-up and Settings in a window, by what a person reads and does there."""

import contextlib

from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from .page import PASSING
from .waiting import eventually
from .world import Window

# The control of the field with this label, or the choice of this name.
CONTROL = """
const wanted = arguments[0];
const plain = (text) => text.replace(/\\s*\\*$/, "").trim();
for (const label of document.querySelectorAll("label")) {
  if (plain(label.textContent) !== wanted) continue;
  return label.control;
}
for (const control of document.querySelectorAll("[aria-label]")) {
  if (control.matches("input") && control.ariaLabel.startsWith(wanted)) return control;
}
return null;
"""

START = "//button[normalize-space()='Start']"

FOCUS = """
const found = document.activeElement;
const label = found?.labels?.[0]?.textContent ?? found?.ariaLabel ?? found?.textContent ?? "";
return label.replace(/\\s*\\*$/, "").trim();
"""


class SetupPage:
    """Set-up, or Settings; which of them is for the caller to know."""

    def __init__(self, window: Window) -> None:
        self.window = window

    def title(self) -> str:
        """The heading of the page."""
        self.window.look()
        return self.window.driver.execute_script(
            "return document.querySelector('main h1')?.innerText ?? ''"
        )

    def wait_for(self, title: str, within: float = 30) -> None:
        """Waits for a page by its heading."""
        eventually(
            lambda: self.title() == title,
            f"the page {title!r} is shown",
            within=within,
            ignoring=(WebDriverException,),
        )

    def begin(self, title: str, within: float = 30) -> None:
        """Goes past the welcome, if there is one, to a page."""

        def go() -> bool:
            if self.title() == title:
                return True
            for button in self.window.driver.find_elements(By.XPATH, START):
                button.click()
            return False

        eventually(go, f"{title!r} is shown", within=within, ignoring=(WebDriverException,))

    def control(self, label: str) -> WebElement:
        """Waits for a field, or for a choice."""

        def look() -> WebElement | None:
            self.window.look()
            return self.window.driver.execute_script(CONTROL, label)

        return eventually(look, f"there is a field {label!r}", ignoring=(WebDriverException,))

    def type(self, label: str, text: str) -> None:
        """Replaces what is in a field."""

        def replace() -> bool:
            field = self.control(label)
            field.clear()
            field.send_keys(text)
            return field.get_property("value") == text

        eventually(replace, f"the text is in {label!r}", ignoring=PASSING)

    def value(self, label: str) -> str:
        """What is in a field."""
        return self.control(label).get_property("value")

    def choose(self, label: str) -> None:
        """Chooses one of several."""

        def choose() -> bool:
            control = self.control(label)
            # Not at an edge, where the buttons at the bottom lie over it.
            self.window.driver.execute_script(
                "arguments[0].scrollIntoView({ block: 'center' })", control
            )
            control.click()
            return True

        eventually(choose, f"{label!r} is chosen", ignoring=(WebDriverException,))

    def press(self, label: str, section: str | None = None) -> None:
        """Presses a button; in Settings, that of a section."""
        within = f"//section[.//h2[normalize-space()='{section}']]" if section else ""
        path = f"{within}//button[normalize-space()='{label}']"

        def click() -> bool:
            self.window.look()
            self.window.driver.find_element(By.XPATH, path).click()
            return True

        eventually(click, f"`{label}` is pressed", ignoring=(*PASSING, WebDriverException))

    def open_settings(self) -> None:
        """Opens Settings over the app, by the keys for that."""

        def ask() -> bool:
            self.window.desktop.press(self.window.on_screen(), "ctrl+comma")
            return self.title() == "Settings"

        eventually(ask, "Settings are open", ignoring=(WebDriverException,))

    def leave(self, label: str) -> None:
        """Presses a button that ends the page, which may be gone before its driver has heard."""
        path = f"//button[normalize-space()='{label}']"

        def look() -> WebElement:
            self.window.look()
            return self.window.driver.find_element(By.XPATH, path)

        button = eventually(look, f"there is `{label}`", ignoring=(WebDriverException,))
        with contextlib.suppress(WebDriverException):
            button.click()

    def wait_for_text(self, text: str, within: float = 30) -> None:
        """Waits until something can be read."""
        self.window.wait_for_text(text, within=within)

    def status(self) -> str:
        """What is said of the last try."""
        self.window.look()
        return self.window.driver.execute_script(
            "return document.querySelector('[role=status]')?.innerText ?? ''"
        )

    def wait_for_status(self, text: str, within: float = 30) -> None:
        """Waits until something is said of a try."""
        eventually(
            lambda: Told(text, self.status()),
            f"it is said: {text!r}",
            within=within,
            ignoring=(WebDriverException,),
        )

    def focused(self) -> str:
        """What has the keyboard, by what it is called."""
        self.window.look()
        return self.window.driver.execute_script(FOCUS)


class Told:
    """True when a text has another one in it; shows the text when it has not."""

    def __init__(self, wanted: str, text: str) -> None:
        self.wanted = wanted
        self.text = text

    def __bool__(self) -> bool:
        return self.wanted in self.text

    def __repr__(self) -> str:
        return self.text


class Keyboard:
    """Somebody without a mouse."""

    def __init__(self, page: SetupPage) -> None:
        self.page = page
        self.desktop = page.window.desktop
        self.shown = page.window.on_screen()

    def press(self, key: str) -> None:
        """Presses a key."""
        self.desktop.press(self.shown, key)

    def type(self, text: str) -> None:
        """Types a text into what has the keyboard."""
        self.desktop.type(self.shown, text)

    def go_to(self, name: str) -> None:
        """Goes from one to the next by Tab; a key that came too early is repeated."""

        def press_tab() -> bool:
            if self.page.focused() == name:
                return True
            self.press("Tab")
            return self.page.focused() == name

        eventually(press_tab, f"{name} has the keyboard", ignoring=(WebDriverException,))

    def press_button(self, name: str) -> None:
        """Goes to a button and presses it."""
        self.go_to(name)
        self.press("Return")
