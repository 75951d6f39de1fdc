"""The connection to a cluster: its address, the credentials, and its errors as sentences.

An address is ``https://host:9200/NAME``. Several hosts of one cluster are separated by commas; one that does not answer
is skipped. ``NAME`` is the name of the index. Credentials come only from the environment or from a file that nobody
else can read, because an address shows in process lists and logs.
"""

from __future__ import annotations

import json
import logging
import os
import re
import ssl
import stat
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from zunda_mcp.config.files import read_regular
from zunda_mcp.errors import EngineError, SettingsError

if TYPE_CHECKING:
    from opensearchpy import OpenSearch

__all__ = ["FIRST_PAUSE", "QUESTION_SECONDS", "ClusterAddress", "Connection", "credentials", "error_of"]

_PREFIX = "ZUNDA_MCP_ENGINE_"
_USER, _PASSWORD, _SECRETS, _CERTIFICATES = (
    f"{_PREFIX}{name}" for name in ("USER", "PASSWORD", "SECRETS", "CERTIFICATES")
)
_SHARDS, _REPLICAS = f"{_PREFIX}SHARDS", f"{_PREFIX}REPLICAS"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")
_OLDEST = (2, 19)
"""The oldest version with the features used here: scores of named queries, term frequencies in tokens."""
QUESTION_SECONDS = 10.0
"""Seconds that a question may take; clients give up after 30 to 60."""
_BULK_TIMEOUT = 120.0
_CONNECTIONS = 32
FIRST_PAUSE = 0.25
"""Seconds before a busy cluster is asked again; each further pause is twice as long."""
_READ_ONLY = "index_read_only_allow_delete|read-only / allow delete|FORBIDDEN/12"
"""Parts of the message of a cluster that refuses to write because its disks are nearly full."""


@dataclass(frozen=True, slots=True)
class ClusterAddress:
    """The address of an index: the hosts of the cluster as URLs, and the name of the index."""

    hosts: tuple[str, ...]
    name: str

    def __str__(self) -> str:
        return f"{self.hosts[0]}/{self.name}"

    @classmethod
    def parse(cls, text: str) -> ClusterAddress:
        """Parse ``https://host:9200,host2:9200/NAME``. Raises ``SettingsError`` if it is no such address."""
        example = "Write it like https://host:9200/my-archive."
        try:
            parts = urlsplit(text.strip())
            _ = [urlsplit(f"//{host}").port for host in parts.netloc.rpartition("@")[2].split(",")]
        except ValueError:
            raise SettingsError(f"--engine: this is not the address of a cluster. {example}") from None
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise SettingsError(f"--engine: {text!r} is not the address of a cluster. {example}")
        if "@" in parts.netloc:
            raise SettingsError(
                f"--engine: name and password do not belong in the address; set {_USER} and {_PASSWORD}, or {_SECRETS}."
            )
        name = parts.path.strip("/")
        if not _NAME.fullmatch(name):
            raise SettingsError(
                f"--engine: {name!r} cannot name an index: small letters, digits, - and _ only. {example}"
            )
        hosts = tuple(f"{parts.scheme}://{host}" for host in parts.netloc.split(",") if host)
        return cls(hosts, name)


