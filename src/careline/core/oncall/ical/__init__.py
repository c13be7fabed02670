"""iCalendar (RFC 5545): on-call rotas out to anybody's calendar, and shifts in from one. Text and values only."""
