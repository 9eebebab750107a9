"""axe-core, which finds what makes a page hard to use for some."""

from functools import cache

from selenium.webdriver.remote.webdriver import WebDriver

from .manifests import ROOT

AXE = ROOT / "pages" / "node_modules" / "axe-core" / "axe.min.js"
RUN = """
const answer = arguments[0];
axe.run(document).then(
  ({ violations, passes }) => answer({
    passes: passes.length,
    violations: violations.map(({ id, impact, nodes }) =>
      `${id} (${impact}): ${nodes.map((node) => node.html).join("; ")}`),
  }),
  (error) => answer({ passes: 0, violations: [String(error)] }),
);
"""


@cache
def source() -> str:
    """The library, so that it finds its place in a page with a strict policy too."""
    return AXE.read_text()


def violations(driver: WebDriver) -> list[str]:
    """Returns what axe finds in the page."""
    driver.execute_script(source())
    found = driver.execute_async_script(RUN)
    assert found["passes"] > 0 or found["violations"], "axe has looked at nothing"
    return found["violations"]
