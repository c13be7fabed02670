"use strict";
// What the console does by itself: ages that tick, a warning when something ages, theme, and the lock after idle time.
// No patient data is kept here: the page's own elements are all it knows.

const SECOND = 1000;
const baseTitle = document.title;
let skew = 0; // milliseconds the server's clock is ahead of this one
let warned = new Set();
let sound = null;

function words(seconds) {
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
  return `${Math.floor(seconds / 86400)} d ${Math.floor((seconds % 86400) / 3600)} h`;
}

function tick() {
  const now = Date.now() + skew;
  const aged = new Set();
  for (const element of document.querySelectorAll("time[data-age]")) {
    const seconds = Math.max(0, Math.floor((now - Date.parse(element.dateTime)) / SECOND));
    element.textContent = words(seconds);
    const limit = Number(element.dataset.warnAfter);
    const old = limit > 0 && seconds >= limit;
    element.classList.toggle("aged", old);
    if (old) aged.add(element.closest("a, li, article")?.getAttribute("href") ?? element.dateTime);
  }
  if ([...aged].some((key) => !warned.has(key))) chime();
  warned = aged;
  const flags = document.querySelectorAll(".flag").length;
  const waiting = aged.size + flags;
  document.title = waiting ? `(${waiting}) ${flags ? "Red flag" : "Waiting"} · ${baseTitle}` : baseTitle;
}

function chime() {
  if (!sound) return;
  const start = sound.currentTime;
  for (const [offset, pitch] of [[0, 660], [0.18, 880]]) {
    const tone = sound.createOscillator();
    const volume = sound.createGain();
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.0001, start + offset);
    volume.gain.exponentialRampToValueAtTime(0.2, start + offset + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, start + offset + 0.16);
    tone.connect(volume).connect(sound.destination);
    tone.start(start + offset);
    tone.stop(start + offset + 0.17);
  }
}

function follow(root) {
  for (const log of root.querySelectorAll("[data-follow]")) log.scrollTop = log.scrollHeight;
}

function onSound(button) {
  sound = sound ? null : new AudioContext();
  button.setAttribute("aria-pressed", String(Boolean(sound)));
  chime();
}

function onTheme() {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  document.cookie = `careline_theme=${root.dataset.theme}; path=/; max-age=31536000; samesite=lax`;
}

// ---- the lock: after idle time the screen holds no patient data, whatever the network does.
let lastUse = Date.now();
let lastTold = Date.now();

function onUse() {
  lastUse = Date.now();
  if (lastUse - lastTold < 60 * SECOND) return;
  lastTold = lastUse;
  fetch(document.body.dataset.awakeUrl, { method: "POST", headers: JSON.parse(document.body.getAttribute("hx-headers")) });
}

function lockWhenIdle() {
  const limit = Number(document.body.dataset.idleSeconds) * SECOND;
  if (!limit || Date.now() - lastUse < limit) return;
  const { lockUrl, loginUrl } = document.body.dataset;
  document.body.replaceChildren();
  document.title = "Locked · Careline";
  const leave = () => location.replace(`${loginUrl}?next=${encodeURIComponent(location.pathname)}`);
  fetch(lockUrl, { method: "POST", headers: JSON.parse(document.body.getAttribute("hx-headers")) }).then(leave, leave);
  document.body.dataset.idleSeconds = "0";
}

function liveState(text) {
  for (const element of document.querySelectorAll("[data-live-state]")) element.textContent = text;
}

// A stream that is refused looks like one that broke: ask whether this person is still signed in, and leave if not.
async function stillSignedIn() {
  const answer = await fetch(location.pathname, { headers: { "X-Careline-Background": "1" }, redirect: "manual" }).catch(() => null);
  if (answer && (answer.type === "opaqueredirect" || answer.status === 403)) location.reload();
}

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  const themeButton = target?.closest("[data-theme-toggle]");
  const soundButton = target?.closest("[data-sound]");
  if (themeButton) onTheme();
  if (soundButton) onSound(soundButton);
  if (target?.closest("[data-print]")) window.print();
});
document.addEventListener("keydown", (event) => {
  if (event.target.matches?.("[data-submit-on-enter]") && event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    event.target.form.requestSubmit(event.target.form.querySelector("[name=kind]"));
  }
});
for (const kind of ["pointerdown", "keydown", "wheel", "touchstart"]) document.addEventListener(kind, onUse, { passive: true });
document.addEventListener("htmx:afterSwap", (event) => { follow(event.target); tick(); });
document.addEventListener("htmx:sseOpen", () => liveState(""));
document.addEventListener("htmx:sseError", () => { liveState("connection lost, trying again"); stillSignedIn(); });
document.addEventListener("htmx:sseClose", (event) => { if (event.detail.type === "message") location.reload(); });
document.addEventListener("htmx:beforeSwap", (event) => {
  // Signed out or locked meanwhile: show the sign-in page, never a fragment of it.
  if (event.detail.xhr.status === 403 || event.detail.xhr.responseURL.includes("/account/")) {
    event.detail.shouldSwap = false;
    location.reload();
  }
});
skew = Date.parse(document.querySelector("[data-now]")?.dataset.now ?? new Date().toISOString()) - Date.now();
follow(document);
tick();
setInterval(() => { tick(); lockWhenIdle(); }, SECOND);
setTimeout(() => document.querySelector(".messages")?.remove(), 8 * SECOND);
