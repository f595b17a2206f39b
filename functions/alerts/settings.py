"""What the alerts function is told by its environment."""

from typing import NamedTuple


class Settings(NamedTuple):
    """The app table, the queue and the bus; without a sender no alert is mailed."""

    app_table: str
    alert_queue_url: str
    event_bus: str
    app_origin: str
    aws_region: str
    alert_sender: str = ""
    ses_configuration_set: str = ""
    aws_endpoint_url: str = ""
    stack_name: str = ""
