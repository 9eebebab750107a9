"""Says in plain words what kept a model from answering, and what is to be done about it.

The two SDKs are made by the same generator: their exceptions have the same names and fields.
They have asked again by then, as often as they were allowed to, and as `Retry-After` told them.
"""

import re
from types import ModuleType
from typing import Any

from app.providers.keys import HIDDEN, Access

# As in `sk-ab****wxyz`.
MASKED_KEY = re.compile(r"\b\w{1,4}-[\w-]*\*[\w*-]*")
LONGEST_DETAIL = 400
# What the providers say when an account is empty.
NO_CREDIT_CODES = frozenset({"insufficient_quota", "billing_error", "billing_not_active"})
NO_CREDIT_WORDS = "credit balance is too low"

KEY = "key"
BILLING = "billing"
OFFLINE = "offline"
RATE_LIMIT = "rate_limit"
ADDRESS = "address"
SERVER = "server"
TIMEOUT = "timeout"
REQUEST = "request"

# Not the fault of a case, so the case waits: for the user, or until it is tried again.
HOLDING = frozenset({KEY, BILLING, OFFLINE, RATE_LIMIT, ADDRESS})
PASSES_BY_ITSELF = frozenset({OFFLINE, RATE_LIMIT})


class TroubleError(Exception):
    """A model did not answer. The message is for people, and holds no key."""

    def __init__(self, kind: str, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.retry_after = retry_after


def explain(sdk: ModuleType, error: Exception, access: Access, seconds: float) -> TroubleError:
    """Turns what an SDK raised into words."""
    label = access.label
    if isinstance(error, sdk.APITimeoutError):
        return TroubleError(TIMEOUT, f"{label} did not answer within {seconds:g} seconds")
    if isinstance(error, sdk.APIResponseValidationError):
        return no_api(access)
    if isinstance(error, sdk.APIConnectionError):
        message = f"{access.place} cannot be reached. Is this computer online?"
        return TroubleError(OFFLINE, message)
    if isinstance(error, sdk.APIStatusError):
        return explain_status(error, access)
    # What cannot be read as an answer; the text of the error might hold anything.
    return no_api(access)


def no_api(access: Access) -> TroubleError:
    """Says that the address is one of something else."""
    hint = (
        "" if access.provider != "openai" or access.is_own_address else ", which often ends in /v1"
    )
    message = f"What answers at {access.place} is not the API of {access.label}"
    return TroubleError(ADDRESS, f"{message}. Check the address{hint}")


def explain_status(error: Any, access: Access) -> TroubleError:
    """Turns a status of HTTP into words."""
    label, status = access.label, error.status_code
    detail = said(error, access)
    if status == 401:
        return TroubleError(KEY, f"{label} does not accept this key")
    if is_out_of_credit(error):
        return TroubleError(BILLING, f"There is no credit left on this {label} account")
    if status == 403:
        return TroubleError(KEY, f"{label} does not allow this key to do that{detail}")
    if status == 404:
        # The API says what it does not know; something else does not.
        return (
            TroubleError(REQUEST, f"{label} does not know this{detail}")
            if detail
            else no_api(access)
        )
    if status == 429:
        wait = retry_after(error)
        again = f", and asks to wait {wait:g} seconds" if wait else ""
        return TroubleError(RATE_LIMIT, f"{label} has been asked too often{again}", wait)
    if status == 529:
        return TroubleError(SERVER, f"{label} is overloaded at the moment")
    if status >= 500:
        return TroubleError(SERVER, f"{label} has trouble of its own ({status})")
    if status == 408:
        return TroubleError(TIMEOUT, f"{label} gave up waiting")
    return TroubleError(REQUEST, f"{label} refused the question ({status}){detail}")


def is_out_of_credit(error: Any) -> bool:
    """Tells an empty account from other refusals."""
    body = error.body if isinstance(error.body, dict) else {}
    inner = body.get("error") if isinstance(body.get("error"), dict) else body
    codes = {inner.get("code"), inner.get("type")}
    return bool(codes & NO_CREDIT_CODES) or NO_CREDIT_WORDS in str(inner.get("message", ""))


def said(error: Any, access: Access) -> str:
    """Repeats what the provider said, but for the key, also where only its ends are shown."""
    body = error.body if isinstance(error.body, dict) else {}
    inner = body.get("error") if isinstance(body.get("error"), dict) else body
    message = inner.get("message")
    if not isinstance(message, str):
        return ""
    return f": {MASKED_KEY.sub(HIDDEN, access.scrub(message))[:LONGEST_DETAIL]}"


def retry_after(error: Any) -> float | None:
    """Reads how long one is asked to wait, in seconds."""
    try:
        seconds = float(error.response.headers.get("retry-after", ""))
    except ValueError:
        return None
    return min(seconds, 3600.0) if seconds > 0 else None
