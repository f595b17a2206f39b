"""What SES says of an address is shown to a person; its answers are checked against the service's own description."""

import botocore.session
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber

from ocello.adapters.ses.identities import SesIdentities
from ocello.adapters.smtp.account_probe import ServerProbe
from ocello.domain.messages.delivery import Deferred, Rejected, Unverified
from ocello.domain.people.credentials import Password
from ocello.domain.people.users import Account

ADDRESS, DOMAIN = "rosa@example.test", "example.test"
UNKNOWN = "NotFoundException"
VERIFIED = {"VerifiedForSendingStatus": True, "VerificationStatus": "SUCCESS"}
PENDING = {"VerifiedForSendingStatus": False, "VerificationStatus": "PENDING"}
FAILED = {"VerifiedForSendingStatus": False, "VerificationStatus": "FAILED"}


@pytest.fixture
def ses():
    client = botocore.session.get_session().create_client(
        "sesv2", region_name="eu-south-1", aws_access_key_id="id", aws_secret_access_key="secret"
    )
    with Stubber(client) as stub:
        stub.client = client
        yield stub
        stub.assert_no_pending_responses()


def answers(ses, method, identity, answer):
    if isinstance(answer, str):
        status = 503 if answer == "ServiceUnavailable" else 400
        ses.add_client_error(method, answer, "words", status, expected_params={"EmailIdentity": identity})
    else:
        ses.add_response(method, answer, {"EmailIdentity": identity})


def check(ses):
    account = Account("u", ADDRESS, "Rosa", "ses", verified=True)
    ServerProbe(identities=SesIdentities(ses.client)).check(account, Password(""))


@pytest.mark.parametrize(
    ("of_address", "of_domain"), [(VERIFIED, UNKNOWN), (UNKNOWN, VERIFIED), (PENDING, VERIFIED), (VERIFIED, VERIFIED)]
)
def test_an_address_that_ses_verified_or_whose_domain_it_did_may_be_connected(ses, of_address, of_domain):
    answers(ses, "get_email_identity", ADDRESS, of_address)
    answers(ses, "get_email_identity", DOMAIN, of_domain)
    check(ses)


@pytest.mark.parametrize(
    ("of_address", "of_domain", "kind", "words"),
    [
        (UNKNOWN, UNKNOWN, Unverified, "has verified neither this address nor its domain"),
        (UNKNOWN, PENDING, Unverified, "has verified neither this address nor its domain"),
        (PENDING, UNKNOWN, Rejected, "has sent its verification mail to this address"),
        (FAILED, UNKNOWN, Rejected, "was not opened in time"),
    ],
)
def test_an_address_that_ses_did_not_verify_is_refused_with_what_to_do(ses, of_address, of_domain, kind, words):
    answers(ses, "get_email_identity", ADDRESS, of_address)
    answers(ses, "get_email_identity", DOMAIN, of_domain)
    with pytest.raises(kind, match=words) as raised:
        check(ses)
    assert type(raised.value) is kind, "SES is asked to write only where it knows nothing of the address"


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        ("TooManyRequestsException", Deferred, "does not answer just now"),
        ("ThrottlingException", Deferred, "does not answer just now"),
        ("ServiceUnavailable", Deferred, "does not answer just now"),
        ("AccessDeniedException", Rejected, "its operator has to allow it"),
        ("BadRequestException", Rejected, "does not accept this address"),
    ],
)
@pytest.mark.parametrize("method", ["get_email_identity", "create_email_identity"])
def test_what_ses_answers_instead_is_said_and_never_its_own_words(ses, method, code, kind, words):
    answers(ses, method, ADDRESS, code)
    with pytest.raises(kind, match=words):
        check(ses) if method == "get_email_identity" else SesIdentities(ses.client).invite(ADDRESS)


class Unreachable:
    def get_email_identity(self, **_):
        raise EndpointConnectionError(endpoint_url="https://ses.test")

    create_email_identity = get_email_identity


def test_an_ses_that_cannot_be_reached_is_a_matter_of_time():
    for ask in (SesIdentities(Unreachable()).check, SesIdentities(Unreachable()).invite):
        with pytest.raises(Deferred, match="does not answer just now"):
            ask(ADDRESS)


def test_ses_writes_to_an_address_once(ses):
    answers(ses, "create_email_identity", ADDRESS, {"IdentityType": "EMAIL_ADDRESS", "VerifiedForSendingStatus": False})
    SesIdentities(ses.client).invite(ADDRESS)
    answers(ses, "create_email_identity", ADDRESS, "AlreadyExistsException")
    answers(ses, "get_email_identity", ADDRESS, PENDING)
    ServerProbe(identities=SesIdentities(ses.client)).invite(ADDRESS)


def test_an_invitation_that_ran_out_is_not_said_to_be_on_its_way(ses):
    answers(ses, "create_email_identity", ADDRESS, "AlreadyExistsException")
    answers(ses, "get_email_identity", ADDRESS, FAILED)
    with pytest.raises(Rejected, match="was not opened in time"):
        SesIdentities(ses.client).invite(ADDRESS)
