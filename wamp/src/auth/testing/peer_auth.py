#!/usr/bin/python3
"""What Autobahn|Python computes: one question as a JSON object of strings (bytes in hexadecimal), one answer in a line.

Exits with 77 when a package is missing.
"""
import asyncio
import base64
import json
import sys

try:
    import txaio

    txaio.use_asyncio()
    import nacl.bindings
    from autobahn.wamp import auth, cryptobox, cryptosign, types
    from passlib.utils import saslprep
except ImportError as error:
    print(error)
    sys.exit(77)


def pbkdf2(data, salt, iterations, keylen):
    return auth.pbkdf2(unhex(data), unhex(salt), int(iterations), int(keylen)).hex()


def derive_key(secret, salt, iterations, keylen):
    return auth.derive_key(unhex(secret), unhex(salt), int(iterations), int(keylen)).decode()


def wampcra(secret, challenge, **salted):
    extra = {"challenge": challenge}
    if salted:
        extra.update(salt=salted["salt"], iterations=int(salted["iterations"]), keylen=int(salted["keylen"]))
    return auth.AuthWampCra(secret=secret, authid="user").on_challenge(None, types.Challenge("wampcra", extra))


def totp(secret, time, offset):
    auth.time.time = lambda: int(time)
    return auth.compute_totp(secret, int(offset))


def sasl_prep(texts):
    """For texts separated by commas: the prepared ones."""
    return ",".join(map(prepared, texts.split(",")))


def prepared(text):
    try:
        return saslprep(unhex(text).decode("utf8")).encode("utf8").hex()
    except ValueError:
        return "refused"


def sign(key, challenge, channel=None):
    """The answer of `key` to a challenge of cryptosign."""
    txaio.config.loop = asyncio.new_event_loop()
    future = key.sign_challenge(types.Challenge("cryptosign", {"challenge": challenge}),
                                channel_id=unhex(channel) if channel else None,
                                channel_id_type="tls-unique" if channel else None)
    return txaio.config.loop.run_until_complete(future)


def cryptosign_raw(seed, challenge, channel=None):
    return sign(cryptosign.CryptosignKey.from_bytes(unhex(seed)), challenge, channel)


def cryptosign_ssh(path, challenge):
    key = cryptosign.CryptosignKey.from_ssh_file(path)
    return f"{key.public_key()} {sign(key, challenge)} {key.comment}"


def scram(password, authid, nonce, challenge, verifier=None):
    """The client's proof; with the verifier, whether the client believes the router."""
    auth.HAS_ARGON = True  # Debian has no argon2-cffi; libsodium does the same
    auth.saslprep = saslprep
    auth._hash_argon2id13_secret = argon2
    client = auth.AuthScram(password=password, authid=authid)
    client._client_nonce = nonce
    proof = client.on_challenge(None, types.Challenge("scram", json.loads(unhex(challenge)))).decode()
    if verifier is None:
        return proof
    session = type("Session", (), {"log": type("Log", (), {"error": print, "info": lambda *_: None})})
    return str(client.on_welcome(session, {"scram_server_signature": verifier}))


def argon2(password, salt, iterations, memory):
    raw = nacl.bindings.crypto_pwhash_alg(32, password, base64.b64decode(salt), iterations, memory * 1024,
                                          nacl.bindings.crypto_pwhash_ALG_ARGON2ID13)
    return base64.b64encode(raw).rstrip(b"=")


def box_ring(private, public, originating):
    ours, theirs = ("originator", "responder") if originating == "1" else ("responder", "originator")
    ring = cryptobox.KeyRing()
    ring.set_key("com.example", cryptobox.Key(**{f"{ours}_priv": private, f"{theirs}_pub": public}))
    return ring


def box_encode(private, public, originating, uri, args, kwargs):
    ring = box_ring(private, public, originating)
    return ring.encode(originating == "1", uri, json.loads(args), json.loads(kwargs)).payload.hex()


def box_decode(private, public, originating, uri, payload):
    encoded = types.EncodedPayload(unhex(payload), "cryptobox", "json")
    return json.dumps(box_ring(private, public, originating).decode(originating == "1", uri, encoded))


def unhex(text):
    return bytes.fromhex(text)


if __name__ == "__main__":
    question = json.loads(sys.argv[1])
    print(globals()[question.pop("do")](**question))
