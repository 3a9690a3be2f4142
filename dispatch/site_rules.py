"""What a site file may not say, because somebody could wait in silence or the wrong phone ring.

Every rule notes its faults and returns nothing. Reading the fields is `site_file`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from alerts.roster import uncovered_hours
from alerts.site import Do, Person, Repeat, Role, Site
from dispatch.site_fields import Faults

LADDER_SECONDS_MAX = 180
GAP_SECONDS_MAX = 60
CALL_AFTER_TEXT_SECONDS_MAX = 30
STRETCHES_SHOWN_MAX = 7

# Bounds in seconds. Arrival and reassess are the contract's; the others are wide enough for any
# house and narrow enough that a slipped digit is noticed.
REPEAT_SECONDS = (1, GAP_SECONDS_MAX)
ARRIVAL_SECONDS = (20, 120)
REASSESS_SECONDS = (120, 300)
EMS_PROMPT_SECONDS = (60, 600)
RECOVERY_SECONDS = (600, 21600)
RECOVERY_CHECK_SECONDS = (60, 3600)
JOIN_SECONDS = (1, 60)
RING_SECONDS = (5, 60)

ASKS = frozenset({Do.TEXT, Do.CALL})


@dataclass(frozen=True, slots=True)
class Step:
    """A rung as the file has it: `after` is None when it cannot be read.

    `sure` is false when something in the rung is already known to be wrong: what seems missing
    from such a rung may only be misspelt, so nothing is said about what is missing.
    """

    at: str
    after: float | None
    do: tuple[Do, ...]
    who: tuple[Role, ...]
    sure: bool


def check_ladder(faults: Faults, steps: Sequence[Step], held: Collection[Role]) -> None:
    """Refuse a ladder that starts late, pauses too long or asks nobody.

    `held` are the roles that somebody in the file has.
    """
    _check_times(faults, steps)
    for step in steps:
        if step.sure:
            _check_step(faults, step, held)
    if not steps or not all(step.sure for step in steps):
        return
    if not any(Do.SCREENS in step.do for step in steps if step.after == 0):
        faults.add(f"{steps[0].at}.do", "the ladder must sound the screens at 0 seconds")
    if not any(ASKS & set(step.do) for step in steps):
        faults.add("ladder", "the ladder names nobody: no rung texts or calls anybody")
    for step in steps:
        if Do.TEXT in step.do and not any(_covers(other, step) for other in steps):
            why = (
                "texts people whom no rung calls within "
                f"{CALL_AFTER_TEXT_SECONDS_MAX} s; a text alone can lie unread"
            )
            faults.add(f"{step.at}.do", why)


def _check_times(faults: Faults, steps: Sequence[Step]) -> None:
    if steps and steps[0].after not in (None, 0):
        faults.add(f"{steps[0].at}.after", "the first rung must be at 0 seconds")
    for step in steps:
        if step.after is not None and step.after > LADDER_SECONDS_MAX:
            why = f"{step.after:g} s after the press; {LADDER_SECONDS_MAX} s at most"
            faults.add(f"{step.at}.after", why)
    for before, step in pairwise(steps):
        if before.after is None or step.after is None:
            continue
        gap = step.after - before.after
        if gap < 0:
            faults.add(f"{step.at}.after", "before the rung above it; rungs go in order of time")
        if gap > GAP_SECONDS_MAX:
            why = f"{gap:g} s of silence since the rung above it; {GAP_SECONDS_MAX} s at most"
            faults.add(f"{step.at}.after", why)


def _check_step(faults: Faults, step: Step, held: Collection[Role]) -> None:
    if not ASKS & set(step.do):
        return
    if not step.who:
        faults.add(f"{step.at}.who", "names nobody: a rung that texts or calls says whom")
    elif Role.EVERYONE not in step.who and not set(step.who) & set(held):
        why = f"names nobody: nobody in the file is {' or '.join(step.who)}"
        faults.add(f"{step.at}.who", why)


def _covers(call: Step, text: Step) -> bool:
    if Do.CALL not in call.do or call.after is None or text.after is None:
        return False
    includes = Role.EVERYONE in call.who or set(text.who) <= set(call.who)
    return includes and 0 <= call.after - text.after <= CALL_AFTER_TEXT_SECONDS_MAX


def check_repeat(faults: Faults, steps: Sequence[Step], repeat: Repeat | None) -> None:
    """Refuse a ladder whose repeat asks nobody by phone: it would end in silence."""
    if repeat is None or not steps:
        return
    if repeat.from_rung >= len(steps):
        why = f"there is no rung {repeat.from_rung}; the last one is rung {len(steps) - 1}"
        faults.add("ladder_repeat.from", why)
        return
    loop = steps[repeat.from_rung :]
    if all(step.sure for step in loop) and not any(Do.CALL in step.do for step in loop):
        why = "no rung from this one on calls anybody: the ladder would end in silence"
        faults.add("ladder_repeat.from", why)


def check_line(faults: Faults, steps: Sequence[Step], site: Site) -> None:
    """Refuse a rung that opens the line by itself where nobody agreed to it or it cannot help."""
    line = site.line
    if line.agreement and not line.numbers and not faults.under("direct_line.numbers"):
        faults.add("direct_line.numbers", "there is an agreement and no number to dial")
    for step in steps:
        if Do.OPEN_LINE not in step.do:
            continue
        if not line.agreement and not faults.under("direct_line.agreement"):
            faults.add(f"{step.at}.do", "open_line needs the agreement of [direct_line]")
        if site.address is None:
            faults.add(f"{step.at}.do", "open_line needs the [site.address] that it would say")


def check_people(
    faults: Faults,
    people: Sequence[Person],
    pins: Mapping[str, str | None],
    kept_pins: Collection[str],
) -> None:
    """Refuse a file where nobody can end an alert, or where an hour of the week has nobody.

    `pins` are those of the file, None keeping the one there is; `kept_pins` are the ids of people
    who have one already.
    """
    if not people:
        if not faults.under("people"):
            faults.add("people", "the file names nobody")
        return
    faults.doubles(((f"people[{i}].id", p.id) for i, p in enumerate(people)), "another has this id")
    faults.doubles(
        ((f"people[{i}].phone", person.phone) for i, person in enumerate(people)),
        "another person has this phone; an answer from it could be either's",
    )
    doubtful = [
        faults.under(f"people[{i}].{field}")
        for i in range(len(people))
        for field in ("id", "roles", "pin")
    ]
    if not any(doubtful) and not any(
        Role.COORDINATOR in person.roles and _has_pin(person.id, pins, kept_pins)
        for person in people
    ):
        faults.add("people", "no coordinator has a PIN: nobody could close an alert")
    if not any(faults.under(f"people[{i}].on_duty") for i in range(len(people))):
        stretches = uncovered_hours(people)
        if stretches:
            more = len(stretches) - STRETCHES_SHOWN_MAX
            shown = ", ".join(stretches[:STRETCHES_SHOWN_MAX])
            rest = f", and {more} more times" if more > 0 else ""
            faults.add("people", f"nobody at all is on duty: {shown}{rest}")


def _has_pin(person: str, pins: Mapping[str, str | None], kept_pins: Collection[str]) -> bool:
    pin = pins.get(person)
    return bool(pin) or (pin is None and person in kept_pins)
