"use strict";
// The recording's player: the position follows the sound, marks and turns of the transcript jump to it.

function clock(seconds) {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

function wire(player) {
  const audio = player.querySelector("audio");
  const range = player.querySelector("input[type=range]");
  const button = player.querySelector("[data-play]");
  const shown = player.querySelector("[data-clock]");
  const use = button.querySelector("use");
  const sprite = use.getAttribute("href").split("#")[0];
  const turns = [...document.querySelectorAll("[data-transcript] [data-at]")];

  function seek(seconds) {
    audio.currentTime = seconds;
    range.value = seconds;
    show();
  }
  function show() {
    shown.textContent = clock(audio.currentTime);
    let current = null;
    for (const turn of turns) {
      if (Number(turn.dataset.at) <= audio.currentTime + 0.05) current = turn;
      turn.classList.remove("now");
    }
    if (!audio.paused) current?.classList.add("now");
  }
  function state() {
    use.setAttribute("href", `${sprite}#${audio.paused ? "play" : "pause"}`);
    button.setAttribute("aria-label", audio.paused ? "Play" : "Pause");
  }
  button.addEventListener("click", () => (audio.paused ? audio.play() : audio.pause()));
  range.addEventListener("input", () => seek(Number(range.value)));
  audio.addEventListener("timeupdate", () => { range.value = audio.currentTime; show(); });
  for (const event of ["play", "pause", "ended"]) audio.addEventListener(event, state);
  player.addEventListener("click", (event) => {
    const mark = event.target.closest("[data-seek]");
    if (mark) seek(Number(mark.dataset.seek));
  });
  for (const turn of turns) turn.addEventListener("dblclick", () => { seek(Number(turn.dataset.at)); audio.play(); });
}

for (const player of document.querySelectorAll("[data-player]")) wire(player);
