"""Unsubscribe links, recognised by List-Unsubscribe, by their address, or by words in the languages of Europe.

Some of the widely spoken languages of other continents are included.

Such a link is never tracked: whoever wants to unsubscribe must be able to, without being counted. If a word may mean
unsubscribing, it is taken to mean it.
"""

import html
import re
import unicodedata
from collections.abc import Iterable
from itertools import islice
from urllib.parse import unquote, urlsplit

from ocello.domain.common import hosts
from ocello.domain.mail import foreign_text

# Whole words, since parts of others look the same (adOPT OUTdoor dogs): `*` is any beginning or ending of a word, `~` is up to
# two words. Case, accents and punctuation are ignored. Each line holds one language, or a few related ones.
_PHRASES = """
*unsubscri*, un subscri*, unsub, opt out, optout, opt me out, remove me, remove yourself, take me off, stop receiving
no longer receive, stop ~ emails, stop ~ mails, cancel* ~ subscription*, end ~ subscription
leave ~ list, leave ~ mailing list
*disiscri*, annull* ~ iscrizione, cancell* ~ iscrizione, revoc* ~ iscrizione, rimuov* ~ iscrizione, annull* ~ sottoscrizione
cancell* ~ sottoscrizione, cancell* ~ newsletter, cancellati ~ lista, cancellami, rimuovimi, non ~ ricevere piu
non ~ più ricevere, rimuovi ~ mail, rimuovi ~ email, rimuovi ~ indirizzo
disdici ~ iscrizione, disattiva ~ email, disattiva ~ mail
*désabonn*, *désinscri*, annul* ~ inscription, annul* ~ abonnement, ne plus recevoir
*abmeld*, *abbestell*, austragen, trag* ~ aus dem verteiler, keine ~ mails mehr, newsletter kündigen, *ofmeld*
abo kündigen, abonnement kündigen, aus ~ liste entfernen, aus ~ verteiler entfernen
dad danysgrif*, datdanysgrif*, díliostáil*, iddisabbona*, harpidetza ~ kendu, harpidetza ~ utzi
darse de baja, darte de baja, darme de baja, dar de baja, date de baja, dese de baja, solicitar ~ baja, cancel* ~ suscripción
anul* ~ suscripción, *desuscri*, dejar de recibir, no deseo recibir, no recibir más
cancel* ~ inscrição, cancel* ~ subscrição, cancel* ~ newsletter, anul* ~ subscrição, anul* ~ inscrição, remov* ~ subscrição
cancel* ~ assinatura, remov* ~ assinatura, anul* ~ assinatura, dar baja, baja newsletter, baja ~ boletín
*descadastr*, *dessubscr*, *desinscre*, deixar de receber, darse de baixa, dar de baixa, cancel* ~ subscrición
donar de baixa, donar me de baixa, donar se de baixa, dona t de baixa, cancel* ~ subscripció, anul* ~ subscripció
*afmeld*, *uitschrijv*, schrijf ~ uit, meld ~ af, nieuwsbrief opzeggen, geen ~ mails meer
*framelding*, frameld*, *avmeld*, meld ~ av, opsig ~ nyhedsbrev, stop ~ nyhedsbrev, avslutt ~ abonnement*
*avregistrer*, *avprenumer*, *avanmäl*, avsluta ~ prenumeration*, säg upp ~ prenumeration*, sluta prenumerera
peruuta ~ tilau*, peru ~ tilau*, lopeta ~ tilau*, poistu ~ *listalta, peruuta ~ uutiskirj*, peru ~ uutiskirj*
*afskrá*, skrá ~ af, segja upp ~ áskrift
wypisz*, wypisać*, wypisuj*, odsubskr*, zrezygnuj*, rezygnuj*, rezygnac* ~ subskrypcj*, rezygnac* ~ newsletter*
anuluj ~ subskrypcj*, anulowa* ~ subskrypcj*
odhlás*, odhlaš*, zruš* ~ odběr*, zruš* ~ odber*, ukonč* ~ odběr*, ukonč* ~ odber*
leiratkoz*
*dezabon*, anul* ~ abonament*
отпис*, отпиш*, отабонир*, отказ* ~ абонамент*, отказ* от ~ рассыл*, отказ* от ~ подписк*, отмен* ~ подписк*
відпис*, відпиш*, скасув* ~ підписк*, відмов* ~ розсил*, адпіс*, адпіш*
απεγγραφ*, διαγραφή ~ λίστα, διαγραφή ~ newsletter, διαγραφή ~ ενημερωτικ*, κατάργηση ~ εγγραφή*, ακύρωση ~ εγγραφή*
ακύρωση ~ συνδρομή*, διαγραφείτε
odjav*, otkaž* ~ pretplat*, otkaz* ~ pretplat*, ispiši se, ispiš* ~ list*, одјав*, откаж* ~ претплат*
loobu*, tühista ~ tellimu*, lõpeta ~ tellimu*
atrakst*, atteik* ~ jaunum*, atteik* ~ abon*, atcel* ~ abon*, pārtrauk* ~ abon*
atsisak*, nutrauk* ~ prenumerat*, atšauk* ~ prenumerat*
aboneli* ~ çık*, aboneli* ~ iptal, aboneli* ~ ayrıl*, listeden çık*
çregjistr*, çabonohu*, anulo* ~ abonim*, hiq* ~ abonim*
*退订*, *退訂*, *取消订阅*, *取消訂閱*, *配信停止*, *配信解除*, *購読解除*, *購読を解除*
*購読停止*, *登録解除*, *수신거부*, *수신 거부*, *구독 취소*, *구독취소*
*إلغاء الاشتراك*, *הסרה מרשימת*, *הסר מרשימת*, bỏ đăng ký, hủy đăng ký, berhenti berlangganan, *ยกเลิกการรับ*
"""
_ALONE = frozenset({"baja", "stop", "remove", "cancellati", "הסר"})  # only if they are the whole text of a link
_LONGEST_ALONE = 12  # characters, with punctuation around the word
_SHORTEST = 3  # first letters of a phrase, by which it is indexed

