"use strict";
const { backend } = require("../../connect.js");

backend(async session => {
  await session.register("com.timeservice.now", () => new Date().toISOString());
});
