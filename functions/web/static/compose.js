// The composer: recipients as chips, rich text, files, and drafts that save themselves. Without scripts it is a form.
"use strict";
(() => {
  const form = document.getElementById("compose");
  const words = JSON.parse(form.dataset.words);
  const csrf = form.querySelector("[name=csrf]").value;
  const here = () => `ocello draft ${form.dataset.draft}`;
  let changed = 0;
  let saved = 0;
  let leaving = false;

  // What this browser kept because the server could not be reached comes back before anything is drawn

  let restored = false;
  const copy = new URLSearchParams(localStorage.getItem(here()) ?? "");
  if (copy.get("version") === form.elements.version.value) {
    for (const name of ["to", "cc", "bcc", "subject", "html"]) form.elements[name].value = copy.get(name) ?? "";
    restored = true;
  }

  // Recipients

  const looksRight = (text) => /^[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+$|<[^\s@<>]+@[^\s@<>]+>$/.test(text.trim());
  const split = (text) => text.match(/(?:"[^"]*"|<[^>]*>|[^,;\n])+/g)?.map((each) => each.trim()).filter(Boolean) ?? [];

  document.querySelectorAll("[data-people]").forEach((field) => {
    const kept = field.querySelector("textarea");
    const label = field.querySelector("label");
    const box = document.createElement("div");
    box.className = "chips";
    const input = document.createElement("input");
    input.type = "text";
    input.id = `${kept.id}-next`;
    input.autocomplete = "off";
    input.spellcheck = false;
    label.htmlFor = input.id;
    kept.hidden = true;
    box.append(input);
    field.append(box);

    const keep = () => {
      const chips = [...box.querySelectorAll(".chip")].map((chip) => chip.dataset.text);
      kept.value = [...chips, input.value.trim()].filter(Boolean).join("\n");
      touch();
    };
    const add = (text) => {
      const chip = document.createElement("span");
      chip.className = "chip";
      chip.dataset.text = text;
      const shown = document.createElement("span");
      shown.textContent = text;
      const away = document.createElement("button");
      away.type = "button";
      away.className = "quiet";
      away.textContent = "×";
      away.setAttribute("aria-label", `${words.remove} ${text}`);
      away.addEventListener("click", () => { chip.remove(); keep(); input.focus(); });
      if (!looksRight(text)) { chip.classList.add("wrong"); chip.title = words.bad; }
      chip.append(shown, away);
      box.insertBefore(chip, input);
    };
    const take = () => { split(input.value).forEach(add); input.value = ""; keep(); };

    split(kept.value).forEach(add);
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) { event.preventDefault(); take(); }
      if (event.key === "," || event.key === ";") { event.preventDefault(); take(); }
      if (event.key === "Backspace" && !input.value) { box.querySelector(".chip:last-of-type")?.remove(); keep(); }
    });
    input.addEventListener("blur", take);
    input.addEventListener("paste", () => setTimeout(() => { if (/[,;\n]/.test(input.value)) take(); }, 0));
    input.addEventListener("input", keep);
  });

  // Text

  const plain = document.getElementById("html");
  const root = document.getElementById("editor");
  root.hidden = false;
  document.getElementById("plain-editor").hidden = true;
  const uploaded = /^\/app\/images\/[0-9a-f-]{36}$/;
  const harmless = (html) => {
    const found = document.importNode(DOMPurify.sanitize(html, {
      RETURN_DOM_FRAGMENT: true, ALLOWED_URI_REGEXP: /^(?:(?:https?|mailto|tel):|\/app\/images\/)/i,
      FORBID_ATTR: ["style", "class", "id", "srcset"], FORBID_TAGS: ["style", "form", "input", "button", "table", "picture"],
    }), true);
    for (const each of found.querySelectorAll("img")) if (!uploaded.test(each.getAttribute("src") ?? "")) each.remove();
    return found;
  };
  const editor = new Squire(root, { sanitizeToDOMFragment: harmless });
  editor.setHTML(plain.value);
  editor.addEventListener("input", () => { plain.value = editor.getHTML(); touch(); });
  editor.setKeyHandler("Tab", null);
  editor.setKeyHandler("Shift-Tab", null);

  const link = () => {
    const address = window.prompt(words.link, "https://");
    if (address && /^(https?:\/\/|mailto:|tel:)/i.test(address)) editor.makeLink(address);
  };
  editor.setKeyHandler("Ctrl-k", (_, event) => { event.preventDefault(); link(); });
  document.querySelectorAll("[data-do]").forEach((button) => {
    button.addEventListener("click", () => {
      const action = button.dataset.do;
      if (action === "image") { image.click(); return; }
      if (action === "link") link(); else editor[action]();
      editor.focus();
    });
  });

  // Files

  const files = document.getElementById("files");
  const attach = document.getElementById("attach");
  const say = (text, bad = false) => {
    const shown = document.createElement("small");
    shown.setAttribute("role", "status");
    shown.textContent = text;
    if (bad) shown.className = "danger";
    document.querySelector("#saved small")?.remove();
    document.getElementById("saved").append(shown);
  };
  attach.addEventListener("change", async () => {
    for (const file of [...attach.files]) {
      if (file.size > 4000000) { say(`${file.name}: ${words.large}`, true); continue; }
      say(`${file.name}: ${words.uploading}`);
      try {
        const answer = await fetch(`/app/uploads?filename=${encodeURIComponent(file.name)}`, {
          method: "POST", body: file, headers: { "Content-Type": "application/octet-stream", "X-CSRF": csrf },
        });
        if (!answer.ok) throw new Error(answer.status);
        files.insertAdjacentHTML("beforeend", await answer.text());
        touch();
      } catch { say(`${file.name}: ${words.failed}`, true); }
    }
    attach.value = "";
  });

  // Images in the text

  const image = document.getElementById("image");
  const insert = async (file) => {
    if (!/^image\/(png|jpeg|gif|webp)$/.test(file.type)) { say(`${file.name}: ${words.kind}`, true); return; }
    if (file.size > 1000000) { say(`${file.name}: ${words.heavy}`, true); return; }
    const alt = window.prompt(words.alt, "");
    if (alt === null) return;
    say(`${file.name}: ${words.uploading}`);
    try {
      const answer = await fetch("/app/images", {
        method: "POST", body: file, headers: { "Content-Type": "application/octet-stream", "X-CSRF": csrf },
      });
      if (answer.status === 422) { say(`${file.name}: ${words.kind}`, true); return; }
      if (!answer.ok) throw new Error(answer.status);
      editor.insertImage(await answer.text(), { alt: alt.trim() });
      plain.value = editor.getHTML();
      touch();
      editor.focus();
    } catch { say(`${file.name}: ${words.failed}`, true); }
  };
  image.addEventListener("change", async () => {
    for (const file of [...image.files]) await insert(file);
    image.value = "";
  });
  editor.addEventListener("pasteImage", (event) => {
    const items = [...event.detail.clipboardData.items].filter((each) => each.kind === "file");
    const picture = items.map((each) => each.getAsFile()).find((file) => file?.type.startsWith("image/"));
    if (picture) insert(picture);
  });

  form.addEventListener("click", (event) => {
    if (event.target.closest("[data-remove]")) { event.target.closest(".chip").remove(); touch(); }
  });

  // Saving: a copy stays in this browser until the server has it

  const fields = () => new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === "string"));
  let timer = 0;
  let saving = null;

  function touch() {
    changed += 1;
    const copy = fields();
    copy.delete("csrf");
    try { localStorage.setItem(here(), copy.toString()); } catch { /* a full or forbidden store: the server's copy remains */ }
    clearTimeout(timer);
    timer = setTimeout(save, 900);
  }

  async function save() {
    if (saving) { await saving; }
    if (saved === changed || leaving) return;
    saving = put();
    await saving;
    saving = null;
    if (saved !== changed) timer = setTimeout(save, 900);
  }

  async function put() {
    const upTo = changed;
    try {
      const answer = await fetch(`/app/drafts/${form.dataset.draft}`, {
        method: "POST", body: fields(), keepalive: plain.value.length < 50000, headers: { "X-CSRF": csrf, "HX-Request": "true" },
      });
      if (answer.status === 401) { say(words.unsaved, true); return; }
      if (!answer.ok) throw new Error(answer.status);
      if (answer.status === 200) {
        const made = document.createRange().createContextualFragment(await answer.text()).firstElementChild;
        localStorage.removeItem(here());
        if (made.dataset.draft !== form.dataset.draft || !location.pathname.startsWith("/app/drafts/")) {
          form.dataset.draft = made.dataset.draft;
          form.action = `/app/drafts/${made.dataset.draft}/send`;
          document.getElementById("discard").formAction = `/app/drafts/${made.dataset.draft}/discard`;
          history.replaceState(null, "", `/app/drafts/${made.dataset.draft}`);
        }
        document.getElementById("saved").replaceWith(made);
      }
      saved = upTo;
    } catch {
      say(words.unsaved, true);
      timer = setTimeout(save, 5000);
      saved = saved === changed ? changed - 1 : saved;
    }
  }

  form.addEventListener("input", (event) => { if (event.target.name) touch(); });
  form.addEventListener("change", (event) => { if (event.target.name) touch(); });
  window.addEventListener("pagehide", () => { if (saved !== changed && !leaving) put(); });

  if (restored) { say(words.restored); touch(); }

  // Sending

  form.addEventListener("submit", async (event) => {
    if (leaving) return;
    clearTimeout(timer);
    plain.value = editor.getHTML();
    if (!saving) { leaving = true; return; }
    event.preventDefault();  // its answer brings the version that the server must be told
    const by = event.submitter;
    await saving;
    leaving = true;
    form.requestSubmit(by);
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      document.querySelectorAll("[data-people] input").forEach((input) => input.blur());
      form.requestSubmit(document.getElementById("send"));
    }
  });
})();
