"use strict";
const { backend } = require("../../connect.js");

backend(async session => {
  await session.register("com.myapp.square", ([value], kwargs, details) => {
    console.log("called by", details.caller ? "a session that says so" : "somebody");
    if (value <= 0 && details.caller) {
      // All but the caller hear of it.
      session.publish("com.myapp.square_on_nonpositive", [value], {}, { exclude: [details.caller] });
    }
    return value * value;
  });
  await session.register("com.myapp.say.", (args, kwargs, details) => `you called ${details.procedure}`,
                         { match: "prefix" });
  await session.register("com.myapp.never", () => new Promise(() => {}));
});
