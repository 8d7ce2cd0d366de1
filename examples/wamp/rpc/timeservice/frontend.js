"use strict";
const { frontend } = require("../../connect.js");

frontend(async (session, details, done) => {
  console.log("current time from the time service:", await session.call("com.timeservice.now"));
  done();
});
