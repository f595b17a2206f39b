"""Makes sign-ins in the stack's own Cognito user pool, which mails the first passwords."""

from typing import Any

from ocello.adapters.aws import clients
from ocello.domain.common.errors import Invalid, Unavailable

_UNFIT = frozenset({"InvalidParameterException"})


class CognitoDirectory:
    """Directory."""

    def __init__(self, pool: str, client: Any = None) -> None:
        """Keep the pool's id, and `client`, botocore's for Cognito, made when first used where not given."""
        self._pool = pool
        self._client = client or clients.late("cognito-idp", tries=1)  # a try of its own mails twice

    def invite(self, address: str, *, again: bool) -> bool:
        """Make a sign-in whose address counts as verified, as its password goes there; or mail a new first password."""
        request: dict[str, Any] = {
            "UserPoolId": self._pool,
            "Username": address,
            "DesiredDeliveryMediums": ["EMAIL"],
            "UserAttributes": [{"Name": "email", "Value": address}, {"Name": "email_verified", "Value": "true"}],
        }
        nobody_such = (
            {"UserNotFoundException", "UnsupportedUserStateException"} if again else {"UsernameExistsException"}
        )
        try:
            self._client.admin_create_user(**request, **({"MessageAction": "RESEND"} if again else {}))
        except clients.FAILURES as error:
            code = clients.code_of(error)
            if code in nobody_such:
                return False
            if code in _UNFIT:
                raise Invalid("address", "is not one that the user pool takes") from error
            raise Unavailable(f"user pool: {code}") from error
        return True
