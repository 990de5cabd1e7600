"""The page: ``python app.py`` (options in .env.example)."""

from __future__ import annotations

import os
import sys

from ergo.config import Settings
from ergo.errors import ErgoError
from ergo.logs import set_up_logs

_DAY_S = 86_400.0


def main() -> None:
    """Open the services, build the page, serve it until interrupted."""
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # before gradio is imported
    os.environ.setdefault("FORWARDED_ALLOW_IPS", "")  # which proxies are believed is ours to say (ERGO_TRUSTED_PROXIES)
    from ergo.access.audit import keep_audit  # noqa: PLC0415
    from ergo.jobs.retention import Sweeper  # noqa: PLC0415
    from ergo.jobs.services import open_services  # noqa: PLC0415
    from ergo.ui.quick_import import no_stubs  # noqa: PLC0415

    with no_stubs():
        from ergo.ui.blocks import build_app, launch_arguments  # noqa: PLC0415

    settings = Settings()
    set_up_logs(settings)
    try:
        services = open_services(settings)
        arguments = launch_arguments(settings, services)
    except ErgoError as error:
        sys.exit(f"ergo: {error}")
    audit = keep_audit(settings.audit_path())
    services.jobs.start()
    sweepers = Sweeper(services.sweep), Sweeper(services.uploads.sweep, every_s=_DAY_S)
    for sweeper in sweepers:
        sweeper.start()
    try:
        build_app(services).launch(**arguments)
    finally:
        for sweeper in sweepers:
            sweeper.stop()
        audit.close()
        services.jobs.stop()
        services.exports.stop()


if __name__ == "__main__":
    main()
