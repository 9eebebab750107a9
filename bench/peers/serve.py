"""The back end of Items in one program, as people freeze it: migrates, then serves pages and API.

`serve.py PORT`; `DATA_DIR` says where the data is, as in the example itself.
"""

import os
import sys
from pathlib import Path

import uvicorn

HERE = Path(__file__).resolve().parent


def serve(port: int) -> None:
    """Serves until SIGTERM."""
    os.environ.setdefault("WEB_DIST", str(HERE / "web" / "dist"))
    from app import migrate

    if code := migrate.main():
        sys.exit(code)
    # Imported by name, so that PyInstaller finds it.
    from timed_app import app

    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")


if __name__ == "__main__":
    serve(int(sys.argv[1]))
