"""Fetching over HTTP from a server that misbehaves."""

from __future__ import annotations

import gzip
import socket
import ssl
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from misbehaving import Request, Server, serving

from zunda_mcp.errors import FetchError
from zunda_mcp.sources.http_client import FetchLimits, Validators, fetch
from zunda_mcp.sources.public_addresses import is_private, resolve_host

HERE = frozenset({"127.0.0.1"})
PATIENT = FetchLimits(size=100_000, seconds=60)
QUICK = FetchLimits(size=100_000, seconds=1)


@pytest.fixture(name="server")
def _server() -> Iterator[Server]:
    with serving() as running:
        yield running


def refused(url: str, limits: FetchLimits = PATIENT, known: Validators | None = None, **more: Any) -> FetchError:
    """The error that fetching this raises."""
    with pytest.raises(FetchError) as caught:
        fetch(url, known, limits, **{"private_hosts": HERE, **more})
    return caught.value


def test_a_document_comes_with_its_validators_type_and_charset(server: Server) -> None:
    url = server.serve(
        "/feed", "text", kind="application/xml; charset=Shift_JIS", ETag='"a1"', Last_Modified="yesterday"
    )
    got = fetch(url, private_hosts=HERE)
    assert (got.status, got.body, got.final_url, got.moved_to) == (200, b"text", url, None)
    assert got.validators == Validators('"a1"', "yesterday")
    assert got.charset == "shift_jis"
    (_, headers) = server.asked[0]
    assert headers["User-Agent"].startswith("zunda-mcp/")
    assert "If-None-Match" not in headers


def test_what_is_known_makes_the_request_conditional_and_304_keeps_it(server: Server) -> None:
    server.answers["/feed"] = lambda request: request.head(304)
    known = Validators('"a1"', "yesterday")
    got = fetch(server.url + "/feed", known, private_hosts=HERE)
    assert (got.status, got.body, got.validators) == (304, b"", known)
    assert (server.asked[0][1]["If-None-Match"], server.asked[0][1]["If-Modified-Since"]) == ('"a1"', "yesterday")


def test_a_304_that_nobody_asked_for_is_a_fault(server: Server) -> None:
    server.answers["/feed"] = lambda request: request.head(304)
    assert refused(server.url + "/feed").status == 304


def test_a_header_with_a_line_break_or_without_end_is_not_sent_back(server: Server) -> None:
    url = server.serve("/feed", "text", ETag='"' + "x" * 2000 + '"')
    assert fetch(url, private_hosts=HERE).validators.etag == ""


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (404, "nothing at this address"),
        (410, "gone for good"),
        (500, "has a fault"),
        (503, "try again"),
        (401, "password"),
    ],
)
def test_a_status_that_is_no_document_is_said_with_what_to_do(server: Server, status: int, said: str) -> None:
    server.serve("/feed", "sorry", status=status)
    error = refused(server.url + "/feed")
    assert error.status == status
    assert said in str(error)


def test_too_many_requests_say_how_long_to_wait(server: Server) -> None:
    server.serve("/feed", "later", status=429, Retry_After="3600")
    assert "3,600 seconds" in str(refused(server.url + "/feed"))


# --- size ---


def test_a_body_that_announces_too_much_is_not_read(server: Server) -> None:
    server.answers["/feed"] = lambda request: request.head(Content_Length="999999999")
    assert "too large" in str(refused(server.url + "/feed"))


def test_an_endless_body_ends_at_the_limit(server: Server) -> None:
    def endless(request: Request) -> None:
        request.head()
        while not request.server.over.is_set():
            request.wfile.write(b"<item/>" * 1000)

    server.answers["/feed"] = endless
    assert "too large" in str(refused(server.url + "/feed"))


def test_a_bomb_of_gzip_is_never_unpacked_whole(server: Server) -> None:
    server.serve("/feed", gzip.compress(b"\0" * 50_000_000), Content_Encoding="gzip")
    assert "too large" in str(refused(server.url + "/feed", FetchLimits(size=1_000_000, seconds=60)))


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(b"<rss/>", mtime=0)),
        ("gzip", gzip.compress(b"<rs", mtime=0) + gzip.compress(b"s/>", mtime=0)),
        ("gzip", gzip.compress(b"<rss/>", mtime=0) + b"\0" * 9),
        ("deflate", zlib.compress(b"<rss/>")),
        ("deflate", zlib.compress(b"<rss/>")[2:-4]),
        ("identity", b"<rss/>"),
    ],
)
def test_a_packed_body_is_unpacked(server: Server, encoding: str, body: bytes) -> None:
    assert fetch(server.serve("/feed", body, Content_Encoding=encoding), private_hosts=HERE).body == b"<rss/>"


