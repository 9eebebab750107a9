"""One run of wrk, and what it says."""

import re
import subprocess

from .places import program
from .servers import Peer

UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3}


def wrk(peer: Peer, path: str, connections: int, seconds: int) -> dict[str, float]:
    """Loads a server with keep-alive connections; returns requests per second and latency in ms."""
    command = [program("wrk"), "-t1", f"-c{connections}", f"-d{seconds}s", "--latency"]
    if peer.cookie:
        command += ["-H", f"Cookie: {peer.cookie}"]
    command.append(f"http://{peer.address}{path}")
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in said or "Socket errors" in said:
        raise RuntimeError(f"{peer.name} answers with errors:\n{said}")
    return {
        "rate": float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1]),
        "p50": latency(said, "50%"),
        "p99": latency(said, "99%"),
    }


def latency(said: str, part: str) -> float:
    """Finds a part of the latency distribution, in ms."""
    number, unit = re.search(rf"\s{part}\s+([\d.]+)(us|ms|s)", said).groups()
    return float(number) * UNITS[unit]
