"""The two ways in which a call can fail: for good, or for want of an answer."""

from typing import Any

from clients.wire import rows


class Refused(Exception):
    """The server said no, and would say no again. `problem` is its problem document.

    It has at least `status`; `type`, `title`, `detail` and `errors` when the server gave them.
    """

    def __init__(self, problem: dict[str, Any]) -> None:
        self.problem = problem
        super().__init__(_sentence(problem))


class Unanswered(Exception):
    """No final answer in time. `reached` is true if the server answered anything at all."""

    def __init__(self, why: str, *, reached: bool) -> None:
        self.reached = reached
        super().__init__(why)


def _sentence(problem: dict[str, Any]) -> str:
    name = str(problem.get("type", "")).removeprefix("urn:directline:")
    words = str(problem.get("detail") or problem.get("title") or name or "no reason given")
    places = "; ".join(f"{it.get('at')}: {it.get('why')}" for it in rows(problem, "errors"))
    # Whoever quotes it ends the sentence.
    return f"{problem['status']} {words.rstrip('.')}" + (f" ({places})" if places else "")
