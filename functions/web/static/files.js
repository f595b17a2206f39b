// @ts-check
// Attachments: uploaded in slices, one file after the other, each with its progress. A slice that failed is sent again.
import { post, send } from "./server.js";

const TRIES = 3;
const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

// Return the chip of an uploaded file, made from the page's template.
export function chip({ upload, filename, size }) {
  const template = /** @type {HTMLTemplateElement} */ (document.getElementById("file-chip"));
  const made = /** @type {HTMLElement} */ (template.content.firstElementChild.cloneNode(true));
  made.dataset.size = size;
  for (const [name, value] of Object.entries({ upload, filename, size })) /** @type {HTMLInputElement} */ (made.querySelector(`[name=${name}]`)).value = value;
  made.querySelectorAll("[data-name]").forEach((shown) => { shown.textContent = filename; });
  made.querySelector("[data-size-shown]").textContent = weigh(size);
  return made;
}

export function weigh(bytes) {
  const form = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 });
  return bytes < 1_000_000 ? `${Math.max(1, Math.round(bytes / 1000))} kB` : `${form.format(bytes / 1_000_000)} MB`;
}

export function files(form, words, limits, changed) {
  const list = document.getElementById("files");
  const total = document.getElementById("weight");
  let last = Promise.resolve();

  const weight = () => [.../** @type {HTMLCollectionOf<HTMLElement>} */ (list.children)].reduce((sum, one) => sum + Number(one.dataset.size ?? 0), 0);
  const sum = () => {
    const there = list.querySelectorAll("[name=upload]").length;
    total.textContent = there ? `${weigh(weight())} ${words.total}` : "";
  };

  function refuse(file, why) {
    const line = document.createElement("p");
    line.className = "danger";
    line.setAttribute("role", "alert");
    line.textContent = `${file.name} (${weigh(file.size)}): ${why}`;
    list.append(line);
    setTimeout(() => line.remove(), 12_000);
  }

  function add(given) {
    for (const file of given) {
      if (!file.size) refuse(file, words.nothing);
      else if (list.querySelectorAll(".file").length >= limits.files) refuse(file, words.many);
      else if (weight() + file.size > limits.file) refuse(file, words.large);
      else {
        const going = row(file);
        list.append(going.line);
        last = last.then(() => going.run());
      }
    }
  }

  function row(file) {
    const stop = new AbortController();
    const line = document.createElement("span");
    line.className = "chip file going";
    line.dataset.size = file.size;
    const name = document.createElement("span");
    name.textContent = file.name;
    const bar = document.createElement("progress");
    bar.max = file.size;
    bar.value = 0;
    bar.setAttribute("aria-label", file.name);
    const text = document.createElement("small");
    text.textContent = words.waits;
    const again = button(words.again, file);
    const away = button(words.cancel, file);
    again.hidden = true;
    line.append(name, bar, text, again, away);

    const state = { upload: "", next: 0 };
    const tell = (sent) => {
      bar.value = sent;
      text.textContent = `${Math.floor((sent / file.size) * 100)} %`;
    };
    async function run() {
      if (stop.signal.aborted) return;
      again.hidden = true;
      line.classList.remove("wrong");
      tell(state.next * limits.slice);
      const why = await carry(file, state, tell, stop.signal);
      if (stop.signal.aborted) return;
      if (why) {
        text.textContent = why;
        line.classList.add("wrong");
        again.hidden = false;
        return;
      }
      line.replaceWith(chip({ upload: state.upload, filename: file.name, size: file.size }));
      changed();
    }
    again.addEventListener("click", run);
    away.addEventListener("click", () => { stop.abort(); line.remove(); });
    return { line, run };
  }

  function button(text, file) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "quiet";
    made.textContent = text;
    made.setAttribute("aria-label", `${text} ${file.name}`);
    return made;
  }

  // Upload the rest of a file; return a message if that failed, otherwise an empty text.
  async function carry(file, state, tell, signal) {
    try {
      if (!state.upload) {
        const answer = await post("/app/uploads", "");
        if (!answer.ok) return words.failed;
        state.upload = await answer.text();
      }
      const slices = Math.ceil(file.size / limits.slice);
      for (; state.next < slices; state.next += 1) {
        const start = state.next * limits.slice;
        const blob = file.slice(start, start + limits.slice);
        if (!(await insist(`/app/uploads/${state.upload}/${state.next}`, blob, (sent) => tell(start + Math.min(sent, blob.size)), signal))) return words.failed;
      }
      const answer = await post(`/app/uploads/${state.upload}?slices=${slices}`, "", { signal });
      if (answer.ok) return "";
      if (answer.status === 409) Object.assign(state, { upload: "", next: 0 });
      return answer.status === 413 ? words.large : words.failed;
    } catch { return words.failed; }
  }

  async function insist(address, blob, tell, signal) {
    for (let turn = 1; !signal.aborted; turn += 1) {
      const { status } = await send(address, blob, tell, signal);
      if (status === 200) return true;
      if (turn === TRIES || (status >= 400 && status < 500)) return false;
      await pause(400 * turn);
    }
    return false;
  }

  const attach = /** @type {HTMLInputElement} */ (document.getElementById("attach"));
  attach.addEventListener("change", () => { add([...attach.files]); attach.value = ""; });
  form.addEventListener("drop", (event) => { if (event.dataTransfer?.files.length) { event.preventDefault(); add([...event.dataTransfer.files]); } });
  new MutationObserver(sum).observe(list, { childList: true });
  sum();
  return { add, list, busy: () => list.querySelector(".going") !== null };
}
