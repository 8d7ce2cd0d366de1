"use strict";
require("../whoami.js").frontend(require("./credentials.js"));
