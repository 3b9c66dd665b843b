import { expect, test, vi } from "vitest";
import define from "../cases/right.cjs";

define({ test, expect, timers: vi });
