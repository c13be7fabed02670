"use strict";
// The desk's telephone in a browser: rings, and speaks, as long as its owner is signed in. It is known to every voice process, so
// that whichever holds a call rings it directly.

const body = document.body;
const find = (name) => document.querySelector(`[data-${name}]`);
const REMEMBER = "careline-softphone"; // a window that is loaded again is a telephone at once, and in its call
const RENEW_MS = 60_000;
const PAUSES = [0.5, 1, 2, 4, 8];
const REASONS = {
  refused: "The microphone is not allowed: choose the sign beside the page’s address, allow it, and try again.",
  absent: "No microphone was found: connect one and try again.",
  busy: "Another program is using the microphone.",
  insecure: "This page must be opened by its secure address (https).",
  unsupported: "This browser cannot make calls.",
  "signed out": "You are signed out: sign in again to take calls.",
  elsewhere: "Your telephone is now another window or tab.",
};

let state = "off";
let line = null;
let call = null; // {id, from, socket} that rings or is spoken on
let began = 0;
let ringer = null;
let sockets = new Map();

function draw() {
  for (const section of document.querySelectorAll("[data-when]")) section.hidden = section.dataset.when !== state;
  find("dot").classList.toggle("on", state !== "off");
  for (const place of document.querySelectorAll("[data-from]")) place.textContent = call?.from || "The practice";
  const muted = Boolean(line?.muted);
  find("mute").setAttribute("aria-pressed", String(muted));
  find("mute-word").textContent = muted ? "Unmute" : "Mute";
  find("mic-on").hidden = muted;
  find("mic-off").hidden = !muted;
  find("hint").textContent = muted ? "You are muted." : "";
  document.title = state === "ringing" ? "Incoming call · Careline" : "Softphone · Careline";
}

function become(name) {
  state = name;
  draw();
}

async function note() {
  const answer = await fetch(body.dataset.tokenUrl, { headers: { "X-Careline-Background": "1" }, redirect: "error" });
  if (!answer.ok) throw new Error("signed out");
  return answer.json();
}

async function connect(address, tries = 0) {
  if (state === "off") return;
  let given;
  try {
    given = await note();
  } catch (error) {
    if (error.message === "signed out") return off("signed out");
    return void setTimeout(connect, PAUSES[Math.min(tries, PAUSES.length - 1)] * 1000, address, tries + 1);
  }
  const url = new URL(address);
  url.searchParams.set("token", given.token);
  const socket = new WebSocket(url);
  socket.servers = given.ice_servers;
  sockets.set(address, socket);
  socket.addEventListener("message", (event) => take(socket, JSON.parse(event.data)));
  socket.addEventListener("close", () => {
    if (sockets.get(address) !== socket) return;
    if (state === "ringing" && call?.socket === socket) quiet();
    find("ready").textContent = "Connecting…";
    setTimeout(connect, PAUSES[Math.min(tries, PAUSES.length - 1)] * 1000, address, tries + 1);
  });
}

function take(socket, frame) {
  if (frame.type === "ready") find("ready").textContent = "Ready to be rung";
  else if (frame.type === "ring") ring(socket, frame);
  else if (frame.type === "silent") { if (state === "ringing" && call?.id === frame.call) quiet(); }
  else if (frame.type === "refused" && !line) off(frame.reason);
  else if (frame.type === "welcome" && frame.answered && !line) answer(socket, ""); // this page was loaded again in mid-call
  else if (line && !line.over) {
    line.socket = socket;
    line.take(frame);
  }
}

function ring(socket, frame) {
  call = { id: frame.call, from: frame.from, socket };
  become("ringing");
  ringer ??= setInterval(bell, 2400);
  bell();
}

function bell() {
  const sound = (bell.context ??= new AudioContext());
  for (const [at, pitch] of [[0, 440], [0.4, 480]]) {
    const tone = sound.createOscillator();
    const volume = sound.createGain();
    const start = sound.currentTime + at;
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.0001, start);
    volume.gain.exponentialRampToValueAtTime(0.2, start + 0.03);
    volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.38);
    tone.connect(volume).connect(sound.destination);
    tone.start(start);
    tone.stop(start + 0.4);
  }
}

