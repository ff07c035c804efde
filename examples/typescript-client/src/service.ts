/** The OpenAI SDK's client, with a key that may change under it. */

import OpenAI from "openai";

import { areEqual, headersOf, type Credentials, type Source } from "./credentials.js";
import * as failures from "./failures.js";
import { ServiceError } from "./failures.js";

export const DEFAULT_MODEL = "meta-llama/llama-3.3-70b-instruct:free";
export const DEFAULT_TIMEOUT_SECONDS = 60;

// What a key that was rotated away meets: 401 once it is deleted, 403 when an emergency disabled it, 402 when it has
// spent the share of the limit that its overlap leaves it.
const MAY_BE_THE_OLD_KEY = new Set([401, 402, 403]);

/** What OpenRouter says of the key: its masked form, its limit in USD and what is left of it, null without a limit. */
export interface KeyStatus {
  readonly label: string;
  readonly limitUsd: number | null;
  readonly remainingUsd: number | null;
  readonly limitReset: string | null;
}

export interface Options {
  readonly model?: string;
  /** How long an answer may take, in seconds. */
  readonly timeoutSeconds?: number;
}

interface Connection {
  readonly credentials: Credentials;
  readonly client: OpenAI;
}

type Request<Answer> = (client: OpenAI, options: OpenAI.RequestOptions) => Promise<Answer>;

/** A success whose body is not what was asked for. */
class WrongShape extends Error {}

/**
 * Asks models with the key that the source holds, and reads the source again when the key is refused.
 * One instance serves a whole process, for as long as it lives.
 */
export class OpenRouterService {
  private renewal: Promise<boolean> | undefined;

  private constructor(
    private readonly source: Source,
    private connection: Connection,
    private readonly model: string,
    private readonly timeoutSeconds: number,
  ) {}

  /** Reads the source and returns a service; throws CredentialsUnreadable where it has no usable key. */
  static async open(source: Source, options: Options = {}): Promise<OpenRouterService> {
    const { model = DEFAULT_MODEL, timeoutSeconds = DEFAULT_TIMEOUT_SECONDS } = options;
    return new OpenRouterService(source, connect(await source.read()), model, timeoutSeconds);
  }

  /**
   * Returns what OpenRouter says of the key. Throws ServiceError where it is refused, is a management key or there is
   * no answer, and CredentialsUnreadable where it is refused and the source has no usable key any more.
   */
  async keyStatus(): Promise<KeyStatus> {
    const facts = await this.send(async (client, options) => keyFacts(await client.get("/key", options)));
    if (facts["is_management_key"]) {
      throw failures.managementKey(this.source.name);
    }
    return {
      label: String(facts["label"]),
      limitUsd: dollars(facts["limit"]),
      remainingUsd: dollars(facts["limit_remaining"]),
      limitReset: typeof facts["limit_reset"] === "string" ? facts["limit_reset"] : null,
    };
  }

  /** Returns the model's answer to one question; throws as keyStatus does. */
  async ask(question: string): Promise<string> {
    const messages = [{ role: "user" as const, content: question }];
    return this.send(async (client, options) => {
      const completion = await client.chat.completions.create({ model: this.model, messages }, options);
      const message = completion?.choices?.[0]?.message;
      if (!message) {
        throw new WrongShape("no message");
      }
      return message.content ?? "";
    });
  }

  /** Sends a request; where the key is refused and the source has another one by now, sends it once more. */
  private async send<Answer>(request: Request<Answer>): Promise<Answer> {
    const connection = this.connection;
    try {
      return await this.once(connection, request);
    } catch (error) {
      const refused = error instanceof ServiceError && MAY_BE_THE_OLD_KEY.has(error.status ?? 0);
      if (!refused || !(await this.renewed(connection))) {
        throw error;
      }
    }
    return this.once(this.connection, request);
  }

  private async once<Answer>(connection: Connection, request: Request<Answer>): Promise<Answer> {
    const milliseconds = this.timeoutSeconds * 1000;
    // The SDK's own limit ends with the headers; the signal's covers the body too.
    const options = { timeout: milliseconds, signal: AbortSignal.timeout(milliseconds) };
    try {
      return await request(connection.client, options);
    } catch (error) {
      throw this.explained(error, options.signal.aborted);
    }
  }

  private explained(error: unknown, late: boolean): unknown {
    if (late || error instanceof OpenAI.APIConnectionTimeoutError) {
      return failures.noAnswer(this.timeoutSeconds, error);
    }
    if (error instanceof WrongShape || error instanceof SyntaxError) {
      return failures.notTheApi(error);
    }
    if (!(error instanceof OpenAI.APIError)) {
      // fetch names what broke the connection within a body as the cause.
      return error instanceof TypeError && error.cause instanceof Error ? failures.noConnection(error) : error;
    }
    if (error.status === undefined) {
      return failures.noConnection(error);
    }
    return failures.refused(refusalOf(error, error.status), this.source.name, this.model, error);
  }

  /** Reads the source again, once for all that wait; returns whether there is a connection other than the refused one. */
  private async renewed(refused: Connection): Promise<boolean> {
    if (this.connection !== refused) {
      return true;
    }
    this.renewal ??= this.renew(refused).finally(() => (this.renewal = undefined));
    return this.renewal;
  }

  private async renew(refused: Connection): Promise<boolean> {
    const credentials = await this.source.read();
    if (areEqual(credentials, refused.credentials)) {
      return false;
    }
    this.connection = connect(credentials);
    return true;
  }
}

/** Returns the status as a person reads it. */
export function describe(status: KeyStatus): string {
  if (status.limitUsd === null || status.remainingUsd === null) {
    return `key ${status.label}: no limit`;
  }
  const reset = status.limitReset ? `, resets ${status.limitReset}` : "";
  const usedUp = status.remainingUsd <= 0 ? "; only free models answer" : "";
  return `key ${status.label}: $${status.remainingUsd.toFixed(2)} of $${status.limitUsd.toFixed(2)} left${reset}${usedUp}`;
}

function connect(credentials: Credentials): Connection {
  const client = new OpenAI({
    apiKey: credentials.apiKey,
    baseURL: credentials.baseURL,
    defaultHeaders: headersOf(credentials),
    // The SDK would send a POST twice more after a lost answer or a 5xx, and each may be charged.
    maxRetries: 0,
    // A redirect would take the question elsewhere.
    fetchOptions: { redirect: "manual" },
  });
  return { credentials, client };
}

function refusalOf(error: InstanceType<typeof OpenAI.APIError>, status: number): failures.Refusal {
  const body: unknown = error.error;
  const said = isObject(body) && typeof body["message"] === "string" ? body["message"] : "";
  return { status, said, retryAfter: error.headers?.get("retry-after") ?? undefined };
}

function keyFacts(answer: unknown): Record<string, unknown> {
  const facts = isObject(answer) ? answer["data"] : undefined;
  if (!isObject(facts) || !("label" in facts)) {
    throw new WrongShape("no facts about a key");
  }
  return facts;
}

function dollars(amount: unknown): number | null {
  return typeof amount === "number" ? amount : null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
