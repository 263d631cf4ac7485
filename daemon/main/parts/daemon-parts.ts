import type { Logger } from "pino";
import type { OwnBuild } from "../../base/build/own-build.ts";
import type { DaemonConfig } from "../../config/config.ts";
import type { Failure } from "../../domain/failure.ts";
import type { Result } from "../../domain/result.ts";
import type { Service } from "../service/service.ts";

/** What a daemon is made from once its configuration has been read. */
export interface DaemonParts {
  readonly config: DaemonConfig;
  readonly logger: Logger;
  readonly service: Service;
  readonly build: OwnBuild;
  /** Reads the configuration again. */
  readonly reread: () => Result<DaemonConfig, Failure>;
}
