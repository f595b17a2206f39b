"""Reads passwords of SMTP servers in Secrets Manager, where they were stored before they were encrypted in accounts' rows."""

from typing import Any

from ocello.adapters.aws import clients
from ocello.domain.common.errors import Unavailable


class SecretsManagerStore:
    """SecretStore."""

    def __init__(self, client: Any = None) -> None:
        """Use botocore's `client` for Secrets Manager; the default is made at its first use."""
        self._client = client or clients.late("secretsmanager")

    def read(self, name: str) -> str:
        """Return a secret. Raise Unavailable."""
        try:
            return str(self._client.get_secret_value(SecretId=name)["SecretString"])
        except clients.FAILURES as error:
            raise _unavailable(error) from error

    def delete(self, name: str) -> None:
        """Delete a secret at once, so that its name can be used again; a missing one is ignored. Raise Unavailable."""
        try:
            self._client.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
        except clients.FAILURES as error:
            if clients.code_of(error) != "ResourceNotFoundException":
                raise _unavailable(error) from error


def _unavailable(error: Exception) -> Unavailable:
    return Unavailable(f"secret store: {clients.code_of(error)}")
