"""The page: ``python app.py`` (options in .env.example)."""

from __future__ import annotations

import os
import sys

from ergo.config import Settings
from ergo.errors import ErgoError
from ergo.logs import set_up_logs


def main() -> None:
    """Open the services, build the page, serve it until interrupted."""
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # before gradio is imported
    from ergo.jobs.services import open_services  # noqa: PLC0415
    from ergo.storage.sweeping import swept  # noqa: PLC0415
    from ergo.ui.blocks import build_app, launch_arguments  # noqa: PLC0415

    settings = Settings()
    set_up_logs(settings)
    try:
        services = open_services(settings)
    except ErgoError as error:
        sys.exit(f"ergo: {error}")
    services.jobs.start()
    try:
        with swept(services.uploads):
            build_app(services).launch(**launch_arguments(settings, services))
    finally:
        services.jobs.stop()
        services.exports.stop()


if __name__ == "__main__":
    main()
