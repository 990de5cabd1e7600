"""Debian's Chromium as the browser tests start it: headless, no calls home, WebGL in software."""

import os
from pathlib import Path

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WEBGL = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
