"""The back end of the Prober example: it asks models, judges their answers and keeps them."""

import gc

__version__ = "0.1.0"

# Importing makes very many objects that all stay. Looking through them for garbage again and
# again takes a tenth of the time to start, so the collector rests until a process is ready.
gc.disable()


def start_garbage_collector() -> None:
    """Starts what rests so far; what is loaded by now is never garbage."""
    gc.freeze()
    gc.enable()
