"""A recording begins and ends; its seconds go to the Vault, sealed under a key that rests sealed in its row."""

from __future__ import annotations

import os

from careline.actions.commands import FinishRecording, RecordingStarted, StartRecording
from careline.actions.open_contact import VOICE
from careline.actions.perform import performs
from careline.actions.words import as_word
from careline.storage.models import Recording
from careline.storage.sealing import KEY_BYTES
from careline.storage.transactions import practice


@performs(StartRecording)
def start_recording(command: StartRecording) -> RecordingStarted:
    """The same start again gives the same recording and key."""
    consent = as_word(command.consent)
    with practice(command.practice, actor=VOICE, purpose="record contact", now=command.at) as tx:
        recording, _ = Recording.objects.get_or_create(
            practice_id=command.practice,
            contact_id=command.contact,
            starts_ms=round(command.starts * 1000),
            defaults={"key": os.urandom(KEY_BYTES), "started_at": command.at, "consent": consent},
        )
        tx.journal("recording.started", "recording", recording.id, consent=consent)
        return RecordingStarted(recording.id, recording.key or b"")


@performs(FinishRecording)
def finish_recording(command: FinishRecording) -> None:
    with practice(command.practice, actor=VOICE, purpose="record contact", now=command.at) as tx:
        recording = Recording.objects.get(practice_id=command.practice, id=command.recording)
        recording.state = "deleted" if command.deleted else "complete"
        recording.chunks, recording.ended_at = command.chunks, command.at
        if command.deleted:
            recording.key = None  # without it whatever a backup still holds cannot be heard
        recording.save()
        tx.journal("recording.ended", "recording", recording.id, state=recording.state, chunks=command.chunks)
