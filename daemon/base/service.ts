/**
 * Everything long-lived: started once, stopped in reverse order. Stopping twice, or before the start,
 * is fine and quiet.
 */
export interface Service {
  start(): Promise<void> | void;
  stop(): Promise<void> | void;
}
