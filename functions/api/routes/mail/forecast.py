"""What can be known of mail to an address, before it is sent."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from functions.api import schemas
from functions.api.context import declared, new_router, request_in

router = new_router()


@declared(router, "readForecast", summary="Ask what can be known of mail to an address", tags=["messages"])
def read(
    address: Annotated[
        str, Query(max_length=320, description="an e-mail address", json_schema_extra={"format": "email"})
    ],
) -> schemas.Forecast:
    """Return how far opens and clicks can be relied on, by who takes in the domain's mail."""
    found = request_in(router).ports.forecasts.forecast(address)
    opens, clicks = found.forecast
    return schemas.Forecast(
        address=found.address,
        domain=found.domain,
        mx=None if found.exchange is None else found.exchange.mx,
        opens=schemas.Reliability(level=opens.level, text=str(opens.text)),
        clicks=schemas.Reliability(level=clicks.level, text=str(clicks.text)),
    )
