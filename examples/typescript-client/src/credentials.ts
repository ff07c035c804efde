/** Where the key comes from, and what comes with it. */

export const DEFAULT_BASE_URL = "https://openrouter.ai/api/v1";
const KEY_PREFIX = "sk-or-";
const LOOPBACK = new Set(["127.0.0.1", "localhost", "[::1]"]);

const AWS_FIXES: Record<string, string> = {
  ResourceNotFoundException: "there is no such secret: check its name, the account and the region",
  AccessDeniedException: "this role may not read it: name the role in the service's readers (and in the KMS key)",
  DecryptionFailure: "this role may not use the secret's KMS key: allow it kms:Decrypt",
};

/** A key and what is sent along with it. */
export interface Credentials {
  readonly apiKey: string;
  readonly baseURL: string;
  readonly appUrl?: string | undefined;
  readonly appTitle?: string | undefined;
}

/** Something that holds the key, and may hold another one the next time it is read. */
export interface Source {
  /** What a message calls it. */
  readonly name: string;
  /** Returns what it holds now; throws CredentialsUnreadable where that is no usable key. */
  read(): Promise<Credentials>;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** The source has no usable key; says why and the fix on one line, without the value. */
export class CredentialsUnreadable extends Error {
  override readonly name = "CredentialsUnreadable";
}

/** The variables of a process, for a laptop. */
export class EnvironmentSource implements Source {
  readonly name = "OPENROUTER_API_KEY";

  constructor(private readonly variables: Variables) {}

  async read(): Promise<Credentials> {
    if (!this.variables["OPENROUTER_API_KEY"]) {
      throw new CredentialsUnreadable(
        "no key: set OPENROUTER_SECRET_ID to the secret's name or ARN, or OPENROUTER_API_KEY on a laptop",
      );
    }
    return credentialsFrom(this.variables, this.name);
  }
}

/**
 * A secret in AWS Secrets Manager, in either format.
 *
 * `secretId` is its name or ARN: an ARN names the region too, for a name AWS_REGION does. `baseURL` is the endpoint
 * where the secret names none (`format: plain`).
 */
export class SecretsManagerSource implements Source {
  readonly name: string;

  constructor(
    private readonly secretId: string,
    private readonly baseURL: string = DEFAULT_BASE_URL,
  ) {
    this.name = `the secret ${secretId}`;
  }

  async read(): Promise<Credentials> {
    return credentialsFrom(fieldsOf(await this.text(), this.baseURL), this.name);
  }

  private async text(): Promise<string> {
    // A laptop that uses .env needs no AWS library, and pays nothing for it.
    const aws = await import("@aws-sdk/client-secrets-manager");
    const region = regionOf(this.secretId);
    const client = new aws.SecretsManagerClient({
      ...(region ? { region } : {}),
      requestHandler: { connectionTimeout: 5_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
    });
    try {
      const answer = await client.send(new aws.GetSecretValueCommand({ SecretId: this.secretId }));
      return answer.SecretString ?? "";
    } catch (error) {
      if (error instanceof aws.SecretsManagerServiceException) {
        const fix = AWS_FIXES[error.name] ?? "try again later";
        throw new CredentialsUnreadable(`${this.name}: AWS answered ${error.name}: ${fix}`);
      }
      const kind = error instanceof Error ? error.name : "unknown";
      throw new CredentialsUnreadable(
        `${this.name}: AWS could not be asked (${kind}): check AWS's credentials, AWS_REGION and the network`,
      );
    } finally {
      client.destroy();
    }
  }
}

/** Returns the secret that OPENROUTER_SECRET_ID names, or else the variables themselves. */
export function sourceFor(variables: Variables): Source {
  const secretId = variables["OPENROUTER_SECRET_ID"];
  if (!secretId) {
    return new EnvironmentSource(variables);
  }
  return new SecretsManagerSource(secretId, variables["OPENROUTER_BASE_URL"] || DEFAULT_BASE_URL);
}

/** Returns what a secret's text holds: an object of variables, or (`format: plain`) the bare key. */
export function fieldsOf(text: string, baseURL: string = DEFAULT_BASE_URL): Variables {
  const fields = { OPENROUTER_BASE_URL: baseURL };
  if (!text.trimStart().startsWith("{")) {
    return { ...fields, OPENROUTER_API_KEY: text.trim() };
  }
  try {
    const loaded: Record<string, unknown> = JSON.parse(text);
    const texts = Object.entries(loaded).filter((entry): entry is [string, string] => typeof entry[1] === "string");
    return { ...fields, ...Object.fromEntries(texts) };
  } catch {
    return fields;
  }
}

/**
 * Returns the credentials in a set of variables. Throws CredentialsUnreadable where the key is missing or is no
 * OpenRouter key, or the endpoint is not to be trusted with it.
 */
export function credentialsFrom(fields: Variables, name: string): Credentials {
  const apiKey = (fields["OPENROUTER_API_KEY"] ?? "").trim();
  if (!apiKey.startsWith(KEY_PREFIX) || !/^[!-~]+$/.test(apiKey)) {
    throw new CredentialsUnreadable(
      `${name} holds no OpenRouter key (one begins with ${KEY_PREFIX}): nothing was sent; ` +
        "`pulumi up --refresh` restores a secret that was edited by hand",
    );
  }
  const baseURL = fields["OPENROUTER_BASE_URL"] || DEFAULT_BASE_URL;
  if (!keepsSecrets(baseURL)) {
    throw new CredentialsUnreadable("OPENROUTER_BASE_URL must begin with https://; plain HTTP is for loopback only");
  }
  return { apiKey, baseURL, appUrl: fields["OPENROUTER_APP_URL"], appTitle: fields["OPENROUTER_APP_TITLE"] };
}

/** Returns the headers that tell OpenRouter which application calls; a header takes ASCII only. */
export function headersOf(credentials: Credentials): Record<string, string> {
  const wanted = { "HTTP-Referer": credentials.appUrl, "X-Title": credentials.appTitle };
  const given = Object.entries(wanted).filter((entry): entry is [string, string] => Boolean(entry[1]));
  return Object.fromEntries(given.map(([name, value]) => [name, value.replace(/[^\x00-\x7f]/gu, "?")]));
}

/** Returns whether both mean the same key, used in the same way. */
export function areEqual(one: Credentials, other: Credentials): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Returns whether a key may be sent there: over TLS, or without leaving the machine. */
function keepsSecrets(url: string): boolean {
  if (!URL.canParse(url)) {
    return false;
  }
  const { protocol, hostname } = new URL(url);
  return protocol === "https:" || (protocol === "http:" && LOOPBACK.has(hostname));
}

/** Returns the region that an ARN names, undefined for a name. */
function regionOf(secretId: string): string | undefined {
  const [arn, , , region] = secretId.split(":");
  return arn === "arn" ? region || undefined : undefined;
}