def test_a_packed_body_that_is_broken_or_of_an_unknown_kind_is_a_fault(server: Server) -> None:
    assert "decompressed" in str(refused(server.serve("/a", b"no gzip at all", Content_Encoding="gzip")))
    assert "was not asked for" in str(refused(server.serve("/b", b"x", Content_Encoding="br")))
    assert "broke off" in str(refused(server.serve("/c", gzip.compress(b"x" * 999)[:-9], Content_Encoding="gzip")))


# --- time ---


def test_a_server_that_never_answers_is_given_up(server: Server) -> None:
    server.answers["/feed"] = Request.wait
    assert "longer than 1 seconds" in str(refused(server.url + "/feed", QUICK))


def test_a_head_that_comes_byte_by_byte_is_given_up(server: Server) -> None:
    def dripping(request: Request) -> None:
        request.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not request.server.over.wait(0.05):
            request.wfile.write(b"z")

    server.answers["/feed"] = dripping
    assert "longer than 1 seconds" in str(refused(server.url + "/feed", QUICK))


def test_a_body_that_comes_byte_by_byte_is_given_up(server: Server) -> None:
    def dripping(request: Request) -> None:
        request.head(Content_Length="5000")
        while not request.server.over.wait(0.05):
            request.wfile.write(b"z")

    server.answers["/feed"] = dripping
    assert "longer than 1 seconds" in str(refused(server.url + "/feed", QUICK))


def test_a_connection_that_breaks_off_is_no_document(server: Server) -> None:
    def cut(request: Request) -> None:
        request.head(Content_Length="5000")
        request.wfile.write(b"<rss>")

    def nonsense(request: Request) -> None:
        request.wfile.write(b"SSH-2.0-no\r\n")

    def cut_chunk(request: Request) -> None:
        request.head(Transfer_Encoding="chunked")
        request.wfile.write(b"ff\r\n<rss>")

    server.answers |= {
        "/a": cut,
        "/b": cut_chunk,
        "/c": lambda _: None,
        "/d": nonsense,
    }
    assert "broke off" in str(refused(server.url + "/a"))
    assert "broke off" in str(refused(server.url + "/b"))
    assert "cannot be fetched" in str(refused(server.url + "/c"))
    assert "does not speak HTTP" in str(refused(server.url + "/d"))


def test_a_port_where_nobody_listens_is_said(server: Server) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert "connection refused" in str(refused(f"http://127.0.0.1:{port}/"))


# --- redirects ---


def _leads(server: Server, path: str, target: str, status: int = 302) -> None:
    server.answers[path] = lambda request: request.give(b"", status=status, Location=target)


def test_redirects_are_followed_and_lasting_ones_are_told(server: Server) -> None:
    server.serve("/new", "text")
    _leads(server, "/old", "/new", 301)
    _leads(server, "/passing", "/old", 307)
    lasting, passing = (fetch(server.url + path, private_hosts=HERE) for path in ("/old", "/passing"))
    assert lasting.final_url == lasting.moved_to == server.url + "/new"
    assert (passing.final_url, passing.moved_to) == (server.url + "/new", None)


def test_a_redirect_to_itself_is_refused(server: Server) -> None:
    _leads(server, "/feed", "/feed")
    _leads(server, "/ping", "/pong")
    _leads(server, "/pong", "/ping")
    assert "in a circle" in str(refused(server.url + "/feed"))
    assert "in a circle" in str(refused(server.url + "/ping"))
    assert len(server.asked) == 3


def test_redirects_without_end_are_given_up(server: Server) -> None:
    def on(request: Request) -> None:
        request.give(b"", status=302, Location=f"/on?{len(request.server.asked)}")

    server.answers["/on"] = on
    assert "more than 5 times" in str(refused(server.url + "/on"))
    assert len(server.asked) == 6


