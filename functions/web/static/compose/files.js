// @ts-check
// Attachments: uploaded in slices, one file after the other, each with its progress. A slice that failed is sent again.
import { post, send } from "../server.js";

const TRIES = 3;
const wait = (/** @type {number} */ ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

// Return the chip of an uploaded file, made from the page's template.
/** @param {{upload: string, filename: string, size: number}} file */
export function chip({ upload, filename, size }) {
  const template = /** @type {HTMLTemplateElement} */ (document.getElementById("file-chip"));
  const element = /** @type {HTMLElement} */ (/** @type {Element} */ (template.content.firstElementChild).cloneNode(true));
  element.dataset.size = String(size);
  for (const [name, value] of Object.entries({ upload, filename, size })) /** @type {HTMLInputElement} */ (element.querySelector(`[name=${name}]`)).value = String(value);
  element.querySelectorAll("[data-name]").forEach((shown) => { shown.textContent = filename; });
  /** @type {HTMLElement} */ (element.querySelector("[data-size-shown]")).textContent = formatSize(size);
  return element;
}

/** @param {number} bytes */
export function formatSize(bytes) {
  const form = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 });
  return bytes < 1_000_000 ? `${Math.max(1, Math.round(bytes / 1000))} kB` : `${form.format(bytes / 1_000_000)} MB`;
}

/**
 * @param {HTMLFormElement} form
 * @param {Words} words
 * @param {{file: number, files: number, slice: number}} limits
 * @param {() => void} changed
 */
export function files(form, words, limits, changed) {
  const list = /** @type {HTMLElement} */ (document.getElementById("files"));
  const total = /** @type {HTMLElement} */ (document.getElementById("weight"));
  let last = Promise.resolve();

  const totalSize = () => [.../** @type {HTMLCollectionOf<HTMLElement>} */ (list.children)].reduce((sum, one) => sum + Number(one.dataset.size ?? 0), 0);
  const showTotal = () => {
    const number = list.querySelectorAll("[name=upload]").length;
    total.textContent = number ? `${formatSize(totalSize())} ${words.total}` : "";
  };

  /**
   * @param {File} file
   * @param {string} reason
   */
  function refuse(file, reason) {
    const line = document.createElement("p");
    line.className = "danger";
    line.setAttribute("role", "alert");
    line.textContent = `${file.name} (${formatSize(file.size)}): ${reason}`;
    list.append(line);
    setTimeout(() => line.remove(), 12_000);
  }

  /** @param {File[]} chosen */
  function add(chosen) {
    for (const file of chosen) {
      if (!file.size) refuse(file, words.nothing);
      else if (list.querySelectorAll(".file").length >= limits.files) refuse(file, words.many);
      else if (totalSize() + file.size > limits.file) refuse(file, words.large);
      else {
        const started = row(file);
        list.append(started.line);
        last = last.then(() => started.run());
      }
    }
  }

  /** @param {File} file */
  function row(file) {
    const abort = new AbortController();
    const line = document.createElement("span");
    line.className = "chip file going";
    line.dataset.size = String(file.size);
    const name = document.createElement("span");
    name.textContent = file.name;
    const bar = document.createElement("progress");
    bar.max = file.size;
    bar.value = 0;
    bar.setAttribute("aria-label", file.name);
    const text = document.createElement("small");
    text.textContent = words.waits;
    const retry = button(words.again, file);
    const cancel = button(words.cancel, file);
    retry.hidden = true;
    line.append(name, bar, text, retry, cancel);

    const state = { upload: "", next: 0 };
    const progress = (/** @type {number} */ sent) => {
      bar.value = sent;
      text.textContent = `${Math.floor((sent / file.size) * 100)} %`;
    };
    async function run() {
      if (abort.signal.aborted) return;
      retry.hidden = true;
      line.classList.remove("wrong");
      progress(state.next * limits.slice);
      const reason = await upload(file, state, progress, abort.signal);
      if (abort.signal.aborted) return;
      if (reason) {
        text.textContent = reason;
        line.classList.add("wrong");
        retry.hidden = false;
        return;
      }
      line.replaceWith(chip({ upload: state.upload, filename: file.name, size: file.size }));
      changed();
    }
    retry.addEventListener("click", run);
    cancel.addEventListener("click", () => { abort.abort(); line.remove(); });
    return { line, run };
  }

  /**
   * @param {string} text
   * @param {File} file
   */
  function button(text, file) {
    const element = document.createElement("button");
    element.type = "button";
    element.className = "quiet";
    element.textContent = text;
    element.setAttribute("aria-label", `${text} ${file.name}`);
    return element;
  }

  // Upload the rest of a file; return a message if that failed, otherwise an empty text.
  /**
   * @param {File} file
   * @param {{upload: string, next: number}} state
   * @param {Progress} progress
   * @param {AbortSignal} signal
   */
  async function upload(file, state, progress, signal) {
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
        if (!(await sendSlice(`/app/uploads/${state.upload}/${state.next}`, blob, (sent) => progress(start + Math.min(sent, blob.size)), signal))) return words.failed;
      }
      const answer = await post(`/app/uploads/${state.upload}?slices=${slices}`, "", { signal });
      if (answer.ok) return "";
      if (answer.status === 409) Object.assign(state, { upload: "", next: 0 });
      return answer.status === 413 ? words.large : words.failed;
    } catch { return words.failed; }
  }

  /**
   * @param {string} address
   * @param {Blob} blob
   * @param {Progress} progress
   * @param {AbortSignal} signal
   */
  async function sendSlice(address, blob, progress, signal) {
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      const { status } = await send(address, blob, progress, signal);
      if (status === 200) return true;
      if (attempt === TRIES || (status >= 400 && status < 500)) return false;
      await wait(400 * attempt);
    }
    return false;
  }

  const attach = /** @type {HTMLInputElement} */ (document.getElementById("attach"));
  attach.addEventListener("change", () => { add([...(attach.files ?? [])]); attach.value = ""; });
  form.addEventListener("drop", (event) => { if (event.dataTransfer?.files.length) { event.preventDefault(); add([...event.dataTransfer.files]); } });
  new MutationObserver(showTotal).observe(list, { childList: true });
  showTotal();
  return { add, list, busy: () => list.querySelector(".going") !== null };
}
