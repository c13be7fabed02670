"""Careline: a medical practice's answering service, from "hello" to "a clinician accepted"."""
