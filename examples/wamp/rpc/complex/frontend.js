"use strict";
const { frontend } = require("../../connect.js");

frontend(async (session, details, done) => {
  const sum = await session.call("com.myapp.add_complex", [2, 3, 4, 5]);
  console.log(`sum: ${sum.kwargs.c} + ${sum.kwargs.ci}i`);
  const [forename, surname] = (await session.call("com.myapp.split_name", ["Homer Simpson"])).args;
  console.log(`forename: ${forename}, surname: ${surname}`);
  const product = await session.call("com.myapp.multiply_complex", [{ re: 2, im: 3 }, { re: 4, im: 5 }]);
  console.log(`product: ${product.re} + ${product.im}i`);
  done();
});
