"use strict";
const { frontend } = require("../../connect.js");

frontend(async (session, details, done) => {
  await session.subscribe("com.myapp.square_on_nonpositive",
                          ([value]) => console.log("this must not be seen:", value));
  for (const value of [2, 0, -2]) {
    const square = await session.call("com.myapp.square", [value], {}, { disclose_me: true });
    console.log(`squared ${value} = ${square}`);
  }
  console.log(await session.call("com.myapp.say.hello.world"));
  try {
    await session.call("com.myapp.never", [], {}, { timeout: 100 });
  } catch (error) {
    console.log("no answer in time:", error.error);
  }
  done();
});
