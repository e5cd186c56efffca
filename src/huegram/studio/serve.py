"""Serving: the studio on an address, until it is told to stop."""

from __future__ import annotations

import socket
import threading
import webbrowser
from collections.abc import Callable

import uvicorn

from huegram.errors import ConfigError
from huegram.studio.app import create_app
from huegram.studio.settings import Settings

__all__ = ["serve"]

STOPPING_SECONDS = 30
"""That work in hand has to end, once the studio is told to stop."""


def serve(
    settings: Settings,
    *,
    port: int,
    opens_browser: bool = False,
    report: Callable[[str], None] = lambda _: None,
) -> None:
    """Serve until Ctrl-C or SIGTERM; work in hand is finished then.

    Args:
        settings: of the studio.
        port: to listen at; 0 for any that is free.
        opens_browser: whether the page is shown.
        report: told the page's address, once it can be opened.

    Raises:
        ConfigError: the address cannot be had, or as `create_app`.
        ModelNotFoundError, ModelFileError: as `create_app`.
    """
    app = create_app(settings)
    listening = _listening(settings.host, port)
    config = uvicorn.Config(
        app,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=STOPPING_SECONDS,
        timeout_keep_alive=15,
    )
    address = _address(settings, listening.getsockname()[1])
    report(address)
    if opens_browser:
        # A browser may take its time to start, and to return.
        threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
    uvicorn.Server(config).run(sockets=[listening])


def _listening(host: str, port: int) -> socket.socket:
    """Take the address now, so that a failure is one line and what is told is true."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(128)
    except (OSError, OverflowError) as error:
        listening.close()
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigError(
            f"cannot listen at {host}:{port} ({reason}); choose another --port or --host"
        ) from error
    return listening


def _address(settings: Settings, port: int) -> str:
    host = settings.host
    if host in ("0.0.0.0", "::"):
        host = socket.gethostname()
    if ":" in host:
        host = f"[{host}]"
    query = "" if settings.token is None else f"?token={settings.token}"
    return f"http://{host}:{port}/{query}"
