"""Notes, under each reader, the tracked copies of mail that was stored before copies were noted as they leave.

    make index-subjects

for the stack of production; STACK=… names another one, REGION=… where it is. Run it once after the first deploy that has
the output SubjectKeyArn: only mail that is noted can be silenced when its reader withdraws consent. It reads messages user
by user, at most MOST=… of them in one go (10,000 if not given), and says how to go on with FROM=…. Doing it twice changes
nothing; mail that leaves meanwhile is noted as it leaves.
"""

import boto3

from infra.tools.operate import deployed
from ocello.adapters.aws.s3_mail import S3MailStore
from ocello.domain.common.errors import OcelloError
from ocello.services.consent.subjects import AllMail, MailPlace, note_stored
from ocello.wiring.consent import ConsentWiring

MOST = 10_000  # messages in one go


def serialize(place: MailPlace) -> str:
    """Spell a place for the command line."""
    return f"{place.user}/{place.cursor or ''}"


def parse(text: str) -> MailPlace:
    """Read a place that `serialize` gave."""
    user, _, cursor = text.partition("/")
    return MailPlace(user, cursor or None)


def main() -> int:
    """Note what the arguments ask for, and say where to go on."""
    parser = deployed.command("make index-subjects", __doc__)
    parser.add_argument("--most", type=int, default=MOST, help=f"messages in one go, {MOST} if not given")
    parser.add_argument("--from", dest="place", type=parse, help="where an earlier go stopped")
    chosen = parser.parse_args()
    session = boto3.Session(region_name=chosen.region)
    stack, variables = deployed.opened(parser, session, chosen.stack)
    wiring = ConsentWiring(stack, variables, mail=S3MailStore(stack.mail_bucket, session.client("s3")))
    try:
        messages, copies, place = note_stored(
            AllMail(wiring.users, wiring.messages), wiring.subjects, chosen.place, chosen.most
        )
    except OcelloError as error:
        parser.error(f"{error}; do it again")
    print(f"{messages} messages, {copies} copies noted")
    print("All stored mail is noted." if place is None else f"Go on with FROM={serialize(place)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
