"""Serving over HTTP: the Streamable HTTP transport of both eras, and what keeps it safe on a network.

The SDK speaks the protocol; this room decides who may speak to it, how much, and for how long. Importing it loads the
SDK, so only ``zunda-mcp serve --http`` does.
"""

from __future__ import annotations

from zunda_mcp.server.http.app import HttpApp
from zunda_mcp.server.http.options import HttpOptions, Limits, OAuthOptions
from zunda_mcp.server.http.serving import run_app, serve_http

__all__ = ["HttpApp", "HttpOptions", "Limits", "OAuthOptions", "run_app", "serve_http"]
