"""Ergo as tools for agents: ``python -m ergo mcp``, an MCP server on standard input and output.

The tools are the HTTP calls of a running page, read off their own description, and one that sends a file of this
machine there. Who has a login passes a token (``python -m ergo access token``) in ``ERGO_TOKEN``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
from mcp.server import Server, ServerRequestContext
from mcp.server.stdio import stdio_server
from mcp.types import (
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    Tool,
)

from ergo import __version__
from ergo.errors import ErgoError, JobFailed

UPLOAD = Tool(
    name="upload_video",
    description="Send a video of this machine to Ergo; the answer has the video_key that start_processing takes.",
    input_schema={
        "type": "object",
        "additionalProperties": False,
        "required": ["path"],
        "properties": {"path": {"type": "string", "description": "where the file lies"}},
    },
)
_TIMEOUT_S = 60.0


class Ergo:
    """A running page, as its tools; owns the connection."""

    def __init__(self, url: str, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._client = httpx.AsyncClient(base_url=url, headers=headers, timeout=_TIMEOUT_S, follow_redirects=False)

    async def tools(self) -> list[Tool]:
        """What there is to call. Raises JobFailed when the page cannot be reached."""
        described = await self._json("GET", "/ergo/api/openapi.json")
        found = [UPLOAD]
        for path, operations in described["paths"].items():
            operation = operations["post"]
            found.append(
                Tool(
                    name=path.rpartition("/")[2],
                    description=f"{operation['summary']}\n\n{operation['description']}".strip(),
                    input_schema=operation["requestBody"]["content"]["application/json"]["schema"],
                )
            )
        return found

    async def call(self, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """The answer of a tool; what goes wrong is an answer, too. Raises JobFailed when the page cannot be reached."""
        if name == UPLOAD.name:
            return await self._upload(Path(str(arguments.get("path", ""))))
        return await self._json("POST", f"/ergo/api/{name}", json=arguments)

    async def _upload(self, path: Path) -> dict[str, Any]:
        if not path.is_file():
            return _refused(f"{path} is no file.", "Give the path of a video on this machine.")
        place = await self.call("generate_upload_url", {"filename": path.name})
        if place["status"] != "success":
            return place
        with path.open("rb") as file:

            async def blocks():
                while block := file.read(1 << 20):
                    yield block

            size = {"Content-Length": str(path.stat().st_size)}
            answer = await self._client.put(place["upload_url"], content=blocks(), headers=size, timeout=None)
        if answer.is_error:
            return _refused(f"The upload was refused ({answer.status_code}).", "Ask for another place, and try again.")
        return {"status": "success", "video_key": place["video_key"]}

    async def _json(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        try:
            return (await self._client.request(method, path, **options)).json()
        except (httpx.HTTPError, ValueError) as error:
            raise JobFailed(
                f"Ergo does not answer at {self._client.base_url} ({type(error).__name__}).",
                "Start it with 'python app.py', or name its address with --url; with a login, set ERGO_TOKEN.",
            ) from error


def _refused(message: str, hint: str) -> dict[str, Any]:
    return {"status": "error", "code": "InputError", "message": message, "hint": hint}


def server_of(ergo: Ergo) -> Server[Any]:
    """The MCP server on a page."""

    async def list_tools(_: ServerRequestContext[Any], __: PaginatedRequestParams | None) -> ListToolsResult:
        return ListToolsResult(tools=await ergo.tools())

    async def call_tool(_: ServerRequestContext[Any], params: CallToolRequestParams) -> CallToolResult:
        try:
            answer = await ergo.call(params.name, dict(params.arguments or {}))
        except ErgoError as error:
            answer = _refused(error.message, error.hint)
        text = TextContent(type="text", text=json.dumps(answer))
        return CallToolResult(content=[text], structured_content=answer, is_error=answer.get("status") != "success")

    return Server("ergo", version=__version__, on_list_tools=list_tools, on_call_tool=call_tool)


async def serve(url: str, token: str) -> None:
    """Serve until the agent goes."""
    server = server_of(Ergo(url, token))
    async with stdio_server() as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())
