"""The application that says who may join and do what, with python3-autobahn and as one writes it for Crossbar.io:
router_test_access.py URL. Says "ready", and runs until it is killed."""
import sys

from autobahn.asyncio.wamp import ApplicationRunner, ApplicationSession
from autobahn.wamp.exception import ApplicationError

USERS = {
    "joe": {"role": "user", "secret": "the password"},
    "ann": {"role": "user", "authid": "ann@example.com", "secret": "prq7+YkJ1/KlW1X0YczMHw==", "salt": "salt123",
            "iterations": 100, "keylen": 16},
}


def authenticate(realm, authid, details):
    if realm != "realm1" or authid not in USERS:
        raise ApplicationError("com.example.no_such_user", f"no user {authid}")
    if details["authmethod"] == "ticket" and details["ticket"] != "the ticket":
        raise ApplicationError("com.example.invalid_ticket", "wrong")
    return USERS[authid] if details["authmethod"] == "wampcra" else "user"


def authorize(session, uri, action, options):
    if uri == "com.example.broken":
        raise RuntimeError("broken")
    return {"allow": uri.startswith("wamp.session.") and session["authrole"] == "user", "cache": True}


class Access(ApplicationSession):
    async def onJoin(self, details):
        await self.register(authenticate, "com.example.authenticate")
        await self.register(authorize, "com.example.authorize")
        print("ready", flush=True)


ApplicationRunner(sys.argv[1], "access").run(Access)
