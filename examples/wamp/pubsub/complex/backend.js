"use strict";
const { loopingBackend, pause } = require("../../connect.js");

loopingBackend(async session => {
  for (let counter = 0; ; ++counter) {
    session.publish("com.myapp.heartbeat");
    session.publish("com.myapp.topic2", [counter, `shape ${counter}`],
                    { colour: "red", points: [{ x: 0, y: 0 }, { x: counter, y: 1 }] });
    await pause(100);
  }
});
