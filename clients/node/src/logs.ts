// What a child process writes to standard error. It goes to a file and not to a pipe: while a test blocks the event loop, nobody
// reads a pipe, and a child that writes to a full pipe waits.

import { closeSync, openSync, readSync, unlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomUUID } from "node:crypto";

const MOST_BYTES = 64 * 1024;

/** A file for standard error. It has no name, so it is gone when nobody has it open. */
export class Logs {
  readonly fd: number;

  constructor() {
    const path = join(tmpdir(), `putevents-mock-${randomUUID()}.log`);
    this.fd = openSync(path, "wx+", 0o600);
    unlinkSync(path);
  }

  /** Returns the first 64 KiB of what was written. */
  text(): string {
    const buffer = Buffer.alloc(MOST_BYTES);
    return buffer.toString("utf8", 0, readSync(this.fd, buffer, 0, MOST_BYTES, 0)).trim();
  }

  close(): void {
    closeSync(this.fd);
  }
}
