import { existsSync, mkdirSync } from "node:fs";
import path from "node:path";
import { errorCode } from "./system-error.ts";

/**
 * Makes a directory and what is missing above it, and tells whether it was not there. One after the other, from
 * above: Node's own way to make them all at once never ends where one cannot be made for want of its parent, as
 * below /proc.
 */
export function makeDirectory(place: string, mode = 0o777): boolean {
  if (existsSync(place)) return false;
  makeDirectory(path.dirname(place), mode);
  try {
    mkdirSync(place, mode);
    return true;
  } catch (error) {
    // Somebody else may have been quicker.
    if (errorCode(error) === "EEXIST" && existsSync(place)) return false;
    throw error;
  }
}
