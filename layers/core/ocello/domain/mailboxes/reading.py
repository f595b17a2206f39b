"""How a user's mailbox is read: how much of it, and what can stand in the way."""

from typing import Literal

from ocello.domain.common.errors import OcelloError

Level = Literal["none", "notice", "show"]  # notice: headers alone; show: the text of matched replies too
ReaderName = Literal["none", "imap"]


class SignInRefused(OcelloError):  # noqa: N818 — a server's answer, not a failure of ours
    """The server refused the credential. It is tried no further: each try may lock the user out. The text is its words."""


class MailboxUnreachable(OcelloError):  # noqa: N818 — a state of the world
    """The mailbox cannot be read now, and may be later; not before `seconds`, where the server said so."""

    def __init__(self, text: str, seconds: int = 0) -> None:
        super().__init__(text)
        self.seconds = seconds
