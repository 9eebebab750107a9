"""Compares runs."""

from typing import Annotated

from fastapi import APIRouter, Query

from app.api.dependencies import LARGEST_ID, CatalogueNow, RequestSession
from app.compare import compare
from app.models import ComparisonPublic

MOST_RUNS = 12

router = APIRouter(prefix="/compare", tags=["compare"])
RunId = Annotated[int, Query(gt=0, le=LARGEST_ID)]


@router.get("/", name="read")
def read_comparison(
    session: RequestSession,
    catalogue: CatalogueNow,
    run: Annotated[list[RunId], Query(min_length=1, max_length=MOST_RUNS)],
) -> ComparisonPublic:
    """Puts all models of some runs side by side."""
    return compare(session, catalogue, list(dict.fromkeys(run)))
