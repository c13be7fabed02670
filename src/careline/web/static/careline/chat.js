"use strict";
// The patient's side of a conversation. Nothing is stored: closing the page forgets it. One socket at a time; when it breaks,
// the page connects again and goes on where the conversation was. Every line written has a number and is kept until the other side
// says that it has it; what was on its way when a socket broke is sent again, and taken once.

const body = document.body;
const log = document.getElementById("log");
const form = document.querySelector("[data-form]");
const input = document.getElementById("say");
const options = document.querySelector("[data-options]");
const stateLine = document.querySelector("[data-state]");
const limitLine = document.querySelector("[data-limit]");
let longest = Number(body.dataset.longest);
const PAUSES = [0.5, 1, 2, 4, 8];

let language = "en";
let words = window.CARELINE_WORDS.en;
let socket = null;
let resume = "";
let tries = 0;
let over = false;
let shown = 0; // sentences of this conversation on the page already
let repeated = 0; // sentences the socket has sent since it opened: on return it begins again with the first
let written = 0; // lines of this page so far: the number of the next
const waiting = []; // lines the other side has not said it has

function show(text, who) {
  const line = document.createElement("div");
  line.className = `said-by ${who}`;
  line.textContent = text;
  if (who === "them") line.lang = language;
  if (/\b(call|llame al) 911\b|\b988\b/i.test(text) && who === "them") line.classList.add("danger");
  log.append(line);
  log.scrollTop = log.scrollHeight;
  return line;
}

function speak(chosen) {
  language = window.CARELINE_WORDS[chosen] ? chosen : "en";
  words = window.CARELINE_WORDS[language];
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll("[data-word]")) element.textContent = words[element.dataset.word];
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === language));
  }
  input.placeholder = words.placeholder;
}

function offer(frame) {
  options.replaceChildren();
  const choices = frame.expect === "yes_no" ? [words.yes, words.no, words.unsure] : frame.expect === "menu" ? frame.options ?? [] : [];
  for (const choice of choices) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button";
    button.textContent = choice;
    button.addEventListener("click", () => answer(choice));
    options.append(button);
  }
  options.hidden = choices.length === 0;
}

function send(frame) {
  if (socket?.readyState === WebSocket.OPEN && socket.ready) socket.send(JSON.stringify(frame));
}

function write(text) {
  written += 1;
  const frame = { type: "heard", text, id: String(written) };
  waiting.push(frame);
  send(frame);
}

function onGot(frame) {
  const place = waiting.findIndex((one) => one.id === frame.id);
  if (place >= 0) waiting.splice(place, 1);
}

function answer(text) {
  show(text, "me");
  options.hidden = true;
  write(text);
  input.focus();
}

function onWelcome(frame) {
  if (resume && frame.resume !== resume) {
    show(words.anew, "note"); // the conversation was over or too long ago: this is another one
    shown = 0;
  }
  resume = frame.resume;
  longest = frame.longest ?? longest;
  socket.ready = true;
  tries = 0;
  stateLine.textContent = "";
  document.querySelector("[data-dot]").classList.add("on");
  for (const frame of waiting) send(frame);
}

// Who writes stands above the conversation: the assistant, or a person by name.
function showCompany(name) {
  document.querySelector("[data-word=assistant]").hidden = Boolean(name);
  const person = document.querySelector("[data-person]");
  person.hidden = !name;
  person.textContent = name ? words.person(name) : "";
}

function onSay(frame) {
  if (window.CARELINE_WORDS[frame.language] && frame.language !== language) speak(frame.language);
  repeated += 1;
  if (repeated > shown) {
    const line = show(frame.text, frame.speaker ? "them person" : "them");
    if (frame.speaker) line.dataset.speaker = frame.speaker;
    showCompany(frame.speaker);
    shown = repeated;
    send({ type: "spoken", id: frame.id });
  }
  offer(frame);
}

function onFrame(frame) {
  if (frame.type === "welcome") onWelcome(frame);
  else if (frame.type === "say") onSay(frame);
  else if (frame.type === "got") onGot(frame);
  else if (frame.type === "cut") show(words.cut(frame.limit), "note");
  else if (frame.type === "ended") end();
  else if (frame.type === "refused" && frame.reason) show(words.unreachable, "note");
}

function end() {
  if (waiting.length) {
    show(words.anew, "note"); // the goodbye and a last line met on the way: another conversation begins with that line
    resume = "";
    shown = 0;
    socket.close();
    return;
  }
  over = true;
  stateLine.textContent = words.ended;
  document.querySelector("[data-dot]").classList.remove("on");
  form.hidden = true;
  options.replaceChildren();
  const again = document.createElement("button");
  again.type = "button";
  again.className = "button";
  again.textContent = words.again;
  again.addEventListener("click", () => location.reload());
  options.append(again);
  options.hidden = false;
}

async function connect() {
  stateLine.textContent = resume ? words.lost : words.connecting;
  let token;
  try {
    const response = await fetch(body.dataset.tokenUrl);
    token = (await response.json()).token;
  } catch {
    again();
    return;
  }
  const address = new URL(body.dataset.socket);
  address.searchParams.set("token", token);
  address.searchParams.set("language", language);
  if (resume) address.searchParams.set("resume", resume);
  repeated = 0;
  socket = new WebSocket(address);
  socket.addEventListener("message", (event) => onFrame(JSON.parse(event.data)));
  socket.addEventListener("close", () => { if (!over) again(); });
}

function again() {
  document.querySelector("[data-dot]").classList.remove("on");
  const pause = PAUSES[Math.min(tries, PAUSES.length - 1)];
  tries += 1;
  stateLine.textContent = tries > 3 ? words.unreachable : words.lost;
  setTimeout(connect, pause * 1000);
}

function check() {
  const count = [...input.value].length;
  limitLine.hidden = count <= longest;
  limitLine.textContent = words.over(count, longest);
  return count <= longest;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = input.value.trim();
  if (!text || !check()) return;
  input.value = "";
  input.rows = 1;
  answer(text);
});
input.addEventListener("input", () => { check(); input.rows = Math.min(5, input.value.split("\n").length); });
input.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    form.requestSubmit();
  }
});
for (const button of document.querySelectorAll("[data-language]")) {
  button.addEventListener("click", () => {
    if (button.dataset.language === language) return;
    speak(button.dataset.language);
    answer(words.ask);
  });
}
speak(navigator.language.startsWith("es") ? "es" : "en");
connect();
