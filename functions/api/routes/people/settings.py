"""A user's three switches, the domains that are never tracked, and the alerts that ring."""

from functions.api import schemas
from functions.api.context import declared, new_router, request_in
from ocello.domain.people.ringing import QuietHours
from ocello.domain.people.users import TrackingSettings
from ocello.services.people.tracking_settings import TrackingSettingsUpdate
from ocello.services.views.messages import Json

router = new_router()


def _shown(settings: TrackingSettings) -> Json:
    quiet = settings.quiet_hours
    return {
        "track_opens": settings.track_opens,
        "track_clicks": settings.track_clicks,
        "alerts": settings.alerts,
        "never_track": list(settings.never_track),
        "alert_choice": settings.alert_choice,
        "quiet_hours": None if quiet is None else dict(zip(("from", "to"), quiet.as_texts, strict=True)),
    }


@declared(router, "readSettings", summary="Read the user's switches", tags=["settings"])
def read() -> schemas.UserSettings:
    """Return the switches and domains; a new user has tracking off and alerts on."""
    request = request_in(router)
    return schemas.UserSettings.model_validate(_shown(request.ports.settings.read(request.user)))


@declared(
    router,
    "writeSettings",
    summary="Set the user's switches",
    description="Tracking can be switched on only once a sending account is connected (409).",
    tags=["settings"],
)
def write(body: schemas.UserSettings) -> schemas.UserSettings:
    """Set all three switches, and the other settings if they are given."""
    request = request_in(router)
    domains = None if body.never_track is None else tuple(body.never_track)
    hours = body.quiet_hours
    quiet = None if hours is None else QuietHours.between(hours.from_, hours.to)
    update = TrackingSettingsUpdate(
        body.track_opens,
        body.track_clicks,
        body.alerts,
        domains,
        body.alert_choice,
        quiet if "quiet_hours" in body.model_fields_set else "same",
    )
    return schemas.UserSettings.model_validate(
        _shown(request.ports.settings_editor.update(request.principal.user, update))
    )
