/** `node dist/main.js "question"`: ask once; without a question, answer each line of the input. */

import { createInterface } from "node:readline";
import { parseArgs } from "node:util";

import { CredentialsUnreadable, sourceFor } from "./credentials.js";
import { ServiceError } from "./failures.js";
import { DEFAULT_MODEL, DEFAULT_TIMEOUT_SECONDS, describe, OpenRouterService } from "./service.js";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    model: { type: "string", default: DEFAULT_MODEL },
    timeout: { type: "string", default: String(DEFAULT_TIMEOUT_SECONDS) },
  },
});

async function main(): Promise<void> {
  const service = await OpenRouterService.open(sourceFor(process.env), {
    model: values.model,
    timeoutSeconds: Number(values.timeout),
  });
  console.error(describe(await service.keyStatus()));
  const questions = positionals.length > 0 ? [positionals.join(" ")] : createInterface({ input: process.stdin });
  for await (const question of questions) {
    await answer(service, question.trim()).catch(failed);
  }
}

async function answer(service: OpenRouterService, question: string): Promise<void> {
  console.log(await service.ask(question));
}

/** Says what failed; anything but the two expected errors is a defect and ends the process. */
function failed(error: unknown): void {
  if (!(error instanceof ServiceError || error instanceof CredentialsUnreadable)) {
    throw error;
  }
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
}

await main().catch(failed);
