"use strict";
// The patient's telephone: draws what phone-line.js tells. Only a window's own memory holds the call's secret, for a page that is
// loaded again; nothing of what was said is kept.

const body = document.body;
const find = (name) => document.querySelector(`[data-${name}]`);
const captions = find("captions");
const REMEMBER = `careline-call ${location.pathname}`;
const QUIET_SECONDS = 10;

let language = "en";
let words = window.CARELINE_PHONE_WORDS.en;
let line = null;
let state = "idle";
let began = 0;
let heardAt = 0;
let wakeLock = null;
const shown = new Map(); // captions by their id: a page that comes back is told them again

function speak(chosen) {
  language = window.CARELINE_PHONE_WORDS[chosen] ? chosen : "en";
  words = window.CARELINE_PHONE_WORDS[language];
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll("[data-word]")) element.textContent = words[element.dataset.word];
  for (const element of document.querySelectorAll("[data-label]")) element.setAttribute("aria-label", words[element.dataset.label]);
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === language));
  }
  draw();
}

function draw() {
  const live = state !== "idle" && state !== "over" && state !== "trouble";
  find("before").hidden = state !== "idle";
  find("during").hidden = !live && state !== "over";
  find("controls").hidden = find("keypad").hidden = find("meter").hidden = !live;
  find("after").hidden = state !== "over";
  find("trouble").hidden = state !== "trouble";
  body.classList.toggle("in-call", live);
  find("state").parentElement.hidden = !live;
  find("hint").hidden = !live;
  find("dot").classList.toggle("on", state === "talking");
  if (!live) return;
  find("state").textContent = state === "blocked" ? words.talking : words[state];
  find("hear").hidden = state !== "blocked";
  const muted = Boolean(line?.muted);
  find("mute").setAttribute("aria-pressed", String(muted));
  find("mute-word").textContent = muted ? words.unmute : words.mute;
  find("mic-on").hidden = muted;
  find("mic-off").hidden = !muted;
}

function change(name) {
  if (name === "talking" && !began) {
    heardAt = Date.now();
    line.began = began = line.began || heardAt;
  }
  state = name;
  draw();
}

function tick() {
  if (!line || line.over) return;
  line.keep();
  const seconds = began ? Math.floor((Date.now() - began) / 1000) : 0;
  find("clock").textContent = began ? `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}` : "";
  const silent = began && !line.keysOnly && Date.now() - heardAt > QUIET_SECONDS * 1000;
  find("hint").textContent = line.muted ? words.muted : silent && state === "talking" ? words.quiet : "";
}

function level(loud) {
  if (loud > 0.12) heardAt = Date.now();
  find("meter").style.setProperty("--level", loud.toFixed(3));
  find("meter").setAttribute("aria-valuenow", String(Math.round(loud * 100)));
}

function caption(frame) {
  if (shown.has(frame.id)) return;
  find("waiting")?.remove();
  const text = document.createElement("p");
  text.className = "caption";
  text.lang = frame.language;
  text.textContent = frame.text;
  if (/\b(call|llame al) 911\b|\b988\b/i.test(frame.text)) text.classList.add("danger");
  shown.set(frame.id, text);
  captions.append(text);
  captions.scrollTop = captions.scrollHeight;
}

function cut(frame) {
  const text = shown.get(frame.id);
  if (text && !frame.upto) text.remove();
  else text?.classList.add("cut");
}

function ended(reason) {
  find("ended").textContent = words.ends[reason] ?? words.ends.other;
  state = "over";
  wakeLock?.release().catch(() => {});
  draw();
  find("again").focus({ preventScroll: true });
}

function trouble(reason) {
  find("trouble-title").textContent = words.titles[reason] ?? words.titles.unknown;
  find("trouble-help").textContent = words.helps[reason] ?? words.helps.unknown;
  find("silent").hidden = reason === "unsupported";
  state = "trouble";
  draw();
  find("trouble").focus();
}

function newLine() {
  return new window.CarelineLine({
    address: body.dataset.socket,
    token: async () => (await fetch(body.dataset.tokenUrl)).json(),
    remember: REMEMBER,
    audio: find("audio"),
    on: { state: change, caption, cut, ended, level },
  });
}

async function call({ keysOnly = false, kept = null } = {}) {
  shown.clear();
  captions.querySelectorAll(".caption").forEach((one) => one.remove());
  began = 0;
  line = newLine();
  line.keysOnly = keysOnly;
  change(kept ? "reconnecting" : "asking");
  try {
    if (keysOnly) line.silence();
    else await line.microphone();
  } catch (error) {
    return trouble(error.message);
  }
  navigator.wakeLock?.request("screen").then((lock) => { wakeLock = lock; }, () => {});
  await (kept ? line.rejoin(kept) : line.start());
}

function press(digit) {
  const key = find("keypad").querySelector(`[data-key="${digit}"]`);
  if (!key || !line || line.over) return;
  line.press(digit);
  navigator.vibrate?.(12);
  key.classList.add("pressed");
  setTimeout(() => key.classList.remove("pressed"), 160);
}

find("call").addEventListener("click", () => call());
find("again").addEventListener("click", () => call({ keysOnly: line?.keysOnly }));
find("retry").addEventListener("click", () => call());
find("silent").addEventListener("click", () => call({ keysOnly: true }));
find("hang-up").addEventListener("click", () => line?.hangUp());
find("mute").addEventListener("click", () => { line?.mute(!line.muted); heardAt = Date.now(); draw(); tick(); });
find("hear").addEventListener("click", () => find("audio").play().then(() => change("talking"), () => {}));
find("keypad").addEventListener("click", (event) => {
  const key = event.target instanceof Element ? event.target.closest("[data-key]") : null;
  if (key) press(key.dataset.key);
});
document.addEventListener("keydown", (event) => {
  if (!event.ctrlKey && !event.metaKey && !event.altKey && /^[0-9*#]$/.test(event.key)) press(event.key);
});
for (const button of document.querySelectorAll("[data-language]")) {
  button.addEventListener("click", () => speak(button.dataset.language));
}
addEventListener("pagehide", () => line?.keep());
setInterval(tick, 500);
speak(navigator.language.startsWith("es") ? "es" : "en");
const kept = window.CarelineLine.remembered(REMEMBER);
if (kept) call({ kept });
