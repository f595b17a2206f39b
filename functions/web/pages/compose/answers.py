"""The box at the end of a conversation: what is typed there is sent at once, or goes on in the composer."""

from dataclasses import replace
from html import escape

from functions.web.context import PageRequest
from functions.web.http import Answer, Form, go
from functions.web.pages.compose.drafts import answer_of
from functions.web.pages.compose.form import draft_of
from ocello.domain.messages import drafts
from ocello.domain.messages.drafts import DraftContent


def send(request: PageRequest) -> Answer:
    """Send what was typed to the recipients of a mail; with `write`, or if nothing was typed, show it in the composer."""
    form = request.http.form()
    drafts.check_lengths({"html": form.one("text"), "to": "", "cc": "", "bcc": "", "subject": "", "except": ""})
    message = request.params["message"]
    text = form.one("text").strip()
    if not text:
        return go(f"/app/compose?reply={message}")
    editor, signature = request.context.draft_editor, request.preferences.signature
    reply_to = request.context.mail_reader.read(request.authenticated.user, message)
    begun = editor.begin(request.authenticated.user, form.one("draft"), signature, reply_to)
    content = editor.within_settings(request.user, _typed(begun.content, form, text))
    if form.has("write"):
        saved = editor.save(request.user, begun.id, 0, content, signature)
        return go(f"/app/drafts/{saved.draft.id}")
    return answer_of(request, editor.send(request.principal, begun.id, 0, content, draft_of(content)))


def _typed(content: DraftContent, form: Form, text: str) -> DraftContent:
    lines = "".join(f"<div>{escape(line) or '<br>'}</div>" for line in text.splitlines())
    return replace(content, html=f"{lines}{content.html}", opens=form.has("opens"), clicks=form.has("clicks"))
