"""One module per area. A view checks the right, reads or calls one action, and shows; nothing else happens here."""
