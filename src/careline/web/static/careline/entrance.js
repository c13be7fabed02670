"use strict";
// Puts the cursor where the first answer goes.
document.querySelector("main input:not([type=hidden])")?.focus({ preventScroll: true });
