import { expect, test } from "vitest";
import define from "../cases/right.cjs";

define({ test, expect });
