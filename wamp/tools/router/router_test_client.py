"""python3-autobahn at the router: calls itself, and gets its own event. router_test_client.py URL"""
import asyncio
import sys

from autobahn.asyncio.wamp import ApplicationRunner, ApplicationSession
from autobahn.wamp.types import PublishOptions


class Client(ApplicationSession):
    async def onJoin(self, details):
        event = asyncio.get_running_loop().create_future()
        await self.register(lambda a, b: a + b, "com.example.add2")
        await self.subscribe(lambda *args: event.set_result(list(args)), "com.example.topic")
        print(await self.call("com.example.add2", 2, 3))
        await self.publish("com.example.topic", "event",
                           options=PublishOptions(acknowledge=True, exclude_me=False))
        print(await event)
        self.leave()

    def onLeave(self, details):  # says nothing of it
        self.disconnect()

    def onDisconnect(self):
        asyncio.get_running_loop().stop()


ApplicationRunner(sys.argv[1], "realm1").run(Client)
