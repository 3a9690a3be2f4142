"""Everything outside the server: pages, commands and the phone network simulator.

It speaks HTTP and WebSocket only and imports nothing of service, dispatch or alerts.
"""
