/** Everything that is read of a box before it is judged; sizes in bytes. What nobody told is absent. */
export interface BoxFacts {
  readonly user: string;
  readonly uid: number;
  /** The unified hierarchy of control groups. */
  readonly hasCgroup2: boolean;
  readonly lingers: boolean;
  readonly userManager: ManagerFacts | undefined;
  readonly tellsPressure: boolean;
  readonly swapTotalBytes: number;
  readonly oomd: OomdFacts;
  readonly clock: ClockFact;
  readonly state: StateFacts;
  readonly own: OwnFacts;
  readonly service: ServiceFacts | undefined;
  readonly socket: SocketFacts | undefined;
}

/** Who keeps the clock: somebody who may be asked for the time already or not, nobody though somebody could, or nobody at all. */
export type ClockFact = "kept" | "awaited" | "off" | "nobody" | "unknown";

/** The control group of the user's systemd, which all work is in. */
export interface ManagerFacts {
  readonly controllers: readonly string[];
  readonly hasPeak: boolean;
  /** Processes and threads that may still be made, by the tightest limit above. */
  readonly pidsLeft: number | undefined;
}

/** systemd-oomd, and what it watches of those that work is in. */
export interface OomdFacts {
  readonly isActive: boolean;
  readonly watched: readonly WatchedUnit[];
}

/** One unit that systemd-oomd may choose a victim in. */
export interface WatchedUnit {
  readonly manager: "box" | "user";
  readonly unit: string;
  readonly bySwap: boolean;
  readonly byPressure: boolean;
}

/** Where the state lies. */
export interface StateFacts {
  readonly place: string;
  readonly freeBytes: number;
  /** Absent where the file system counts none. */
  readonly freeInodes: number | undefined;
  /** As `statfs` tells it. */
  readonly fileSystem: number;
  readonly sqliteVersion: string;
  /** What a quick look at the database found. */
  readonly damage: string | undefined;
}

/** The process that asks. */
export interface OwnFacts {
  /** The unit that it is in, when it is a daemon in one. */
  readonly unit: string | undefined;
  readonly memoryMaxBytes: number | undefined;
  readonly oomScoreAdjust: number;
  readonly openFiles: number | undefined;
}

/** The unit `blutd.service` as systemd has it, and as this blut carries it. */
export interface ServiceFacts {
  readonly isSystem: boolean;
  /** The file that is in force; empty where there is none. */
  readonly file: string;
  readonly text: string | undefined;
  readonly carried: string | undefined;
  readonly isEnabled: boolean;
  readonly needsReload: boolean;
}

/** The file of the socket. */
export interface SocketFacts {
  readonly path: string;
  readonly mode: number;
  readonly ownerUid: number;
}
