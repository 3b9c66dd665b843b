"use strict";

require("../cases/right.cjs")({ test, expect, timers: jest });
