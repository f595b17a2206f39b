"""Reads passwords of SMTP servers in Secrets Manager, where they were stored before they were encrypted in accounts' rows."""

from typing import Any

from ocello.adapters.aws import clients

_SERVICE = "secret store"


class SecretsManagerStore:
    """SecretStore."""

    def __init__(self, client: Any = None) -> None:
        """Use botocore's `client` for Secrets Manager; the default is made at its first use."""
        self._client = client or clients.late("secretsmanager")

    def read(self, name: str) -> str:
        """Return a secret. Raise Unavailable."""
        with clients.unavailable(_SERVICE):
            found = self._client.get_secret_value(SecretId=name)
        return str(found["SecretString"])

    def delete(self, name: str) -> None:
        """Delete a secret at once, so that its name can be used again; a missing one is ignored. Raise Unavailable."""
        with clients.unavailable(_SERVICE, expected=["ResourceNotFoundException"]):
            self._client.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
