"use strict";
require("../whoami.js").backend(require("./credentials.js"));