def credentials(environ: Mapping[str, str]) -> tuple[str, str] | None:
    """Return name and password from the environment, or from the file that ``ZUNDA_MCP_ENGINE_SECRETS`` names, one line
    ``name:password``. Raises ``SettingsError`` if one is missing, or the file is unreadable or others can read it.
    """
    if file := environ.get(_SECRETS):
        try:
            mode = os.stat(file).st_mode  # noqa: PTH116 - the mode of what is opened next
            line = read_regular(Path(file)).decode("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"{_SECRETS}: {file} cannot be read ({error}).") from error
        if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
            raise SettingsError(f"{_SECRETS}: others can read {file}; run: chmod 600 {file}")
        user, colon, password = line.partition(":")
        if not colon:
            raise SettingsError(f"{_SECRETS}: {file} must hold one line, name:password.")
        return user, password
    user, password = environ.get(_USER, ""), environ.get(_PASSWORD, "")
    if bool(user) != bool(password):
        raise SettingsError(f"Set both {_USER} and {_PASSWORD}, or neither.")
    return (user, password) if user else None


def _number(environ: Mapping[str, str], name: str) -> int | None:
    """A whole number from the environment; None if it is not set. Raises ``SettingsError``."""
    text = environ.get(name, "").strip()
    if text and not text.isdecimal():
        raise SettingsError(f"{name}: {text!r} is not a whole number.")
    return int(text) if text else None


class Connection:
    """Sends requests to a cluster. Thread-safe. Raises ``EngineError`` with a sentence that says what to do.

    ``shards`` and ``replicas`` apply to a new index. If None, the number of documents decides the number of shards, and
    there is one replica if the cluster has more than one data node.
    """

    def __init__(self, address: ClusterAddress, environ: Mapping[str, str] = os.environ) -> None:
        self.address = address
        self._client = _client(address, environ)
        self._checked = False
        self.pool = ThreadPoolExecutor(_CONNECTIONS, thread_name_prefix="zunda-cluster")
        self._only: Mapping[str, Any] | None = None
        self.shards = _number(environ, _SHARDS)
        self.replicas = _number(environ, _REPLICAS)

    def within(self, archives: Collection[str]) -> Connection:
        """Return the same connection with searches that see only the documents of ``archives``."""
        view = copy(self)
        view._only = {"terms": {"key": [f"archive:{name}" for name in sorted(archives)]}}
        return view

    @property
    def is_limited(self) -> bool:
        """Whether its searches are limited to some archives."""
        return self._only is not None

    def _limited(self, index: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        if self._only is None or index != self.address.name:
            return body
        query = {"bool": {"must": [body.get("query", {"match_all": {}})], "filter": [self._only]}}
        return {**body, "query": query}

    def close(self) -> None:
        """Close the connections."""
        self.pool.shutdown(cancel_futures=True)
        self._client.close()

    def check(self) -> None:
        """Raise ``EngineError`` if this is not a cluster that can be used. Asks only until a check has succeeded."""
        if self._checked:
            return
        info = self.request("GET", "/")
        version = info.get("version", {})
        number = tuple(int(part) for part in re.findall(r"\d+", str(version.get("number", "")))[:2])
        if version.get("distribution") != "opensearch":
            raise EngineError(
                f"{self.address.hosts[0]} is not OpenSearch but something else; name an OpenSearch cluster."
            )
        if number < _OLDEST:
            raise EngineError(
                f"{self.address.hosts[0]} runs OpenSearch {version.get('number')}; "
                f"{'.'.join(map(str, _OLDEST))} or newer is needed."
            )
        self._checked = True

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        params: Mapping[str, Any] | None = None,
        missing: bool = False,
        timeout: float = QUESTION_SECONDS,
    ) -> dict[str, Any]:
        """Send one request and return the answer as JSON; ``{}`` for a 404 if ``missing`` allows it."""
        from opensearchpy.exceptions import OpenSearchException, TransportError  # optional: the extra

        end, pause = time.monotonic() + timeout, FIRST_PAUSE
        while True:
            try:
                answer = self._client.transport.perform_request(
                    method, path, params={**(params or {}), "request_timeout": timeout}, body=body
                )
            except TransportError as error:
                if missing and error.status_code == 404:
                    return {}
                is_busy = error.status_code == 429 and not re.search(_READ_ONLY, str(error.info))
                if is_busy and time.monotonic() + pause < end:
                    time.sleep(pause)
                    pause *= 2
                    continue
                raise self._sentence(error) from error
            except OpenSearchException as error:
                raise EngineError(f"The cluster at {self.address.hosts[0]} cannot be asked: {error}") from error
            return answer if isinstance(answer, dict) else {}

    def searches(self, wanted: Sequence[tuple[str, Mapping[str, Any]]]) -> list[dict[str, Any]]:
        """Run several searches, each of an index, in one request.

        Raises ``EngineError`` if a shard failed: a partial answer never passes for a whole one.
        """
        if not wanted:
            return []
        lines = "".join(
            f"{json.dumps({'index': index})}\n{_json(self._limited(index, body))}\n" for index, body in wanted
        )
        answer = self.request("POST", "/_msearch", lines, params={"max_concurrent_searches": 8})
        responses: list[dict[str, Any]] = answer.get("responses", [])
        for one in responses:
            if "error" in one:
                raise self._failed(one)
            self._check_whole(one)
        return responses

    def search(self, index: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """As ``searches``, for one search."""
        return self.searches([(index, body)])[0]

    def scan(self, index: str, body: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Yield all hits of a search in pages of its ``size``, with a ``sort`` without ties. Raises as ``searches``."""
        while True:
            hits = self.search(index, body)["hits"]["hits"]
            yield from hits
            if len(hits) < body["size"]:
                return
            body = {**body, "search_after": hits[-1]["sort"]}

    def search_named(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Search the documents and return the scores of named queries too. Raises as ``searches`` does."""
        params = {"include_named_queries_score": "true"}
        body = self._limited(self.address.name, body)
        answer = self.request("POST", f"/{self.address.name}/_search", _json(body), params=params)
        self._check_whole(answer)
        return answer

    def at_once(
        self, wanted: Sequence[tuple[str, Mapping[str, Any]]], named: Sequence[Mapping[str, Any]]
    ) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Return the answers of ``searches`` and of each ``search_named``, all sent at the same time: a cluster returns
        the scores of named queries only for single searches.
        """
        here = [] if wanted else named[:1]
        waiting = [self.pool.submit(self.search_named, body) for body in named[len(here) :]]
        first = [*map(self.search_named, here)]
        return self.searches(wanted), [*first, *(one.result() for one in waiting)]

    def _check_whole(self, answer: Mapping[str, Any]) -> None:
        shards = answer.get("_shards", {})
        if answer.get("timed_out") or shards.get("failed"):
            raise EngineError(
                f"{shards.get('failed', 0)} of {shards.get('total', 0)} shards of {self.address} did not answer, "
                "so the answer would have been a part; ask again in a moment."
            )

    def bulk(self, lines: str) -> list[dict[str, Any]]:
        """Send a bulk request and return the result of each action."""
        answer = self.request("POST", "/_bulk", lines, timeout=_BULK_TIMEOUT)
        return [next(iter(item.values())) for item in answer.get("items", [])]

    # --- errors

    def _failed(self, response: Mapping[str, Any]) -> EngineError:
        error = error_of(response)
        causes, kind = error.get("root_cause") or [{}], error.get("type", "")
        reason = causes[0].get("reason") or error.get("reason")
        if kind == "index_not_found_exception":
            return self.no_index()
        if kind in ("search_phase_execution_exception", "no_shard_available_action_exception"):
            return self._not_whole(str(reason))
        return EngineError(f"The cluster at {self.address.hosts[0]} could not answer ({kind}: {reason}).")

    def no_index(self) -> EngineError:
        """Return the error for an index that does not exist."""
        return EngineError(
            f"There is no index {self.address.name} in the cluster; run: zunda-mcp index --engine {self.address}"
        )

    def _not_whole(self, reason: str) -> EngineError:
        return EngineError(
            f"Not all shards of {self.address} can answer ({reason}): the cluster is red, or nodes are missing. "
            "Ask again when they are back."
        )

    def _sentence(self, error: Any) -> EngineError:
        status, text = error.status_code, str(error.info or error.error)
        if isinstance(status, int):
            return self._refusal(status, text)
        where, kind = self.address.hosts[0], f"{error.error} {text}".lower()
        if "certificate" in kind:
            return EngineError(
                f"The certificate of {where} cannot be verified ({_short(text)}). "
                f"Where it is your own authority's, name its file in {_CERTIFICATES}."
            )
        if "ssl" in kind:
            return EngineError(f"{where} does not speak TLS ({_short(text)}); write http:// where it has none.")
        if "timed out" in kind or "timeout" in kind:
            within = f"{QUESTION_SECONDS:.0f} s"
            return EngineError(f"The cluster at {where} did not answer within {within}; ask again in a moment.")
        reason = re.sub(r"^.*\[Errno -?\d+\] ", "", _short(text)).strip("()'\" ")
        return EngineError(f"The cluster at {where} cannot be reached ({reason}). Is it running?")

    def _refusal(self, status: int, text: str) -> EngineError:
        """The error for an HTTP status that refuses a request."""
        where = self.address.hosts[0]
        sentences = {
            401: f"{where} does not accept the name and password; check {_USER} and {_PASSWORD}, or {_SECRETS}.",
            403: f"{where} does not allow this name to do that ({_short(text)}).",
            429: f"The cluster at {where} is too busy; ask again in a moment.",
        }
        if status in (403, 429) and re.search(_READ_ONLY, text):
            return EngineError(
                f"The disks of {where} are nearly full, so that the cluster took the index read-only; "
                "free or add room, and then index again."
            )
        if status == 404:
            return self.no_index()
        if status == 503:
            return self._not_whole(_short(text))
        return EngineError(sentences.get(status) or f"The cluster at {where} answered with {status}: {_short(text)}")


def _client(address: ClusterAddress, environ: Mapping[str, str]) -> OpenSearch:
    try:
        from opensearchpy import OpenSearch  # optional: the extra opensearch
    except ImportError as error:
        raise SettingsError(
            "--engine needs the package opensearch-py; install it with: pip install 'zunda-mcp[opensearch]'"
        ) from error
    logging.getLogger("opensearch").setLevel(logging.ERROR)  # it warns about every index that does not exist yet
    secure = address.hosts[0].startswith("https:")
    options: dict[str, Any] = {}
    if secure and (file := environ.get(_CERTIFICATES)):
        try:
            ssl.create_default_context(cafile=file)  # the client would ignore a file that it cannot use
        except OSError as error:
            raise SettingsError(f"{_CERTIFICATES}: {file} holds no certificate ({error}).") from error
        options["ca_certs"] = file
    return OpenSearch(
        hosts=list(address.hosts),
        http_auth=credentials(environ),
        use_ssl=secure,
        verify_certs=secure,
        ssl_show_warn=False,
        http_compress=True,
        pool_maxsize=2 * _CONNECTIONS,  # for questions, and for the requests that each sends in parallel
        timeout=QUESTION_SECONDS,
        max_retries=len(address.hosts),
        retry_on_timeout=False,
        retry_on_status=(502, 504),
        **options,
    )


def error_of(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the error of one of several searches or actions; a cluster may give it as an object or as plain text."""
    error = answer.get("error") or {}
    return error if isinstance(error, Mapping) else {"reason": error}


def _json(body: Mapping[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace").decode("utf-8")


def _short(text: str) -> str:
    return text if len(text) <= 200 else f"{text[:197]}..."
