"""Plays written callers through the dialogue that answers real contacts, and scores what came of it.

Only `score` ever looks at what a case expects; the player sees what the caller says and their profile.
"""
