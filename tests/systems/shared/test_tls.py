"""A LEM with a certificate that no usual CA has signed, as LEM comes."""

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from systems.lem.client import LemClient
from systems.shared.errors import Untrusted
from tests.systems.lem.asking import lem_settings

pytestmark = pytest.mark.usefixtures("unhurried")

HERE = x509.IPAddress(ip_address("127.0.0.1"))
ELSEWHERE = x509.DNSName("elsewhere.test")


def certificate(folder, name):
    """A self-signed certificate for `name`, with its key, as a file."""
    now, key = datetime.now(UTC), ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a LEM")])
    signed = (
        x509.CertificateBuilder(who, who, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([name]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file = folder / f"{name.value}.pem".replace("/", "-")
    file.write_bytes(secret + signed.public_bytes(Encoding.PEM))
    return file


async def answer(reader, writer):
    await reader.readuntil(b"\r\n\r\n")
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
    writer.write(head + b"Content-Length: 2\r\n\r\n[]")
    await writer.drain()
    writer.close()


UNTRUSTED = (
    "GET /api/v1/activation/config/list: the server's certificate is not trusted. "
    "Give its CA in the …_CA_FILE setting: its certificate may be self-signed"
)


def refused(served, **settings):
    """The error when a LEM's certificate is refused; nothing that may pass by itself."""
    with pytest.raises(Untrusted) as refusal:
        configs(served, verify=True, **settings)
    assert not refusal.value.may_pass
    assert not refusal.value.outcome_unknown
    return str(refusal.value)


def configs(served, **settings):
    """The configs that a LEM lists which shows the certificate `served`."""

    async def asked():
        shown = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        shown.load_cert_chain(served)
        server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=shown)
        async with server:
            url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            async with LemClient.connect(lem_settings(url=url, **settings)) as lem:
                return await lem.configs()

    return asyncio.run(asked())


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    return certificate(tmp_path_factory.mktemp("tls"), HERE)


def test_a_certificate_of_its_own_is_refused_by_default(own):
    assert refused(own) == UNTRUSTED


def test_a_certificate_is_accepted_with_its_ca(own):
    assert configs(own, verify=True, ca_file=own) == []


def test_a_certificate_for_another_name_is_refused_with_its_ca_too(tmp_path):
    other = certificate(tmp_path, ELSEWHERE)

    assert refused(other, ca_file=other) == UNTRUSTED


def test_a_certificate_of_another_ca_is_refused(own, tmp_path):
    other = certificate(tmp_path, HERE)

    assert refused(own, ca_file=other) == UNTRUSTED


@pytest.mark.parametrize("content", [b"", b"device,mac\n", b"\x30\x82\x01\x00\xff"])
def test_a_ca_file_that_holds_no_certificate_is_reported_by_its_name(own, tmp_path, content):
    file = tmp_path / "ca.pem"
    file.write_bytes(content)

    message = refused(own, ca_file=file)

    assert message == f"CA file {file}: it holds no certificate. {Untrusted.remedy}"


def test_any_certificate_is_accepted_without_verification(own):
    assert configs(own, verify=False) == []
