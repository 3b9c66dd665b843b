// @ts-check
'use strict';

/* ---- The view, as the mock writes it (json.rs). The page draws it and filters it, and judges nothing. ---- */

/**
 * @typedef {'accepted' | 'lost' | 'undelivered' | 'failed' | 'failed-injected' | 'refused' | 'refused-injected' | 'unseen' | 'waiting'} Mark
 * @typedef {string | { hex: string }} Bytes a text, or bytes in hexadecimal
 * @typedef {{ line: string, head: string, body: Bytes }} Message
 * @typedef {{ attempt: number, index: number, mark: Mark }} Place
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
 * @property {boolean} isTold
 * @property {boolean} isFailure
 * @property {boolean} isFinding
 * @property {boolean} isInjected
 * @property {{ kind: string, message: string }[]} [problems]
 * @property {{ rule: string, message: string }[]} [lint]
 * @property {string} [peer]
 * @property {{ accessKey: string, region?: string, service: string }} [credential]
 * @property {string} [userAgent]
 * @property {number} [sdkTry]
 * @property {string} [invocation]
 * @property {{ first: number[], more: number }} [otherTries]
 * @property {{ id: number, sentence: string }[]} [faults]
 * @property {string[]} delivery
 * @property {Bytes} [garbage]
 * @property {Entry[]} entries
 * @property {Message} request
 * @property {Message} [reply]
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
 * @typedef {{ tag: string, isAlarm: boolean, message: string, attempts: number[] }} Found
 * @typedef {{ attempts: number, published: number, problems: number, forgotten: number, seed?: number }} Facts
 * @typedef {{ facts: Facts, marks: Record<string, string>, findings: Found[], faults: Fault[], attempts: Attempt[] }} View
 */

/**
 * @typedef {Node | string | number | null | undefined | false} Child
 * @typedef {Child | readonly Child[] | readonly (readonly Child[])[] | readonly (Child | readonly Child[])[]} Children
 */
