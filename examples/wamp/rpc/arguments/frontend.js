"use strict";
const { frontend } = require("../../connect.js");

frontend(async (session, details, done) => {
  await session.call("com.arguments.ping");
  console.log("pinged");
  console.log("add2:", await session.call("com.arguments.add2", [2, 3]));
  for (const kwargs of [{}, { nick: "Homer" }, { stars: 5 }, { nick: "Homer", stars: 5 }]) {
    console.log("stars:", await session.call("com.arguments.stars", [], kwargs));
  }
  for (const order of await session.call("com.arguments.orders", ["coffee", 3])) console.log("order:", order);
  const [positional, keywords] = await session.call("com.arguments.arglen", [1, 2, 3], { a: 1, b: 2 });
  console.log(`arglen: ${positional} positional, ${keywords} by keyword`);
  done();
});
