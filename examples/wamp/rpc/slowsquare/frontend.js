"use strict";
const { frontend } = require("../../connect.js");

frontend(async (session, details, done) => {
  const started = Date.now();
  await Promise.all(["com.math.slowsquare", "com.math.square"].map(async procedure => {
    const square = await session.call(procedure, [3]);
    console.log(`${procedure} of 3: ${square} after ${(Date.now() - started) / 1000} s`);
  }));
  done();
});
