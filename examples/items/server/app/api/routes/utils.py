"""Answers what has to be known before anybody logs in."""

from fastapi import APIRouter

from app import __version__, crud
from app.api.dependencies import RequestSession, SettingsNow
from app.models import ServerConfig

router = APIRouter(prefix="/utils", tags=["utils"])


@router.get("/health-check/", name="health_check")
async def health_check() -> bool:
    """Tells that the server answers."""
    return True


@router.get("/config", name="config")
def read_config(session: RequestSession, settings: SettingsNow) -> ServerConfig:
    """Tells whether a login is required, and whether anybody has an account yet."""
    return ServerConfig(
        auth_required=settings.AUTH_REQUIRED,
        needs_first_user=settings.AUTH_REQUIRED and not crud.somebody_has_password(session),
        version=__version__,
    )
