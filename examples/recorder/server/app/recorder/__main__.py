"""Starts the recorder: `python -m app.recorder`. It ends in order on SIGTERM or SIGINT."""

import logging
import signal
import sys
import threading

from app import start_garbage_collector
from app.core.config import Settings
from app.core.engine import open_engine
from app.core.logs import configure_logs
from app.core.valkey import RECORDER, open_valkey
from app.migrate import MigrationError, require_current
from app.recorder.announcer import Announcer
from app.recorder.recorder import Recorder

logger = logging.getLogger("app.recorder")


def main() -> int:
    """Runs the recorder until it is told to stop; returns the exit code."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    settings = Settings()
    configure_logs(settings.LOG_LEVEL)
    try:
        require_current(settings.database_file)
    except MigrationError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    engine = open_engine(settings.database_file)
    start_garbage_collector()
    with Announcer(open_valkey(settings, RECORDER)) as announcer:
        logger.info("Recorder is ready")
        Recorder(settings.DATA_DIR, engine, announcer, stopping).run()
    engine.dispose()
    logger.info("Recorder has ended")
    return 0


if __name__ == "__main__":
    sys.exit(main())
