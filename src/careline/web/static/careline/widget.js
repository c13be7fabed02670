"use strict";
// Puts a practice's chat on the practice's own web site:
//   <script src="https://careline.example/static/careline/widget.js" data-practice="demo" defer></script>
// It loads nothing but the chat page itself, in a frame, and reads nothing of the page it stands on.
(() => {
  const script = document.currentScript;
  const origin = new URL(script.src).origin;
  const spanish = (document.documentElement.lang || navigator.language).startsWith("es");
  const host = document.createElement("div");
  const root = host.attachShadow({ mode: "closed" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    :host { all: initial; }
    button { position: fixed; right: 20px; bottom: 20px; z-index: 2147483000; padding: 14px 20px; border: 0; border-radius: 999px; cursor: pointer;
      font: 600 16px/1.2 system-ui, sans-serif; color: #fff; background: #0b6157; box-shadow: 0 8px 28px rgb(0 0 0 / 25%); }
    button:focus-visible { outline: 3px solid #0b6157; outline-offset: 3px; }
    iframe { position: fixed; right: 20px; bottom: 84px; z-index: 2147483000; width: min(400px, calc(100vw - 40px)); height: min(640px, calc(100vh - 110px));
      border: 1px solid #c9d1ce; border-radius: 14px; background: #fff; box-shadow: 0 12px 40px rgb(0 0 0 / 25%); }
    iframe[hidden] { display: none; }`);
  root.adoptedStyleSheets = [sheet];
  const button = document.createElement("button");
  const frame = document.createElement("iframe");
  frame.hidden = true;
  frame.title = spanish ? "Conversación con el consultorio" : "Chat with the practice";
  const label = () => {
    button.textContent = frame.hidden ? (spanish ? "Escríbanos" : "Chat with us") : (spanish ? "Cerrar" : "Close");
    button.setAttribute("aria-expanded", String(!frame.hidden));
  };
  button.addEventListener("click", () => {
    if (!frame.src) frame.src = `${origin}/chat/${encodeURIComponent(script.dataset.practice)}/?embed`;
    frame.hidden = !frame.hidden;
    label();
  });
  label();
  root.append(frame, button);
  document.body.append(host);
})();
