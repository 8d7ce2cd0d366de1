"""A certificate authority for Chromium to trust: in the NSS database of its home, made with the libnss3 that it needs
itself (certutil is not everywhere)."""

import ctypes
import pathlib


class Trust(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint) for name in ("ssl", "email", "code")]


def trust(home: str, ca: str):
    """Has browsers whose home is this folder trust the certificate of this PEM file, for servers."""
    folder = pathlib.Path(home, ".pki", "nssdb")
    folder.mkdir(parents=True)
    nss, smime, nspr = (ctypes.CDLL(f"lib{name}.so") for name in ("nss3", "smime3", "nspr4"))
    for function in (nss.PK11_GetInternalKeySlot, smime.CERT_DecodeCertFromPackage, nss.CERT_GetDefaultCertDB):
        function.restype = ctypes.c_void_p

    def call(function, *arguments):
        if getattr(nss, function)(*arguments) != 0:
            raise RuntimeError(f"{function}: NSS error {nspr.PR_GetError()}")

    call("NSS_InitReadWrite", f"sql:{folder}".encode())
    slot = ctypes.c_void_p(nss.PK11_GetInternalKeySlot())
    call("PK11_InitPin", slot, None, b"")
    text = pathlib.Path(ca).read_bytes()
    certificate = ctypes.c_void_p(smime.CERT_DecodeCertFromPackage(text, len(text)))
    if not certificate:
        raise RuntimeError(f"{ca}: no certificate")
    call("PK11_ImportCert", slot, certificate, ctypes.c_ulong(0), b"wstest authority", 0)
    flags = Trust()
    call("CERT_DecodeTrustString", ctypes.byref(flags), b"C,,")
    call("CERT_ChangeCertTrust", ctypes.c_void_p(nss.CERT_GetDefaultCertDB()), certificate, ctypes.byref(flags))
    nss.CERT_DestroyCertificate(certificate)
    nss.PK11_FreeSlot(slot)
    call("NSS_Shutdown")
