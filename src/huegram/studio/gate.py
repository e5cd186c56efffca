"""The gate: who may come in, and under which session.

A token, if there is one; this computer's names only, where only this computer listens, so that no
other site's name can be made to lead here; nothing that another site's page sends. Every visitor
gets a session of their own.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from huegram.studio.problems import MEDIA_TYPE, ProblemError, problem_response
from huegram.studio.settings import LOOPBACK, Settings

__all__ = ["Gate", "visitor_of"]

SESSION, TOKEN = "huegram_session", "huegram_token"
MAX_SESSIONS = 20_000
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
OPEN_PATHS = ("/healthz",)
"""That need no token: they tell nothing."""

HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' blob: data:; "
    "frame-ancestors 'none'; form-action 'self'; base-uri 'none'; object-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def visitor_of(scope: Scope) -> str:
    """Return whose request it is, as the gate found."""
    return str(scope["state"]["visitor"])


class Gate:
    """Lets requests in.

    Args:
        app: behind it.
        settings: of the studio.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app, self.settings = app, settings
        self.sessions: OrderedDict[str, None] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        cookies = _cookies_of(headers)
        answer = self._refusal(scope, headers, cookies)
        session, is_new = self._session(cookies)
        scope.setdefault("state", {})["visitor"] = session

        is_replaced = False

        async def stamped(message: Message) -> None:
            nonlocal is_replaced
            if is_replaced:
                return
            if message["type"] == "http.response.start":
                written = MutableHeaders(scope=message)
                if message["status"] == 413 and written.get("content-type") != MEDIA_TYPE:
                    # The framework refuses a body that is too large in words of its own.
                    await _refused(413, _too_large(self.settings))(scope, receive, stamped)
                    is_replaced = True
                    return
                for name, value in HEADERS.items():
                    written.setdefault(name, value)
                written.setdefault("Cache-Control", "no-store")
                if is_new and answer is None and scope["path"] not in OPEN_PATHS:
                    written.append("Set-Cookie", _cookie(SESSION, session, scope))
            await send(message)

        await (self.app if answer is None else answer)(scope, receive, stamped)

    def _refusal(self, scope: Scope, headers: Headers, cookies: dict[str, str]) -> Response | None:
        """Return what to answer instead; None lets the request in."""
        host = headers.get("host", "")
        if self.settings.is_local and _name_of(host) not in (*LOOPBACK, *self.settings.names):
            return _refused(400, f"this studio is reached as localhost. Got the host {host!r:.80}")
        if scope["method"] not in SAFE_METHODS:
            origin = headers.get("origin")
            is_foreign = origin is not None and origin.partition("://")[2] != host
            if is_foreign or headers.get("sec-fetch-site") == "cross-site":
                return _refused(403, "another site's page may not use this studio")
        token = self.settings.token
        if token is None or scope["path"] in OPEN_PATHS:
            return None
        query = parse_qs(scope["query_string"].decode("latin-1"))
        offered = query.get("token", [""])[0]
        if scope["path"] == "/" and _is_same(offered, token):
            # The token moves from the address, which gets into histories, to a cookie.
            response = RedirectResponse("/", 303)
            response.headers["Set-Cookie"] = _cookie(TOKEN, token, scope)
            return response
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and _is_same(bearer.strip(), token):
            return None
        if _is_same(cookies.get(TOKEN, ""), token):
            return None
        return _refused(
            401, "this studio asks for its token: open /?token=... or send it as Bearer"
        )

    def _session(self, cookies: dict[str, str]) -> tuple[str, bool]:
        """Return a session, and whether it is new: one that this studio did not give is none."""
        session = cookies.get(SESSION, "")
        if session in self.sessions:
            self.sessions.move_to_end(session)
            return session, False
        session = secrets.token_urlsafe(24)
        self.sessions[session] = None
        if len(self.sessions) > MAX_SESSIONS:
            self.sessions.popitem(last=False)
        return session, True


def _name_of(host: str) -> str | None:
    """Return the name in a Host header, without its port; None where there is none."""
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def _too_large(settings: Settings) -> str:
    return f"more is sent than is taken: files of up to {settings.max_bytes / 1e6:g} MB"


def _refused(status: int, detail: str) -> Response:
    return problem_response(ProblemError(status, detail))


def _is_same(offered: str, token: str) -> bool:
    return secrets.compare_digest(offered.encode(), token.encode())


def _cookies_of(headers: Headers) -> dict[str, str]:
    try:
        jar = SimpleCookie(headers.get("cookie", ""))
    except CookieError:
        return {}
    return {name: morsel.value for name, morsel in jar.items()}


def _cookie(name: str, value: str, scope: Scope) -> str:
    secure = "; Secure" if scope.get("scheme") == "https" else ""
    return f"{name}={value}; Path=/; HttpOnly; SameSite=Strict{secure}"
