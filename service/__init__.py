"""Floor 2, which serves: the process, HTTP, web sockets, webhooks and the operators' commands.

It translates between the outside (`wire.md`) and the desk, and decides nothing about alerts.
"""
