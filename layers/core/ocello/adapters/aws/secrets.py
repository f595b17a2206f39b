"""Reads passwords of SMTP servers that were kept in Secrets Manager before they were sealed in their accounts' rows."""

from typing import Any

from ocello.adapters.aws import clients
from ocello.domain.common.errors import Unavailable


class SecretsManagerStore:
    """SecretStore."""

    def __init__(self, client: Any = None) -> None:
        """Keep `client`, botocore's for Secrets Manager, made when first used where not given."""
        self._client = client or clients.late("secretsmanager")

    def read(self, name: str) -> str:
        """Read a secret. Raises Unavailable."""
        try:
            return str(self._client.get_secret_value(SecretId=name)["SecretString"])
        except clients.FAILURES as error:
            raise _unavailable(error) from error

    def delete(self, name: str) -> None:
        """Forget a secret, at once, so that its name is free again; nothing happens where there is none."""
        try:
            self._client.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
        except clients.FAILURES as error:
            if clients.code_of(error) != "ResourceNotFoundException":
                raise _unavailable(error) from error


def _unavailable(error: Exception) -> Unavailable:
    return Unavailable(f"secret store: {clients.code_of(error)}")
