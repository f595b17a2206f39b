"""The keys of what retention remembers, and of the log of what was deleted."""

from ocello.adapters.dynamodb.keys import Bounds, Key

RETENTION_RUN = Key("RETENTION", "RUN")


def due(message: str, day: int) -> Key:
    """Key the note that a message's engagement row is to be looked at on a day since 1970."""
    return Key(DUE, f"{day:06d}#{message}")


DUE = "RETENTION#DUE"


def due_until(day: int) -> Bounds:
    """Bound the notes up to a day, that one included."""
    return Bounds("0", f"{day:06d}#~")


def due_parts(sort: str) -> tuple[str, int]:
    """Return the message and the day in a note's sort key."""
    day, _, message = sort.partition("#")
    return message, int(day)


SUBJECT_JOBS = "SUBJECTJOBS"  # the partition of requests to export or erase; their sort key is the job's id


def rights_ticket(digest: str) -> Key:
    """Key what the link of a mail about an export or an erasure stands for."""
    return Key(f"TICKET#{digest}", "TICKET")


DELETIONS = "DELETIONS"  # the partition of the log of deletions


def deletion_sort(began: int, subject: str) -> str:
    """Return the sort key of an entry: entries sort by when the work began."""
    return f"{began:013d}#{subject}"
