"""Numbers as a table in Markdown."""

import os
import platform
import statistics
import time


def row_of(values: list[float]) -> dict[str, float]:
    """Sums up measurements."""
    ordered = sorted(values)
    return {
        "median": statistics.median(ordered),
        "p10": quantile(ordered, 0.1),
        "p90": quantile(ordered, 0.9),
    }


def quantile(ordered: list[float], part: float) -> float:
    """Returns the value below which this part lies, between the two nearest ones."""
    place = part * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def table(head: list[str], rows: list[list[str]]) -> str:
    """Draws a table: the first column to the left, numbers to the right."""
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    lines = [line(head, widths)]
    lines.append("|" + "|".join("-" * (w + 1) + ("-" if i == 0 else ":") for i, w in enumerate(widths)) + "|")
    return "\n".join(lines + [line(row, widths) for row in rows])


def line(cells: list[str], widths: list[int]) -> str:
    """Draws one row."""
    first = cells[0].ljust(widths[0])
    rest = [cell.rjust(width) for cell, width in zip(cells[1:], widths[1:])]
    return "| " + " | ".join([first, *rest]) + " |"


def machine() -> str:
    """Says in a line on what was measured, when, and what else the machine had to do."""
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    today = time.strftime("%Y-%m-%d")
    return f"{today}, {platform.system()}, {os.cpu_count()} cores, load average {load}"
