"use strict";
const { frontend } = require("../../connect.js");

frontend(async (session, details, done) => {
  let received = 0;
  await session.subscribe("com.myapp.topic1", ([counter], kwargs, { publication, publisher, topic }) => {
    const who = publisher ? "a session that says so" : "somebody";
    console.log(`frontend: event ${counter}, publication ${publication}, published by ${who} on ${topic}`);
    if (++received === 5) done();
  });
});
