"""Which sentence is said to whom about an alert, with its slots filled from what is true now.

The sentences themselves are `alerts.sentences`. Times are said in the site's own time zone.
"""

from datetime import datetime
from math import ceil

from alerts.alert import Alert, State
from alerts.events import Scene
from alerts.roster import who_is_asked
from alerts.site import Do, Person, Role
from alerts.words import Slot, Text, about

NO_WORD_SECONDS = 30
"""Past this without a word, whoever opened the line should call by hand."""


def ask(alert: Alert, scene: Scene, person: Person, rung: int, seconds: int) -> Text:
    """The text with which this rung asks this person; `seconds` since the press."""
    slots = _about(alert, scene)
    if alert.state is not State.UNANSWERED:
        return Text("S9", {**slots, "time": _clock(alert.raised_at, scene)})
    if rung == 0 and seconds == 0:
        code = "D1" if alert.drill else "S2" if scene.others else "S1"
        return Text(
            code, {**slots, "time": _clock(alert.raised_at, scene), "open": scene.others + 1}
        )
    offers = Do.OFFER_LINE in alert.plan.rungs[rung].do and not alert.drill
    if offers and Role.COORDINATOR in person.roles:
        # Only a line that can be opened is offered.
        return Text(_with_line("S4", alert, scene), {**slots, "seconds": seconds})
    return Text(
        "S3", {**slots, "seconds": seconds, "rings_in": _rings_in(alert, scene, person, rung)}
    )


def plainly(alert: Alert, scene: Scene) -> Text:
    """The text of an alert that has left the machine: the first of the ladder, every time."""
    return Text("S1", {**_about(alert, scene), "time": _clock(alert.raised_at, scene)})


def _rings_in(alert: Alert, scene: Scene, person: Person, rung: int) -> int | None:
    """Seconds of the site file until a coming rung calls this person, if one does."""
    rungs = alert.plan.rungs
    for coming in rungs[rung + 1 :]:
        asked = who_is_asked(scene.site.people, scene.duty, coming.who)
        if Do.CALL in coming.do and person in asked:
            return ceil(coming.after - rungs[rung].after)
    return None


def _with_line(code: str, alert: Alert, scene: Scene) -> str:
    """The sentence that offers the line, or its twin that names the number to call."""
    offered = scene.phones and alert.plan.line.agreement and alert.plan.line.numbers
    return code if offered else f"{code}n"


def call_question(alert: Alert, scene: Scene, person: Person) -> Text:
    """What a call asks; a coordinator's also offers the line, where there is one."""
    offers = Role.COORDINATOR in person.roles and _with_line("", alert, scene) == ""
    return Text("call_question_line" if offers else "call_question", _about(alert, scene))


def pressed_again(alert: Alert, scene: Scene) -> Text:
    """S5: the button was pressed again."""
    return Text("S5", {**_about(alert, scene), "presses": alert.presses})


def not_arrived(alert: Alert, scene: Scene) -> Text:
    """S6, to somebody who said they come and has not."""
    return Text("S6", {**_about(alert, scene), "seconds": ceil(alert.plan.clocks.arrival)})


def stood_down(alert: Alert, scene: Scene, person: Person | None, now: datetime) -> Text:
    """S7: nobody needs to go."""
    name = person.name if person else ""
    return Text("S7", {**_about(alert, scene), "person": name, "time": _minute(now, scene)})


def closed(alert: Alert, scene: Scene, now: datetime) -> Text:
    """S8: it is over."""
    return Text("S8", {**_about(alert, scene), "time": _minute(now, scene)})


def going(alert: Alert, scene: Scene, person: Person) -> Text:
    """A1, or A2 when somebody else was first."""
    first = next(
        (
            one.name
            for one in alert.answers
            if one.counted and one.person != person.id and one.answer in {"on_my_way", "at_booth"}
        ),
        None,
    )
    code = "A1" if first is None else "A2"
    return Text(code, {**_about(alert, scene), "first": first})


def at_booth(alert: Alert, scene: Scene, now: datetime) -> Text:
    """A3: somebody is there."""
    return Text("A3", {**_about(alert, scene), "time": _clock(now, scene)})


def more_people(alert: Alert, scene: Scene) -> Text:
    """A4: more people are asked for."""
    return Text("A4", _about(alert, scene))


def safe(alert: Alert, scene: Scene, now: datetime) -> Text:
    """A7: safe, and the outcome is still wanted."""
    return Text("A7", {**_about(alert, scene), "time": _minute(now, scene)})


def cannot_go(alert: Alert, scene: Scene, *, nobody_left: bool = False) -> Text:
    """A8: noted; or that nobody is left to ask."""
    return Text("A8n" if nobody_left else "A8", _about(alert, scene))


def was_alone(alert: Alert, scene: Scene) -> Text:
    """A9: the only one on the way can not go."""
    return Text("A9", _about(alert, scene))


def not_counted(alert: Alert, scene: Scene) -> Text:
    """A10: safe counts only from the booth."""
    return Text("A10", _about(alert, scene))


def not_understood(alert: Alert, scene: Scene) -> Text:
    """U1: not an answer."""
    return Text("U1", _about(alert, scene))


def over(alert: Alert, scene: Scene) -> Text:
    """U4: it was closed already."""
    assert alert.closed_at is not None
    return Text("U4", {**_about(alert, scene), "time": _minute(alert.closed_at, scene)})


def drill_stopped(scene: Scene, booth: int | None) -> Text:
    """D2, to all whom a drill asked: a real alert at this booth has ended it."""
    return Text("D2", about(scene.site, None, booth))


def line_opening(alert: Alert, scene: Scene) -> Text:
    """A6: the line is being called."""
    return Text("A6", {**_about(alert, scene), "seconds": NO_WORD_SECONDS})


def line_refused(alert: Alert, scene: Scene) -> Text:
    """A6d or A6n: nothing is dialled for a drill, or there is no line to open."""
    return Text("A6d" if alert.drill else "A6n", _about(alert, scene))


def line_was_open(alert: Alert, scene: Scene) -> Text:
    """A6e: a text opens the line once; it has ended since."""
    return Text("A6e", _about(alert, scene))


def nine(alert: Alert, scene: Scene) -> Text:
    """A5: one 9 opens nothing; this is how. Or that there is no line."""
    if _with_line("S4", alert, scene) != "S4":
        return line_refused(alert, scene)
    return Text("A5", _about(alert, scene))


def line_not_reached(alert: Alert, scene: Scene) -> Text:
    """L1: nobody at the control room was reached."""
    return Text("L1", _about(alert, scene))


def check_missed(alert: Alert, scene: Scene, checked: datetime) -> Text:
    """R1, to the coordinator: a recovery check got no note."""
    return Text("R1", {**_about(alert, scene), "time": _minute(checked, scene)})


def outcome_wanted(alert: Alert, scene: Scene) -> Text:
    """R2, to the coordinator: the recovery is over and has no outcome yet."""
    return Text("R2", _about(alert, scene))


def unreachable(alert: Alert, scene: Scene, name: str, *, by_call: bool) -> Text:
    """W4 or W5, to the coordinator: this person's texts, or their calls too, are refused."""
    return Text("W5" if by_call else "W4", {**_about(alert, scene), "person": name})


def _about(alert: Alert, scene: Scene) -> dict[str, Slot]:
    return about(scene.site, alert.number, alert.booth, drill=alert.drill)


def _clock(moment: datetime, scene: Scene) -> str:
    return f"{moment.astimezone(scene.zone):%H:%M:%S}"


def _minute(moment: datetime, scene: Scene) -> str:
    return f"{moment.astimezone(scene.zone):%H:%M}"
