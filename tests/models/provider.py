"""A loopback provider that speaks OpenAI's and Anthropic's chat protocols, and produces each fault when told to."""

from __future__ import annotations

import http.server
import json
import socket
import struct
import threading
import time
from typing import Any

Reply = dict[str, Any]


class Provider(http.server.ThreadingHTTPServer):
    """Answers as ``script`` says, one item a request, the last for ever.

    An item is the JSON value or text of a reply, or a ``Fault``. ``requests`` holds every request's body.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.begin()

    def begin(self) -> None:
        """As new, for the next test."""
        self.script: list[Any] = [{"answer": "yes"}]
        self.requests: list[dict[str, Any]] = []
        self.times: list[float] = []
        self.refuses: set[str] = set()
        """Structured methods that this provider answers with 400: "json_schema", "tools"."""
        self.ignores: set[str] = set()
        """Structured methods that it takes no notice of."""
        self.cached_tokens = 0
        self.counts = True
        self.stopping = threading.Event()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass


class Fault:
    """A misbehaviour: a ``status`` with ``headers`` and ``body``, or one of the ``ways`` of the handler."""

    def __init__(self, way: str = "status", status: int = 500, headers: dict[str, str] | None = None, body: Any = None):
        self.way = way
        self.status = status
        self.headers = headers or {}
        self.body = body if body is not None else {"error": {"message": f"status {status}", "type": "x", "code": None}}


class Handler(http.server.BaseHTTPRequestHandler):
    server: Provider
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments: Any) -> None:
        pass

    def do_POST(self) -> None:
        provider = self.server
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        provider.requests.append(body)
        provider.times.append(time.monotonic())
        method = "json_schema" if "response_format" in body or "output_config" in body else None
        method = "tools" if body.get("tools") else method
        if method in provider.refuses:
            self._send(400, {"error": {"message": f"{method} is not supported", "type": "invalid_request_error"}})
            return
        item = provider.script.pop(0) if len(provider.script) > 1 else provider.script[0]
        if isinstance(item, Fault):
            getattr(self, f"_{item.way}")(item)
            return
        if method in provider.ignores:
            item, method = "Yes, certainly.", None
        text = item if isinstance(item, str) else json.dumps(item)
        self._reply(text, "stop", tools=method == "tools", body=body)

    # the ways of misbehaving

    def _status(self, fault: Fault) -> None:
        self._send(fault.status, fault.body, fault.headers)

    def _truncated(self, fault: Fault) -> None:
        self._reply('{"answer": "and then', "length")

    def _empty(self, fault: Fault) -> None:
        self._reply("", "stop")

    def _filtered(self, fault: Fault) -> None:
        self._reply("", "content_filter")

    def _refusal(self, fault: Fault) -> None:
        self._reply(None, "stop", refusal="I will not.")

    def _silent(self, fault: Fault) -> None:
        self.server.stopping.wait(30)

    def _drip(self, fault: Fault) -> None:
        """Bytes come, one at a time, for ever: no silence is long enough for a read timeout."""
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "100000")
        self.end_headers()
        while not self.server.stopping.wait(0.02):
            self.wfile.write(b" ")
            self.wfile.flush()

    def _dropped(self, fault: Fault) -> None:
        """The connection is reset before a byte."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def _half(self, fault: Fault) -> None:
        """The connection ends in the middle of the body."""
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b'{"id": "x", "choi')
        self.close_connection = True

    def _html(self, fault: Fault) -> None:
        data = b"<html>a proxy's page</html>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    # well-formed answers

    def _reply(
        self, text: str | None, finish: str, *, tools: bool = False, body: Any = None, refusal: str | None = None
    ) -> None:
        if self.path.endswith("/messages"):
            self._anthropic(text or "", finish, tools=tools, body=body)
            return
        message: dict[str, Any] = {"role": "assistant", "content": text, "refusal": refusal}
        if tools:
            function = {"name": body["tools"][0]["function"]["name"], "arguments": text}
            message |= {"content": None, "tool_calls": [{"id": "c1", "type": "function", "function": function}]}
        reply: Reply = {
            "id": "x", "object": "chat.completion", "created": 1, "model": "fake",
            "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        }  # fmt: skip
        if self.server.counts:
            reply["usage"] = {
                "prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110,
                "prompt_tokens_details": {"cached_tokens": self.server.cached_tokens},
            }  # fmt: skip
        self._send(200, reply)

    def _anthropic(self, text: str, finish: str, *, tools: bool, body: Any) -> None:
        content: dict[str, Any] = {"type": "text", "text": text}
        if tools:
            name = body["tools"][0]["name"]
            content = {"type": "tool_use", "id": "t1", "name": name, "input": json.loads(text)}
        reasons = {"stop": "tool_use" if tools else "end_turn", "length": "max_tokens", "content_filter": "refusal"}
        usage = {
            "input_tokens": 100 - self.server.cached_tokens, "output_tokens": 10,
            "cache_read_input_tokens": self.server.cached_tokens, "cache_creation_input_tokens": 0,
        }  # fmt: skip
        self._send(200, {
            "id": "m", "type": "message", "role": "assistant", "model": "fake", "content": [content],
            "stop_reason": reasons[finish], "stop_sequence": None, "usage": usage,
        })  # fmt: skip

    def _send(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)
