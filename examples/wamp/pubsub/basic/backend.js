"use strict";
const { loopingBackend, pause } = require("../../connect.js");

loopingBackend(async session => {
  for (let counter = 0; ; ++counter) {
    session.publish("com.myapp.topic1", [counter]);
    await pause(100);
  }
});
