"""Writes lines of 100 bytes: so many bytes in all, at most so many a second (0: as fast as it can).

Then tells in a file how many seconds that took, and how many its longest wait for the reader.
"""

import os
import sys
import time
from pathlib import Path

CHUNK = (b"x" * 99 + b"\n") * 2500


def main() -> None:
    """Does it."""
    size, rate, told = int(sys.argv[1]), float(sys.argv[2]), Path(sys.argv[3])
    begun = time.monotonic()
    longest = 0.0
    for sent in range(0, size, len(CHUNK)):
        due = begun + sent / rate if rate else 0
        if (early := due - time.monotonic()) > 0:
            time.sleep(early)
        before, rest = time.monotonic(), memoryview(CHUNK)
        while rest:
            rest = rest[os.write(1, rest) :]
        longest = max(longest, time.monotonic() - before)
    told.write_text(f"{time.monotonic() - begun} {longest}")


if __name__ == "__main__":
    main()
