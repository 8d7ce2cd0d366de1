"use strict";
require("../whoami.js").frontend(require("./credentials.js"),
  "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
