"""The page: what it is made of and what leads to what."""

from __future__ import annotations

from typing import Any

import gradio as gr
from gradio.components import Component
from starlette.middleware import Middleware

from ergo.config import Settings
from ergo.jobs.export_api import ExportApi
from ergo.jobs.health import HealthLook
from ergo.jobs.ledger import Ledger
from ergo.jobs.legacy_api import LegacyApi
from ergo.jobs.rescoring import Rescorer
from ergo.jobs.services import Services
from ergo.ui import texts
from ergo.ui.api import publish
from ergo.ui.api_routes import api_routes
from ergo.ui.assets import ASSETS, PAGE_STYLES, PUBLIC, import_module
from ergo.ui.drawings import MARK
from ergo.ui.export_routes import export_routes
from ergo.ui.flow import Flow, Places
from ergo.ui.gate import Gate, Nonces, guarded, open_identity
from ergo.ui.headers import PageHeaders
from ergo.ui.health_routes import health_routes
from ergo.ui.history import History, history_component
from ergo.ui.hook_routes import hook_routes
from ergo.ui.login_routes import login_routes
from ergo.ui.openid_routes import openid_routes
from ergo.ui.plain_page import FOOT, FOOT_LOGGED_IN
from ergo.ui.privacy_page import privacy_routes
from ergo.ui.routes import store_routes
from ergo.ui.settings_form import settings_form
from ergo.ui.share_routes import share_routes
from ergo.ui.theme import theme
from ergo.ui.uploader import uploader
from ergo.ui.viewer import viewer
from ergo.ui.visit import visitor_of
from ergo.ui.what_if import WhatIfCalls

#: The key only scrambles what the browser keeps about itself; it is no secret and must survive restarts.
_MEMORY_KEY = "ergo-memory"

_STYLES = ("preliminary", "take_away", "history")

_HEAD = f"""<header class="ergo-head"><a href="?new">{MARK}<h1>{texts.TITLE}</h1></a><p>{texts.SUBTITLE}</p></header>"""


def build_app(services: Services) -> gr.Blocks:
    """The page on `services`; launch it with :func:`launch_arguments`."""
    gr.set_static_paths(list(PUBLIC))
    with gr.Blocks(title=texts.TITLE, analytics_enabled=False, fill_width=True) as app, gr.Column(elem_id="ergo-page"):
        memory = gr.BrowserState({}, storage_key="ergo", secret=_MEMORY_KEY)
        gr.HTML(_HEAD, apply_default_css=False)
        panel = _acting("", ("again", "attach", "cancel"), "panel", elem_id="ergo-panel")
        with gr.Column(elem_id="ergo-intake"):
            upload = uploader(services)
            with gr.Column(elem_id="ergo-settings"):
                form = settings_form()
                start = gr.Button("Start the analysis", variant="primary", elem_id="ergo-start")
                gr.HTML(f'<p class="fine start-note">{texts.START_WAITS}</p>', apply_default_css=False)
                notice = gr.HTML("", apply_default_css=False)
            history = History(services)
            recent = history_component(history)
        with gr.Column(elem_id="ergo-results"):
            verdict = gr.HTML(
                "",
                apply_default_css=False,
                elem_id="ergo-verdict",
                js_on_load=f"{import_module(ASSETS / 'page' / 'beside.js')}.then((page) => page.besideChanges());",
            )
            compared = gr.HTML("", apply_default_css=False)
            rescore = WhatIfCalls(Rescorer(Ledger(services.store))).functions(
                lambda visitor, job_id: services.owned(visitor).check(job_id)
            )
            stage = viewer(server_functions=rescore)
            story = _acting("", ("person", "strike"), "actions")
        gr.HTML(FOOT_LOGGED_IN if services.settings.people_log_in() else FOOT, apply_default_css=False)
        places = Places(
            uploader=upload,
            notice=notice,
            recent=recent,
            panel=panel,
            verdict=verdict,
            comparison=compared,
            viewer=stage,
            story=story,
            memory=memory,
        )
        publish(services)  # first: a call takes its name from the events after it
        _connect(app, Flow(services, places, history), places, start, list(form.inputs))
    return app.queue(max_size=64)


