"""The console, the clinicians' pages and the patients' chat page: server-rendered, live by pokes without patient data.

A view opens `practice(...)` through `access.console`, fills small values (`seen/`) and writes the journal, closes the transaction
and renders. Templates see those values only. State changes are POSTs that call one action each.
"""
