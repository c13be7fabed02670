"""Fills the values of `seen/` from the database, inside a transaction its caller opened, and writes the journal."""
