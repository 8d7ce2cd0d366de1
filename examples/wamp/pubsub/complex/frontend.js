"use strict";
const { frontend } = require("../../connect.js");

frontend(async (session, details, done) => {
  let received = 0;
  await session.subscribe("com.myapp.heartbeat", () => console.log("heartbeat"));
  await session.subscribe("com.myapp.topic2", ([counter, name], { colour, points }) => {
    console.log(`event ${counter}: ${name}, ${colour}, ${points.length} points to x = ${points.at(-1).x}`);
    if (++received === 5) done();
  });
});
