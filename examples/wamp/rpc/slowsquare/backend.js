"use strict";
const { backend, pause } = require("../../connect.js");

backend(async session => {
  await session.register("com.math.square", ([x]) => x * x);
  await session.register("com.math.slowsquare", async ([x]) => {
    await pause(500);
    return x * x;
  });
});
