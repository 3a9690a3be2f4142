"""Follow a site's live feed: DIRECTLINE_URL and DIRECTLINE_TOKEN say which and as whom."""

import asyncio
import json
import os

from websockets.asyncio.client import connect


async def main() -> None:
    url = os.environ["DIRECTLINE_URL"].replace("http", "ws", 1) + "/v1/live"
    token = {"Authorization": f"Bearer {os.environ['DIRECTLINE_TOKEN']}"}
    # A connection that breaks is made anew, and begins with a whole snapshot.
    async for socket in connect(url, additional_headers=token):
        async for text in socket:
            frame = json.loads(text)
            if frame["type"] == "snapshot":
                print("open alerts:", len(frame["alerts"]), flush=True)
            elif frame["type"] == "event" and frame["alert"]:
                print(frame["event"]["name"], frame["alert"]["state"], flush=True)


asyncio.run(main())
