"""Testing the direct line on demand: it rings the site's test numbers and nothing else."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict

from dispatch import line_tests
from dispatch.line_tests import NothingToTest
from service.action_api import Id
from service.callers import ACT, Caller
from service.problems import Problem, documented
from service.shift_api import site_with
from service.storing import stored
from service.wiring import Wiring


class LineTestBody(BaseModel):
    """Who tests it. The same `test_id` again is the same test."""

    model_config = ConfigDict(extra="forbid")
    test_id: Id
    person: Id


def build(wiring: Wiring) -> APIRouter:
    """The route of line tests."""
    router = APIRouter()

    @router.post(
        "/v1/line-tests",
        status_code=202,
        tags=["line"],
        responses=documented(
            "unauthenticated", "not_allowed", "no_agreement", "invalid", "not_stored"
        ),
    )
    async def test(
        caller: Annotated[Caller, Depends(wiring.callers.needed(ACT))], body: LineTestBody
    ) -> dict[str, Any]:
        """Ring the test numbers; what came of it is in the site's `line_test`."""
        await site_with(wiring, caller, body.person)
        item = line_tests.ring(wiring.desk, caller.site, body.test_id, body.person)
        try:
            started = await stored(wiring, item)
        except NothingToTest:
            detail = "There is no agreement, no test number or no phone network: nothing was rung."
            raise Problem("no_agreement", detail) from None
        return {"test": started.test_id, "numbers": len(started.results)}

    return router
