/** What the socket tells the daemon's log; pino's logger fits as it is. */
export interface RpcLog {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}
