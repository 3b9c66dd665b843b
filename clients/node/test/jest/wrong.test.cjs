"use strict";

require("../cases/wrong.cjs")({ test, expect });
