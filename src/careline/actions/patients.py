"""Which patient a contact is about: matched by two identifiers together, never by one of them or a telephone number alone.

Name and date of birth name a patient; so do date of birth and callback number, where they fit exactly one and no other name
was given (twins share both).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from careline.actions.indexes import birth_index, name_index, phone_index
from careline.core.people import Private
from careline.storage.models import Patient

if TYPE_CHECKING:
    from careline.core.people import Identity
    from careline.storage.transactions import Tx


def named(identity: Identity) -> Private | None:
    """The patient's name: a caller who rings for themselves has given it as their own."""
    return identity.patient_name or (identity.caller_name if identity.relation == "self" else None)


def known_patient(tx: Tx, identity: Identity) -> Patient | None:
    """The patient these identifiers name, if two of them match."""
    born = birth_index(tx, identity.date_of_birth)
    name, phone = name_index(tx, named(identity)), phone_index(tx, identity.callback_number)
    if not born or not (name or phone):
        return None
    same_birth = Patient.objects.filter(practice_id=tx.practice, birth_index=born).order_by("id")
    by_name = same_birth.filter(name_index=name).first() if name else None
    if by_name is not None or not phone:
        return by_name
    by_phone = list(same_birth.filter(phone_index=phone)[:2])
    same = len(by_phone) == 1 and (not name or not by_phone[0].name_index)
    return by_phone[0] if same else None


def patient_for(tx: Tx, identity: Identity) -> Patient | None:
    """The patient these identifiers name, made now when new; None while two are missing."""
    name, born = named(identity), identity.date_of_birth
    if born is None or not (name or identity.callback_number):
        return None
    found = known_patient(tx, identity)
    if found is None:
        found = Patient(
            practice_id=tx.practice,
            date_of_birth=Private(born.isoformat()),
            birth_index=birth_index(tx, born),
            made_at=tx.now,
        )
    if name is not None and not found.name_index:
        found.name, found.name_index = name, name_index(tx, name)
    if identity.callback_number is not None:
        found.phone, found.phone_index = identity.callback_number, phone_index(tx, identity.callback_number)
    found.save()
    return found