_LIKE = str.maketrans({"ı": "i", "ł": "l", "ø": "o", "đ": "d", "·": None, "\u00ad": None})
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")  # unsubscribeUser
_APART = bytes(ord(chr(code).lower()) if chr(code).isalnum() or code == 0 else ord(" ") for code in range(128)).ljust(
    256
)
_BORDER = "\0"  # no phrase crosses it
_BETWEEN = re.compile(r"(?:[^\w\0]|_)+")
_FIELDS, _LONGEST = 10, 4_000  # of List-Unsubscribe, and characters of each that are decoded: no real mail has more
_IN_BRACKETS = re.compile(r"<([^<>]*+)>")


def parse_list_unsubscribe(values: Iterable[str]) -> frozenset[tuple[str, ...]]:
    """Return the addresses in List-Unsubscribe fields (a character for each byte), in the form that `unsubscribes` compares."""
    found: set[tuple[str, ...]] = set()
    for value in islice(values, _FIELDS):
        text = _decoded(value)
        for address in _IN_BRACKETS.findall(text) or text.split(","):
            joined = "".join(address.split())  # white space comes from folding and is no part of an address: RFC 2369
            found |= {_compared(joined), _compared(html.unescape(joined))}
    return frozenset(found)


def unsubscribes(target: str, text: str, unsubscribe: frozenset[tuple[str, ...]]) -> bool:
    """Return whether a link unsubscribes its reader, by its address or its text, given the result of `parse_list_unsubscribe`."""
    if unsubscribe and _compared(target) in unsubscribe:
        return True
    address = unquote(target) if "%" in target else target
    if not address.islower():
        address = _HUMP.sub(" ", address)
    return _says(_words(f"{address} {_BORDER} {text}")) or (len(text) <= _LONGEST_ALONE and _words(text) in _ALONE)


def _says(words: str) -> bool:
    """Return whether words, as `_words` returns them, contain one of the phrases."""
    for part in _ANYWHERE:
        if part in words:
            return True
    spaced = f" {words}"
    return any(_BEGUN[found[1]].match(spaced, found.start(1)) for found in _BEGINNING.finditer(spaced))


def _words(text: str) -> str:
    """Return text as words between single spaces, casefolded and without accents."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text.casefold()).translate(_LIKE)
        text = "".join([letter for letter in text if not unicodedata.combining(letter)])
        return _BETWEEN.sub(" ", text.lower()).strip()
    return " ".join(text.encode().translate(_APART).decode().split())


def _pattern(phrase: str) -> str:
    """Return a regular expression that finds a phrase in words."""
    words = [r"(?:\w+ ){0,2}" if word == "~" else word.replace("*", r"\w*") + " " for word in phrase.split()]
    return "".join(words).rstrip(" ")


def _phrases() -> list[str]:
    """Return the phrases in the form of `_words`, with their signs `*` and `~` kept."""
    kept = str.maketrans({"*": "0", "~": "1"})  # `_words` keeps digits
    back = str.maketrans({"0": "*", "1": "~"})
    return [_words(phrase.translate(kept)).translate(back) for phrase in re.split("[,\n]", _PHRASES) if phrase.strip()]


def _by_beginning() -> dict[str, str]:
    """Return the regular expressions of the phrases, indexed by their first letters."""
    found: dict[str, list[str]] = {}
    for phrase in _READ:
        if not phrase.startswith("*"):
            found.setdefault(phrase[:_SHORTEST], []).append(_pattern(phrase))
    return {beginning: "|".join(patterns) for beginning, patterns in found.items()}


_READ = _phrases()
_ANYWHERE = tuple(phrase.strip("*") for phrase in _READ if phrase.startswith("*"))
_BEGUN = {beginning: re.compile(rf"(?:{patterns})\b") for beginning, patterns in _by_beginning().items()}
_BEGINNING = re.compile(rf" (?=({'|'.join(_BEGUN)}))")


def _decoded(value: str) -> str:
    """Decode a field: as UTF-8 if it is valid, and its encoded words."""
    try:
        text = value.encode("latin-1").decode()
    except ValueError:
        text = value
    if "=?" not in text or len(text) > _LONGEST:
        return text
    return foreign_text.decode_words(text)


def _compared(url: str) -> tuple[str, ...]:
    """Return an address in the form that is compared: percent-decoded, without scheme and fragment."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return (url,)
    return hosts.host_of(url), unquote(parts.path) or "/", unquote(parts.query.replace("+", " "))
