"""What the alerts function is told by its environment."""

from typing import NamedTuple


class Settings(NamedTuple):
    """The app table and the queue; without a bus no alert is put on one, without a sender none is mailed."""

    app_table: str
    alert_queue_url: str
    app_origin: str
    aws_region: str
    event_bus: str = ""
    alert_sender: str = ""
    ses_configuration_set: str = ""
    stack_name: str = ""
