"""Prepares a node for Dask before its services start.

The key and the certificate that all nodes and clients of the cluster share are made out of its secret. Ed25519 signatures
are deterministic, so every node gets the same two files from the same secret: a certificate that is its own authority. Who
has the key belongs to the cluster.

Keys with dots, as people write them, become the nested ones that Dask reads.

    prepare.py credentials SECRET FOLDER
    prepare.py keys KEYS DASK_YAML
"""

import datetime
import hashlib
import os
import shutil
import sys


def write(path, content, mode=0o644, like=None):
    """As a whole, and for the same group as another file."""
    if os.path.exists(path) and open(path, "rb").read() == content:
        return
    with open(path + ".new", "wb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
        os.fchmod(file.fileno(), mode)
        if like and os.geteuid() == 0:
            shutil.chown(path + ".new", 0, os.stat(like).st_gid)
        file.write(content)
    os.replace(path + ".new", path)


def credentials(secret, folder):
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF
    from cryptography.x509.oid import NameOID

    with open(secret, "rb") as file:
        seed = HKDF(hashes.SHA256(), 32, salt=None, info=b"dask cluster, TLS key").derive(file.read().strip())
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public = key.public_key()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Dask cluster")])
    usage = dict.fromkeys(["content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "crl_sign",
                           "encipher_only", "decipher_only"], False)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(public)
        .serial_number(int.from_bytes(hashlib.sha256(public.public_bytes_raw()).digest()[:8], "big") >> 1 | 1)
        .not_valid_before(datetime.datetime(2020, 1, 1)).not_valid_after(datetime.datetime(2120, 1, 1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.KeyUsage(digital_signature=True, key_cert_sign=True, **usage), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(public), critical=False)
        .sign(key, None)
    )
    pem, none = serialization.Encoding.PEM, serialization.NoEncryption()
    write(os.path.join(folder, "key.pem"), key.private_bytes(pem, serialization.PrivateFormat.PKCS8, none), 0o640, secret)
    write(os.path.join(folder, "cert.pem"), certificate.public_bytes(pem), 0o640, secret)


def keys(flat, nested):
    import yaml

    with open(flat) as file:
        pairs = yaml.safe_load(file) or {}
    tree = {}
    for key, value in sorted(pairs.items()):
        *way, last = key.split(".")
        place = tree
        for part in way:
            place = place.setdefault(part, {})
        place[last] = yaml.safe_load(value) if isinstance(value, str) else value
    text = "# Made from %s. All of Dask on this node reads it, also clients.\n%s" % (flat, yaml.safe_dump(tree))
    write(nested, text.encode())


if __name__ == "__main__":
    {"credentials": credentials, "keys": keys}[sys.argv[1]](*sys.argv[2:])
