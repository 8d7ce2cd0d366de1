"use strict";
const { autobahn, backend } = require("../../connect.js");

backend(async session => {
  await session.register("com.myapp.sqrt", ([x]) => {
    if (typeof x !== "number") throw new autobahn.Error("wamp.error.invalid_argument", ["a number wanted"]);
    if (x === 0) throw new autobahn.Error("wamp.error.runtime_error", ["don't ask silly questions"]);
    if (x < 0) throw new autobahn.Error("com.myapp.error1", ["no root of a negative number"]);
    return Math.sqrt(x);
  });
  await session.register("com.myapp.checkname", ([name]) => {
    if (["foo", "bar"].includes(name)) throw new autobahn.Error("com.myapp.error.reserved");
    if (name.length < 3 || name.length > 10) {
      throw new autobahn.Error("com.myapp.error.invalid_length", [], { min: 3, max: 10 });
    }
  });
});
