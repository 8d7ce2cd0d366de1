"use strict";
const { frontend } = require("../../connect.js");

frontend((session, details, done) =>
  session.call("com.myapp.longop", [3], {}, { receive_progress: true }).then(
    result => {
      console.log("got result:", result);
      done();
    },
    null,
    progress => console.log("got progress:", progress)));
