"""Bulk imports in the app table."""

from dataclasses import asdict
from typing import Any, cast

from pynamodb.exceptions import DoesNotExist

from ocello.adapters.dynamodb import item_keys, paging
from ocello.adapters.dynamodb.conditions import Attempt, over
from ocello.adapters.dynamodb.errors import unavailable
from ocello.adapters.dynamodb.models.items import ImportRow
from ocello.domain.common import texts
from ocello.domain.imports.imports import Import, Refusal
from ocello.services.common.ports import Page

KEPT_SECONDS = 30 * 86_400


def _import(row: ImportRow) -> Import:
    content = cast("dict[str, Any]", row.content)
    refusals = tuple(Refusal(line, field, texts.parse(reason)) for line, field, reason in content["refusals"])
    return Import(**{**content, "refusals": refusals, "reason": texts.parse(content["reason"])})


class DynamoImportStore:
    """ImportStore."""

    @unavailable
    def get(self, owner: str, identifier: str) -> Import | None:
        """Return an import, or None."""
        try:
            row = ImportRow.get(*item_keys.import_(owner, identifier), consistent_read=True)
        except DoesNotExist:
            return None
        return _import(row)

    @unavailable
    def page(self, owner: str, limit: int, cursor: str | None) -> Page[Import]:
        """Return a page of a user's imports, newest first."""
        partition = item_keys.import_(owner, "").pk
        rows, following = paging.read(ImportRow.query, partition, ImportRow.sk, limit, cursor, newest_first=True)
        return Page(tuple(map(_import, rows)), following)

    @unavailable
    def write(self, made: Import, before: Import | None) -> bool:
        """Replace the import `before` by `made`; return False if another is stored."""
        refusals = [[each.line, each.field, texts.serialize(each.reason)] for each in made.refusals]
        row = ImportRow(
            *item_keys.import_(made.owner, made.id),
            version=made.version,
            content={**asdict(made), "refusals": refusals, "reason": texts.serialize(made.reason)},
            ttl=made.created_at // 1000 + KEPT_SECONDS,
        )
        with Attempt() as attempt:
            row.save(over(ImportRow.version, before.version if before else None))
        return attempt.succeeded
