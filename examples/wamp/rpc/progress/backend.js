"use strict";
const { backend, pause } = require("../../connect.js");

backend(async session => {
  await session.register("com.myapp.longop", async ([n], kwargs, details) => {
    for (let i = 0; i < n; ++i) {
      if (details.progress) details.progress([i]);  // only for callers that want to know
      await pause(100);
    }
    return n;
  });
});
