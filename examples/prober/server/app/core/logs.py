"""Sends all log lines to stderr, and sets how much is logged."""

import logging
import sys

LINE_FORMAT = "%(levelname)s %(name)s: %(message)s"
SERVER_LOGGERS = ("uvicorn", "uvicorn.error", "uvicorn.access")


def configure_logs(level: str) -> None:
    """Prepares the logger of the app, and the loggers of the server that runs it."""
    logger = logging.getLogger("app")
    if not logger.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter(LINE_FORMAT))
        logger.addHandler(handler)
    logger.setLevel(level.upper())
    for name in SERVER_LOGGERS:
        logging.getLogger(name).setLevel(level.upper())
    move_access_log_to_stderr()


def move_access_log_to_stderr() -> None:
    """Takes the access log off stdout, where uvicorn writes it unless told otherwise."""
    for handler in logging.getLogger("uvicorn.access").handlers:
        if isinstance(handler, logging.StreamHandler) and handler.stream is sys.stdout:
            handler.setStream(sys.stderr)
