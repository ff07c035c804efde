/** What each refusal means for a service, and the fix: the table of docs/errors.md, from a service's side. */

const SHOWN_CHARACTERS = 200;

/** OpenRouter gave no answer; says why and the fix on one line, without a key. `status` is undefined where none came. */
export class ServiceError extends Error {
  override readonly name = "ServiceError";

  constructor(
    message: string,
    readonly status?: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** An answer that is no success: its status, the API's own words as they came, and the header Retry-After. */
export interface Refusal {
  readonly status: number;
  readonly said: string;
  readonly retryAfter?: string | undefined;
}

const NO_CREDITS = "no credits are left: add credits, raise the key's limit, or wait for its reset";
const NOT_ALLOWED = "a guardrail, the key's workspace or the model's moderation forbids it: ask for another model";

// The first row that fits wins: a status, and words that the answer must hold; then the fix, and where docs say more.
const TABLE: readonly (readonly [status: RegExp, words: RegExp, fix: string, anchor: string])[] = [
  [/402/, /^/, NO_CREDITS, "insufficient-credits"],
  [/403/, /credit|key limit exceeded/i, NO_CREDITS, "insufficient-credits"],
  [/40[13]/, /disabled|expired/i, "the key in {source} is switched off or expired: put another there", "key-disabled"],
  [/403/, /management key/i, "a management key calls no models: put a standard key in {source}", "not-a-management-key"],
  [/401/, /no auth|no cookie auth|credentials found/i, "a proxy removed the Authorization header", "missing-credentials"],
  [/401/, /^/, "the key in {source} is wrong, deleted, expired or disabled: put the current one there", "invalid-key"],
  [/403/, /^/, NOT_ALLOWED, "forbidden"],
  [/404/, /^/, "this key has no model {model}, or the base URL is wrong: see openrouter.ai/models", "not-found"],
  [/408/, /^/, "the model took too long: try again, or take a faster one", "server-error"],
  [/429/, /^/, "too many requests: {wait}, and send fewer at once", "rate-limited"],
  [/5../, /^/, "OpenRouter or the model's provider failed: try again later", "server-error"],
  [/3../, /^/, "redirects are not followed: correct the base URL", "invalid-response"],
];
const OTHERWISE = [/^/, /^/, "correct the request as the answer says", "refused"] as const;

/** Returns the error for an answer that is no success, to a request for `model` with the key in `source`. */
export function refused(refusal: Refusal, source: string, model: string, cause?: unknown): ServiceError {
  const said = oneLine(refusal.said);
  const fits = ([status, words]: (typeof TABLE)[number]) => status.test(String(refusal.status)) && words.test(said);
  const [, , fix, anchor] = TABLE.find(fits) ?? OTHERWISE;
  const values: Record<string, string> = { source, model, wait: waitFor(refusal.retryAfter) };
  const text = fix.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? "");
  const quoted = said ? ` and said "${said}"` : "";
  return new ServiceError(`OpenRouter answered ${refusal.status}${quoted}: ${see(text, anchor)}`, refusal.status, {
    cause,
  });
}

/** Returns the error for a request that got no answer. */
export function noConnection(cause: unknown): ServiceError {
  const text = "no connection to OpenRouter: check the network, HTTPS_PROXY and the base URL";
  return new ServiceError(see(text, "connection-failed"), undefined, { cause });
}

/** Returns the error for a request that was given up after so many seconds. */
export function noAnswer(seconds: number, cause: unknown): ServiceError {
  const text = `no answer within ${seconds} seconds: try again (the request may have been charged), or allow more time`;
  return new ServiceError(see(text, "connection-failed"), undefined, { cause });
}

/** Returns the error for a success that holds something else. */
export function notTheApi(cause?: unknown): ServiceError {
  const text =
    "something other than OpenRouter's API answered: check the base URL (it ends in /api/v1) and the proxy";
  return new ServiceError(see(text, "invalid-response"), undefined, { cause });
}

/** Returns the error for a key that can make and delete keys, in the hands of a service. */
export function managementKey(source: string): ServiceError {
  const text = `${source} holds a management key: put a standard key there, and take this one out of the service's reach`;
  return new ServiceError(see(text, "not-a-management-key"));
}

/** Returns remote text fit for a log: printable, on one line, without a key, and not long. */
export function oneLine(text: string): string {
  const visible = text.replace(/[\p{C}\p{Z}]+/gu, " ").trim();
  return visible.replace(/sk-or-[\w-]+/g, "sk-or-...").slice(0, SHOWN_CHARACTERS);
}

function waitFor(retryAfter: string | undefined): string {
  if (!retryAfter) {
    return "wait a little";
  }
  return /^\d+$/.test(retryAfter) ? `wait ${retryAfter} seconds` : `wait until ${oneLine(retryAfter)}`;
}

function see(text: string, anchor: string): string {
  return `${text} (docs/errors.md#${anchor})`;
}
