"""A page of an app, by its `data-testid`s."""

from selenium.common.exceptions import (
    ElementNotInteractableException,
    NoSuchElementException,
    StaleElementReferenceException,
    WebDriverException,
)
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement

from .waiting import eventually

PASSING = (
    ElementNotInteractableException,
    NoSuchElementException,
    StaleElementReferenceException,
)


class Page:
    """A page in a window or a browser."""

    def __init__(self, driver: WebDriver) -> None:
        self.driver = driver

    def find(self, test_id: str) -> WebElement:
        """Waits for an element."""
        return eventually(
            lambda: self.driver.find_element(By.CSS_SELECTOR, f"[data-testid='{test_id}']"),
            f"the page shows `{test_id}`",
            ignoring=(WebDriverException,),
        )

    def click(self, test_id: str) -> None:
        """Clicks."""
        eventually(
            lambda: self.find(test_id).click() is None, f"`{test_id}` is clicked", ignoring=PASSING
        )

    def type(self, test_id: str, text: str) -> None:
        """Replaces the text of a field."""

        def replace() -> bool:
            field = self.find(test_id)
            field.clear()
            field.send_keys(text)
            return field.get_property("value") == text

        eventually(replace, f"`{text}` is in `{test_id}`", ignoring=PASSING)
