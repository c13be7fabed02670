"""Processes that keep promises and do background jobs. They decide nothing: actions do."""
