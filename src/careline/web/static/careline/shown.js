"use strict";
// Lets this browser show pages: asks permission when touched, subscribes, and tells the console. A subscription that the browser
// has renewed by itself is told again whenever this page is opened.

const box = document.querySelector("[data-push-key]");
const state = box?.querySelector("[data-state]");
const button = box?.querySelector("button");

function say(words, good) {
  state.textContent = words;
  state.classList.toggle("good", Boolean(good));
}

function bytes(text) {
  const plain = atob((text + "=".repeat((4 - (text.length % 4)) % 4)).replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

async function tell(subscription) {
  const answer = await fetch(box.dataset.url, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": box.dataset.csrf },
    body: JSON.stringify(subscription.toJSON()),
  });
  if (answer.ok) return "";
  const said = await answer.json().catch(() => ({}));
  return said.refused || "The console did not take it. Load this page again.";
}

async function start(asked) {
  const registration = await navigator.serviceWorker.register("/push-worker.js");
  let subscription = await registration.pushManager.getSubscription();
  if (!subscription && !asked) return;
  if (!subscription && (await Notification.requestPermission()) !== "granted") {
    say("This browser was told not to show notifications. Allow them in its settings for this site, then try again.");
    return;
  }
  const key = bytes(box.dataset.pushKey);
  subscription ??= await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  const refused = await tell(subscription);
  say(refused || "Pages are shown on this phone.", !refused);
  if (asked && !refused) location.reload();
}

function failed() {
  say("This browser could not subscribe. Check its connection, or use another browser.");
}

if (box && button) {
  if (!("serviceWorker" in navigator) || !("PushManager" in window)) {
    button.disabled = true;
    say("This browser cannot show pages. On an iPhone, add this page to the Home Screen first, and open it from there.");
  } else {
    button.addEventListener("click", () => start(true).catch(failed));
    start(false).catch(failed);
  }
}
