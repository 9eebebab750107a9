"""Tells who can be asked, and tries keys."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from app.api.dependencies import CatalogueNow, ProvidersNow, SettingsNow
from app.core.paths import models_file
from app.models import ProviderModels, ProviderName, ProviderPublic, ProvidersPublic
from app.providers.check import CheckAnswer, CheckRequest, check
from app.providers.keys import LABELS, NoKeyError
from app.providers.trouble import TroubleError

router = APIRouter(prefix="/providers", tags=["providers"])


@router.get("/", name="list")
def list_providers(
    settings: SettingsNow, providers: ProvidersNow, catalogue: CatalogueNow
) -> ProvidersPublic:
    """Tells of each provider whether it has a key, without asking it."""
    data = []
    for name, label in LABELS.items():
        try:
            ready, message = True, providers.access(name).place
        except NoKeyError as error:
            ready, message = False, str(error)
        models = catalogue.models.get(name, [])
        data.append(
            ProviderPublic(name=name, label=label, ready=ready, message=message, models=models)
        )
    return ProvidersPublic(
        data=data, problem=catalogue.problem, models_file=str(models_file(settings.DATA_DIR))
    )


@router.get("/{name}/models", name="models")
async def list_models(providers: ProvidersNow, name: ProviderName) -> ProviderModels:
    """Asks a provider which models it has; without an answer, says why."""
    try:
        return ProviderModels(data=await providers.models(name))
    except TroubleError as trouble:
        return ProviderModels(data=[], message=trouble.message)


@router.post("/check", name="check", responses={422: {"model": CheckAnswer}})
async def check_keys(given: CheckRequest) -> CheckAnswer:
    """Tries keys that are not kept yet."""
    answer = await check(given.values)
    if answer.ok:
        return answer
    return JSONResponse(answer.model_dump(), status_code=422)  # type: ignore[return-value]
