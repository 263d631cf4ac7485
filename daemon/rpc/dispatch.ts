import { randomBytes } from "node:crypto";
import {
  createJSONRPCSuccessResponse,
  JSONRPCServer,
  type JSONRPCRequest,
  type JSONRPCResponse,
} from "json-rpc-2.0";
import { isOutOfDescriptors } from "../base/system-error.ts";
import { failure } from "../domain/failure.ts";
import { rpcCodes } from "../protocol/error-codes.ts";
import { wireLimits } from "../protocol/limits.ts";
import { crashed, failed, refused, type Response } from "./answers.ts";
import type { Call } from "./call.ts";
import type { RequestId } from "./in-flight.ts";
import type { Method } from "./method.ts";
import { didYouMean, quoted } from "../base/quoted.ts";
import { problemsOf, sentenceOf } from "./problems.ts";
import type { RpcLog } from "./rpc-log.ts";

const members = ["jsonrpc", "id", "method", "params"];

/** Turns one decoded frame into one answer: the rules of JSON-RPC, then the method, then the error table. */
export class Dispatcher<C> {
  readonly #server: JSONRPCServer<Call>;
  readonly #context: C;
  readonly #log: RpcLog;

  constructor(methods: readonly Method<C>[], context: C, log: RpcLog) {
    this.#context = context;
    this.#log = log;
    // Every method answers its own errors, so what the library would print has been said already.
    this.#server = new JSONRPCServer<Call>({ errorListener: () => undefined });
    for (const method of methods) {
      this.#server.addMethodAdvanced(method.name, (request, call) =>
        this.#run(method, request, call),
      );
    }
    const names = methods.map(({ name }) => name);
    this.#server.handleMethodNotFound = (request) => Promise.resolve(unknown(request, names));
  }

  /** Answers a frame; undefined when it held only notifications. Never rejects. */
  async receive(frame: unknown, call: Call): Promise<Response | undefined> {
    if (!Array.isArray(frame)) return (await this.#one(frame, call)) ?? undefined;
    if (frame.length === 0 || frame.length > wireLimits.batch) {
      const message = `a batch holds 1 to ${wireLimits.batch} requests, this one ${frame.length}`;
      return refused(null, rpcCodes.invalidRequest, message, "send smaller batches");
    }
    const answers = await Promise.all(frame.map((request: unknown) => this.#one(request, call)));
    const responses = answers.filter((answer) => answer !== null);
    return responses.length === 0 ? undefined : responses;
  }

  async #one(request: unknown, call: Call): Promise<JSONRPCResponse | null> {
    const problem = breach(request);
    if (problem !== undefined) {
      return refused(idOf(request), rpcCodes.invalidRequest, problem, "see the JSON-RPC 2.0 text");
    }
    const checked = request as JSONRPCRequest;
    const entered = call.inFlight.enter(checked.id);
    if (entered === "full") return full(checked);
    if (entered === "duplicate") {
      // Answering by that id would be taken for the other request's answer.
      const message = `the id ${JSON.stringify(checked.id)} is still unanswered on this connection`;
      return refused(null, rpcCodes.invalidRequest, message, "give each request an id of its own");
    }
    try {
      return await this.#server.receive(checked, call);
    } finally {
      call.inFlight.leave(checked.id);
    }
  }

  async #run(
    method: Method<C>,
    { id, params = {} }: JSONRPCRequest,
    call: Call,
  ): Promise<JSONRPCResponse | null> {
    const respondTo = id ?? null;
    try {
      const bound = method.bind(params);
      if (!bound.ok) {
        const { problems, left } = problemsOf(method.params, params, bound.error.issues);
        const message = `${method.name}: ${sentenceOf(problems, left)}`;
        const because = failure("invalid-request", message, `see ${method.name} in rpc.discover`);
        return id === undefined ? null : failed(respondTo, because, { problems, left });
      }
      const result = await bound.value(this.#context, call);
      if (id === undefined) return null;
      return result.ok
        ? createJSONRPCSuccessResponse(respondTo, result.value)
        : failed(respondTo, result.error);
    } catch (error) {
      const answer = this.#answerThrown(method.name, respondTo, error);
      return id === undefined ? null : answer;
    }
  }

  /** A throw is a bug, except that every call may find the process out of file descriptors. */
  #answerThrown(method: string, id: RequestId, error: unknown): JSONRPCResponse {
    if (isOutOfDescriptors(error)) {
      const message = "the daemon has no file descriptor left";
      const remedy = "try again in a moment; raise LimitNOFILE= if this stays";
      return failed(id, failure("too-many-requests", message, remedy, { retryable: true }));
    }
    const incident = `inc_${randomBytes(6).toString("hex")}`;
    this.#log.error({ incident, method, err: error }, "a method threw: this is a bug");
    return crashed(id, incident);
  }
}

/** What of JSON-RPC 2.0 a request breaks, if anything. */
function breach(request: unknown): string | undefined {
  if (typeof request !== "object" || request === null || Array.isArray(request)) {
    return "a request is an object";
  }
  const fields = new Map<string, unknown>(Object.entries(request));
  if (fields.get("jsonrpc") !== "2.0") return '`jsonrpc` is not "2.0"';
  if (typeof fields.get("method") !== "string") return "`method` is not a text";
  if (fields.has("id") && !isRequestId(fields.get("id"))) {
    return "`id` is neither a text nor a whole number nor null";
  }
  const params = fields.get("params");
  if (Array.isArray(params)) return "`params` is an array: parameters go by name";
  if (fields.has("params") && (typeof params !== "object" || params === null)) {
    return "`params` is not an object";
  }
  const stranger = [...fields.keys()].find((key) => !members.includes(key));
  if (stranger === undefined) return undefined;
  return `a request has no member ${quoted(stranger)}${didYouMean(stranger, members)}`;
}

function idOf(request: unknown): RequestId {
  const id: unknown =
    typeof request === "object" && request !== null && "id" in request ? request.id : null;
  return isRequestId(id) ? id : null;
}

function isRequestId(id: unknown): id is RequestId {
  return id === null || typeof id === "string" || Number.isSafeInteger(id);
}

function full({ id }: JSONRPCRequest): JSONRPCResponse | null {
  if (id === undefined) return null;
  const message = "too many requests are unanswered, of this connection or of all together";
  const remedy = "wait for answers before sending more";
  return failed(id, failure("too-many-requests", message, remedy, { retryable: true }));
}

function unknown({ id, method }: JSONRPCRequest, names: readonly string[]): JSONRPCResponse | null {
  if (id === undefined) return null;
  const message = `there is no method ${quoted(method)}${didYouMean(method, names)}`;
  return refused(id, rpcCodes.methodNotFound, message, "rpc.discover lists the methods");
}
