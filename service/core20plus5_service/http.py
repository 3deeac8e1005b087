"""/metrics, /livez, /readyz and /startupz, on a port of their own."""

import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

#: What is asked of the server at a path: whether it is so, and the words for yes and no.
Probe = tuple[Callable[[], bool], str, str]


class OperatorServer:
    """A small HTTP server in a thread of its own, so that it answers whatever the service is doing."""

    def __init__(self, host: str, port: int, registry: CollectorRegistry, probes: Mapping[str, Probe]) -> None:
        """probes: by path."""
        self._server = _Quiet((host, port), _handler(registry, probes))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, name="operators", daemon=True)

    @property
    def address(self) -> str:
        """HOST:PORT as bound."""
        host, port = self._server.server_address[:2]
        return f"{host!s}:{port}"

    def start(self) -> None:
        """Answer from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Close the port."""
        self._server.shutdown()
        self._server.server_close()


class _Quiet(ThreadingHTTPServer):
    """Keeps a thread for each request, and no account of those that break off."""

    def handle_error(self, request: object, client_address: object) -> None:
        """A traceback on stderr, past every logger, says nothing that an operator could act on."""


def _handler(registry: CollectorRegistry, probes: Mapping[str, Probe]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 10  # seconds for a request: a client that sends nothing must not keep a thread
        server_version, sys_version = "core20plus5", ""  # the version of Python is nobody's business

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if path == "/metrics":
                encode, content_type = choose_encoder(self.headers.get("Accept", ""))
                self._answer(200, encode(registry), content_type)
            elif path in probes:
                is_so, yes, no = probes[path]
                self._answer(*((200, f"{yes}\n".encode()) if is_so() else (503, f"{no}\n".encode())))
            else:
                self._answer(404, f"{', '.join(['/metrics', *probes])}\n".encode())

        def _answer(self, status: int, body: bytes, content_type: str = "text/plain; charset=utf-8") -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Scrapes are not worth a line each."""

    return Handler
