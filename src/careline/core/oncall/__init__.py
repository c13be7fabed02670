"""Who is on call, and whom to reach next when nobody has accepted yet. Pure: calendars, policies and instants in, people out."""
