"""Reads passwords of SMTP servers that were kept in Secrets Manager before they were sealed in their accounts' rows."""

from typing import Any

from ocello.adapters import aws_clients
from ocello.domain.errors import Unavailable


class SecretsManagerStore:
    """SecretStore."""

    def __init__(self, client: Any = None) -> None:
        """Keep `client`, botocore's for Secrets Manager, made when first used where not given."""
        self._given = client

    @property
    def _client(self) -> Any:
        if self._given is None:
            self._given = aws_clients.client("secretsmanager")
        return self._given

    def read(self, name: str) -> str:
        """Read a secret. Raises Unavailable."""
        try:
            return str(self._client.get_secret_value(SecretId=name)["SecretString"])
        except aws_clients.FAILURES as error:
            raise _unavailable(error) from error

    def delete(self, name: str) -> None:
        """Forget a secret, at once, so that its name is free again; nothing happens where there is none."""
        try:
            self._client.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
        except aws_clients.FAILURES as error:
            if aws_clients.code_of(error) != "ResourceNotFoundException":
                raise _unavailable(error) from error


def _unavailable(error: Exception) -> Unavailable:
    return Unavailable(f"secret store: {aws_clients.code_of(error)}")
