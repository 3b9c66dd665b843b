// @ts-check
'use strict';

/* ---- The view, as the mock writes it (json.rs). The page draws it and filters it, and judges nothing. ---- */

/**
 * @typedef {'accepted' | 'lost' | 'undelivered' | 'failed' | 'failed-injected' | 'refused' | 'refused-injected' | 'unseen' | 'waiting' | 'answered'} Mark
 * @typedef {{ line: string, head: string, body?: string, bodyHex?: string }} Message with its body as a text, or in hexadecimal
 * @typedef {{ attempt: number, index: number, mark: Mark }} Place
 * @typedef {Place & { atMs: number, code?: string, isTold: boolean }} Try
 * @typedef {{ source?: string, detailType?: string, by?: string, values: string[], more: number }} Carried
 */

/**
 * @typedef {object} Entry
 * @property {Mark} mark
 * @property {string} [source]
 * @property {string} [detailType]
 * @property {string} [detail] as it was sent
 * @property {string} [bus]
 * @property {string} [time]
 * @property {string[]} [resources]
 * @property {string} [trace]
 * @property {string} [eventId]
 * @property {string} [code]
 * @property {string} [message]
 * @property {true} [isInjected]
 * @property {number} [event] the number of its event
 * @property {{ first: Place[], more: number }} [alsoIn]
 */

/**
 * @typedef {object} Attempt
 * @property {number} number
 * @property {number} atMs
 * @property {number} [endedMs]
 * @property {string} [took]
 * @property {{ ms: number, overlaps: boolean, words: string }} [wait]
 * @property {number} date
 * @property {Mark} mark
 * @property {string} became
 * @property {string} [note]
 * @property {number} [noteEntry] the first entry that the note is about
 * @property {boolean} isTold
 * @property {boolean} isFailure
 * @property {boolean} isFinding
 * @property {boolean} isInjected
 * @property {{ kind: string, message: string, entry?: number }[]} [problems]
 * @property {{ rule: string, message: string, entry?: number }[]} [lint]
 * @property {string} [peer]
 * @property {{ accessKey: string, region?: string, service: string }} [credential]
 * @property {string} [userAgent]
 * @property {number} [sdkTry]
 * @property {string} [invocation]
 * @property {{ first: number[], more: number }} [otherTries]
 * @property {{ id: number, sentence: string }[]} [faults]
 * @property {string[]} delivery
 * @property {string} [garbage]
 * @property {string} [garbageHex]
 * @property {{ first: Carried[], more: number }} [carries]
 * @property {Entry[]} entries
 * @property {Message} request
 * @property {Message} [reply]
 */

/**
 * @typedef {object} EventRow
 * @property {number} number
 * @property {string} [source]
 * @property {string} [detailType]
 * @property {string} [by] the member that tells it from others of its kind
 * @property {string} [value]
 * @property {Mark} mark that of the try with which it ended
 * @property {string} fate
 * @property {string} [note]
 * @property {boolean} isFailure
 * @property {boolean} isFinding
 * @property {boolean} isInjected
 * @property {{ first: Try[], more: number }} tries
 */

/**
 * @typedef {object} Fault
 * @property {number} id
 * @property {string} sentence
 * @property {string} place
 * @property {number} times
 * @property {number} mustFire
 * @property {string} fired
 * @property {boolean} isAlarm
 * @property {boolean} inForce
 * @property {string} [why]
 * @property {number[]} attempts
 */

/**
 * @typedef {Attempt | EventRow} Row
 * @typedef {{ tag: string, isAlarm: boolean, message: string, attempts: number[], entry?: number }} Found
 * @typedef {{ place?: string, expectation?: string, report: string, attempts: number[] }} Unmet
 * @typedef {{ words: string, tone: 'neutral' | 'good' | 'alarm', unmet: Unmet[] }} Expected
 * @typedef {{ source?: string, userAgent?: string, accessKey?: string, region?: string, host?: string, client?: string }} Common
 * @typedef {{ attempts: number, published: number, problems: number, forgotten: number, seed?: number }} Facts
 * @typedef {{ facts: Facts, expected?: Expected, common: Common, marks: Record<string, string>, findings: Found[], faults: Fault[], attempts: Attempt[], events: EventRow[] }} View
 */

/**
 * @typedef {Node | string | number | null | undefined | false} Child
 * @typedef {Child | readonly Child[] | readonly (readonly Child[])[] | readonly (Child | readonly Child[])[]} Children
 */
