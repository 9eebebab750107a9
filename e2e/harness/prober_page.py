"""The pages of Prober, by what a person does with them."""

from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By

from .page import Page
from .waiting import eventually


class ProberPage(Page):
    """Prober in a window."""

    def wait_until_shown(self) -> None:
        """Waits for the list of runs."""
        self.find("new-run")

    def start_run(self, *models: str) -> None:
        """Asks the first suite of some models."""
        self.click("new-run")
        self.find("run-suite")
        for model in models:
            box = f"[data-testid=model][data-model='{model}']"
            eventually(
                lambda box=box: self._is_chosen(box),
                f"{model} is chosen",
                ignoring=(WebDriverException,),
            )
        self.click("run-start")
        self.find("run-page")

    def _is_chosen(self, box: str) -> bool:
        """Clicks unless it is chosen already: what is clicked while the list comes anew is lost."""
        found = self.driver.find_element(By.CSS_SELECTOR, box)
        if found.get_attribute("aria-checked") != "true":
            found.click()
        return found.get_attribute("aria-checked") == "true"

    def state(self) -> str | None:
        """How the run is."""
        return self.find("run-page").get_attribute("data-state")

    def results(self) -> int:
        """How many answers there are."""
        return len(
            self.driver.find_elements(
                By.CSS_SELECTOR,
                "[data-testid=result][data-outcome=passed], "
                "[data-testid=result][data-outcome=failed]",
            )
        )

    def wait_for_results(self, least: int, within: float = 60) -> None:
        """Waits for answers."""
        eventually(
            lambda: self.results() >= least,
            f"there are {least} results",
            within=within,
            ignoring=(WebDriverException,),
        )

    def wait_for_state(self, state: str, within: float = 60) -> None:
        """Waits until the run is so."""
        eventually(
            lambda: self.state() == state,
            f"the run is {state}",
            within=within,
            ignoring=(WebDriverException,),
        )
