"""Which links are left alone: what their words, their addresses and their senders' marks say, in many spellings."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocello.domain.mail import rewriting
from ocello.domain.mail.rewriting.context import AddressText
from ocello.domain.mail.rewriting.links import rules, unsubscribe
from tests.fakes.engagement.tracking import context

TARGET = "https://e.test/a"


def reasons(html, **changes):
    found = rewriting.track_html(html.encode(), "utf-8", context(open_url=None, **changes))
    return [note.reason for note in found.untracked] + ["tracked"] * len(found.links)


LEAVING = """
Unsubscribe|unsubscribe here|Unsubscribed?|Manage or unsubscribe|OPT OUT|Opt-out|opt_out|Optout
Please remove me|Stop receiving these e-mails
Annulla iscrizione|Cancella l’iscrizione|Cancella la tua iscrizione|Annullare l'iscrizione|Disiscriviti
DISISCRIZIONE|Cancellati dalla newsletter|Non voglio ricevere più
Se désinscrire|Désinscription|Me désabonner|Se desabonner|Annuler mon abonnement|Ne plus recevoir
Abmelden|Newsletterabmeldung|Newsletter abbestellen|Hier abbestellen!|Austragen|Keine weiteren E-Mails mehr
Darse de baja|Date de baja|Quiero darme de baja|Cancelar suscripción|CANCELAR LA SUSCRIPCIÓN
Anular mi suscripcion|Baja|Dejar de recibir
Cancelar inscrição|Cancelar a inscricao|Cancelar subscrição|Descadastrar|Deixar de receber
Donar-se de baixa|Dona't de baixa|Cancel·lar la subscripció|Darse de baixa
Afmelden|Uitschrijven|Schrijf je uit|Meld u af
Afmeld|Frameld dig|Afmeld nyhedsbrev|Meld deg av|Avmelding|Avslutt abonnementet
Avregistrera dig|Avprenumerera|Avsluta prenumerationen|Avanmäl
Peruuta tilaus|Peruuta uutiskirjeen tilaus|Peru tilauksesi|Poistu postituslistalta
Afskrá mig|Skrá mig af
Wypisz się|Wypisać się z newslettera|Rezygnuję|Anuluj subskrypcję|Zrezygnuj z subskrypcji
Odhlásit odběr|Odhlásiť sa|Zrušit odběr|Zrušiť odber
Leiratkozás|Leiratkozom
Dezabonare|Dezabonează-te|Anulează abonamentul
Отписване|Отпишете се|Отписаться|Отказаться от рассылки|Отписка|Відписатися|Скасувати підписку|Адпісацца
Απεγγραφή|Διαγραφή από τη λίστα|Κατάργηση εγγραφής
Odjava|Odjavite se|Otkaži pretplatu|Одјава|Одјавите се
Loobu uudiskirjast|Tühista tellimus
Atrakstīties|Atteikties no jaunumiem
Atsisakyti prenumeratos|Atsisakau
Abonelikten çık|ABONELİKTEN ÇIK|Aboneliği iptal et|Bülten aboneliğinden çıkın
Çregjistrohu|Díliostáil|Dad-danysgrifio|Ofmelden
Un-subscribe|Un\u00adsubscribe|Cancel subscription|Cancel your subscription|Leave this list|Remove yourself|Stop these emails
Non desidero più ricevere e-mail|Rimuovi il mio indirizzo|Disattiva le email|Cancelar assinatura|Remover minha assinatura
Abonnement kündigen|Aus der Liste entfernen|退订|取消訂閱|配信停止|購読を解除|수신거부|구독 취소|إلغاء الاشتراك|Bỏ đăng ký
Berhenti berlangganan
""".strip().replace("\n", "|").split("|")  # fmt: skip


@pytest.mark.parametrize("words", LEAVING)
def test_words_by_which_a_reader_leaves_a_list_are_known_in_the_languages_of_europe(words):
    assert reasons(f'<a href="{TARGET}">{words}</a>') == ["unsubscribe"]
    assert reasons(f'<a href="{TARGET}"><img src="x" alt="{words.upper()}"></a>') == ["unsubscribe"]
    text = f"Content-Type: text/plain; charset=utf-8\n\n{words}:\n\n  > {TARGET}\n"
    if words != "Baja":  # which counts only if it is the whole text
        assert [note.reason for note in rewriting.track(text.encode(), context()).untracked] == [
            "no-html",
            "unsubscribe",
        ]


@pytest.mark.parametrize(
    "words",
    [
        "Adopt outdoor dogs", "Adoption outlook", "Co-op outlet", "Opt for outdoor", "Subscribe", "Baja California",
        "Annulla ordine", "Cancella il filtro", "Iscrizione al corso", "S'inscrire", "S'abonner", "Anmelden", "Bestellen",
        "Suscripción", "Cancelar pedido", "Aanmelden", "Schrijf een recensie", "Tilaa uutiskirje", "Zapisz się",
        "Підписатися", "Подписаться", "Падпісацца", "Εγγραφή", "Prijava", "Abone ol", "Stop the clock", "The opt-outdoor guide",
    ],
)  # fmt: skip
def test_words_that_only_look_alike_are_of_ordinary_links(words):
    assert reasons(f'<a href="{TARGET}">{words}</a>') == ["tracked"]


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("unsubscribe", "unsubscribe"),
        ("list/UnsubscribeUser?id=1", "unsubscribe"),
        ("?action=doOptOut", "unsubscribe"),
        ("email_opt_out.php", "unsubscribe"),
        ("opt%2Dout", "unsubscribe"),
        ("darse-de-baja", "unsubscribe"),
        ("annulla_iscrizione", "unsubscribe"),
        ("newsletter/abmeldung.html", "unsubscribe"),
        ("d%C3%A9sinscription", "unsubscribe"),
        ("%D0%BE%D1%82%D0%BF%D0%B8%D1%81%D0%B0%D1%82%D1%8C%D1%81%D1%8F", "unsubscribe"),
        ("u/?unsub=1", "unsubscribe"),
        ("UnSubscribe.aspx", "unsubscribe"),
        ("stop-emails", "unsubscribe"),
        ("baja-newsletter", "unsubscribe"),
        ("adopt-outdoor-dogs", "tracked"),
        ("adoptout", "tracked"),
        ("opt-outdoor", "tracked"),
        ("sunsub-zero", "tracked"),
        ("subscribe", "tracked"),
    ],
)
def test_an_address_tells_by_whole_words_that_it_unsubscribes(path, reason):
    assert reasons(f'<a href="https://e.test/{path}">x</a>') == [reason]


@pytest.mark.parametrize(
    "field",
    [
        "<https://l.test/leave?u=1&m=2>",
        "<mailto:a@b.test>, <https://l.test/leave?u=1&m=2>",
        "<https://l.test/leave?u=1\r\n &m=2>",
        "<\r\n\thttps://l.test/\r\n leave?u=1&m=2 >",
        "<https://l.test/leave?u=1&amp;m=2>",
        "<HTTPS://L.test/leave?u=1&m=2>",
        "<http://l.test/leave?u=1&m=2>",
        "<https://l.test/%6Ceave?u=1&m=2>",
        "https://l.test/leave?u=1&m=2",
        "=?us-ascii?Q?=3Chttps=3A=2F=2Fl=2Etest=2Fleave=3Fu=3D1=26m=3D2=3E?=",
        "=?utf-8?B?PGh0dHBzOi8vbC50ZXN0L2xlYXZlP3U9MSZtPTI+?=",
        "=?utf-8?Q?=3Chttps=3A=2F=2Fl=2Etest=2F?=\r\n =?utf-8?Q?leave=3Fu=3D1=26m=3D2=3E?=",
    ],
)
def test_list_unsubscribe_is_compared_however_it_is_folded_and_encoded(field):
    mail = (
        f"List-Unsubscribe: {field}\r\nContent-Type: text/html\r\n\r\n"
        '<a href="https://l.test/leave?u=1&amp;m=2">x</a><a href="https://l.test/leave?u=1&amp;m=3">y</a>'
    )
    found = rewriting.track(mail.encode(), context())
    assert [note.reason for note in found.untracked] == ["unsubscribe"]
    assert [link.url for link in found.links] == ["https://l.test/leave?u=1&m=3"]


@settings(deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_any_words_and_any_list_unsubscribe_are_read_without_an_error(words, field):
    seen = unsubscribe.parse_list_unsubscribe([field.encode("utf-8", "replace").decode("latin-1")])
    assert unsubscribe.unsubscribes(f"https://e.test/{words}", f"Unsubscribe {words}", seen)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("password/reset/abc", "one-time"),  # Laravel
        ("email/verify/28/eac8?expires=1&amp;signature=2", "one-time"),
        ("wp-login.php?action=rp&amp;key=K&amp;login=u", "one-time"),  # WordPress
        ("wp-login.php?login=u&amp;key=K&amp;action=rp", "one-time"),
        ("wp-login.php?action=resetpass", "one-time"),
        ("wp-activate.php?key=K", "one-time"),
        ("wp-login.php?action=confirmaction&amp;request_id=3", "one-time"),
        ("__/auth/action?mode=resetPassword&amp;oobCode=1", "one-time"),  # Firebase
        ("__/auth/action?mode=verifyEmail&amp;oobCode=1", "one-time"),
        ("__/auth/action?mode=recoverEmail&amp;x=1", "one-time"),
        ("__/auth/action?mode=signIn&amp;oobCode=1", "one-time"),
        ("users/password/edit?reset_password_token=abc", "one-time"),  # Rails
        ("users/confirmation?confirmation_token=abc", "one-time"),
        ("accounts/reset/MQ/bx5-9f3/", "one-time"),  # Django
        ("password_reset/abc", "one-time"),
        ("forgot-password/Zk3", "one-time"),
        ("change-password?token=Zk3", "one-time"),
        ("lo/reset?ticket=Zk3", "one-time"),  # Auth0
        ("u/email-verification?lang=en&amp;ticket=Zk3#", "one-time"),
        ("web/signup?db=x&amp;token=Zk3", "one-time"),  # Odoo
        ("verify?code=123456", "one-time"),
        ("sign-in?token=Zk3", "one-time"),
        ("invite/accept?token=Zk3", "one-time"),
        ("invitations/Zk3/accept", "one-time"),
        ("activate/3f2a9c0b7d1e4f56a8b9", "one-time"),
        ("login/magic/Zk3", "one-time"),
        ("confirm/123e4567-e89b-12d3-a456-426614174000", "one-time"),
        ("blog/change-password-habits", "tracked"),
        ("sign-up?code=SPRING", "tracked"),
        ("recovery/economic-outlook-2026", "tracked"),
        ("change/climate_report_2026.html", "tracked"),
        ("verify?lang=en", "tracked"),
        ("invite", "tracked"),
        ("activate-your-brand-with-colour", "tracked"),
        ("promo?token=Zk3", "tracked"),
        ("product?code=12", "tracked"),
        ("user/reset/1/1732/abc/login", "one-time"),  # Drupal
        ("auth/v1/verify?token=1&amp;type=recovery", "one-time"),  # Supabase
        ("realms/x/login-actions/action-token?key=1", "one-time"),  # Keycloak
        ("confirmUser?confirmation_code=1", "one-time"),  # Cognito
        ("Account/ResetPassword?code=1", "one-time"),  # ASP.NET
        ("Account/ConfirmEmail?userId=1&amp;code=2", "one-time"),
        ("api/auth/callback/email?token=1", "one-time"),  # Auth.js
        ("auth/magic-link?t=1", "one-time"),
        ("magiclink/1", "one-time"),
        ("verify-email/1", "one-time"),
        ("email-verification?ticket=1", "one-time"),
        ("activate-account/1", "one-time"),
        ("one-time-login/abc", "one-time"),
        ("one_time_password?x", "one-time"),
        ("onetime/abc", "one-time"),
        ("login?OTP=123", "one-time"),
        ("%72eset-password?t=1", "one-time"),
        ("one-time-offer", "tracked"),
        ("onetime-deal", "tracked"),
        ("one-time-keynote", "tracked"),
        ("reset-passport", "tracked"),
        ("?laptop=1", "tracked"),
        ("verified-email-partners", "tracked"),
        ("email-marketing", "tracked"),
        ("preset/a/b-c", "tracked"),
        ("brochure.pdf?X-Amz-Expires=1&amp;X-Amz-Signature=2", "tracked"),
        ("action?mode=dark&amp;type=signup", "tracked"),
    ],
)
def test_links_that_work_once_are_known_by_what_makes_them(path, reason):
    assert reasons(f'<a href="https://e.test/{path}">x</a>') == [reason]


@pytest.mark.parametrize(
    ("mark", "reason"),
    [
        ('data-track="off"', "off"),
        ("data-track=no", "off"),
        ('clicktracking="off"', "off"),
        ("ClickTracking=OFF", "off"),
        ("clicktracking = ' off '", "off"),
        ("ses:no-track", "off"),
        ('SES:NO-TRACK=""', "off"),
        ("data-pm-no-track", "off"),
        ('data-msys-clicktrack="0"', "off"),
        ('disable-tracking="true"', "off"),
        ("disable-tracking", "off"),
        ("mc:disable-tracking", "off"),
        ('mautic:disable-tracking="true"', "off"),
        ('class="btn untracked"', "off"),
        ('autotrack="false"', "off"),
        ("mb_dontconvertlink", "off"),
        ('clicktracking="on"', "tracked"),
        ('data-track="click"', "tracked"),
        ('disable-tracking="false"', "tracked"),
        ('class="untracked-not"', "tracked"),
        ('title="clicktracking=off"', "tracked"),
        ('data-clicktracking-off-x="off"', "tracked"),
    ],
)
def test_the_marks_of_other_senders_count_too(mark, reason):
    assert reasons(f'<a {mark} href="{TARGET}">x</a>') == [reason]
    assert reasons(f'<a style="a" href="{TARGET}" {mark}>x</a>') == [reason]


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("?name={contactfield=firstname}", "template"),
        ("{firstname}", "template"),
        ("{unsubscribe_url}", "template"),
        ("{contact.first-name}", "template"),
        ("{contactfield=name|there}", "template"),
        ("{$name}", "template"),
        ("{!Contact.Id}", "template"),
        ("?t=%recipient.token%", "template"),
        ("?t=%FIRSTNAME%&amp;x=1", "template"),
        ("?d=%date%", "template"),
        ("?d=%address%/x", "template"),
        ("%name%20surname", "template"),
        ("{{name}}", "template"),
        ("?q={}", "tracked"),
        ("?q={1,2}", "tracked"),
        ("?ids={F2504E0A-4F89-11D3-9A0C-0305E82C3301}", "tracked"),
        ("?f={&quot;a&quot;:1}", "tracked"),
        ("?q={a b}", "tracked"),
        ("caf%C3%A9", "tracked"),
        ("%C3abc%A9", "tracked"),
        ("%D0%BE%D1%82%D0%BF", "tracked"),
        ("100%25%20off", "tracked"),
        ("?off=50%", "tracked"),
        ("?a=5%&amp;b=6%", "tracked"),
    ],
)
def test_a_placeholder_is_known_by_its_name(path, reason):
    assert reasons(f'<a href="https://e.test/{path}">x</a>') == [reason]


@pytest.mark.parametrize(
    ("tracking_host", "target", "text", "auto"),
    [
        ("t.other.test", "https://acme.test/a", "https://acme.test/a", "address-text"),
        ("t.acme.test", "https://acme.test/a", "https://acme.test/a", None),
        ("t.acme.test:8443", "https://www.acme.test/a", " HTTP://www.ACME.test ", None),
        ("t.acme.test", "https://acme.test/a", "https://evil.test/a", "address-text"),
        ("t.acme.test", "https://evil.test/a", "https://acme.test/a", "address-text"),
        ("t.acme.co.uk", "https://other.co.uk/a", "https://other.co.uk/a", "address-text"),
        ("t.acme.co.uk", "https://acme.co.uk/a", "https://acme.co.uk/a", None),
        ("t.bücher.example", "https://www.bücher.example/", "https://xn--bcher-kva.example", None),
        ("t.other.test", "https://acme.test/a", "https://acme.test/a for you", "address-text"),
        ("t.other.test", "https://acme.test/a", "see https://acme.test/a", None),
        ("t.other.test", "https://acme.test/a", "www.acme.test", None),
        ("t.other.test", "https://acme.test/a", "acme.test/a", None),
        ("t.other.test", "https://acme.test/a", "the offer", None),
    ],
)
def test_a_text_that_is_a_whole_address_of_another_domain_is_left_alone(tracking_host, target, text, auto):
    expected: dict[AddressText, str | None] = {
        "auto": auto,
        "false": None,
        "true": "address-text" if "." in text else None,
    }
    for mode, reason in expected.items():
        settings = rewriting.TrackingContext(tracking_host, leave_address_text=mode)
        if mode != "true" or " " not in text.strip():
            assert rules.reason_by_text(target, text, settings) == reason


def test_an_address_shown_without_its_scheme_is_tracked():
    assert reasons('<a href="https://acme.test/a">https://acme.test/a</a>') == ["address-text"]
    assert reasons('<a href="https://acme.test/a">acme.test/a</a>') == ["tracked"]


@pytest.mark.parametrize(
    ("tracking_host", "target", "ours"),
    [
        ("t.test", "https://T.test./x", True),
        ("t.test", "https://t.test:443/x", True),
        ("t.test:443", "https://t.test/x", True),
        ("t.test:8443", "https://t.test:8443/x", True),
        ("t.test:8443", "https://t.test/x", False),
        ("t.bücher.example", "https://t.xn--bcher-kva.example/x", True),
        ("T.XN--BCHER-KVA.example", "https://t.bücher.example/x", True),
        ("[::1]:80", "http://[::1]:80/x", True),
    ],
)
def test_our_own_host_is_known_in_every_spelling(tracking_host, target, ours):
    settings = rewriting.TrackingContext(tracking_host)
    assert rules.untracked_reason(target, "x", settings, frozenset()) == ("tracking-host" if ours else None)
