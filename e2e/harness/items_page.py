"""The pages of Items, by what a person does with them."""

from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from .page import PASSING, Page
from .waiting import eventually


class ItemsPage(Page):
    """Items in a window or a browser."""

    def wait_until_shown(self) -> None:
        """Waits for the list of items."""
        self.find("new-item")

    def titles(self) -> list[str]:
        """The items in the list that the server knows of."""
        return self.driver.execute_script(
            "return [...document.querySelectorAll('[data-testid=item-row]:not([aria-busy=true])')]"
            ".map((row) => row.dataset.title)"
        )

    def wait_for_titles(self, *titles: str) -> None:
        """Waits until exactly these items are in the list."""
        eventually(
            lambda: sorted(self.titles()) == sorted(titles),
            f"the list has {titles}",
            ignoring=(WebDriverException,),
        )

    def create(self, title: str, description: str = "") -> None:
        """Adds an item."""
        self.click("new-item")
        self.type("item-title-input", title)
        if description:
            self.type("item-description-input", description)
        self.click("item-save")
        eventually(lambda: title in self.titles(), f"the item {title} is in the list")

    def row(self, title: str) -> WebElement:
        """Finds an item's row."""
        return self.driver.find_element(
            By.CSS_SELECTOR, f"[data-testid='item-row'][data-title='{title}']"
        )

    def use(self, title: str, test_id: str) -> None:
        """Uses one of a row's buttons, which show when the pointer is over the row."""

        def press() -> bool:
            row = self.row(title)
            button = row.find_element(By.CSS_SELECTOR, f"[data-testid='{test_id}']")
            ActionChains(self.driver).move_to_element(row).perform()
            button.click()
            return True

        eventually(press, f"`{test_id}` of {title} is clicked", ignoring=PASSING)

    def rename(self, title: str, new_title: str) -> None:
        """Renames an item."""
        self.use(title, "item-edit")
        self.type("item-title-input", new_title)
        self.click("item-save")
        eventually(lambda: new_title in self.titles(), f"the item is called {new_title}")

    def delete(self, title: str) -> None:
        """Deletes an item."""
        self.use(title, "item-delete")
        eventually(lambda: title not in self.titles(), f"the item {title} is gone")

    def sign_up(self, name: str, email: str, password: str) -> None:
        """Makes the first account."""
        self.type("signup-name", name)
        self.type("signup-email", email)
        self.type("signup-password", password)
        self.click("signup-submit")

    def log_in(self, email: str, password: str) -> None:
        """Tries to log in."""
        self.type("login-email", email)
        self.type("login-password", password)
        self.click("login-submit")

    def stored(self, key: str) -> str | None:
        """Reads from localStorage."""
        return self.driver.execute_script("return localStorage.getItem(arguments[0])", key)

    def is_dark(self) -> bool:
        """Whether the dark theme is on."""
        return self.driver.execute_script(
            "return document.documentElement.classList.contains('dark')"
        )
