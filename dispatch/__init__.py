"""Floor 1, which does: remembers alerts, keeps timers and reaches phones.

The alert table is here (`tables`), its meaning is one floor down in `alerts`. Every change goes
through the one door (`desk`) and one writer; the outbox is the only place that talks to the
phone network. Nothing here knows HTTP requests or web sockets.
"""
