"""Handing an item to the writer on behalf of a request, with the desk's refusals as problems."""

import asyncio
from typing import Any

from dispatch.database import DatabaseAway
from dispatch.desk import ActRefused, NoSuchAlert, ReusedId
from dispatch.writer import Item
from service.problems import Problem
from service.wiring import Wiring

STORE_SECONDS = 4.0
"""After so long without a commit the caller is told that it is not stored: promise 3 says five."""


async def stored(wiring: Wiring, item: Item, within: float = STORE_SECONDS) -> Any:
    """The item's result once it is stored. Raises Problem; a request that ends cancels nothing.

    `within` are the seconds that are left to say so.
    """
    try:
        async with asyncio.timeout(within):
            return await wiring.writer.carry_out(item)
    except (TimeoutError, DatabaseAway):
        raise Problem("not_stored", headers={"Retry-After": "1"}) from None
    except NoSuchAlert:
        raise Problem("not_found") from None
    except ReusedId:
        raise Problem("id_reused") from None
    except ActRefused as refused:
        raise Problem(refused.problem, refused.detail) from None
