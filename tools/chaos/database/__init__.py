"""A database engine for Django that says when something is about to be committed, and when it has been."""
