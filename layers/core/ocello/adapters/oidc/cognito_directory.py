"""Creates users in the stack's own Cognito user pool, which mails their first passwords."""

from typing import Any

from ocello.adapters.aws import clients
from ocello.domain.common.errors import Invalid

_UNFIT = frozenset({"InvalidParameterException"})


class CognitoDirectory:
    """Directory."""

    def __init__(self, pool: str, client: Any = None) -> None:
        """Use the pool with this id. `client` is botocore's for Cognito; the default is made at its first use."""
        self._pool = pool
        self._client = client or clients.late("cognito-idp", tries=1)  # a retry would send a second mail

    def invite(self, address: str, *, again: bool) -> bool:
        """Create a user, whose address counts as verified as the password is sent there; or send a new first password."""
        request: dict[str, Any] = {
            "UserPoolId": self._pool,
            "Username": address,
            "DesiredDeliveryMediums": ["EMAIL"],
            "UserAttributes": [{"Name": "email", "Value": address}, {"Name": "email_verified", "Value": "true"}],
        }
        nobody_such = (
            {"UserNotFoundException", "UnsupportedUserStateException"} if again else {"UsernameExistsException"}
        )
        with clients.unavailable("user pool", expected=nobody_such):
            try:
                self._client.admin_create_user(**request, **({"MessageAction": "RESEND"} if again else {}))
            except clients.FAILURES as error:
                if clients.code_of(error) in _UNFIT:
                    raise Invalid("address", "is not one that the user pool takes") from error
                raise
            return True
        return False
