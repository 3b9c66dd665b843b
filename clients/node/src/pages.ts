// Pages of expectations that are not met, for PUTEVENTS_MOCK_HTML_DIR.

import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { messageOf } from "./caller.js";

const LONGEST_NAME = 100;

/** Returns the folder for pages, if there is one. */
export function folderOfPages(): string | undefined {
  return process.env.PUTEVENTS_MOCK_HTML_DIR || undefined;
}

/** Writes a page into a folder, and returns the sentence that says where. No file is overwritten. */
export function keepPage(folder: string, title: string, html: string): string {
  const name =
    title
      .replace(/[^\p{L}\p{N}._]+/gu, "-")
      .replace(/^[-.]+|-+$/g, "")
      .slice(0, LONGEST_NAME) || "test";
  try {
    mkdirSync(folder, { recursive: true });
    return `page: ${writeNew(resolve(folder), name, html)}`;
  } catch (error) {
    return `page: not written, ${messageOf(error)}`;
  }
}

function writeNew(folder: string, name: string, html: string): string {
  for (let count = 1; ; count++) {
    const file = join(folder, `${name}${count === 1 ? "" : `-${count}`}.html`);
    try {
      writeFileSync(file, html, { flag: "wx" });
      return file;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") {
        throw error;
      }
    }
  }
}
