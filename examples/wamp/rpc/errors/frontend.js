"use strict";
const { frontend } = require("../../connect.js");

const text = error => `${error.error}: ${error.args.join(" ")}`;

frontend(async (session, details, done) => {
  for (const x of [4, 0, -4, "four"]) {
    try {
      console.log(`sqrt(${x}) = ${await session.call("com.myapp.sqrt", [x])}`);
    } catch (error) {
      const isKnown = error.error === "com.myapp.error1";
      console.log(`sqrt(${JSON.stringify(x)}): ${isKnown ? `NegativeNumber, ${error.args[0]}` : text(error)}`);
    }
  }
  for (const name of ["foo", "a", "hello", "abcdefghijklmn"]) {
    try {
      await session.call("com.myapp.checkname", [name]);
      console.log(name, "is fine");
    } catch (error) {
      console.log(`${name}: ${error.error} ${JSON.stringify(error.kwargs)}`);
    }
  }
  done();
});