def _acting(value: str, events: tuple[str, ...], mount: str, **arguments: Any) -> gr.HTML:
    """HTML of ours whose buttons with ``data-action`` are events of the component."""
    names = ", ".join(f"'{name}'" for name in events)
    return gr.HTML(
        value,
        apply_default_css=False,
        js_on_load=(
            f"const events = [{names}];\n"
            "const emit = (name, data) => events.includes(name) && trigger(name, data);\n"
            f"{import_module(ASSETS / 'page' / 'panel.js')}.then((page) => page.{mount}({{ element, watch, emit }}));"
        ),
        **arguments,
    )


def _connect(app: gr.Blocks, flow: Flow, places: Places, start: gr.Button, form: list[Component]) -> None:
    shown = [places.panel, places.verdict, places.comparison, places.viewer, places.story]
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    watching: dict[str, Any] = quiet | {"concurrency_limit": None}
    memory = places.memory
    app.load(flow.open, [memory], [memory, places.uploader, places.recent, *shown], **watching)
    places.uploader.arrived(flow.arrived, None, [memory, places.notice, *shown], **watching)
    places.uploader.cleared(flow.cleared, None, [places.notice], queue=False, **quiet)
    start.click(flow.start, [places.uploader, *form], [memory, places.uploader, places.notice, *shown], **watching)
    places.panel.again(flow.again, None, [memory, places.notice, *shown], **watching)
    places.story.person(flow.other_person, None, [memory, places.notice, *shown], **watching)
    places.story.strike(flow.strike, None, [memory, places.notice, *shown], **watching)
    places.viewer.level(flow.level, None, [memory, places.notice, *shown], **watching)
    places.viewer.keep(flow.keep, None, [memory, places.notice, *shown], **watching)
    places.panel.attach(flow.attach, None, shown, **watching)
    places.panel.cancel(flow.cancel, None, None, queue=False, **quiet)


def launch_arguments(settings: Settings, services: Services) -> dict[str, Any]:
    """What ``Blocks.launch`` gets: the look, the routes, the gate, and nothing open that need not be."""
    api = LegacyApi(services.uploads, services.jobs, starts=services.starts)
    hooks = hook_routes(services.jobs)
    exporting = ExportApi(services.exports, services.store, settings.url_ttl_s)
    exports = export_routes(
        services.exports,
        exporting,
        lambda request, job_id: services.belongs(f"jobs/{job_id}/", visitor_of(request)),
    )
    health = health_routes(HealthLook(Ledger(services.store)), services.endings, settings.metrics_token)
    identity = open_identity(settings, services)
    headers = PageHeaders(services.store, settings.framing_origins())
    routes = [*store_routes(services.store, services.signer, services.belongs), *hooks]
    routes += [
        *api_routes(api, [exporting.export]),
        *login_routes(identity, headers),
        *openid_routes(identity, headers),
        *share_routes(services, headers),
        *privacy_routes(settings, headers),
        *exports,
        *health,
    ]
    return {
        "server_name": settings.host,
        "server_port": settings.port or None,
        "share": settings.share,
        "theme": theme(),
        "css_paths": [*PAGE_STYLES, *(ASSETS / "page" / f"{name}.css" for name in _STYLES)],
        "app_kwargs": {
            "routes": routes,
            "middleware": [Middleware(Nonces, first=(ASSETS / "page" / "early.js").read_text("utf-8"))],
            "lifespan": guarded(lambda app: Gate(app, identity, headers, settings)),
        },
        "allowed_paths": [],
        "max_file_size": "1mb",  # nothing is uploaded through Gradio
        "max_threads": 256,  # every watcher holds one
        "enable_monitoring": False,
        "ssr_mode": False,
        "show_error": False,
        "footer_links": [],
        "quiet": True,
    }
