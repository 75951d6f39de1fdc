"""What a cluster in trouble, or something that is none, makes us say; a part is never passed off as the whole."""

from __future__ import annotations

import datetime as dt
import ipaddress
import json
import re
import socket
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

pytest.importorskip("opensearchpy")

from cluster_double import INFO, answering

from zunda_mcp.engine.opensearch import index_documents, kept_lists
from zunda_mcp.engine.opensearch.connection import ClusterAddress, Connection, credentials
from zunda_mcp.engine.opensearch.index_documents import Action, write_all
from zunda_mcp.engine.opensearch.kept_lists import IndexState, read_state, settled_state
from zunda_mcp.errors import EngineError, SettingsError


def connection(url: str, **environ: str) -> Connection:
    return Connection(ClusterAddress.parse(f"{url}/shows"), environ)


def said_by(url: str) -> str:
    with pytest.raises(EngineError) as caught:
        connection(url).check()
    return str(caught.value)


@pytest.mark.parametrize(
    ("status", "found", "said"),
    [
        (401, {"error": "Unauthorized"}, "does not accept the name and password; check ZUNDA_MCP_ENGINE_USER"),
        (403, {"error": {"reason": "no permissions for [indices:data/read/search]"}}, "does not allow this name"),
        (503, {"error": {"reason": "cluster_manager not discovered yet"}}, "the cluster is red, or nodes are missing"),
        (200, {"version": {"distribution": "opensearch", "number": "1.3.2"}}, "2.19 or newer is needed"),
        (200, {"version": {"number": "8.11.0"}}, "is not OpenSearch but something else"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do(status: int, found: Any, said: str) -> None:
    with answering(lambda method, path, body: (status, found)) as url:
        assert said in said_by(url)


def test_disks_that_are_full_are_named_as_the_reason_why_nothing_is_written() -> None:
    reason = "index [shows] blocked by: [FORBIDDEN/12/index read-only / allow delete (api)];"
    answer = (429, {"error": {"reason": reason}})
    with answering(lambda method, path, body: answer) as url, pytest.raises(EngineError, match="are nearly full"):
        connection(url).bulk("")


def certificate(file: Path, *, host: str = "127.0.0.1", days: int = 1) -> Path:
    """A certificate with its key that signs itself, for a host; valid from yesterday, for so many days from now."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a cluster")])
    names: list[x509.GeneralName] = [
        x509.IPAddress(ipaddress.ip_address(host)) if host[0].isdigit() else x509.DNSName(host)
    ]
    now, day = dt.datetime.now(dt.UTC), dt.timedelta(days=1)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now - 9 * day).not_valid_after(now + days * day)
    builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    pem = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    private = serialization.PrivateFormat.PKCS8
    pem += key.private_bytes(serialization.Encoding.PEM, private, serialization.NoEncryption())
    file.write_bytes(pem)
    return file


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({}, "self.signed certificate"),
        ({"host": "10.0.0.1", "trusted": True}, "IP address mismatch"),
        ({"host": "other.example", "trusted": True}, "127.0.0.1"),
        ({"days": -1, "trusted": True}, "expired"),
    ],
)
def test_a_certificate_that_is_not_to_be_trusted_is_said_with_why(
    tmp_path: Path, wrong: dict[str, Any], why: str
) -> None:
    trusted = wrong.pop("trusted", False)
    file = certificate(tmp_path / "node.pem", **wrong)
    environ = {"ZUNDA_MCP_ENGINE_CERTIFICATES": str(file)} if trusted else {}
    with answering(lambda *_: (200, INFO), certificate=file) as url, pytest.raises(EngineError) as caught:
        connection(url, **environ).check()
    assert f"The certificate of {url} cannot be verified" in str(caught.value)
    assert re.search(why, str(caught.value))
    assert "ZUNDA_MCP_ENGINE_CERTIFICATES" in str(caught.value)


def test_a_certificate_of_an_own_authority_is_trusted_where_its_file_is_named(tmp_path: Path) -> None:
    file = certificate(tmp_path / "node.pem")
    with answering(lambda *_: (200, INFO), certificate=file) as url:
        connection(url, ZUNDA_MCP_ENGINE_CERTIFICATES=str(file)).check()


def test_a_file_of_certificates_that_is_none_is_said(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("nothing", encoding="utf-8")
    for name in ("nowhere.pem", "empty.pem"):
        with pytest.raises(SettingsError, match=f"ZUNDA_MCP_ENGINE_CERTIFICATES: .*{name} holds no certificate"):
            connection("https://127.0.0.1:1", ZUNDA_MCP_ENGINE_CERTIFICATES=str(tmp_path / name))


def test_a_server_without_tls_is_said_where_tls_was_meant() -> None:
    with answering(lambda *_: (200, INFO)) as url:
        assert "does not speak TLS" in said_by(url.replace("http:", "https:"))


def test_a_cluster_that_is_not_there_is_said_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert f"http://127.0.0.1:{port} cannot be reached" in said_by(f"http://127.0.0.1:{port}")


def test_a_busy_cluster_is_asked_again_within_the_time_limit() -> None:
    asked: list[str] = []

    def answer(method: str, path: str, body: str) -> tuple[int, Any]:
        asked.append(path)
        return (429, {"error": {"reason": "rejected execution"}}) if len(asked) == 1 else (200, INFO)

    with answering(answer) as url:
        connection(url).check()
        assert len(asked) == 2
        asked.clear()
        with pytest.raises(EngineError, match="too busy; ask again"):
            connection(url).request("GET", "/", timeout=0.1)


def test_a_slow_cluster_is_given_up_within_the_time_limit() -> None:
    answer = (200, INFO)
    late = answering(lambda method, path, body: answer, delay=0.5)
    with late as url, pytest.raises(EngineError, match="did not answer within"):
        connection(url).request("GET", "/", timeout=0.1)


@pytest.mark.parametrize(
    "response",
    [
        {"hits": {"total": {"value": 1}, "hits": []}, "_shards": {"total": 3, "successful": 2, "failed": 1}},
        {"hits": {"total": {"value": 1}, "hits": []}, "_shards": {"total": 3, "failed": 0}, "timed_out": True},
    ],
)
def test_what_some_shards_did_not_answer_is_no_answer(response: dict[str, Any]) -> None:
    def answer(method: str, path: str, body: str) -> tuple[int, Any]:
        return 200, {"responses": [response]} if path == "/_msearch" else response

    with answering(answer) as url:
        with pytest.raises(EngineError, match=r"3 shards .* did not answer"):
            connection(url).search("shows", {"query": {"match_all": {}}})
        with pytest.raises(EngineError, match=r"3 shards .* did not answer"):
            connection(url).search_named({"query": {"match_all": {}}})


def test_an_index_that_is_not_ours_is_left_alone() -> None:
    def answer(method: str, path: str, body: str) -> tuple[int, Any]:
        if path == "/shows":
            return 200, {"shows": {"mappings": {"properties": {"price": {"type": "double"}}}}}
        return 404, {"error": {"type": "index_not_found_exception"}}

    with answering(answer) as url, pytest.raises(EngineError, match="not an index of zunda-mcp; choose another name"):
        read_state(connection(url))


def test_an_index_of_another_version_is_not_read() -> None:
    state = json.dumps({"generation": "g", "meta": {}, "mapping": 0, "schema": 1})

    def answer(method: str, path: str, body: str) -> tuple[int, Any]:
        return 200, {"found": True, "_source": {"content": {"state": state}}}

    with answering(answer) as url, pytest.raises(EngineError, match="made by another version"):
        read_state(connection(url))


def test_a_state_whose_documents_are_just_becoming_visible_is_waited_for() -> None:
    said: list[float] = []

    def answer(method: str, path: str, body: str) -> tuple[int, Any]:
        said.append(1e12 if len(said) < 2 else 0.0)
        state = IndexState("g", changing=said[-1])
        return 200, {"found": True, "_source": state.document()}

    with answering(answer) as url:
        state = settled_state(connection(url))
    assert state == IndexState("g")
    assert len(said) == 3


def test_a_state_that_does_not_settle_within_the_time_limit_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_lists, "QUESTION_SECONDS", 0.1)
    state = IndexState("g", changing=1e12).document()
    with (
        answering(lambda method, path, body: (200, {"found": True, "_source": state})) as url,
        pytest.raises(EngineError, match="is being updated; ask again"),
    ):
        settled_state(connection(url))


def test_a_document_that_a_busy_cluster_refused_is_sent_again_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_documents, "FIRST_PAUSE", 0.001)
    sent: list[list[str]] = []

    def answer(method: str, path: str, body: str) -> tuple[int, Any]:
        ids = [json.loads(line)["index"]["_id"] for line in body.splitlines()[::2]]
        sent.append(ids)
        busy = {"b"} if len(sent) == 1 else set()
        return 200, {"items": [{"index": {"_id": one, "status": 429 if one in busy else 201}} for one in ids]}

    with answering(answer) as url:
        assert write_all(connection(url), documents("abc")) == 3
    assert sent == [["a", "b", "c"], ["b"]]


def test_a_document_that_is_refused_for_good_ends_the_run_with_its_name() -> None:
    def answer(method: str, path: str, body: str) -> tuple[int, Any]:
        error = {"type": "mapper_parsing_exception", "reason": "failed to parse field [day]"}
        return 200, {"items": [{"index": {"_id": "a", "status": 400, "error": error}}]}

    with answering(answer) as url, pytest.raises(EngineError, match=r"refused a \(failed to parse field \[day\]"):
        write_all(connection(url), documents("a"))


def documents(names: Iterable[str]) -> list[Action]:
    return [Action("shows", name, {"day": 1}) for name in names]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("localhost:9200/shows", "not the address of a cluster"),
        ("https://me:secret@host:9200/shows", "do not belong in the address"),
        ("https://host:9200", "cannot name an index"),
        ("https://host:9200/My Shows", "cannot name an index"),
    ],
)
def test_an_address_that_is_none_is_said_with_one_that_is(text: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said) as caught:
        ClusterAddress.parse(text)
    assert "secret" not in str(caught.value)


def test_a_password_is_not_read_from_a_file_that_others_can_read(tmp_path: Path) -> None:
    file = tmp_path / "secrets"
    file.write_text("reader:geheim\n", encoding="utf-8")
    file.chmod(0o644)
    environ = {"ZUNDA_MCP_ENGINE_SECRETS": str(file)}
    with pytest.raises(SettingsError, match=r"others can read .* chmod 600"):
        credentials(environ)
    file.chmod(0o600)
    assert credentials(environ) == ("reader", "geheim")
