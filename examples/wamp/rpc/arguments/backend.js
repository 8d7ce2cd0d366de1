"use strict";
const { backend } = require("../../connect.js");

backend(async session => {
  await session.register("com.arguments.ping", () => null);
  await session.register("com.arguments.add2", ([a, b]) => a + b);
  await session.register("com.arguments.stars",
                         (args, { nick = "somebody", stars = 0 }) => `${nick} starred ${stars}x`);
  await session.register("com.arguments.orders", ([product, limit = 5]) =>
    Array.from({ length: limit }, (_, i) => `${product} ${i}`));
  await session.register("com.arguments.arglen", (args, kwargs) => [args.length, Object.keys(kwargs).length]);
});
