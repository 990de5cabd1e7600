"""``GET /healthz`` for load balancers, ``GET /metrics`` in Prometheus' text format for those who have its token."""

from __future__ import annotations

import hmac
from collections.abc import Iterator

from anyio import to_thread
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ergo.errors import AccessDenied
from ergo.jobs.health import HealthLook
from ergo.jobs.notices import Endings
from ergo.ui.http_errors import SAFE_HEADERS, typed_errors

_FRESH = (*SAFE_HEADERS, ("Cache-Control", "no-store"))


def health_routes(look: HealthLook, endings: Endings, metrics_token: SecretStr | None) -> list[Route]:
    """The routes; ``/metrics`` only where there is a token.

    ``/healthz`` is open to everybody, so it says no more than whether the store answers (200 or 503).
    """
    registry = CollectorRegistry()
    registry.register(_Jobs(look, endings))
    ProcessCollector(registry=registry)

    async def healthz(_: Request) -> Response:
        health = await to_thread.run_sync(look.now)
        if health.trouble is None:
            return JSONResponse({"status": "ok"}, headers=dict(_FRESH))
        return JSONResponse({"status": "the store does not answer"}, status_code=503, headers=dict(_FRESH))

    async def metrics(request: Request) -> Response:
        assert metrics_token is not None  # noqa: S101 (the route is there only then)
        given = request.headers.get("authorization", "").encode()
        if not hmac.compare_digest(given, f"Bearer {metrics_token.get_secret_value()}".encode()):
            raise AccessDenied("The metrics are not public.", "Send ERGO_METRICS_TOKEN as Bearer token.")
        text = await to_thread.run_sync(generate_latest, registry)
        return Response(text, media_type=CONTENT_TYPE_LATEST, headers=dict(_FRESH))

    routes = [Route("/healthz", typed_errors(healthz), methods=["GET"])]
    if metrics_token is not None:
        routes.append(Route("/metrics", typed_errors(metrics), methods=["GET"]))
    return routes


class _Jobs(Collector):
    """Health and endings, looked up when Prometheus asks."""

    def __init__(self, look: HealthLook, endings: Endings) -> None:
        self._look, self._endings = look, endings

    def collect(self) -> Iterator[Metric]:
        ended = CounterMetricFamily("ergo_jobs_ended", "Jobs that ended since the app started.", labels=["state"])
        for state, count in self._endings.so_far().items():
            ended.add_metric([state], count)
        yield ended
        health = self._look.now()
        yield GaugeMetricFamily("ergo_store_up", "Whether the store answers.", float(health.trouble is None))
        if health.trouble is not None:
            return
        jobs = GaugeMetricFamily("ergo_jobs", "Jobs that have not ended.", labels=["state"])
        oldest = GaugeMetricFamily("ergo_oldest_job_seconds", "Age of the oldest such job.", labels=["state"])
        for state, count, age_s in (
            ("queued", health.queued, health.oldest_queued_s),
            ("running", health.running, health.oldest_running_s),
        ):
            jobs.add_metric([state], count)
            oldest.add_metric([state], age_s)
        yield jobs
        yield oldest
        if health.free_bytes is not None:
            yield GaugeMetricFamily("ergo_store_free_bytes", "Room left on the disk of the store.", health.free_bytes)
