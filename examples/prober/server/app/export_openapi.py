"""Writes the OpenAPI document to stdout, in a form that changes only when the API does.

python -m app.export_openapi > ../web/openapi.json
"""

import json
import sys

from app.core.config import Settings
from app.main import create_app


def document() -> str:
    """Returns the document with sorted keys."""
    schema = create_app(Settings(WEB_DIST=None)).openapi()
    return json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(document())
