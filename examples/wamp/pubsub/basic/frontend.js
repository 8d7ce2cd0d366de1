"use strict";
const { frontend } = require("../../connect.js");

frontend(async (session, details, done) => {
  let received = 0;
  await session.subscribe("com.myapp.topic1", ([counter]) => {
    if (received === 5) return;
    console.log("got event:", counter);
    if (++received === 5) done();
  });
});
