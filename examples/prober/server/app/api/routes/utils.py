"""Answers whether the server is there, and which one it is."""

from fastapi import APIRouter

from app import __version__
from app.models import About

router = APIRouter(prefix="/utils", tags=["utils"])


@router.get("/health-check/", name="health_check")
async def health_check() -> bool:
    """Tells that the server answers."""
    return True


@router.get("/about", name="about")
async def read_about() -> About:
    """Tells which version this is."""
    return About(version=__version__)
