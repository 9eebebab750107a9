"""Does what tauri-plugin-shell 2.3.6 does with a sidecar that the page has started.

It keeps each child until that ends, and kills those that it has at `RunEvent::Exit`, which comes
when the last window is closed; here, when standard input ends. SIGTERM is not handled, by Tauri
neither. (A sidecar that is started from Rust is not in that list, and is not killed at all.)
"""

import subprocess
import sys
import threading

children: dict[int, subprocess.Popen] = {}


def spawn(command: list[str]) -> None:
    """Starts a child, and forgets it when it ends."""
    child = subprocess.Popen(command)
    children[child.pid] = child
    threading.Thread(target=forget, args=(child,), daemon=True).start()


def forget(child: subprocess.Popen) -> None:
    """Waits for the end of a child; its own children are nobody's affair."""
    child.wait()
    children.pop(child.pid, None)


spawn(sys.argv[1:])
sys.stdin.read()
for running in list(children.values()):
    running.kill()
