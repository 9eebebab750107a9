"""What the tests share: names of paths, a client that can log in, a hand on the database."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from app.core.config import Settings
from app.main import create_app

API = "/api/v1"
PASSWORD = "correct horse"
ADMIN = "admin@example.com"


class Server:
    """An application with a database of its own, entered as a context manager."""

    def __init__(self, folder: Path, template: Path, **settings: Any) -> None:
        self.folder = folder
        self.file = folder / "app.db"
        if not self.file.exists():
            shutil.copyfile(template, self.file)
        self.app = create_app(Settings(DATA_DIR=folder, **settings))
        self.client = TestClient(self.app)

    def __enter__(self) -> "Server":
        self.client.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self.client.__exit__(*error)

    @property
    def key(self) -> str:
        """The key that signs the tokens."""
        return self.app.state.signing_key

    def call(self, method: str, path: str, token: str | None = None, **options: Any) -> Any:
        """Sends a request; gives the status code and the decoded answer."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        response = self.client.request(method, API + path, headers=headers, **options)
        return response.status_code, response.json()

    def ok(self, method: str, path: str, token: str | None = None, **options: Any) -> Any:
        """Sends a request that must succeed; gives the decoded answer."""
        status, answer = self.call(method, path, token, **options)
        assert status in (200, 201), answer
        return answer

    def try_login(self, email: str, password: str = PASSWORD) -> Any:
        """Logs in; gives the status code and the decoded answer."""
        form = {"username": email, "password": password}
        return self.call("POST", "/login/access-token", data=form)

    def log_in(self, email: str, password: str = PASSWORD) -> str:
        """Logs in; gives the token."""
        status, answer = self.try_login(email, password)
        assert status == 200, answer
        assert answer["token_type"] == "bearer"
        return answer["access_token"]

    def sign_up(self, email: str, password: str = PASSWORD) -> str:
        """Makes an account and gives its token."""
        self.ok("POST", "/users/signup", json={"email": email, "password": password})
        return self.log_in(email, password)

    def me(self, token: str | None = None) -> dict[str, Any]:
        """Gives the caller."""
        return self.ok("GET", "/users/me", token)

    def add_item(self, title: str = "Milk", token: str | None = None, **more: Any) -> Any:
        """Makes an item."""
        return self.ok("POST", "/items/", token, json={"title": title, **more})

    def titles(self, query: str = "", token: str | None = None) -> list[str]:
        """Gives the titles of a page of items."""
        return [item["title"] for item in self.ok("GET", f"/items/{query}", token)["data"]]


def query(file: Path, statement: str, *values: Any) -> list[Any]:
    """Runs one statement on the database, past the server."""
    with closing(sqlite3.connect(file)) as connection:
        rows = connection.execute(statement, values).fetchall()
        connection.commit()
    return rows
