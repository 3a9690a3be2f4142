"""Floor 0, which thinks: what an alert is, how its ladder climbs and what is said to people.

Pure: standard library only, no input or output, no clock, no chance, no async, no logging.
Time, people and everything else from outside come in as arguments. The tables that remember
an alert are in `dispatch`, which stands on this floor.
"""
