"""The page to try the API: a form for every route of the OpenAPI document, in plain HTML that loads nothing else."""

import base64
import hashlib
import html
import json
import re
from collections.abc import Iterator
from typing import Any

from functions.api.reference_assets import SCRIPT, STYLE

type Json = dict[str, Any]
_CODE = re.compile("`([^`]*)`")


def policy() -> str:
    """Return the page's content security policy: it allows its own script and style, by their digests, and nothing else."""
    script, style = (base64.b64encode(hashlib.sha256(each.encode()).digest()).decode() for each in (SCRIPT, STYLE))
    return f"default-src 'none'; script-src 'sha256-{script}'; style-src 'sha256-{style}'; connect-src 'self'"


def page(document: Json) -> str:
    """Return the HTML of the page for a document."""
    tags = "".join(_tag(document, tag) for tag in document["tags"])
    about = _prose(document["info"]["description"])
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Ocello API</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}</style></head><body><header><h1>Ocello API</h1></header><main>"
        f'<p>{about}</p><p><a href="/v1/openapi.json">OpenAPI document</a></p>'
        '<form id="key"><label for="token">API key or token</label>'
        '<input id="token" type="password" autocomplete="off" spellcheck="false">'
        "<small>Kept in this page alone, and sent with each request.</small></form>"
        f"{tags}</main><script>{SCRIPT}</script></body></html>"
    )


def _prose(text: str) -> str:
    """Return a description as HTML; the only Markdown in it is code."""
    return _CODE.sub(r"<code>\1</code>", html.escape(text))


def _tag(document: Json, tag: Json) -> str:
    forms = "".join(
        _operation(document, method, path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if tag["name"] in operation.get("tags", ())
    )
    name, about = html.escape(tag["name"]), _prose(tag["description"])
    return f'<section aria-labelledby="tag-{name}"><h2 id="tag-{name}">{name}</h2><p>{about}</p>{forms}</section>'


def _operation(document: Json, method: str, path: str, operation: Json) -> str:
    identifier, summary = operation["operationId"], html.escape(operation["summary"])
    fields = "".join(_field(identifier, each) for each in operation.get("parameters", ()))
    answers = "".join(
        f"<dt>{status}</dt><dd>{_prose(answer['description'])}</dd>"
        for status, answer in operation["responses"].items()
    )
    return (
        f'<details class="operation" id="{identifier}"><summary><b>{method.upper()}</b> <code>{html.escape(path)}</code> '
        f"{summary}</summary>"
        f'<form data-method="{method.upper()}" data-path="{html.escape(path)}">'
        f"<p>{_prose(operation.get('description', ''))}</p>{fields}{_body(document, operation)}"
        f'<button>Send<span class="unseen"> {summary}</span></button>'
        f'<pre tabindex="0" role="region" aria-label="Answer to: {summary}" aria-live="polite" hidden></pre></form>'
        f"<dl>{answers}</dl></details>"
    )


def _field(operation: str, parameter: Json) -> str:
    name, place = parameter["name"], parameter["in"]
    identifier = f"{operation}-{place}-{name}"
    required = " required" if parameter.get("required") else ""
    repeatable = any(each.get("type") == "array" for each in _kinds(parameter["schema"]))
    about = parameter.get("description", "")
    hint = f"{about}; one on each line" if repeatable else about
    note = f'<small id="{identifier}-hint">{_prose(hint)}</small>' if hint else ""
    described = f' aria-describedby="{identifier}-hint"' if hint else ""
    given = f'id="{identifier}" data-in="{place}" data-name="{name}"{required}{described} autocomplete="off"'
    field = f'<textarea {given} rows="2"></textarea>' if repeatable else f"<input {given}>"
    return f'<label for="{identifier}"><code>{name}</code> in {place}</label>{field}{note}'


def _kinds(schema: Json) -> Iterator[Json]:
    """Return a schema and its alternatives."""
    yield schema
    yield from schema.get("anyOf", ())


def _body(document: Json, operation: Json) -> str:
    content = operation.get("requestBody", {}).get("content", {})
    if not content:
        return ""
    identifier = f"{operation['operationId']}-body"
    types = "".join(f"<option>{html.escape(each)}</option>" for each in content)
    kind, media = next(iter(content.items()))
    schema = media.get("schema", {})
    name = schema.get("$ref", "").rpartition("/")[2]
    schema = document["components"]["schemas"].get(name, schema)
    example = schema.get("examples", [_sample(document, schema)])[0] if kind == "application/json" else ""
    text = html.escape(json.dumps(example, indent=2, ensure_ascii=False)) if example != "" else ""
    shown = html.escape(json.dumps(schema, indent=1, ensure_ascii=False))
    return (
        f'<label for="{identifier}-type">Type of the body</label><select id="{identifier}-type" data-type>{types}</select>'
        f'<label for="{identifier}">Body</label>'
        f'<textarea id="{identifier}" data-body rows="8" spellcheck="false">{text}</textarea>'
        f'<details><summary>Schema of the body</summary><pre tabindex="0" role="region" '
        f'aria-label="Schema of the body of {operation["operationId"]}">{shown}</pre></details>'
    )


def _sample(document: Json, schema: Json) -> Any:
    """Return an example body with everything that a schema requires."""
    if "$ref" in schema:
        return _sample(document, document["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    if "default" in schema or "enum" in schema:
        return schema.get("default", schema.get("enum", [""])[0])
    if schema.get("type") == "object":
        required = schema.get("required", ())
        return {name: _sample(document, schema["properties"][name]) for name in required}
    samples: dict[str | None, Any] = {"array": [], "boolean": False, "integer": 1, "number": 1}
    return samples.get(schema.get("type"), "")
