// @ts-check
// Sends requests with the session's token. If another window renewed the session, its new token is used.

/**
 * @param {string} address
 * @param {BodyInit} body
 * @param {RequestInit} options
 */
export async function post(address, body, options = {}) {
  const answer = await fetch(address, { method: "POST", body, ...options, headers: { ...own(), ...options.headers } });
  if (answer.status !== 403 || !(await renewToken())) return answer;
  return fetch(address, { method: "POST", body, ...options, headers: { ...own(), ...options.headers } });
}

// Send a slice of a file; `progress` is called with the bytes sent. Resolves to status and text; status 0 if there was no answer.
/**
 * @param {string} address
 * @param {Blob} blob
 * @param {Progress} progress
 * @param {AbortSignal} signal
 */
export async function send(address, blob, progress, signal) {
  const answer = await upload(address, blob, progress, signal);
  return answer.status === 403 && (await renewToken()) ? upload(address, blob, progress, signal) : answer;
}

const own = () => ({ "X-CSRF": document.body.dataset.csrf ?? "", "HX-Request": "true" });

/**
 * @param {string} address
 * @param {Blob} blob
 * @param {Progress} progress
 * @param {AbortSignal} signal
 * @returns {Promise<{status: number, text: string}>}
 */
function upload(address, blob, progress, signal) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("POST", address);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    for (const [name, value] of Object.entries(own())) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", (event) => progress(event.loaded));
    request.addEventListener("loadend", () => resolve({ status: request.status, text: request.responseText }));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(blob);
  });
}

// Take over the present session's token; return false if there is no session, or if it is another person's.
async function renewToken() {
  const answer = await fetch("/app/drafts", { headers: { "HX-Request": "true" } });
  if (!answer.ok) return false;
  const { csrf, user } = new DOMParser().parseFromString(await answer.text(), "text/html").body.dataset;
  if (!csrf || user !== document.body.dataset.user) return false;
  document.body.dataset.csrf = csrf;
  document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRF": csrf }));
  /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll("input[name=csrf]")).forEach((input) => { input.value = csrf; });
  return true;
}

/** @param {Response} answer */
export async function textOf(answer) {
  return new DOMParser().parseFromString(await answer.text(), "text/html").body.textContent.trim();
}
