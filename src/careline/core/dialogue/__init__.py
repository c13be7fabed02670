"""What was heard -> what to say next, what to do. A reducer over one contact; see `engine`."""

from careline.core.dialogue.engine import Event, begin, step
from careline.core.dialogue.scene import Output
from careline.core.dialogue.state import Goal, Setup, State
from careline.core.dialogue.words import Words

__all__ = ["Event", "Goal", "Output", "Setup", "State", "Words", "begin", "step"]
