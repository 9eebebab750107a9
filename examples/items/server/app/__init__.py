"""The back end of the Items example: a JSON API over one SQLite file."""

__version__ = "0.1.0"
