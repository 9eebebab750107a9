"""The back end of the Items example: a JSON API over one SQLite file."""

import gc

__version__ = "0.1.0"

# Importing makes very many objects that all stay. Looking through them for garbage again and
# again takes a tenth of the time to start, so the collector rests until `app.main` is ready.
gc.disable()
