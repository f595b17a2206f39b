// @ts-check
// The script of every page: the light bulb and its panel, the bubbles of times, frames as high as their mail.
"use strict";
(() => {
  const panel = /** @type {HTMLElement} */ (document.getElementById("panel"));

  const close = () => {
    panel.replaceChildren();
    const bulb = document.querySelector("#bulb button");
    if (bulb) { bulb.setAttribute("aria-expanded", "false"); bulb.focus(); }
  };

  // The first page reports the person's time zone; from then on it is a setting.
  if (document.body.dataset.zone === "") {
    const body = new URLSearchParams({ zone: Intl.DateTimeFormat().resolvedOptions().timeZone });
    fetch("/app/settings/zone", { method: "POST", body, headers: { "X-CSRF": document.body.dataset.csrf ?? "" } });
  }

  // Copies of drafts that only this browser has are looked after by a module of their own, which few pages need.
  try {
    if (Object.keys(window.localStorage).some((key) => key.startsWith("ocello draft "))) import("./compose/local_drafts.js");
  } catch { /* no storage, no copies */ }

  // Show answers that refuse something; other errors of a page's own requests change nothing on it.
  document.body.addEventListener("htmx:responseError", (event) => {
    if (event.detail.xhr.status === 422 || event.detail.xhr.status === 409) event.detail.shouldSwap = true;
  });

  // When a session ends, go to sign-in, but not away from a text that is being written: saving it shows the message.
  document.body.addEventListener("htmx:beforeOnLoad", (event) => {
    if (event.detail.xhr.status === 401 && document.querySelector("[data-editor]")) event.preventDefault();
  });

  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target === panel) {
      document.querySelector("#bulb button")?.setAttribute("aria-expanded", "true");
      showNotices();
      panel.querySelector("button, a")?.focus();
    }
    document.querySelectorAll("template.fresh").forEach(announce);
  });

  // A list that replaces a scrolled one is scrolled to the same position.
  let scrolled = new Map();
  document.body.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
    scrolled = new Map([...detail.target.querySelectorAll(".scroll[id], .many[id]")].map((one) => [one.id, [one.scrollLeft, one.scrollTop]]));
  });
  document.body.addEventListener("htmx:oobAfterSwap", () => {
    for (const [id, place] of scrolled) document.getElementById(id)?.scrollTo(...place);
    scrolled.clear();
  });

  // Desktop notifications: shown if the browser permits them, until they are turned off here.
  const OFF = "ocello no notices";
  const permission = () => ("Notification" in window ? Notification.permission : "denied");
  const noticed = () => permission() === "granted" && !localStorage.getItem(OFF);

  function showNotices() {
    for (const shown of panel.querySelectorAll("[data-notices]")) {
      const state = permission() === "denied" ? "denied" : noticed() ? "on" : "off";
      shown.hidden = shown.dataset.notices !== state;
    }
  }

  /** @param {boolean} on */
  async function setNotices(on) {
    if (!on) localStorage.setItem(OFF, "1");
    else if (permission() === "granted" || (await Notification.requestPermission()) === "granted") localStorage.removeItem(OFF);
    showNotices();
    panel.querySelector("[data-notices]:not([hidden])")?.focus();
  }

  /** @param {HTMLElement} fresh */
  function announce(fresh) {
    const { title = "", words = "", address = "" } = fresh.dataset;
    fresh.remove();
    if (noticed() && document.hidden) {
      const shown = new Notification(title, { body: words, tag: address });
      shown.addEventListener("click", () => { window.focus(); window.location.assign(address); });
      return;
    }
    const link = document.createElement("a");
    link.href = address;
    link.textContent = `${title} · ${words}`;
    /** @type {HTMLElement} */ (document.getElementById("toasts")).append(link);
    setTimeout(() => link.remove(), 8000);
  }

  document.addEventListener("click", (event) => {
    const target = /** @type {Element} */ (event.target).closest("button");
    if (target?.dataset.close === "panel") close();
    if (target?.dataset.thenClose === "panel") setTimeout(close, 0);
    if (target?.dataset.notices) setNotices(target.dataset.notices === "off");
    if (target?.dataset.images) {
      const frame = /** @type {HTMLIFrameElement} */ (document.getElementById(target.dataset.images));
      frame.src = `${frame.src.split("?")[0]}?images=1`;
      target.hidden = true;
    }
    if (panel.firstChild && !panel.contains(/** @type {Node} */ (event.target)) && !/** @type {Element} */ (event.target).closest("#bulb")) panel.replaceChildren();
    /** @type {NodeListOf<HTMLDetailsElement>} */ (document.querySelectorAll("details.times[open]")).forEach((other) => {
      if (!other.contains(/** @type {Node} */ (event.target))) other.open = false;
    });
  });

  document.addEventListener("keydown", (event) => {
    const form = /** @type {HTMLFormElement | null} */ (/** @type {Element} */ (event.target).closest("form.answer"));
    if (form && event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit(form.querySelector(".strong"));
    if (event.key !== "Escape") return;
    if (panel.firstChild) close();
    /** @type {NodeListOf<HTMLDetailsElement>} */ (document.querySelectorAll("details.times[open]")).forEach((open) => {
      open.open = false;
      open.querySelector("summary")?.focus();
    });
  });

  // Times: the element opens on touch and Enter, this script on hover and focus; they are fetched when first opened.
  /** @type {NodeListOf<HTMLDetailsElement>} */ (document.querySelectorAll("details.times")).forEach((details) => {
    const summary = /** @type {HTMLElement} */ (details.querySelector("summary"));
    let wait = 0;
    let pinned = false;
    let fetched = false;
    const fetchTimes = () => {
      fetched = true;
      htmx.ajax("GET", details.dataset.from, { target: details.querySelector(".bubble"), swap: "outerHTML" });
    };
    const show = () => { details.open = true; };
    const hide = () => { if (!pinned) details.open = false; };
    details.addEventListener("toggle", () => {
      if (!details.open) { pinned = false; return; }
      if (!fetched) fetchTimes();
    });
    document.body.addEventListener("news", () => {
      fetched = false;
      if (details.open) fetchTimes();
    });
    details.addEventListener("mouseenter", () => { wait = setTimeout(show, 150); });
    details.addEventListener("mouseleave", () => { clearTimeout(wait); hide(); });
    summary.addEventListener("click", (event) => {
      if (details.open && !pinned) { event.preventDefault(); pinned = true; }
    });
    summary.addEventListener("focus", (event) => {
      if (/** @type {Element} */ (event.target).matches(":focus-visible")) show();
    });
    details.addEventListener("focusout", (event) => { if (!details.contains(/** @type {Node} */ (event.relatedTarget))) hide(); });
  });

  // Who did what and why is fetched when the line of readers is opened, and again when there is news; reasons stay open.
  /** @type {NodeListOf<HTMLDetailsElement>} */ (document.querySelectorAll("details.strip:has(.judged)")).forEach((strip) => {
    const judged = /** @type {HTMLElement} */ (strip.querySelector(".judged"));
    let fetched = false;
    const fetchHits = async () => {
      fetched = true;
      const open = [...judged.querySelectorAll("details.why[open]")].map((why) => why.dataset.key);
      await htmx.ajax("GET", strip.dataset.from, { target: judged, swap: "innerHTML" });
      for (const why of /** @type {NodeListOf<HTMLDetailsElement>} */ (judged.querySelectorAll("details.why"))) why.open = open.includes(why.dataset.key);
    };
    strip.addEventListener("toggle", (event) => { if (event.target === strip && strip.open && !fetched) fetchHits(); });
    document.body.addEventListener("news", () => {
      fetched = false;
      if (strip.open) fetchHits();
    });
  });

  // A page asks every few seconds what changed, less often while it is hidden, and at once when it is shown again.
  const [SEEN, NOTICED, HIDDEN] = [4_000, 20_000, 60_000];
  let next = 0;
  const ask = () => { htmx.trigger("#bulb", "poll"); wait(); };
  const wait = () => { clearTimeout(next); next = setTimeout(ask, !document.hidden ? SEEN : noticed() ? NOTICED : HIDDEN); };
  document.addEventListener("visibilitychange", () => (document.hidden ? wait() : ask()));
  wait();

  // Update times such as “5 min. ago” while the page is open; those of more than a day ago do not change.
  const ago = new Intl.RelativeTimeFormat(document.documentElement.lang, { style: "short" });
  setInterval(() => {
    /** @type {NodeListOf<HTMLTimeElement>} */ (document.querySelectorAll("time[data-ago]")).forEach((time) => {
      const minutes = Math.floor((Date.now() - new Date(time.dateTime).getTime()) / 60_000);
      if (minutes < 1 || minutes >= 24 * 60) return;
      const text = minutes < 60 ? ago.format(-minutes, "minute") : ago.format(-Math.floor(minutes / 60), "hour");
      if (time.textContent !== text) time.textContent = text;
    });
  }, 30_000);

  document.querySelectorAll("iframe").forEach((frame) => {
    const fit = () => {
      const body = frame.contentDocument?.body;
      if (!body?.offsetHeight) return;  // not loaded, or folded
      frame.style.height = `${Math.min(Math.max(body.offsetHeight, body.scrollHeight) + 24, 4000)}px`;
      const pictures = /** @type {HTMLElement | null} */ (document.querySelector(`[data-images="${frame.id}"]`));
      if (pictures && "blocked" in body.dataset) pictures.hidden = false;
    };
    frame.addEventListener("load", fit);
    frame.closest("details")?.addEventListener("toggle", fit);
    addEventListener("resize", fit);
    fit();
  });
})();
