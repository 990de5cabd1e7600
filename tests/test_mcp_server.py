"""Ergo as tools for agents: a real client, a real process, a real server behind it."""

import asyncio
import os
import sys
from pathlib import Path

from live_server import serving
from mcp import StdioServerParameters
from mcp.client.session import ClientSession
from mcp.client.stdio import stdio_client

from ergo.config import Settings
from ergo.jobs.legacy_api import LegacyApi
from ergo.jobs.services import open_services
from ergo.ui.api_routes import api_routes
from ergo.ui.routes import store_routes

ROOT = Path(__file__).resolve().parents[1]


def used(url, act):
    """What `act(session)` gives in a session with the server on the page at `url`."""

    async def main():
        command = StdioServerParameters(
            command=sys.executable, args=["-m", "ergo", "mcp", "--url", url], cwd=ROOT, env=dict(os.environ)
        )
        async with stdio_client(command) as (incoming, outgoing), ClientSession(incoming, outgoing) as session:
            await session.initialize()
            return await act(session)

    return asyncio.run(main())


def test_an_agent_sends_a_film_and_asks_for_it(tmp_path):
    services = open_services(Settings(data_dir=tmp_path / "data", _env_file=None))
    film = tmp_path / "lift.mp4"
    film.write_bytes(os.urandom(3_000_000))

    async def act(session):
        tools = {tool.name: tool for tool in (await session.list_tools()).tools}
        sent = (await session.call_tool("upload_video", {"path": str(film)})).structured_content
        started = await session.call_tool("start_processing", {"video_key": sent["video_key"], "quality": "low"})
        status = await session.call_tool("get_status", {"job_id": started.structured_content["job_id"]})
        wrong = [
            await session.call_tool("get_status", {"job_id": "0" * 32}),
            await session.call_tool("upload_video", {"path": str(tmp_path / "none.mp4")}),
        ]
        return tools, sent, status, wrong

    routes = [
        *api_routes(LegacyApi(services.uploads, services.jobs)), *store_routes(services.store, services.signer)
    ]  # fmt: skip
    with serving(routes) as url:
        tools, sent, status, wrong = used(url, act)
    assert {"upload_video", "start_processing", "get_status", "again", "compare"} <= set(tools)
    assert tools["get_status"].input_schema["required"] == ["job_id"] and tools["get_status"].description
    assert services.store.get(sent["video_key"]) == film.read_bytes()
    assert status.structured_content["job_status"]["status"] == "queued"
    assert [answer.is_error for answer in wrong] == [True, True]
    assert wrong[0].structured_content["code"] == "JobNotFound" and wrong[1].structured_content["hint"]


def test_a_page_that_is_not_there_is_told():
    answer = used("http://127.0.0.1:9", lambda session: session.call_tool("get_status", {"job_id": "x"}))
    assert answer.is_error and "does not answer" in answer.structured_content["message"]
