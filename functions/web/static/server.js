// @ts-check
// Sends requests with the session's token. If another window renewed the session, its new token is used.

export async function post(address, body, options = {}) {
  const answer = await fetch(address, { method: "POST", body, ...options, headers: { ...ours(), ...options.headers } });
  if (answer.status !== 403 || !(await renewed())) return answer;
  return fetch(address, { method: "POST", body, ...options, headers: { ...ours(), ...options.headers } });
}

// Send a slice of a file; `tell` is called with the bytes sent. Resolves to status and text; status 0 if there was no answer.
export async function send(address, blob, tell, signal) {
  const answer = await piece(address, blob, tell, signal);
  return answer.status === 403 && (await renewed()) ? piece(address, blob, tell, signal) : answer;
}

const ours = () => ({ "X-CSRF": document.body.dataset.csrf, "HX-Request": "true" });

function piece(address, blob, tell, signal) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("POST", address);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    for (const [name, value] of Object.entries(ours())) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", (event) => tell(event.loaded));
    request.addEventListener("loadend", () => resolve({ status: request.status, text: request.responseText }));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(blob);
  });
}

// Take over the present session's token; return false if there is no session, or if it is another person's.
async function renewed() {
  const answer = await fetch("/app/drafts", { headers: { "HX-Request": "true" } });
  if (!answer.ok) return false;
  const { csrf, user } = new DOMParser().parseFromString(await answer.text(), "text/html").body.dataset;
  if (!csrf || user !== document.body.dataset.user) return false;
  document.body.dataset.csrf = csrf;
  document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRF": csrf }));
  /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll("input[name=csrf]")).forEach((input) => { input.value = csrf; });
  return true;
}

export async function wordsOf(answer) {
  return new DOMParser().parseFromString(await answer.text(), "text/html").body.textContent.trim();
}
