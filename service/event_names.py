"""Every event that the timeline and the live feed can tell, with the fields of its data.

A field with `?` is not always there; an act says when it was done (`at`) if somebody said so.
Booths and boards are told of most events without data.
"""

from collections.abc import Mapping

_PRESS = "press_id kind device delayed_s plain?"
_ASK = "person channel attempt rung reason? code?"
_LINE = "number_index round reason? ring_s?"
_DEVICE = "device kind booth why button? screen?"
EVENTS: Mapping[str, str] = {
    "pressed": _PRESS,
    "pressed_again": _PRESS,
    "mistake_reported": "",
    "sounding": "screens count",
    "rung_reached": "rung do who late_s plain?",
    **dict.fromkeys(
        (
            "text_queued",
            "text_sent",
            "text_delivered",
            "text_failed",
            "text_superseded",
            "call_placed",
            "call_answered",
            "call_unanswered",
            "call_failed",
        ),
        _ASK,
    ),
    **dict.fromkeys(("on_my_way", "at_booth", "cannot_go", "more_people", "safe"), "person by"),
    "not_understood": "person",
    "not_arrived": "people",
    "nobody_reached": "loop",
    "job_taken": "job person",
    "classified": "kind was",
    "oxygen": "on",
    "naloxone": "route dose_mg count",
    "breathing": "breathing awake",
    "reassess_due": "",
    "ems_prompted": "",
    "recovery_due": "outcome",
    "recovery_missed": "",
    "ems": "ems minutes",
    "line_opened": "opener number_index round",
    **dict.fromkeys(
        (
            "line_ringing",
            "line_answered",
            "line_confirmed",
            "line_bridged",
            "line_failed",
            "line_not_reached",
            "line_ended",
        ),
        _LINE,
    ),
    "line_dialled": "leg number_index round",
    "line_leg": "leg who? state",
    "line_joined": "leg who",
    "line_left": "leg who reason",
    "line_in_room": "leg who",
    "line_out_of_room": "leg who",
    "line_key": "number_index round key",
    "line_muted": "leg who muted",
    "line_talk": "leg person",
    "line_by_hand": "",
    "line_test_started": "test",
    "line_tested": "test number_index result",
    "stood_down": "outcome person",
    "closed": "outcome person",
    "reopened": "person",
    "corrected": "of field value? note?",
    "drill_started": "type person told",
    "wrong_booth": "visits person",
    "drill_ended": "reason person?",
    "screen_silenced": "screen until person shown",
    "device_silent": _DEVICE,
    "device_back": _DEVICE,
    "cover_lost": "why cover",
    "cover_back": "why cover",
    "button_test_started": "test booth person until",
    "button_tested": "test booth seconds",
    "sound_test": "person",
    "shift_taken": "person naloxone oxygen",
    "site_changed": "changes site?",
    "address_shown": "person?",
}
