"""The calls for scripts, published for ``gradio_client``: ``client.predict(…, api_name="/get_status")``.

The answers are described in :mod:`ergo.jobs.legacy_api`; here they only get names, and links that work from outside.
"""

from __future__ import annotations

from typing import Any

import gradio as gr
from gradio.events import api as publish_call

from ergo.jobs.export_api import ExportApi
from ergo.jobs.legacy_api import LegacyApi
from ergo.jobs.services import Services
from ergo.ui.site import base_url
from ergo.ui.visit import inner_of, visitor_of


def publish(services: Services) -> None:
    """Publish the calls where a Blocks context is open."""

    here = LegacyApi(services.uploads, services.jobs, starts=services.starts)

    def api(request: gr.Request | None) -> LegacyApi:
        asked = inner_of(request)
        return here if asked is None else here.at(base_url(asked), visitor_of(asked))

    def generate_upload_url(filename: str, request: gr.Request) -> dict[str, Any]:
        """Where to PUT a video of this name, and the key to start its processing with."""
        return api(request).generate_upload_url(filename)

    def start_processing(
        video_key: str = "",
        quality: str = "medium",
        settings: str = "",
        video_url: str = "",
        notify_url: str = "",
        request: gr.Request | None = None,
    ) -> dict[str, Any]:
        """Start the analysis of an uploaded video, or of the one at a public address.

        quality is low, medium, high or ultra, settings a JSON object; notify_url is told when the job has ended.
        """
        return api(request).start_processing(video_key, quality, settings, video_url, notify_url)

    def get_status(job_id: str, request: gr.Request) -> dict[str, Any]:
        """Where a job is: status, progress in percent, and a link to the results once it has completed."""
        return api(request).get_status(job_id)

    def again(
        job_id: str, overrides: str = "", settings: str = "", request: gr.Request | None = None
    ) -> dict[str, Any]:
        """Analyse the video of a job again with other settings, as a new job, in seconds.

        overrides, a JSON list, is laid over what was set by hand before; settings, a JSON object, replaces what it
        names.
        """
        return api(request).again(job_id, overrides, settings)

    def compare(before: str, after: str, request: gr.Request) -> dict[str, Any]:
        """What changed between the results of two jobs, and how sure that is."""
        return api(request).compare(before, after)

    exports = ExportApi(services.exports, services.store, services.settings.url_ttl_s)

    def export(
        job_id: str, format: str, at_s: str = "", method: str = "", request: gr.Request | None = None
    ) -> dict[str, Any]:
        """A finished job's result as a report, motion, mesh or table: a link, or "making" while it is being made."""
        if not services.belongs(f"jobs/{job_id}/", visitor_of(request)):
            job_id = "somebody else's"  # answered like one that does not exist
        asked = inner_of(request)
        there = exports if asked is None else exports.at(base_url(asked))
        return there.export(job_id, format, at_s, method)

    publish_call(generate_upload_url, api_name="generate_upload_url", concurrency_limit=None)
    publish_call(start_processing, api_name="start_processing", concurrency_limit=None)
    publish_call(get_status, api_name="get_status", concurrency_limit=None)
    publish_call(again, api_name="again", concurrency_limit=None)
    publish_call(compare, api_name="compare", concurrency_limit=None)
    publish_call(export, api_name="export", concurrency_limit=None)
