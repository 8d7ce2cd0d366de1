"use strict";
const { autobahn, backend } = require("../../connect.js");

backend(async session => {
  await session.register("com.myapp.add_complex",
                         ([a, ai, b, bi]) => new autobahn.Result([], { c: a + b, ci: ai + bi }));
  await session.register("com.myapp.split_name", ([fullname]) => new autobahn.Result(fullname.split(" ")));
  await session.register("com.myapp.multiply_complex", ([x, y]) =>
    ({ re: x.re * y.re - x.im * y.im, im: x.re * y.im + x.im * y.re }));
});
