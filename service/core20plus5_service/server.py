"""Put the service together, start it, and stop it cleanly."""

import asyncio
import gc
import logging
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1._async import HealthServicer
from grpc_reflection.v1alpha import reflection

from core20plus5 import warm_up
from core20plus5.deprivation import ImdTable, read_imd_table
from core20plus5.parallel import Workers
from core20plus5.result.provenance import engine_version
from core20plus5.rulesets import list_rulesets
from core20plus5_service.access import Access
from core20plus5_service.handlers import SERVICE, handlers
from core20plus5_service.heartbeat import Heartbeat
from core20plus5_service.http import OperatorServer, Probe
from core20plus5_service.interceptor import Guard
from core20plus5_service.logs import SERVICE as LOG
from core20plus5_service.logs import fields
from core20plus5_service.malloc import tune_malloc
from core20plus5_service.metrics import Metrics
from core20plus5_service.pool import WatchedPool
from core20plus5_service.reloading import Reloaded
from core20plus5_service.servicer import CohortServicer
from core20plus5_service.settings import Settings
from core20plus5_service.sizing import TWO_COMPILE
from core20plus5_service.tls import Certificates, credentials, open_certificates

log = logging.getLogger(LOG)

_SERVING = health_pb2.HealthCheckResponse.SERVING
_NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING

#: Bytes that a client may send ahead of what is read: a message of the usual size. Near the server 1 MiB would do; over a line
#: with 20 ms each way a stream moves 55 MB/s with that, 214 with this, 369 with 16 MiB, and 637 with what gRPC would grow it to.
_WINDOW = 8 << 20


class Server:
    """One service on one port, with its health and its operators' port."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.metrics = Metrics()
        self.ready = self.started = False
        self._heartbeat = Heartbeat()
        self._health = HealthServicer()
        self._calls = ThreadPoolExecutor(settings.max_calls, "call")
        self._work = WatchedPool(settings.threads, "work", self.metrics.queue_depth.inc)
        self._grpc: grpc.aio.Server | None = None
        self.servicer: CohortServicer
        self._operators: OperatorServer | None = None
        self._certificates: Reloaded[Certificates] | None = None
        self._looking: asyncio.Task[None] | None = None

    async def start(self) -> str:
        """Open the ports, load the IMD tables, compile the kernels; then be ready. Returns the address bound.

        Raises SetupError where certificates, callers or keys cannot be used.
        """
        tune_malloc()
        access = Access(self.settings, self.metrics.observe_reload)
        self._certificates = open_certificates(self.settings, self.metrics.observe_reload)
        self._heartbeat.start()
        await self._set_health(_NOT_SERVING)
        tables = {version: read_imd_table(path, version) for version, path in self.settings.imd_table.items()}
        if self.settings.metrics_listen:
            host, _, port = self.settings.metrics_listen.rpartition(":")
            self._operators = OperatorServer(host, int(port), self.metrics.registry, self._probes())
            self._operators.start()
        address = await self._open(tables, access)
        await access.look()
        self._looking = asyncio.create_task(self._look(access))
        start = time.perf_counter()
        processors = self.settings.threads if self.settings.memory_bytes >= TWO_COMPILE else 1
        await asyncio.get_running_loop().run_in_executor(self._work, warm_up, processors)
        self.metrics.compile_seconds.set(time.perf_counter() - start)
        self.metrics.describe(engine_version(), list_rulesets(), tables.values())
        self.ready = self.started = True
        await self._set_health(_SERVING)
        return address

    async def _look(self, access: Access) -> None:
        """For as long as the server runs, take up what has changed in the files that say who may connect and ask."""
        while True:
            if self._certificates is not None:
                self._certificates.look()
                self.metrics.certificate_expiry.set(self._certificates.value.expires.timestamp())
            await access.look()
            await asyncio.sleep(self.settings.reload_seconds)

    def _probes(self) -> dict[str, Probe]:
        return {
            "/livez": (self._heartbeat.is_alive, "alive", "the event loop stands still"),
            "/readyz": (lambda: self.ready, "ready", "not ready"),
            "/startupz": (lambda: self.started, "started", "compiling"),
        }

    @property
    def operators_address(self) -> str:
        """Address of /metrics; empty if there is none."""
        return self._operators.address if self._operators else ""

    async def _open(self, tables: dict[str, ImdTable], access: Access) -> str:
        settings = self.settings
        options = [
            ("grpc.max_receive_message_length", settings.max_message_bytes),
            ("grpc.max_send_message_length", settings.max_message_bytes),
            ("grpc.so_reuseport", 0),  # a second server on the port must fail, not share it
            ("grpc.max_concurrent_streams", 4 * settings.max_calls),
            # gRPC would let a client send the further ahead the faster it is: the server's peak grew by up to a quarter with
            # the rows, and near the server they came no sooner.
            ("grpc.http2.bdp_probe", 0),
            ("grpc.http2.lookahead_bytes", _WINDOW),
            ("grpc.keepalive_time_ms", 60_000),
            ("grpc.keepalive_timeout_ms", 20_000),
            ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
        ]
        if settings.connection_seconds:
            options.append(("grpc.max_connection_age_ms", int(1_000 * settings.connection_seconds)))
        server = grpc.aio.server(interceptors=[Guard(self.metrics, access)], options=options)
        workers = Workers(self._work, settings.threads)
        self.servicer = CohortServicer(settings, tables, self.metrics, self._calls, workers)
        server.add_generic_rpc_handlers((handlers(self.servicer),))
        health_pb2_grpc.add_HealthServicer_to_server(self._health, server)
        if settings.reflection:
            reflection.enable_server_reflection((SERVICE, reflection.SERVICE_NAME), server)
        host = settings.listen.rpartition(":")[0]
        if self._certificates is None:
            port = server.add_insecure_port(settings.listen)
        else:
            secure = credentials(self._certificates, ask_clients=settings.tls_client_ca is not None)
            port = server.add_secure_port(settings.listen, secure)
        await server.start()
        self._grpc = server
        return f"{host}:{port}"

    async def _set_health(self, status: int) -> None:
        for name in ("", SERVICE):
            await self._health.set(name, status)

    async def stop(self) -> None:
        """Be unready for `drain_seconds`, take nothing new, let calls finish within `stop_seconds`, then close everything."""
        self.ready = False
        await self._health.enter_graceful_shutdown()
        await asyncio.sleep(self.settings.drain_seconds)
        if self._grpc is not None:
            await self._grpc.stop(self.settings.stop_seconds)
        for pool in (self._calls, self._work):
            # Not in the event loop: threads of calls that were cut off end only when it tells them.
            await asyncio.to_thread(pool.shutdown, cancel_futures=True)
        if self._operators is not None:
            self._operators.stop()
        if self._looking is not None:
            self._looking.cancel()
        self._heartbeat.stop()


async def serve(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT."""
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    server = Server(settings)
    log.info("settings", extra=fields(settings=settings.model_dump(mode="json")))
    address = await server.start()
    # What is here now stays. To look through all of it for garbage, again and again, stops every thread for 150 ms each time.
    gc.freeze()
    encrypted = settings.tls_cert is not None
    log.info("serving", extra=fields(listen=address, metrics=server.operators_address or "none", encrypted=encrypted))
    await stopped.wait()
    log.info("stopping")
    await server.stop()
    log.info("stopped")
