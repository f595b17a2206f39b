"""The fixed answers of the tracking origin: the pixel, robots.txt, the page about this host, not found."""

PIXEL = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAICRAEAOw=="  # 43 bytes: one transparent point, GIF 89a

PIXEL_HEADERS = {
    "Content-Type": "image/gif",
    "Cache-Control": "no-store, no-cache, must-revalidate, max-age=0",
    "Pragma": "no-cache",
    "Expires": "Thu, 01 Jan 1970 00:00:00 GMT",
    "X-Content-Type-Options": "nosniff",
}
REDIRECT_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}
TEXT_HEADERS = {
    "Content-Type": "text/plain; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
PAGE_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "max-age=3600",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}

ROBOTS = "User-agent: *\nDisallow: /\n"
NOT_FOUND = "Not found.\nWhat this host is, and whom to ask: /about\n"


def _escaped(text: str) -> str:
    """Escape `text` for HTML, without the 3 ms that importing `html` costs."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def about(operator: str, contact: str) -> str:
    """Return the page that says what this host is and whom to ask."""
    who = _escaped(operator) or "The company that sent you the mail"
    ask = f"write to {_escaped(contact)}" if contact else "reply to the mail that brought you here"
    return (
        '<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><title>About this host</title></head>\n<body>\n'
        "<main>\n<h1>About this host</h1>\n"
        f"<p>{who} uses this host for links and images in the e-mail that its people send, "
        "so that they learn whether a mail was opened and which links were followed.</p>\n"
        "<p>A link through this host leads to the address that the sender put into the mail, and nowhere else. "
        "This host sets no cookies.</p>\n"
        f"<p>To ask what is recorded about you, to have it deleted, or to object: {ask}.</p>\n"
        "</main>\n</body>\n</html>\n"
    )
