"use strict";
const { frontend, pause } = require("../../connect.js");

frontend(async (session, details, done) => {
  async function threeEvents() {
    let received = 0;
    let enough;
    const all = new Promise(resolve => { enough = resolve; });
    const subscription = await session.subscribe("com.myapp.topic1", ([counter]) => {
      if (received === 3) return;
      console.log("got event:", counter);
      if (++received === 3) enough();
    });
    console.log("subscribed");
    await all;
    await session.unsubscribe(subscription);
    console.log(`unsubscribed, ${session.subscriptions.length} handlers left`);
  }
  await threeEvents();
  await pause(100);
  await threeEvents();
  done();
});
