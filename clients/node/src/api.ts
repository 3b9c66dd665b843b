// Requests to the API of the server.

import * as http from "node:http";
import { shared } from "./server.js";

export interface Reply {
  status: number;
  text: string;
}

// An agent of our own knows no proxy, whatever the environment says. A connection for each request is never a stale one.
const direct = new http.Agent();
// The real one, also if a test replaces it.
const request = http.request;

/**
 * Sends a request.
 *
 * @throws Error if the server does not reply.
 */
export function send(method: string, url: string, body?: unknown): Promise<Reply> {
  return new Promise((resolve, reject) => {
    function fail(error: Error) {
      reject(
        new Error(`the server of putevents-mock does not reply (${error.message}): ${shared().ended ?? method + " " + url}`),
      );
    }
    const text = body === undefined ? "" : JSON.stringify(body);
    const headers = { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text) };
    const sent = request(url, { method, agent: direct, headers }, (reply) => {
      let received = "";
      reply.setEncoding("utf8");
      reply.on("data", (part: string) => (received += part));
      reply.on("end", () => resolve({ status: reply.statusCode ?? 0, text: received }));
      reply.on("error", fail);
    });
    sent.on("error", fail);
    sent.end(text);
  });
}

/** Returns the message of a reply that is an error: the words of the API. */
export function messageOfReply(reply: Reply): string {
  try {
    const { message } = JSON.parse(reply.text) as { message?: string };
    if (message) {
      return message;
    }
  } catch {
    // Something between this process and the server has replied.
  }
  return `HTTP ${reply.status}: ${reply.text.slice(0, 1000)}`;
}
