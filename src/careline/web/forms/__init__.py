"""Forms that people fill in with mouse or keyboard; what they send is checked by the actions, whose refusals name the field."""
