"use strict";
module.exports = (authid, ticket) => ({ authid, authmethods: ["ticket"], onchallenge: () => ticket });
