import { expect, test } from "vitest";
import define from "../cases/wrong.cjs";

define({ test, expect });
