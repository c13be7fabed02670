"""The ways a person can be reached, as practice files and steps name them."""

from __future__ import annotations

PHONE, SMS, PUSH, PAGER, EMAIL = "phone", "sms", "push", "pager", "email"
WAYS = (PHONE, SMS, PUSH, PAGER, EMAIL)
#: What can wake somebody. A mail alone is sent and not waited for.
ROUSING = frozenset({PHONE, SMS, PUSH, PAGER})
#: How somebody is told that a page is taken, if they were reached this way: whoever was rung is not rung again for that.
TOLD_BY = {PHONE: (SMS, PUSH, PAGER, EMAIL), SMS: (SMS,), PUSH: (PUSH,), PAGER: (PAGER,), EMAIL: (EMAIL,)}
