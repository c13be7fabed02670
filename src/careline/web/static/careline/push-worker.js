"use strict";
// Shows pages while the console is closed. What arrives names no patient; touching it opens a page that asks to sign in, and
// opening accepts nothing.

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("push", (event) => {
  let said = {};
  try {
    said = event.data ? event.data.json() : {};
  } catch {
    said = {};
  }
  event.waitUntil(
    self.registration.showNotification(said.title || "Careline", {
      body: said.body || "A page is waiting. Sign in to see it.",
      tag: said.tag || "page",
      renotify: true,
      requireInteraction: true,
      vibrate: [400, 200, 400, 200, 800],
      icon: "/static/careline/app-192.png",
      data: { url: said.url || "/my/" },
    }),
  );
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const to = new URL(event.notification.data?.url || "/my/", self.location.origin);
  const address = to.origin === self.location.origin ? to.href : "/my/";
  event.waitUntil(
    self.clients.matchAll({ type: "window" }).then((windows) => {
      const open = windows.find((one) => new URL(one.url).pathname === new URL(address, self.location.origin).pathname);
      return open ? open.focus() : self.clients.openWindow(address);
    }),
  );
});
