"""Draws the state diagram of an alert from the table of moves, for the README."""

from alerts.alert import State
from alerts.machine import MOVES, Move

BY_THE_PRESS = "pressed"


def mermaid() -> str:
    """The diagram in Mermaid: every state, and the facts that lead from one to another."""
    lines = ["stateDiagram-v2", f"    [*] --> {State.UNANSWERED}: {BY_THE_PRESS}"]
    for state in State:
        for target in State:
            facts = [str(what) for what, cells in MOVES.items() if _leads(cells[state], target)]
            if facts and target is not state:
                lines.append(f"    {state} --> {target}: {', '.join(facts)}")
    return "\n".join(lines)


def _leads(cell: object, target: State) -> bool:
    return isinstance(cell, Move) and target in cell.to
