"""The phone network simulator: stands in for Twilio, with a page of handsets.

It shares no code with the server and knows nothing of alerts; it only carries texts and calls.
"""
