"""Numbered places for copies that are sent at once, in the app table."""

from random import sample

from pynamodb.attributes import NumberAttribute

from ocello.adapters.dynamodb import keys, models
from ocello.adapters.dynamodb.conditions import Attempt, absent
from ocello.adapters.dynamodb.errors import unavailable
from ocello.services.sending.ports import SendingPlace


class PlaceRow(models.Row, discriminator="Place"):
    """A place that is taken until a time."""

    until = NumberAttribute()


class DynamoSendingPlaces:
    """Places: one conditional write takes one."""

    @unavailable
    def take(self, name: str, count: int, now: int, until: int) -> SendingPlace | None:
        """Take one of `count` places of `name` that is free at `now`, and return it, or None."""
        for number in sample(range(count), count):  # in random order, so that not all try the first one first
            row = PlaceRow(*keys.place(name, number), until=until, ttl=until // 1000 + 1)
            with Attempt() as attempt:
                row.save(absent() | (PlaceRow.until <= now))
            if attempt.succeeded:
                return SendingPlace(name, number, until)
        return None

    @unavailable
    def give_back(self, place: SendingPlace) -> None:
        """Free a place, unless its time was over and another has taken it."""
        with Attempt():
            PlaceRow(*keys.place(place.name, place.number)).delete(PlaceRow.until == place.until)
