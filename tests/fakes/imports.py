"""The ports of imports in memory, and what works through imports on them."""

from dataclasses import dataclass, field

from ocello.domain.common.errors import Unavailable
from ocello.domain.imports.imports import Import, ImportKind
from ocello.services.common.ports import Page
from ocello.services.consent.consents import Consents
from ocello.services.consent.ports import ShownTexts
from ocello.services.imports.consent_lines import ConsentLines
from ocello.services.imports.imports import ImportRunner
from ocello.services.imports.item_lines import ItemLines
from ocello.services.imports.ports import ImportQueue, ImportStore
from ocello.services.items.change_items import ItemWriter
from ocello.services.items.ports import ItemStore
from ocello.services.people.ports import UserStore
from ocello.services.sending.ports import MailStore
from tests.fakes.people.consent import MemoryShownTexts, consents
from tests.fakes.world import Clock, paged


def runner(
    items: ItemStore,
    users: UserStore,
    imports: ImportStore,
    queue: ImportQueue,
    mail: MailStore,
    clock: Clock,
    said: Consents | None = None,
    texts: ShownTexts | None = None,
) -> ImportRunner:
    """Return what works through imports of both kinds."""

    def writer_of(kind: ImportKind) -> ItemLines | ConsentLines:
        if kind == "items":
            return ItemLines(ItemWriter(items, users, clock))
        return ConsentLines(said or consents(clock)[0], texts or MemoryShownTexts())

    return ImportRunner(writer_of, users, imports, queue, mail, clock)


@dataclass
class MemoryImportStore:
    """ImportStore."""

    kept: dict[tuple[str, str], Import] = field(default_factory=dict)

    def get(self, owner: str, identifier: str) -> Import | None:
        return self.kept.get((owner, identifier))

    def page(self, owner: str, limit: int, cursor: str | None) -> Page[Import]:
        own = [made for (whose, _), made in sorted(self.kept.items(), reverse=True) if whose == owner]
        return paged(own, limit, cursor, lambda made: made.id)

    def write(self, made: Import, before: Import | None) -> bool:
        if self.kept.get((made.owner, made.id)) != before:
            return False
        self.kept[made.owner, made.id] = made
        return True


@dataclass
class MemoryImportQueue:
    """ImportQueue."""

    queued: list[tuple[str, str]] = field(default_factory=list)
    delayed: list[tuple[str, int]] = field(default_factory=list)
    down: bool = False

    def enqueue(self, owner: str, identifier: str) -> None:
        if self.down:
            raise Unavailable("import queue: down")
        self.queued.append((owner, identifier))

    def redeliver_after(self, receipt: str, seconds: int) -> None:
        self.delayed.append((receipt, seconds))
