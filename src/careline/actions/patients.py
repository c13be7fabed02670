"""Which patient a contact is about: matched by name and date of birth together, never by one of them or a telephone number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from careline.actions.indexes import birth_index, name_index, phone_index
from careline.core.people import Private
from careline.storage.models import Patient

if TYPE_CHECKING:
    from careline.core.people import Identity
    from careline.storage.transactions import Tx


def patient_for(tx: Tx, identity: Identity) -> Patient | None:
    """The patient these two identifiers name, made now when new; None while either is missing."""
    if identity.patient_name is None or identity.date_of_birth is None:
        return None
    name, born = name_index(tx, identity.patient_name), birth_index(tx, identity.date_of_birth)
    found = Patient.objects.filter(practice_id=tx.practice, birth_index=born, name_index=name).order_by("id").first()
    if found is not None or not name:
        return found
    return Patient.objects.create(
        practice_id=tx.practice,
        name=identity.patient_name,
        date_of_birth=Private(identity.date_of_birth.isoformat()),
        phone=identity.callback_number,
        name_index=name,
        birth_index=born,
        phone_index=phone_index(tx, identity.callback_number),
        made_at=tx.now,
    )