@pytest.mark.parametrize(
    "target", ["http://localhost:{port}/secret", "http://[::1]:{port}/secret", "http://169.254.169.254/"]
)
def test_a_redirect_to_a_private_address_is_refused(server: Server, target: str) -> None:
    server.serve("/secret", "the router's password")
    _leads(server, "/feed", target.format(port=server.server_address[1]))
    assert "not asked" in str(refused(server.url + "/feed"))
    assert [path for path, _ in server.asked] == ["/feed"]


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1:70/x", "http:///x"])
def test_a_redirect_out_of_the_web_is_refused(server: Server, target: str) -> None:
    _leads(server, "/feed", target)
    assert "address" in str(refused(server.url + "/feed"))


def test_a_password_goes_to_its_own_server_alone(server: Server) -> None:
    server.serve("/new", "text")
    _leads(server, "/feed", f"http://localhost:{server.server_address[1]}/new")
    fetch(server.url.replace("//", "//me:s%40fe@") + "/feed", private_hosts=HERE | {"localhost"})
    assert [headers.get("Authorization") for _, headers in server.asked] == ["Basic bWU6c0BmZQ==", None]


def test_a_password_is_never_shown(server: Server) -> None:
    assert "s3cret" not in str(refused(server.url.replace("//", "//me:s3cret@") + "/none"))


# --- addresses ---


@pytest.mark.parametrize(
    "ip",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "240.0.0.1", "::1",
        "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1",
        "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1", "2001:0:0:0:0:0:80ff:fffe",
    ],
)  # fmt: skip
def test_special_addresses_are_private(ip: str) -> None:
    assert is_private(ip)


@pytest.mark.parametrize("ip", ["93.184.216.34", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_public_addresses_are_not(ip: str) -> None:
    assert not is_private(ip)


def test_loopback_is_refused_unless_the_user_named_it(server: Server) -> None:
    url = server.serve("/feed", "text")
    assert "not asked" in str(refused(url, private_hosts=()))
    assert server.asked == []
    assert fetch(url, private_hosts=HERE).body == b"text"


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1", "0177.0.0.1"])
def test_loopback_in_disguise_is_refused(server: Server, host: str) -> None:
    server.serve("/feed", "text")
    refused(f"http://{host}:{server.server_address[1]}/feed")
    assert server.asked == []


def test_a_name_is_resolved_once_and_the_checked_address_is_the_one_asked(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = server.serve("/feed", "text").replace("127.0.0.1", "show.example")
    asked: list[str] = []

    def once(host: str, port: int, *_: object, **__: object) -> list[tuple[object, ...]]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", once)
    assert fetch(url, private_hosts={"show.example"}).body == b"text"
    assert asked.count("show.example") == 1
    assert server.asked[0][1]["Host"] == f"show.example:{server.server_address[1]}"


def test_a_name_with_one_private_address_among_public_ones_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 80)) for ip in ("93.184.216.34", "192.168.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
    with pytest.raises(FetchError, match=r"192\.168\.0\.1"):
        resolve_host("show.example", 80)


@pytest.mark.parametrize(
    "url", ["ftp://a.example/", "file:///etc/passwd", "http://", "http://[::1", "feed", "http://a:b/"]
)
def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(FetchError, match="address"):
        fetch(url)


def test_a_name_that_does_not_exist_is_said() -> None:
    with pytest.raises(FetchError, match="cannot be found"):
        fetch("http://no-such-host.invalid/feed")


def test_japanese_in_an_address_is_asked_percent_encoded(server: Server) -> None:
    server.serve("/%E8%B1%86", "text")
    assert fetch(server.url + "/豆", private_hosts=HERE).body == b"text"


def test_a_certificate_that_nobody_vouches_for_is_refused(server: Server, tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_certificate(tmp_path))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.serve("/feed", "text")
    assert "certificate is not valid" in str(refused(server.url.replace("http:", "https:") + "/feed"))
    assert server.asked == []


def _certificate(folder: Path) -> Path:
    """A certificate for 127.0.0.1, signed by itself."""
    import datetime as dt
    import ipaddress

    x509 = pytest.importorskip("cryptography.x509")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now - dt.timedelta(1)).not_valid_after(now + dt.timedelta(1))
    signed = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "certificate.pem"
    path.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    return path
