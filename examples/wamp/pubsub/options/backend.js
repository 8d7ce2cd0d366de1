"use strict";
const { loopingBackend, pause } = require("../../connect.js");

loopingBackend(async session => {
  await session.subscribe("com.myapp.topic1", ([counter], kwargs, details) => {
    console.log(`backend's own event ${counter}, publication ${details.publication}`);
  });
  for (let counter = 0; ; ++counter) {
    const options = { acknowledge: true, exclude_me: false, disclose_me: true };
    const publication = await session.publish("com.myapp.topic1", [counter], {}, options);
    console.log(`published ${counter} as ${publication.id}`);

    // Nobody but this session may have it.
    session.publish("com.myapp.topic1", [-1], {}, { exclude_me: false, eligible: [session.id] });
    await pause(100);
  }
});
