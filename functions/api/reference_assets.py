"""Style and script of the page to try the API. The page contains both, and its policy names their digests."""

STYLE = """
:root { color-scheme: light dark; --ink: #1d2423; --paper: #fff; --soft: #4f5956; --line: #8a938f; --accent: #0e5a53; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ebe7; --paper: #131716; --soft: #b3bcb8; --line: #7b8582;
  --accent: #7fd0c3; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 64rem; padding: 1rem; font: 16px/1.5 system-ui, sans-serif; color: var(--ink);
  background: var(--paper); }
a { color: var(--accent); }
.operation { border: 1px solid var(--line); border-radius: .4rem; margin: .5rem 0; padding: .25rem .75rem; }
summary { padding: .4rem 0; cursor: pointer; overflow-wrap: anywhere; }
label { display: block; margin: .6rem 0 .1rem; }
input, textarea, select { width: 100%; min-height: 2.4rem; padding: .4rem; font: inherit; color: inherit;
  background: var(--paper); border: 1px solid var(--line); border-radius: .3rem; }
textarea, code, pre { font-family: ui-monospace, monospace; font-size: .875rem; }
small, dd { color: var(--soft); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; }
dd { margin: 0; }
pre { max-height: 24rem; overflow: auto; padding: .6rem; border: 1px solid var(--line); white-space: pre-wrap;
  overflow-wrap: anywhere; }
button { min-height: 2.4rem; margin: .6rem 0; padding: .3rem 1rem; font: inherit; color: var(--paper);
  background: var(--accent); border: 0; border-radius: .3rem; cursor: pointer; }
:focus-visible { outline: 3px solid #b45f06; outline-offset: 2px; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
"""

SCRIPT = """
"use strict";
document.getElementById("key").addEventListener("submit", (event) => event.preventDefault());
for (const form of document.querySelectorAll("form[data-path]")) form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const headers = {}, query = new URLSearchParams();
  const token = document.getElementById("token").value.trim();
  if (token) headers.Authorization = `Bearer ${token}`;
  let path = form.dataset.path;
  for (const field of form.querySelectorAll("[data-in]")) {
    const values = (field.tagName === "TEXTAREA" ? field.value.split("\\n")
      : [field.value]).map((each) => each.trim()).filter(Boolean);
    for (const value of values) {
      if (field.dataset.in === "path") path = path.replace(`{${field.dataset.name}}`, encodeURIComponent(value));
      if (field.dataset.in === "query") query.append(field.dataset.name, value);
      if (field.dataset.in === "header") headers[field.dataset.name] = value;
    }
  }
  const body = form.querySelector("[data-body]")?.value;
  if (body !== undefined) headers["Content-Type"] = form.querySelector("[data-type]").value;
  const shown = form.querySelector("pre[aria-live]");
  shown.hidden = false;
  shown.textContent = "…";
  try {
    const answer = await fetch(path + (query.size ? `?${query}` : ""), { method: form.dataset.method, headers, body });
    const text = await answer.text();
    let neat = text;
    try { neat = JSON.stringify(JSON.parse(text), null, 2); } catch { /* no JSON: as it came */ }
    shown.textContent = `${answer.status} ${answer.statusText}\\n\\n${neat}`;
  } catch (error) { shown.textContent = String(error); }
});
"""
