"""The router's configuration for the scenarios. Each run of a scenario has a realm of its own, made on demand: the name's
beginning says of which kind."""

KINDS = ("open", "modest", "guest", "auth", "small", "any", "sequential", "hiding", "dynamic", "history",
         "resuming", "basic")
EVERYTHING = ["call", "register", "subscribe", "publish"]
ALL = {"uri": "", "match": "prefix", "allow": EVERYTHING}
WAMP = {"uri": "wamp.", "match": "prefix", "allow": ["call", "subscribe"]}
SECRETS = {"ticket": "ticket-secret", "wampcra": "cra-secret", "cryptosign": "7" * 64}


def _realm(kind: str, permissions: list, authentication=None, **more):
    return {"name": kind, "match": "prefix", "roles": [{"name": "anonymous", "permissions": permissions}],
            "authentication": authentication or {"anonymous": {"role": "anonymous"}}, **more}


def make(public_key: str) -> dict:
    guest = [
        {"uri": "com.all.", "match": "prefix", "allow": EVERYTHING},
        {"uri": "com.all.secret.", "match": "prefix", "allow": []},
        {"uri": "com.call", "allow": ["call"]}, {"uri": "com.register", "allow": ["register"]},
        {"uri": "com.subscribe", "allow": ["subscribe"]}, {"uri": "com.publish", "allow": ["publish"]},
        {"uri": "com..wild", "match": "wildcard", "allow": EVERYTHING},
        {"uri": "com.trusted", "allow": EVERYTHING, "trustlevel": 3},
        {"uri": "com.disclosed", "allow": EVERYTHING, "disclose": ["call", "publish"]},
        {"uri": "com.hidden", "allow": EVERYTHING, "mayDisclose": False},
    ]
    users = {
        "ticket": {"users": {"joe": {"role": "anonymous", "ticket": SECRETS["ticket"]}}},
        "wampcra": {"users": {"joe": {"role": "anonymous", "secret": SECRETS["wampcra"]}}},
        "cryptosign": {"users": {"joe": {"role": "anonymous", "authorizedKeys": [public_key]}}},
    }
    limits = {"subscriptions": 2, "registrations": 2, "pendingCalls": 2, "testaments": 1, "maxWaitingCalls": 1,
              "maxUriSize": 60, "maxRetainedTopics": 1, "maxRetainedPerSubscribe": 1}
    websocket = {"maxMessagePayloadSize": 1 << 20}
    return {
        "listeners": [{"url": "ws://127.0.0.1:0", "websocket": websocket},
                      {"url": "rs://127.0.0.1:0", "websocket": websocket}],
        "router": {"maxRealms": 1_000_000, "agent": "router under test"},
        "log": {"level": "info"},
        "realms": [
            _realm("open.", [ALL, {**WAMP, "allow": EVERYTHING}]),
            _realm("modest.", [ALL]),  # nobody ends other people's sessions
            _realm("guest.", guest),
            _realm("auth.", [ALL], users),
            _realm("small.", [ALL], limits=limits),
            _realm("any.", [ALL], requestIds="any"),
            _realm("sequential.", [ALL], requestIds="sequential"),
            _realm("hiding.", [ALL], allowDiscloseMe=False),
            _realm("history.", [ALL], history={"topics": [{"uri": "com.kept.", "match": "prefix", "maxEvents": 3}]}),
            _realm("resuming.", [ALL], experimental={"sessionResumption": True},
                   resumption={"timeout": 60_000, "maxMessages": 3}),
            _realm("basic.", [ALL], experimental={"callReroute": False, "shardedRegistration": False,
                                                  "shardedSubscription": False, "payloadPassthru": False}),
            {"name": "dynamic.", "match": "prefix",
             "roles": [{"name": "application", "permissions": [ALL]},
                       {"name": "user", "authorizer": {"procedure": "com.app.authorize"}}],
             "authentication": {"anonymous": {"role": "application"},
                                "ticket": {"dynamic": {"procedure": "com.app.authenticate"}}}},
        ],
    }
