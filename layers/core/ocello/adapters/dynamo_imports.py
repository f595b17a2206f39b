"""Bulk imports in the app table."""

from dataclasses import asdict
from typing import Any, cast

from pynamodb.exceptions import DoesNotExist, PutError

from ocello.adapters import keys, models
from ocello.adapters.faults import unavailable
from ocello.adapters.models_items import ImportRow
from ocello.domain import texts
from ocello.domain.imports import Import, Refusal

KEPT_SECONDS = 30 * 86_400


class DynamoImportStore:
    """ImportStore."""

    @unavailable
    def get(self, owner: str, identifier: str) -> Import | None:
        """Read an import."""
        try:
            row = ImportRow.get(*keys.import_(owner, identifier), consistent_read=True)
        except DoesNotExist:
            return None
        content = cast("dict[str, Any]", row.content)
        refusals = tuple(Refusal(line, field, texts.read(reason)) for line, field, reason in content["refusals"])
        return Import(**{**content, "refusals": refusals, "reason": texts.read(content["reason"])})

    @unavailable
    def write(self, made: Import, before: Import | None) -> bool:
        """Write an import over `before`; False where that is not what stands."""
        refusals = [[each.line, each.field, texts.spell(each.reason)] for each in made.refusals]
        row = ImportRow(
            *keys.import_(made.owner, made.id),
            version=made.version,
            content={**asdict(made), "refusals": refusals, "reason": texts.spell(made.reason)},
            ttl=made.created_at // 1000 + KEPT_SECONDS,
        )
        try:
            row.save(ImportRow.version == before.version if before else models.Row.pk.does_not_exist())
        except PutError as error:
            if error.cause_response_code == "ConditionalCheckFailedException":
                return False
            raise
        return True