function quiet(next = "ready") {
  clearInterval(ringer);
  ringer = null;
  if (next === "ready") call = null;
  become(next);
}

async function answer(socket, id) {
  quiet("talking");
  began = 0;
  line = new window.CarelineLine({
    address: "", token: note, audio: find("audio"), socket,
    on: { state: change, ended, level, frame: () => {} },
  });
  line.servers = socket.servers;
  if (id) socket.send(JSON.stringify({ type: "take", call: id }));
  else line.answered = true;
  try {
    await line.microphone();
  } catch (error) {
    line.hangUp();
    return off(error.message);
  }
  await line.start();
}

function change(name) {
  if (name === "talking") began ||= Date.now();
  find("hear").hidden = name !== "blocked";
  find("state").textContent = { connecting: "Connecting…", reconnecting: "Connection lost, trying again…" }[name] ?? "Connected";
}

function ended() {
  line = null;
  call = null;
  if (state === "talking") become("ready");
}

function level(loud) {
  find("meter").style.setProperty("--level", loud.toFixed(3));
  find("meter").setAttribute("aria-valuenow", String(Math.round(loud * 100)));
}

function off(reason = "") {
  if (state !== "off" && reason !== "elsewhere") present(false);
  sessionStorage.removeItem(REMEMBER);
  const old = sockets;
  sockets = new Map();
  for (const socket of old.values()) socket.close();
  quiet();
  find("trouble").textContent = reason ? (REASONS[reason] ?? "The telephone could not be connected. Try again.") : "";
  become("off");
}

/** Tells the desk whether its calls ring here. By a beacon when the page goes. */
async function present(on, going = false) {
  const form = new FormData();
  form.set("available", on ? "1" : "0");
  form.set("number", on ? find("name").textContent : "");
  form.set("csrfmiddlewaretoken", body.dataset.csrf);
  if (going) navigator.sendBeacon(body.dataset.presenceUrl, form);
  else return fetch(body.dataset.presenceUrl, { method: "POST", body: form, redirect: "manual" }).catch(() => {});
}

async function on() {
  const trial = new window.CarelineLine({ address: "", token: note, audio: find("audio"), on: { state() {}, ended() {} } });
  try {
    await trial.microphone(); // asked for now, so that nothing is asked when it rings
  } catch (error) {
    return off(error.message);
  }
  trial.end("");
  bell.context ??= new AudioContext();
  become("ready");
  sessionStorage.setItem(REMEMBER, "on");
  await present(true);
  for (const address of body.dataset.sockets.split(" ")) connect(address);
}

find("on").addEventListener("click", on);
find("off").addEventListener("click", () => off());
find("answer").addEventListener("click", () => answer(call.socket, call.id));
find("decline").addEventListener("click", () => {
  call.socket.send(JSON.stringify({ type: "decline", call: call.id }));
  quiet();
});
find("hang-up").addEventListener("click", () => line?.hangUp());
find("mute").addEventListener("click", () => { line?.mute(!line.muted); draw(); });
find("hear").addEventListener("click", () => find("audio").play().then(() => change("talking"), () => {}));
find("keypad").addEventListener("click", (event) => {
  const key = event.target instanceof Element ? event.target.closest("[data-key]") : null;
  if (key) line?.press(key.dataset.key);
});
setInterval(() => {
  const seconds = began ? Math.floor((Date.now() - began) / 1000) : 0;
  find("clock").textContent = began ? `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}` : "";
}, 500);
setInterval(async () => {
  if (state === "off") return;
  try {
    const given = await note();
    for (const socket of sockets.values()) {
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ type: "token", token: given.token }));
    }
  } catch (error) {
    if (error.message === "signed out" && !line) off("signed out");
  }
}, RENEW_MS);
draw();
addEventListener("pagehide", () => { if (state !== "off") present(false, true); });
if (sessionStorage.getItem(REMEMBER)) on();
